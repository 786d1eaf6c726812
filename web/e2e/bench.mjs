/** Measures what users feel, in a real browser against the real binary, and says
 * where a limit is passed. Run by `make bench-web`, best on a quiet machine. */

import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { browse, open, person, Service, until } from "./lib.mjs";

const LINES = 200_000;
const RUNS = 10_000;
const BIG = `for number in range(${LINES}):
    print(f"{number:07d} \\033[32mINFO\\033[0m worker.{number % 8} took order {number * 31 % 9973} needle-{number % 317}")
`;
const FAST = `import time

number = 0
begin = time.monotonic()
while time.monotonic() - begin < 40:
    for _ in range(100):
        print(number, "a line that is about as long as those of other programs", flush=False)
        number += 1
    print(end="", flush=True)
    time.sleep(max(0, begin + number / 2000 - time.monotonic()))
`;

const rows = [];
const note = (what, value, limit, unit, least = false) =>
  rows.push({ what, value, limit, unit, ok: least ? value >= limit : value <= limit, least });

const tasks = { "big/main.py": BIG, "fast/main.py": FAST, "hello/main.py": "print('hello')\n" };
for (let number = 0; number < 97; number += 1)
  tasks[`task-${String(number).padStart(3, "0")}/main.py`] = "print(1)\n";
const service = await Service.start(tasks);
const browser = await browse();

/** Frames of each second while something goes on, and the longest gap, ms. */
const frames = (page, ms) =>
  page.evaluate(
    (ms) =>
      new Promise((done) => {
        const at = [];
        const begin = performance.now();
        const step = (now) => {
          at.push(now);
          if (now - begin < ms) requestAnimationFrame(step);
          else done((1000 * (at.length - 1)) / (at.at(-1) - at[0]));
        };
        requestAnimationFrame(step);
      }),
    ms,
  );

/** Milliseconds from a navigation to something being there. */
async function opened(page, where, there) {
  const begin = performance.now();
  await page.at(where);
  await there.waitFor();
  return performance.now() - begin;
}

/** From the answer that a page waits for to its rows being painted. */
async function afterData(page, where, api, there) {
  await page.at("/settings?tab=account");
  const answered = page.waitForResponse((response) => response.url().includes(api));
  await page.evaluate((to) => {
    history.pushState({}, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, where);
  await (await answered).finished();
  const begin = performance.now();
  await there.waitFor();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return performance.now() - begin;
}

async function weigh() {
  const dist = new URL("../dist/", import.meta.url);
  const index = await readFile(new URL("index.html", dist), "utf8");
  let js = 0;
  for (const [, name] of index.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g))
    js += (await stat(new URL(`${name}.gz`, dist))).size / 1000;
  note("entry scripts", js, 170, "kB gz");
  const all = (await readdir(new URL("assets/", dist))).filter((name) => /^monaco-.*\.js\.gz$/.test(name));
  for (const name of all)
    note("Monaco", (await stat(new URL(`assets/${name}`, dist))).size / 1000, 900, "kB gz");
}

async function measure() {
  await weigh();
  await service.run("hello");
  await service.past(
    RUNS,
    1,
    Object.keys(tasks)
      .map((file) => file.split("/")[0])
      .filter((task) => task.startsWith("task-")),
  );
  const big = await service.run("big");

  for (const [name, where] of [
    ["dashboard", "/"],
    ["tasks", "/tasks"],
    ["run", `/runs/${big.id}`],
    ["code", "/tasks/hello?tab=code"],
  ]) {
    const cold = await person(browser, service);
    await cold.at(where);
    const paint = await until("the first paint", () =>
      cold.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime),
    );
    note(`first contentful paint, cold: ${name}`, paint, 1000, "ms");
    await cold.context().close();
  }

  const page = await person(browser, service);
  const table = page.getByRole("row").filter({ hasText: "task-096" });
  note("100 tasks, behind the data", await afterData(page, "/tasks", "/api/v1/tasks?", table), 300, "ms");
  const { runs: known } = (await service.ask("GET", "overview")).week;
  assert(known > RUNS / 2, `the history is there: ${known} runs of this week`);
  const runs = page.getByRole("row").filter({ hasText: "task-000" }).first();
  note(`${RUNS} runs, behind the data`, await afterData(page, "/runs", "/api/v1/runs?", runs), 300, "ms");

  const end = page
    .getByRole("log")
    .getByText(`needle-${(LINES - 1) % 317}`)
    .last();
  note(`a log of ${LINES} lines, open at its end`, await opened(page, `/runs/${big.id}`, end), 1500, "ms");
  await until("the whole log", () =>
    page.evaluate(() => performance.getEntriesByName("log-whole").length > 0),
  );
  await page.getByRole("searchbox").first().fill("needle-42 ".trim());
  const begin = performance.now();
  await page
    .getByText(/^[\d,]+ \/ [\d,]+$/)
    .first()
    .waitFor();
  note("search through it", performance.now() - begin, 1000, "ms");

  const fast = await service.ask("POST", "tasks/fast/runs", {});
  await page.at(`/runs/${fast.id}`);
  await page.getByRole("log").getByText("a line that is").nth(5).waitFor();
  note("while 2,000 lines a second come", await frames(page, 5000), 50, "fps", true);

  const all = [page];
  const started = performance.now();
  while (all.length < 8) all.push(await open(page.context(), service));
  for (const one of all) {
    await one.at(`/runs/${fast.id}`);
    await one.getByRole("log").getByText("a line that is").nth(5).waitFor();
  }
  note("8 tabs live, each", (performance.now() - started) / 8, 2000, "ms");
}

try {
  await measure();
} finally {
  await browser.close();
  await service.end();
}
console.log(`\n${"".padEnd(48)}${"measured".padStart(12)}${"limit".padStart(14)}`);
for (const { what, value, limit, unit, ok, least } of rows) {
  const figure = value >= 100 ? value.toFixed(0) : value.toFixed(1);
  console.log(
    `${ok ? "ok  " : "OVER"} ${what.padEnd(43)}${`${figure} ${unit}`.padStart(12)}${`${least ? "≥" : "≤"} ${limit} ${unit}`.padStart(14)}`,
  );
}
const over = rows.filter((row) => !row.ok).length;
console.log(`\n${rows.length - over} within their limits, ${over} not.`);
process.exitCode = over > 0 ? 1 : 0;
