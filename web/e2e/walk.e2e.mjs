/** A first walk, from an empty instance to a scheduled task, by mouse and keys
 * alone. Each step needs the one before it. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { browse, open, picture, quiet, rewrite, Service, until } from "./lib.mjs";

const SLOW = `import time
import six

print("six is", six.__version__)
for number in range(12):
    print("line", number, flush=True)
    time.sleep(0.25)
`;
const ENDLESS = `import time

while True:
    print("still here", flush=True)
    time.sleep(0.2)
`;
const BROKEN = `def share(total, among):
    return total / among


print("sharing")
print(share(10, 0))
`;

describe("a first walk", () => {
  let service;
  let browser;
  let page;
  let failed;

  before(async () => {
    service = await Service.start();
    browser = await browse();
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      reducedMotion: "reduce",
    });
    page = await open(context, service);
  });
  afterEach(async (test) => {
    await picture(page, test.name.replace(/\W+/g, "-"));
  });
  after(async () => {
    // A session for tidying up: the one-time link is used by then.
    // A browser that died has none, and what is on the engine is to go all the same.
    const cookies =
      (await page
        ?.context()
        .cookies()
        .catch(() => [])) ?? [];
    if (cookies.length > 0) service.cookie = cookies.map((one) => `${one.name}=${one.value}`).join("; ");
    await browser?.close();
    await service?.end();
  });

  const status = (word) => page.locator("header").getByText(word, { exact: true }).first().waitFor();
  const log = () => page.getByRole("log");
  const run = async () => {
    await page.keyboard.press("Control+Enter");
    await page
      .getByRole("link", { name: /^#[0-9a-f]{8}$/ })
      .first()
      .waitFor();
  };

  it("signs in by the link, once", async () => {
    await page.at(`/#link=${service.key}`);
    await page.getByRole("heading", { name: "Dashboard" }).waitFor();
    assert.equal(new URL(page.url()).hash, "", "the key stays in no history");
    const other = await open(await browser.newContext(), service);
    await other.at(`/#link=${service.key}`);
    await other.getByText("This link was used before").waitFor();
    await other.context().close();
    // Browsers tell of every 401, and this is how the page learns that nobody is signed in.
    quiet(page, /status of 401/);
  });

  it("is told what to do first, and makes a task", async () => {
    await page.getByText("Three steps to a first run").waitFor();
    await picture(page, "first-run");
    await page.getByRole("link", { name: "New task" }).or(page.button("New task")).first().click();
    await page.getByLabel("Name").fill("shares");
    await page.button("Make the task").click();
    await page.waitForURL(/\/tasks\/shares\?tab=code/);
    await page.getByRole("button", { name: "main.py", exact: true }).waitFor();
    quiet(page);
  });

  it("writes code and saves it with keys", async () => {
    await rewrite(page, SLOW);
    await page.getByText("unsaved", { exact: true }).waitFor();
    await page.keyboard.press("Control+S");
    await page.getByText("main.py is saved").waitFor();
    await page.getByText("unsaved", { exact: true }).waitFor({ state: "detached" });
    quiet(page);
  });

  it("adds a package", async () => {
    await page.getByRole("link", { name: "Packages" }).click();
    await page.getByLabel("Package to add").fill("six==1.17.0");
    await page.button("Add").click();
    await page.getByText("six==1.17.0").waitFor();
    quiet(page);
  });

  it("runs it and watches the log as it comes", async () => {
    await page.button("Run").click();
    await page.waitForURL(/\/runs\//);
    await log().getByText("six is 1.17.0").waitFor();
    await log().getByText("line 3", { exact: true }).waitFor();
    await status("Running");
    assert.equal(await log().getByText("line 11", { exact: true }).count(), 0, "it is not over yet");
    await picture(page, "live");
    await log().getByText("line 11", { exact: true }).waitFor();
    await status("Succeeded");
    assert.match(await page.title(), /^✓ shares/);
    quiet(page);
  });

  it("schedules it and sees it fire", async () => {
    await page.at("/tasks/shares?tab=code");
    await rewrite(page, 'print("by itself")\n');
    await page.keyboard.press("Control+S");
    await page.getByText("main.py is saved").waitFor();
    await page.getByRole("link", { name: "Schedules" }).last().click();
    await page.button("Add a schedule").first().click();
    await page.getByRole("button", { name: "Expression" }).click();
    await page.getByLabel("Expression", { exact: true }).last().fill("*/3 * * * * *");
    await page.getByRole("dialog").getByRole("listitem").nth(4).waitFor();
    await picture(page, "schedule");
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^(Add|Save)/ })
      .click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Runs", exact: true }).last().click();
    // The row comes without a reload.
    await page
      .getByRole("row")
      .filter({ hasText: /Succeeded/ })
      .filter({ hasText: /every 3 seconds|\*\/3|Schedule/i })
      .first()
      .waitFor();
    await page.at("/schedules");
    await page.button("Pause").click();
    await page.getByText("paused", { exact: true }).waitFor();
    quiet(page);
  });

  it("stops a run", async () => {
    await page.at("/tasks/shares?tab=code");
    await rewrite(page, ENDLESS);
    await run();
    await log().getByText("still here").first().waitFor();
    await page
      .getByRole("link", { name: /^#[0-9a-f]{8}$/ })
      .first()
      .click();
    await page.waitForURL(/\/runs\//);
    await page.button("Stop").click();
    await status("Cancelled");
    quiet(page);
  });

  it("sees a failure, with the line that failed", async () => {
    await page.at("/tasks/shares?tab=code");
    await rewrite(page, BROKEN);
    await run();
    await page
      .getByRole("link", { name: /^#[0-9a-f]{8}$/ })
      .first()
      .click();
    await page.waitForURL(/\/runs\//);
    await status("Failed");
    const card = page.getByRole("region", { name: "Why it failed" });
    await card.getByText("ZeroDivisionError").waitFor();
    await picture(page, "failure");
    failed = page.url();
    await page.getByRole("tab", { name: /Changes/ }).click();
    await page.getByText("the newest earlier run that succeeded").waitFor();
    await page.getByText("main.py").first().waitFor();
    quiet(page);
  });

  it("fixes it from the traceback", async () => {
    await page.at(new URL(failed).pathname);
    await page.getByRole("link", { name: "Open main.py:2" }).click();
    await page.waitForURL(/file=main\.py.*line=2|line=2.*file=main\.py/);
    await rewrite(page, BROKEN.replace("total / among", "total / max(among, 1)"));
    await run();
    await log().getByText("10.0").waitFor();
    await page.getByText("Succeeded").first().waitFor();
    quiet(page);
  });

  it("runs the failed run again, with the code of now", async () => {
    await page.at(new URL(failed).pathname);
    await page.button("Run again").click();
    await until("another run's page", () => page.url() !== failed);
    await status("Succeeded");
    await log().getByText("10.0").waitFor();
    quiet(page);
  });

  it("sees past runs as bars, which tell of them and lead there", async () => {
    await page.at("/tasks");
    const bars = page.getByRole("row").filter({ hasText: "shares" }).locator("svg[viewBox='0 0 210 24']");
    const { width } = await bars.boundingBox();
    const newest = { position: { x: width - 4, y: 20 } };
    await bars.hover(newest);
    await page
      .getByRole("tooltip")
      .getByText(/^Succeeded in/)
      .waitFor();
    await bars.click(newest);
    await page.waitForURL(/\/runs\//);
    await status("Succeeded");
    quiet(page);
  });
});
