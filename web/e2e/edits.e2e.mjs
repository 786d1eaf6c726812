/** Work is not lost: not to a closed tab, not to a session that ended, not to
 * somebody else who saved first. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { browse, open, person, quiet, rewrite, Service, until } from "./lib.mjs";

describe("edits", () => {
  let service;
  let browser;

  before(async () => {
    service = await Service.start({ "notes/main.py": "print('first')\n" });
    browser = await browse();
  });
  after(async () => {
    await browser?.close();
    await service?.end();
  });

  const kept = () => readFile(path.join(service.home, "tasks/notes/main.py"), "utf8");
  const code = "/tasks/notes?tab=code&file=main.py";

  it("survive a closed tab", async () => {
    const page = await person(browser, service);
    await page.at(code);
    await rewrite(page, "print('unsaved')\n");
    await page.getByText("unsaved", { exact: true }).waitFor();
    await page.close();
    const again = await open(page.context(), service);
    await again.at(code);
    await again.locator(".view-line", { hasText: "unsaved" }).waitFor();
    await again.getByText("unsaved", { exact: true }).waitFor();
    assert.equal(await kept(), "print('first')\n");
    await again.button("Throw the changes away").click();
    await again.locator(".view-line", { hasText: "first" }).waitFor();
    quiet(again);
    await again.context().close();
  });

  it("can be run without being saved", async () => {
    const page = await person(browser, service);
    await page.at(code);
    await rewrite(page, "print('tried ' * 2)\n");
    await page.button("Run unsaved").click();
    await page.getByRole("log").getByText("tried tried").waitFor();
    assert.equal(await kept(), "print('first')\n");
    await page.getByText("unsaved", { exact: true }).waitFor();
    await page
      .getByRole("link", { name: /^#[0-9a-f]{8}$/ })
      .first()
      .click();
    await page.waitForURL(/\/runs\//);
    await page.locator("header").getByText("trial", { exact: true }).waitFor();
    await page.at("/runs");
    await page.getByRole("row").filter({ hasText: "trial" }).filter({ hasText: "Succeeded" }).waitFor();
    // How the task does is told by its own code.
    await page.at("/tasks");
    await page.getByRole("row").filter({ hasText: "notes" }).getByText("Never ran").waitFor();
    quiet(page);
    await page.context().close();
  });

  it("survive a session that ended", async () => {
    await service.ask("POST", "users", { name: "ann", role: "admin", password: "a long enough phrase" });
    const context = await browser.newContext({ reducedMotion: "reduce" });
    const page = await open(context, service);
    await page.at("/");
    const signIn = async () => {
      await page.getByLabel("Name").fill("ann");
      await page.getByLabel("Password").fill("a long enough phrase");
      await page.button("Sign in").click();
    };
    await signIn();
    await page.getByRole("heading", { name: "Dashboard" }).waitFor();
    await page.at(code);
    await rewrite(page, "print('typed before the end')\n");
    await context.clearCookies();
    await page.keyboard.press("Control+S");
    await page.getByText("Your session has ended").waitFor();
    await page.getByLabel("Password").fill("a long enough phrase");
    await page.button("Sign in").click();
    await page.getByText("Your session has ended").waitFor({ state: "detached" });
    await page.locator(".view-line", { hasText: "typed before the end" }).waitFor();
    await page.button("Save").click();
    await until("the file is written", async () => (await kept()).includes("typed before the end"));
    quiet(page, /status of 401/);
    await context.close();
  });

  it("of two at once: the second sees what the first saved", async () => {
    const [ann, bob] = [await person(browser, service), await person(browser, service)];
    for (const one of [ann, bob]) await one.at(code);
    await rewrite(bob, "print('of bob')\n");
    await rewrite(ann, "print('of ann')\n");
    await ann.keyboard.press("Control+S");
    await ann.getByText("main.py is saved").waitFor();
    await bob.locator(".view-lines").click();
    await bob.keyboard.press("Control+S");
    const dialog = bob.getByRole("dialog");
    await dialog.getByText("was changed by somebody else").waitFor();
    await dialog.getByText("print('of ann')").waitFor();
    await dialog.getByText("print('of bob')").waitFor();
    assert.equal(await kept(), "print('of ann')\n", "nothing is written over");
    await dialog.getByRole("button", { name: "Keep editing" }).click();
    await bob.locator(".view-line", { hasText: "of bob" }).waitFor();
    await bob.button("Save").click();
    await dialog.getByRole("button", { name: "Save mine over it" }).click();
    await until("the second text is written", async () => (await kept()) === "print('of bob')\n");
    quiet(ann);
    quiet(bob, /status of 412/);
    for (const one of [ann, bob]) await one.context().close();
  });

  it("of the folder are seen in an open editor", async () => {
    const page = await person(browser, service);
    await page.at(code);
    await page.locator(".view-line", { hasText: "of bob" }).waitFor();
    await service.write("notes/main.py", "print('from a terminal')\n");
    await page.locator(".view-line", { hasText: "from a terminal" }).waitFor();
    quiet(page);
    await page.context().close();
  });

  it("make, rename and remove files, and a whole task, which says what is lost", async () => {
    const page = await person(browser, service);
    await page.at(code);
    await page.button("New file").click();
    await page.getByLabel("Path").fill("lib/tools.py");
    await page.keyboard.press("Enter");
    await page
      .getByRole("button", { name: /tools\.py/ })
      .first()
      .waitFor();
    await page.at("/tasks/notes?tab=settings");
    await page.button("Delete…").click();
    await page.getByRole("alertdialog").or(page.getByRole("dialog")).getByText(/file/).first().waitFor();
    await page.keyboard.press("Escape");
    quiet(page);
    await page.context().close();
  });
});
