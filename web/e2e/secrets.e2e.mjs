/** A secret is set, granted and given, and is nowhere to be read. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browse, person, quiet, Service } from "./lib.mjs";

const CANARY = "c4nary-typed-into-a-page";

describe("secrets", () => {
  let service;
  let browser;

  before(async () => {
    service = await Service.start({
      "asks/main.py":
        "import os\nvalue = open(os.environ['TOKEN_FILE']).read()\nprint('has', len(value), value, os.environ['REGION'])\n",
      "asks/task.toml": 'secrets = ["TOKEN"]\n',
    });
    browser = await browse();
  });
  after(async () => {
    await browser?.close();
    await service?.end();
  });

  it("are set, granted and given to runs", async () => {
    const page = await person(browser, service);
    await page.at("/settings?tab=secrets");
    await page.button("Add a secret").click();
    await page.getByLabel("Name").fill("TOKEN");
    await page.getByLabel("Value").fill(CANARY);
    await page.button("Set").click();
    const row = page.getByRole("list", { name: "Tasks and TOKEN" });
    await row.getByText("asks for it").waitFor();
    await row.getByRole("button", { name: "Grant" }).click();
    await row.getByText("has it").waitFor();
    await page.button("Add a variable").click();
    await page.getByLabel("Name").fill("REGION");
    await page.getByLabel("Value").fill("eu");
    await page.button("Set").click();
    await page.getByText("REGION=eu").waitFor();
    const run = await service.run("asks");
    assert.equal(run.outcome, "succeeded");
    await page.at(`/runs/${run.id}`);
    await page.getByRole("log").getByText(`has ${CANARY.length} *** eu`).waitFor();
    await page.at("/settings?tab=secrets");
    await page.button("More for TOKEN").click();
    await page.getByRole("menuitem", { name: "Runs that were given it…" }).click();
    await page.getByRole("link", { name: run.id.slice(-8) }).waitFor();
    assert(!(await page.content()).includes(CANARY));
    quiet(page);
    await page.context().close();
  });
});
