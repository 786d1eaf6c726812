/** What changed, and what would: two versions, two runs, the packages of a task, a rule
 * of time in its two forms. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { browse, person, quiet, Service, until } from "./lib.mjs";

const VERSION = 'import six\nprint("six is", six.__version__)\n';
const RULES = {
  "30 7 * * MON-FRI": ["Weekly", "07:30"],
  "@every 20m": ["Every"],
  "15 09:30": ["Monthly", "09:30"],
};

describe("changes", () => {
  let service;
  let browser;

  before(async () => {
    service = await Service.start({
      "report/main.py": "-- is no Python\nprint('first')\n",
      "report/task.toml": '[params.city]\ntype = "text"\ndefault = "Rome"\n',
      "loose/main.py": VERSION,
      "loose/requirements.txt": "six\n",
      "older/main.py": VERSION,
      "older/requirements.txt": "six==1.16.0\n",
    });
    browser = await browse();
    await service.run("report");
    await service.write("report/main.py", "print('second')\n");
    await service.run("report", { params: { city: "Oslo" } });
  });
  after(async () => {
    await browser?.close();
    await service?.end();
  });

  const kept = () => readFile(path.join(service.home, "tasks/report/main.py"), "utf8");

  it("of two runs are told, of any two that are chosen", async () => {
    const page = await person(browser, service);
    await page.at("/tasks/report?tab=runs");
    const rows = page.getByRole("row");
    for (const word of ["Failed", "Succeeded"])
      await rows.filter({ hasText: word }).getByRole("checkbox").click();
    await page.getByRole("link", { name: "Compare" }).click();
    await page.waitForURL(/\/compare\//);
    await page.getByText("Failed").first().waitFor();
    const what = page.locator("section").filter({ hasText: "What changed" }).last();
    await what.getByText("Parameter city").waitFor();
    await what.getByText("Oslo").waitFor();
    await what.getByRole("link", { name: /→/ }).click();
    await page.waitForURL(/tab=versions/);
    // The line that begins with dashes is a line, and not the head of a diff.
    await page.getByText("-- is no Python").waitFor();
    await page.getByText("print('second')").waitFor();
    quiet(page);
    await page.context().close();
  });

  it("of a run that is pinned are none, until it is let go", async () => {
    const page = await person(browser, service);
    await page.at("/runs");
    const pinned = page.getByRole("row").filter({ hasText: "pinned" });
    await page.getByRole("row").filter({ hasText: "Succeeded" }).getByRole("link").click();
    const head = page.locator("header").filter({ has: page.getByRole("heading", { name: "report" }) });
    await head.getByRole("button", { name: "Keep this run" }).click();
    await head.getByText("pinned", { exact: true }).waitFor();
    await page.at("/environments?tab=cleanup");
    await page.getByRole("listitem").filter({ hasText: "it is pinned" }).waitFor();
    await page.at("/runs");
    await pinned.waitFor();
    await page.getByRole("button", { name: "Pinned" }).click();
    await page.waitForURL(/pinned=true/);
    await until("only that run is shown", async () => (await page.getByRole("row").count()) === 2);
    await pinned.getByRole("link").click();
    await head.getByRole("button", { name: "Let clean-up take this run" }).click();
    await head.getByText("pinned", { exact: true }).waitFor({ state: "detached" });
    await page.at("/runs?pinned=true");
    await page.getByText("No run passes these filters").waitFor();
    quiet(page);
    await page.context().close();
  });

  it("of two versions are told, and a version is brought back and away again", async () => {
    const page = await person(browser, service);
    await page.at("/tasks/report?tab=versions");
    const versions = page.getByRole("listitem").filter({ hasText: "2 files" });
    await versions.filter({ hasText: "present" }).waitFor();
    await versions.filter({ hasNotText: "present" }).click();
    await page.button("Bring it back…").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("This changes 1 file").waitFor();
    await dialog.getByText("print('first')").waitFor();
    // Somebody is quicker: nothing is written over, and what would change is told anew.
    await service.write("report/main.py", "print('typed meanwhile')\n");
    await dialog.getByRole("button", { name: "Bring it back" }).click();
    await dialog.getByText("Somebody changed the folder meanwhile").waitFor();
    await dialog.getByText("print('typed meanwhile')").waitFor();
    assert.equal(await kept(), "print('typed meanwhile')\n");
    await dialog.getByRole("button", { name: "Bring it back" }).click();
    await page.getByText(/^report holds version \w{12} again$/).waitFor();
    assert.match(await kept(), /first/);
    await page.button("Undo").click();
    await until("what was typed is there again", async () => (await kept()).includes("typed meanwhile"));
    quiet(page, /status of 412/);
    await page.context().close();
  });

  it("of the folder are told where it holds no kept version", async () => {
    const page = await person(browser, service);
    await service.write("report/main.py", "print('by hand')\n");
    await page.at("/tasks/report?tab=versions");
    await page.getByLabel("From version").selectOption({ label: "the folder as it is now" });
    await page.getByText("print('by hand')").waitFor();
    quiet(page);
    await page.context().close();
  });

  it("of a lock are shown first, and taken when somebody says so", async () => {
    await service.run("loose");
    await service.run("older");
    await service.aged("six", "six==1.16.0");
    const before = await service.run("loose");
    const page = await person(browser, service);
    await page.at(`/runs/${before.id}`);
    await page.getByRole("log").getByText("six is 1.16.0").waitFor();
    await page.at("/tasks/loose?tab=packages");
    await page.getByRole("row").filter({ hasText: "1.16.0" }).waitFor();
    await page.button("Look for newer versions").click();
    const card = page.locator("section").filter({ hasText: "Newer versions" });
    await card.getByText("1 changed of the packages").waitFor();
    await card.getByText(/1\.16\.0 → 1\.17\.0/).waitFor();
    const row = page.getByRole("row").filter({ hasText: "six" });
    await row.getByText("1.16.0").waitFor();
    await row.getByText("1.17.0").waitFor();
    assert.equal((await service.run("loose")).outcome, "succeeded");
    await row.getByText("1.16.0").waitFor();
    await page.button("Take these versions").click();
    await row.getByText("1.16.0").waitFor({ state: "detached" });
    await row.getByText("1.17.0").first().waitFor();
    await page.button("Run").click();
    await page.waitForURL(/\/runs\//);
    await page.getByRole("log").getByText("six is 1.17.0").waitFor();
    await page.locator("header").getByText("Succeeded", { exact: true }).waitFor();
    await page.getByRole("tab", { name: /Changes/ }).click();
    await page.getByText(/1\.16\.0 → 1\.17\.0/).waitFor();
    quiet(page);
    await page.context().close();
  });

  it("of a rule's form change nothing of the rule", async () => {
    const page = await person(browser, service);
    await page.at("/tasks/report?tab=schedules");
    await page.button("Add a schedule").first().click();
    const dialog = page.getByRole("dialog");
    const kind = (name) => dialog.getByRole("button", { name, exact: true });
    const text = dialog.getByLabel("Expression", { exact: true }).last();
    await dialog.getByLabel("Time zone").fill("Europe/Berlin");
    for (const [rule, [form, time]] of Object.entries(RULES)) {
      await kind("Expression").click();
      await text.fill(rule);
      await kind(form).click();
      if (time) assert.equal(await dialog.getByLabel("At", { exact: true }).inputValue(), time);
      if (form === "Every")
        assert.equal(await dialog.getByLabel("Every", { exact: true }).last().inputValue(), "20");
      await kind("Expression").click();
      assert.equal(await text.inputValue(), rule);
    }
    // Put together by hand, in words of the service, and written into the task.
    await kind("Weekly").click();
    for (const day of ["Sat", "Mon"]) await dialog.getByRole("button", { name: day, exact: true }).click();
    await dialog.getByLabel("At", { exact: true }).fill("18:45");
    const meaning = dialog.getByRole("complementary", { name: "What it means" });
    await meaning.getByText(/18:45/).first().waitFor();
    await until("five times to come", async () => (await meaning.getByRole("listitem").count()) === 5);
    await dialog.getByRole("button", { name: "Add the schedule" }).click();
    await dialog.waitFor({ state: "detached" });
    const manifest = await readFile(path.join(service.home, "tasks/report/task.toml"), "utf8");
    assert.match(manifest, /when = "(SAT 18:45|45 18 \* \* SAT)"/);
    assert.match(manifest, /timezone = "Europe\/Berlin"/);
    quiet(page);
    await page.context().close();
  });
});
