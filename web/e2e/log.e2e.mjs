/** The log, and the keys that move through everything. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browse, person, quiet, Service, until } from "./lib.mjs";

const LINES = 6000;
const LONG = `import time

for number in range(1, ${LINES + 1}):
    if number == 4000:
        print("Traceback (most recent call last): none really")
    elif number == 10:
        print("wide " + "x" * 900)
    else:
        print(f"line {number} of many, group {number % 500}")
`;
const SLOW = `import time

for number in range(100000):
    print("step", number, flush=True)
    time.sleep(0.02)
`;

describe("a log", () => {
  let service;
  let browser;
  let run;

  before(async () => {
    service = await Service.start({ "long/main.py": LONG, "slow/main.py": SLOW });
    browser = await browse();
    await service.run("long");
    // The image is there now, so that all lines are the script's own.
    run = await service.run("long");
  });
  after(async () => {
    for (const one of (await service?.ask("GET", "runs?state=running").catch(() => undefined))?.items ?? [])
      await service.ask("POST", `runs/${one.id}/cancel?wait=30`, {});
    await browser?.close();
    await service?.end();
  });

  const line = (page, number) =>
    page.getByRole("log").getByText(`line ${number} of many, group ${number % 500}`, { exact: true });

  it("is searched whole, and goes to lines", async () => {
    const page = await person(browser, service);
    await page.at(`/runs/${run.id}`);
    await line(page, LINES).waitFor();
    await page.keyboard.press("Control+f");
    await page.keyboard.type("group 123");
    // Lines 123, 623 and so on, all of them beyond those that came first.
    await page.getByText(/^\d+ \/ 12$/).waitFor();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.press("Control+A");
    await page.keyboard.type(":1234");
    await page.keyboard.press("Enter");
    await line(page, 1234).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("log").locator("[data-number='1234']").click();
    assert.equal(new URL(page.url()).hash, "#L1234");
    await page.reload();
    await line(page, 1234).waitFor();
    quiet(page);
    await page.context().close();
  });

  it("wraps, filters, fills the screen and is copied whole", async () => {
    const page = await person(browser, service);
    await page.at(`/runs/${run.id}`);
    await line(page, LINES).waitFor();
    const log = page.getByRole("log");
    await page.getByRole("button", { name: /^1$/ }).click();
    await log.getByText("Traceback (most recent call last)").waitFor();
    assert.equal(await line(page, LINES).count(), 0, "only what looks like an error");
    await page.keyboard.press("e");
    await line(page, LINES).or(line(page, 1)).first().waitFor();
    await page.keyboard.press("f");
    await until("the whole screen for it", async () => {
      const { width, height } = await log.boundingBox();
      return width > 1400 && height > 800;
    });
    await log.focus();
    await page.keyboard.press("Home");
    await line(page, 1).waitFor();
    const rows = () => log.locator("[data-line='10']").count();
    await until("one row for the wide line", async () => (await rows()) === 1);
    await page.keyboard.press("w");
    await until("several rows for it", async () => (await rows()) > 3);
    await page.keyboard.press("w");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Control+C");
    const copied = (await page.evaluate(() => navigator.clipboard.readText())).split("\n");
    assert.equal(copied.length, LINES);
    assert.equal(copied[LINES - 1], `line ${LINES} of many, group ${LINES % 500}`);
    await page.keyboard.press("Escape");
    const raw = page.getByRole("link", { name: "Download the whole log" });
    const text = await (await page.request.get(service.url + (await raw.getAttribute("href")))).text();
    assert.equal(text.trimEnd().split("\n").length, LINES);
    quiet(page);
    await page.context().close();
  });

  it("follows its end until somebody scrolls up, and again when asked", async () => {
    const { id } = await service.ask("POST", "tasks/slow/runs", {});
    const page = await person(browser, service);
    await page.at(`/runs/${id}`);
    const log = page.getByRole("log");
    await log.getByText("step 60", { exact: true }).waitFor();
    await log.hover();
    await page.mouse.wheel(0, -400);
    await page.button("Jump to latest").waitFor();
    // The first row: the chart above comes after two seconds, and takes some room.
    const top = () =>
      log
        .getByText(/^step \d+$/)
        .first()
        .textContent();
    // A turn of the wheel takes a moment to come to rest.
    let [shown, still] = ["", 0];
    await until("the log to stand still", async () => {
      const now = await top();
      still = now === shown ? still + 1 : 0;
      shown = now;
      return still > 8;
    });
    const total = async () =>
      Number((await page.getByText(/^[\d,]+ lines$/).textContent()).replace(/\D/g, ""));
    const then = await total();
    await until("more lines", async () => (await total()) > then + 30);
    assert.equal(await top(), shown, "it stays where it is");
    await log.focus();
    await page.keyboard.press("End");
    await page.button("Jump to latest").waitFor({ state: "detached" });
    // No line is long in sight, so what is asked is how far it has come.
    const bottom = async () =>
      Number(
        (
          await log
            .getByText(/^step \d+$/)
            .last()
            .textContent()
        ).slice(5),
      );
    await until("the end is in sight", async () => (await bottom()) >= then + 40);
    const later = await bottom();
    await until("it goes on with it", async () => (await bottom()) >= later + 100);
    quiet(page);
    await page.context().close();
  });

  it("and everything else is found by keys", async () => {
    const page = await person(browser, service);
    await page.at("/");
    await page.getByRole("heading", { name: "Dashboard" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("long");
    await page.getByRole("option").filter({ hasText: "long" }).first().waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/tasks\/long/);
    await page.getByRole("heading", { name: "long", level: 1 }).waitFor();
    const { length } = (await service.ask("GET", "runs?task=long")).items;
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.getByRole("heading", { name: "Runs", exact: true }).waitFor();
    assert.equal((await service.ask("GET", "runs?task=long")).items.length, length, "nothing was run by it");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/runs\/[0-9a-f-]+/);
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.getByRole("heading", { name: "Tasks", exact: true }).waitFor();
    quiet(page);
    await page.context().close();
  });
});
