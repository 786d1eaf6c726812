/** Settings are changed in a page, written in the file, and count at once. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { browse, inaccessible, person, quiet, Service } from "./lib.mjs";

const CONFIG = "# by hand\n[keep]\nruns = 100 # enough\n";

describe("settings", () => {
  let service;
  let browser;

  before(async () => {
    service = await Service.start({ "one/main.py": "print(1)\n" }, { config: CONFIG });
    browser = await browse();
  });
  after(async () => {
    await browser?.close();
    await service?.end();
  });

  const file = () => readFile(path.join(service.home, "runbay.toml"), "utf8");

  it("are changed where they may be", async () => {
    const page = await person(browser, service);
    await page.at("/settings?tab=values");
    const row = (key) => page.getByRole("listitem").filter({ has: page.getByText(key, { exact: true }) });
    await row("keep.runs").getByText("100", { exact: true }).waitFor();
    await page.button("Change keep.runs").click();
    await page.getByLabel("Value").fill("lots");
    await page.button("Save").click();
    await page.getByText(/expected u32|whole number/).waitFor();
    await page.getByLabel("Value").fill("500");
    await page.button("Save").click();
    await row("keep.runs").getByText("500", { exact: true }).waitFor();
    assert.equal(await file(), "# by hand\n[keep]\nruns = 500 # enough\n");

    await page.button("Change keep.age").click();
    assert.equal(await page.getByLabel("Value").inputValue(), "90d");
    await page.getByLabel("Value").fill("30d");
    await page.button("Save").click();
    await row("keep.age").getByText("runbay.toml").waitFor();
    await page.button("Change keep.age").click();
    await page.button("Back to its default").click();
    await row("keep.age").getByText("default").waitFor();

    // Somebody else was at the file meanwhile.
    await page.button("Change keep.runs").click();
    await writeFile(path.join(service.home, "runbay.toml"), `${CONFIG}images = 2\n`);
    await page.getByLabel("Value").fill("7");
    await page.button("Save").click();
    await page.getByText(/changed by somebody else/).waitFor();
    assert.equal(await file(), `${CONFIG}images = 2\n`);
    await page.button("Cancel").click();

    // What is read at the start, and what a flag says, is only shown.
    await row("timezone").getByText("It is read when the service starts").waitFor({ state: "attached" });
    assert.equal(await page.button("Change timezone").count(), 0);
    assert.equal(await page.button("Change server.bind").count(), 0);
    assert.deepEqual(await inaccessible(page), []);
    quiet(page, /4(12|22)/);
    await page.context().close();
  });
});
