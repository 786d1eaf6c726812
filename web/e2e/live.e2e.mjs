/** Everything is live, in as many tabs as one likes, and heals by itself. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browse, open, person, quiet, Service, until } from "./lib.mjs";

const TICKS = `import time

for number in range(100000):
    print("tick", number, flush=True)
    time.sleep(0.1)
`;

describe("live", () => {
  let service;
  let browser;

  before(async () => {
    service = await Service.start({
      "ticks/main.py": TICKS,
      "hello/main.py": "print('hello')\n",
      "daily/main.py": "print('once a day')\n",
      "daily/task.toml": 'overlap = "queue"\n[[schedules]]\nwhen = "03:00"\ntimezone = "UTC"\n',
    });
    browser = await browse();
    await service.run("hello");
  });
  after(async () => {
    for (const one of (await service?.ask("GET", "runs?state=running").catch(() => undefined))?.items ?? [])
      await service.ask("POST", `runs/${one.id}/cancel?wait=30`, {});
    await browser?.close();
    await service?.end();
  });

  it("in eight tabs at once", async () => {
    const first = await person(browser, service);
    const pages = [first];
    while (pages.length < 8) pages.push(await open(first.context(), service));
    for (const page of pages) await page.at("/tasks");
    const rows = pages.map((page) => page.getByRole("row").filter({ hasText: "ticks" }));
    for (const row of rows) await row.getByText("Never ran").waitFor();
    await service.ask("POST", "tasks/ticks/runs", {});
    for (const row of rows) await row.getByText("Running").waitFor();
    for (const page of pages) quiet(page);
    await first.context().close();
  });

  it("finds its place again after the connection broke", async () => {
    const [running] = (await service.ask("GET", "runs?task=ticks&limit=1")).items;
    const page = await person(browser, service);
    await page.at(`/runs/${running.id}`);
    const log = page.getByRole("log");
    await log
      .getByText(/^tick \d+$/)
      .first()
      .waitFor();
    await page.context().setOffline(true);
    // An open WebSocket outlives this switch: it is closed as a lost network would.
    await service.down("SIGKILL");
    await page.getByText("Live updates are off").waitFor();
    await page.context().setOffline(false);
    await service.up();
    await page.getByText("Live updates are off").waitFor({ state: "detached" });
    // The run outlived the service; each line is there once, in its order.
    const last = async () =>
      Number(
        (
          await log
            .getByText(/^tick \d+$/)
            .last()
            .textContent()
        ).slice(5),
      );
    const then = await last();
    // What was written meanwhile may come at once, and no line is long in sight.
    await until("lines of after the break", async () => (await last()) >= then + 15);
    const shown = (await log.getByText(/^tick \d+$/).allTextContents()).map((text) => Number(text.slice(5)));
    assert.deepEqual(
      shown,
      Array.from(shown, (_, at) => shown[0] + at),
    );
    quiet(page, /ERR_|WebSocket/);
    await page.context().close();
  });

  it("draws what a run uses while it goes on", async () => {
    const [running] = (await service.ask("GET", "runs?task=ticks&limit=1")).items;
    const page = await person(browser, service);
    await page.at(`/runs/${running.id}`);
    const chart = page.getByRole("region", { name: "What it used" });
    const moment = chart.getByRole("slider");
    await moment.waitFor();
    assert.match(await moment.getAttribute("aria-valuetext"), /: [\d.]+ MiB, [\d.]+ cores?$/);
    const lasted = async () => Number(await moment.getAttribute("aria-valuemax"));
    const then = await lasted();
    await until("the chart goes on by itself", async () => (await lasted()) > then);
    await moment.focus();
    await page.keyboard.press("Home");
    const first = await moment.getAttribute("aria-valuetext");
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await moment.getAttribute("aria-valuetext"), first);
    await page.keyboard.press("Home");
    const second = Number(await moment.getAttribute("aria-valuenow"));
    await page.keyboard.press("Enter");
    await page.button("Jump to latest").waitFor();
    const shown = page.getByRole("log").getByText(/^tick \d+$/);
    // Ten a second at most, and some lines stand above the one that was gone to.
    await until("the log of that second", async () => {
      const first = Number((await shown.first().textContent()).slice(5));
      return first <= second * 10 + 5;
    });
    await chart.getByText("As a table").click();
    assert((await chart.getByRole("row").count()) > 3, "each sample has a row");
    quiet(page);
    await page.context().close();
  });

  it("loads a part of the page again that the network dropped", async () => {
    const page = await person(browser, service);
    await page.at("/");
    await page.getByRole("heading", { name: "Dashboard" }).waitFor();
    let dropped = 0;
    await page.route(/\/assets\/page-.*\.js$/, (route) => {
      dropped += 1;
      return dropped > 2 ? route.continue() : route.abort("connectionfailed");
    });
    await page.getByRole("link", { name: "Environments" }).first().click();
    await page.getByRole("heading", { name: "Environments" }).waitFor();
    assert(dropped > 0, "something was dropped");
    quiet(page, /ERR_CONNECTION_FAILED/);
    await page.context().close();
  });

  it("makes up for what a schedule missed", async () => {
    await service.missed(3);
    const page = await person(browser, service);
    // On a Monday, what was missed last is in the week before.
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    await page.at(`/schedules?view=week&day=${yesterday}`);
    await page
      .getByRole("link", { name: /daily.*missed/ })
      .first()
      .waitFor();
    await page.at("/schedules");
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Run what it missed…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("of 3 missed").waitFor();
    await dialog.getByLabel("How many of the newest").fill("4");
    assert(await dialog.getByRole("button", { name: "Run", exact: true }).isDisabled(), "only 3 were missed");
    await dialog.getByLabel("How many of the newest").fill("2");
    await dialog.getByRole("button", { name: "Run 2 missed times" }).click();
    await page.getByText("2 runs of daily queued").waitFor();
    await page.at("/schedules?view=past");
    await page
      .getByText(/missed/)
      .first()
      .waitFor();
    await until("two runs of it", async () => {
      const { items } = await service.ask("GET", "runs?task=daily");
      return items.length === 2 && items.every((one) => one.outcome === "succeeded");
    });
    quiet(page);
    await page.context().close();
  });

  it("stops and repeats several runs at once", async () => {
    const page = await person(browser, service);
    await page.at("/runs");
    const row = (task, word) => page.getByRole("row").filter({ hasText: task }).filter({ hasText: word });
    await row("ticks", "Running").getByRole("checkbox").click();
    await row("hello", "Succeeded").getByRole("checkbox").click();
    const chosen = page.getByRole("region", { name: "Chosen runs" });
    await chosen.getByText("2 runs chosen").waitFor();
    await chosen.getByRole("button", { name: "Stop (1)" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Stop" }).click();
    await row("ticks", "Cancelled").waitFor();
    await row("hello", "Succeeded").getByRole("checkbox").click();
    await chosen.getByRole("button", { name: "Run again", exact: true }).click();
    await until("a second run of it", async () => (await row("hello", "Succeeded").count()) === 2);
    quiet(page);
    await page.context().close();
  });
});
