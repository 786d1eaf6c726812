/** What scripts and people write is shown, and does nothing. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browse, person, quiet, Service, until } from "./lib.mjs";

const TRICKS = `import os

for line in [
    '<img src=x onerror="document.title=1"><script>document.title=2</script>',
    "\\033]8;;javascript:document.title=3\\033\\\\click\\033]8;;\\033\\\\",
    "\\033]52;c;aGFjaw==\\007after the clipboard",
    "\\033]0;a new title\\007after the title",
    "\\033[2J\\033[1;1Hafter the screen",
    "right \\u202eot tfel\\u202c end",
    "javascript:document.title=4 https://example.org/safe",
    "\\033[" + "1;" * 2000 + "31mmany",
    "nul \\0 bell \\a done",
]:
    print(line, flush=True)
folder = os.environ["RUNBAY_ARTIFACTS"]
bad = "<script>document.title=5</script><svg onload=document.title=6>"
for name in ["<img src=x onerror=document.title=7>.txt", "page.html", "page.svg", "\\u202egnp.js"]:
    with open(os.path.join(folder, name), "w") as file:
        file.write(bad)
os.symlink("/etc/shadow", os.path.join(folder, "shadow"))
`;

describe("hostile data", () => {
  let service;
  let browser;
  let run;

  before(async () => {
    service = await Service.start({
      "tricks/main.py": TRICKS,
      "tricks/task.toml": `description = '<img src=x onerror="document.title=8">'
tags = ["<b>bold</b>"]
[params.q]
type = "text"
default = '"><script>document.title=9</script>'
help = "<i>help</i>"
`,
    });
    browser = await browse();
    run = await service.run("tricks");
  });
  after(async () => {
    await browser?.close();
    await service?.end();
  });

  it("is inert in logs", async () => {
    const page = await person(browser, service);
    await page.at(`/runs/${run.id}`);
    const log = page.getByRole("log");
    await log.getByText('<img src=x onerror="document.title=1">', { exact: false }).waitFor();
    await log.getByText("after the screen").waitFor();
    await log.getByText("many").waitFor();
    assert.equal(await log.locator("img, script, svg").count(), 0);
    const links = await log.locator("a:not([data-number])").evaluateAll((all) => all.map((one) => one.href));
    assert.deepEqual(links, ["https://example.org/safe"]);
    assert.doesNotMatch(
      await log.textContent(),
      /[\u202a-\u202e\u2066-\u2069]/,
      "no mark that turns text around",
    );
    assert.match(await page.title(), /tricks/);
    quiet(page);
    await page.context().close();
  });

  it("is inert in files", async () => {
    const page = await person(browser, service);
    await page.at(`/runs/${run.id}?tab=artifacts`);
    await page.getByText("<img src=x onerror=document.title=7>.txt").waitFor();
    const show = page.getByRole("button", { name: "Show" });
    for (let at = 0; at < 2; at += 1) {
      await show.nth(at).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("document.title=5").first().waitFor();
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    }
    assert.match(await page.title(), /tricks/);
    const files = (await service.ask("GET", `runs/${run.id}/artifacts`)).map?.((one) => one.path) ?? [];
    assert(!files.includes("shadow"), "a link is no file");
    const answer = await page.request.get(`${service.url}/api/v1/runs/${run.id}/artifacts/page.html`);
    assert.match(answer.headers()["content-disposition"] ?? "", /^attachment/);
    assert.match(answer.headers()["content-security-policy"] ?? "", /sandbox/);
    quiet(page);
    await page.context().close();
  });

  it("is inert in names, tags and parameters", async () => {
    const page = await person(browser, service);
    for (const where of ["/", "/tasks", "/tasks/tricks", "/tasks/tricks?run=1"]) {
      await page.at(where);
      await page.getByText("tricks").first().waitFor();
      assert.equal(await page.locator("img[src='x'], main b, main i").count(), 0, where);
    }
    await until("the form", async () => (await page.getByText("<i>help</i>").count()) > 0);
    assert.equal(await page.getByRole("textbox").first().inputValue(), '"><script>document.title=9</script>');
    await page.at("/tasks?text=%3Cscript%3Edocument.title%3D10%3C/script%3E&tag=javascript:1");
    await page.getByRole("searchbox").first().waitFor();
    assert.match(await page.title(), /Runbay/);
    quiet(page);
    await page.context().close();
  });
});
