/** The log: found in, and gone to. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browse, person, quiet, Service } from "./lib.mjs";

const LINES = 6000;
const LONG = `for number in range(1, ${LINES + 1}):
    if number == 4000:
        print("Traceback (most recent call last): none really")
    elif number == 10:
        print("wide " + "x" * 900)
    else:
        print(f"line {number} of many, group {number % 500}")
`;
describe("a log", () => {
  let service;
  let browser;
  let run;

  before(async () => {
    service = await Service.start({ "long/main.py": LONG });
    browser = await browse();
    run = await service.run("long");
  });
  after(async () => {
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
});
