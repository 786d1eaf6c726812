/** Every page in both themes and on a phone: nothing is complained of, axe finds
 * nothing against WCAG 2.2 AA, nothing needs scrolling sideways. A picture of
 * each is kept in e2e/out. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { browse, inaccessible, LOOKS, person, picture, quiet, Service, until } from "./lib.mjs";

const TASKS = {
  // What is not ASCII is looked at by the worker of the editor.
  "hello/main.py": `import os  # über €
print("\\033[32mhello\\033[0m \\033[1;31mred\\033[0m https://example.org/x")
open(os.environ["RUNBAY_ARTIFACTS"] + "/table.csv", "w").write("a,b\\n1,2\\n")
`,
  "hello/task.toml": `description = "Says hello"
tags = ["example"]
[params.name]
type = "text"
default = "Ada"
help = "Whom to greet"
[params.loud]
type = "bool"
default = false
[[schedules]]
when = "0 6 * * MON-FRI"
timezone = "Europe/Berlin"
`,
  "failing/main.py": 'print("about to fail")\nraise ValueError("no such thing")\n',
  // Long enough for a chart of what it uses.
  "working/main.py": "import time\nkept = bytearray(60 << 20)\ntime.sleep(4)\n",
  "broken/task.toml": 'description = "Has a mistake"\ntimeuot = 5\n',
  "broken/main.py": "print(1)\n",
};

describe("every page", () => {
  let service;
  let browser;
  let pages;

  before(async () => {
    service = await Service.start(TASKS, { config: '[notify]\nallow = ["127.0.0.1"]\n' });
    browser = await browse();
    // Nobody is there, so what it is told has to wait.
    await service.ask("PUT", "hooks/ops", { kind: "standard", url: "http://127.0.0.1:9/told" });
    await service.ask("PUT", "triggers/greet", { task: "hello", params: { name: "/who" } });
    const first = await service.run("hello");
    const second = await service.run("hello", { params: { name: "Grace" } });
    const bad = await service.run("failing");
    await service.ask("PUT", "secrets/API_TOKEN", { value: "not to be seen", tasks: ["hello"] });
    await service.ask("PUT", "variables/REGION", { value: "eu", tag: "example" });
    const long = await service.run("working");
    await service.ask("PATCH", `runs/${bad.id}`, { pinned: true });
    await service.ask("POST", "users", { name: "ann", role: "viewer", password: "a long enough phrase" });
    pages = {
      dashboard: "/",
      tasks: "/tasks",
      "new task": "/tasks?new=1",
      "no such task": "/tasks?text=zzz",
      task: "/tasks/hello",
      code: "/tasks/hello?tab=code",
      packages: "/tasks/hello?tab=packages",
      "its schedules": "/tasks/hello?tab=schedules",
      "its triggers": "/tasks/hello?tab=triggers",
      "its runs": "/tasks/hello?tab=runs",
      versions: "/tasks/hello?tab=versions",
      "its settings": "/tasks/hello?tab=settings",
      "run dialog": "/tasks/hello?run=1",
      "a mistake": "/tasks/broken",
      runs: "/runs",
      "no runs": "/runs?state=queued",
      pinned: "/runs?pinned=true",
      run: `/runs/${first.id}`,
      "what it used": `/runs/${long.id}`,
      artifacts: `/runs/${first.id}?tab=artifacts`,
      params: `/runs/${second.id}?tab=params`,
      attempts: `/runs/${first.id}?tab=attempts`,
      failure: `/runs/${bad.id}`,
      compare: `/compare/${first.id}/${second.id}`,
      schedules: "/schedules",
      day: "/schedules?view=day",
      week: "/schedules?view=week",
      calendar: "/schedules?view=calendar",
      past: "/schedules?view=past",
      environments: "/environments",
      images: "/environments?tab=images",
      cleanup: "/environments?tab=cleanup",
      service: "/settings?tab=service",
      configuration: "/settings?tab=values",
      storage: "/settings?tab=storage",
      notifications: "/settings?tab=hooks",
      "a notification": "/settings?tab=hooks&hook=ops",
      triggers: "/settings?tab=triggers",
      secrets: "/settings?tab=secrets",
      account: "/settings?tab=account",
      tokens: "/settings?tab=tokens",
      users: "/settings?tab=users",
      audit: "/settings?tab=audit",
      "no such page": "/nowhere",
    };
  });
  after(async () => {
    await browser?.close();
    await service?.end();
  });

  for (const look of Object.keys(LOOKS)) {
    it(`can be used by all: ${look}`, async () => {
      const page = await person(browser, service, look);
      const found = [];
      for (const [name, where] of Object.entries(pages)) {
        await page.at(where);
        await page.locator("h1, [role=dialog] h2").first().waitFor();
        await until("what the page waits for", async () => (await page.locator(".skeleton").count()) === 0);
        for (const one of await inaccessible(page)) found.push({ page: name, ...one });
        const over = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        if (over > 0) found.push({ page: name, sideways: over });
        for (const nav of await page.getByRole("navigation").all()) {
          const here = nav.locator("[aria-current=page]").filter({ visible: true });
          // One link at most says that it is the present page, and it is in sight.
          if ((await here.count()) > 1) found.push({ page: name, present: await here.allTextContents() });
          else if ((await here.count()) === 1) {
            const [box, around] = [await here.boundingBox(), await nav.boundingBox()];
            if (box.x < around.x - 1 || box.x + box.width > around.x + around.width + 1)
              found.push({ page: name, hidden: await here.textContent() });
          }
        }
        await picture(page, `${name.replace(/ /g, "-")}.${look}`);
        for (const trouble of page.troubles.splice(0)) found.push({ page: name, trouble });
      }
      await page.context().close();
      assert.deepEqual(found, []);
    });
  }

  it("can be used by all: the door", async () => {
    for (const look of Object.keys(LOOKS)) {
      const page = await person(browser, service, look);
      await page.context().clearCookies();
      await page.at("/");
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      assert.deepEqual(await inaccessible(page), []);
      await picture(page, `door.${look}`);
      quiet(page, /status of 401/);
      await page.context().close();
    }
  });

  it("has a manifest, and nothing from elsewhere", async () => {
    const page = await person(browser, service);
    const elsewhere = [];
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith("http") && url.origin !== service.url) elsewhere.push(request.url());
    });
    await page.at("/tasks/hello?tab=code");
    await page.locator(".view-line").first().waitFor();
    await until("the worker of the editor", () => page.workers().length > 0);
    quiet(page);
    const manifest = await page.evaluate(async () => {
      const link = document.querySelector('link[rel="manifest"]');
      return (await fetch(link.href)).json();
    });
    assert.equal(manifest.name, "Runbay");
    for (const icon of manifest.icons) assert.equal((await fetch(service.url + icon.src)).status, 200);
    assert.deepEqual(elsewhere, []);
  });
});
