/** Notifications and triggers: made in the browser, told to a real receiver, fired
 * by a real caller. */
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { browse, inaccessible, person, picture, quiet, Service, until } from "./lib.mjs";
import { Post, Receiver, signed } from "./receivers.mjs";

const KEY = `whsec_${randomBytes(32).toString("base64")}`;
const TASKS = {
  "shaky/main.py":
    'import os\nprint("working")\nif os.environ["PARAM_FAIL"] == "true":\n    raise ValueError("no such thing")\n',
  "shaky/task.toml": '[params.fail]\ntype = "bool"\ndefault = true\n',
  "greets/main.py":
    'import json, os\nprint("hello", os.environ["PARAM_WHO"])\nprint("sent", json.load(open("/inputs/payload.json"))["by"])\n',
  "greets/task.toml": '[params.who]\ntype = "text"\ndefault = "nobody"\n[params.file]\ntype = "file"\n',
};

describe("notifications and triggers", () => {
  let service;
  let browser;
  let receiver;
  let post;
  let page;

  before(async () => {
    [receiver, post] = [await Receiver.start(), await Post.start()];
    service = await Service.start(TASKS, {
      config: `[notify]
allow = ["127.0.0.1"]
[mail]
host = "127.0.0.1"
port = ${post.port}
tls = "none"
from = "Runbay <runbay@example.org>"
`,
    });
    browser = await browse();
    page = await person(browser, service);
    await service.ask("PUT", "secrets/HOOK_KEY", { value: KEY });
    await service.ask("PUT", "secrets/GITHUB_KEY", { value: "shared by two sides" });
  });
  after(async () => {
    await browser?.close();
    await service?.end();
    await receiver?.end();
    await post?.end();
  });

  const fail = (yes) => service.run("shaky", { params: { fail: yes } });
  const more = async (name, item) => {
    await page.button(`More for ${name}`).click();
    await page.getByRole("menuitem", { name: item }).click();
  };

  it("say what is wrong with them where it is", async () => {
    await page.at("/settings?tab=hooks");
    await page.getByRole("heading", { name: "Nobody is told yet" }).waitFor();
    await page.button("Add a notification").click();
    await page.getByLabel("Name").fill("ops");
    await page.getByLabel("Address", { exact: true }).fill("http://169.254.169.254/latest");
    await page.button("Add").click();
    await page.getByText(/not of the public network/).waitFor();
    assert.equal(await page.getByLabel("Address", { exact: true }).getAttribute("aria-invalid"), "true");
    assert.deepEqual(await inaccessible(page), []);
    await picture(page, "hook-form");
    await page.getByLabel("Address", { exact: true }).fill(receiver.url);
    await page.getByLabel("Signature").selectOption("HOOK_KEY");
    await page.button("Add").click();
    await page.getByText("Fine").waitFor();
    // The browser tells of every answer that is no success.
    quiet(page, /status of 4(00|22)/);
  });

  it("are tried", async () => {
    await page.at("/settings?tab=hooks");
    await page.button("Test").click();
    await page.getByText(/It arrived, HTTP 200/).waitFor();
    const [test] = receiver.of("test");
    assert(signed(test, KEY), test.text);
    receiver.status = 500;
    await page.button("Test").click();
    await page.getByText(/It did not arrive, HTTP 500/).waitFor();
    receiver.status = 200;
    quiet(page);
  });

  it("tell of a failing run, and that it works again", async () => {
    const looks = await person(browser, service);
    await looks.clock.install();
    await looks.at("/settings?tab=hooks&hook=ops");
    await looks.getByText("Nothing was told yet").waitFor();
    let asked = 0;
    looks.on("request", (request) => {
      asked += Number(request.url().includes("/api/v1/hooks"));
    });
    await looks.clock.runFor(60_000);
    assert.equal(asked, 0, "nothing happened, and it was asked for");
    const bad = await fail(true);
    const [failed] = await until(
      "the failure is told",
      () => receiver.of("run.failed")[0] && receiver.of("run.failed"),
    );
    assert(signed(failed, KEY), failed.text);
    assert.equal(JSON.parse(failed.text).data.run, bad.id);
    // Whoever had the page open is told without asking.
    const shown = looks.getByRole("listitem").filter({ hasText: "A run failed: shaky" });
    await shown.getByText("Delivered").waitFor();
    quiet(looks);
    await looks.context().close();
    await page.at("/settings?tab=hooks&hook=ops");
    const row = page.getByRole("listitem").filter({ hasText: "A run failed: shaky" });
    await row.getByText("Delivered").waitFor();
    await row.getByText("What it says").click();
    await row.getByText(`"run": "${bad.id}"`).waitFor();
    await fail(false);
    const [recovered] = await until(
      "the recovery is told",
      () => receiver.of("run.recovered")[0] && receiver.of("run.recovered"),
    );
    assert.notEqual(recovered.headers["webhook-id"], failed.headers["webhook-id"]);
    await page.getByText("A task works again: shaky").waitFor();
    quiet(page);
  });

  it("send again what did not arrive, once the receiver is back", async () => {
    await page.at("/settings?tab=hooks&hook=ops");
    await more("ops", "Change…");
    await page.getByRole("switch", { name: /^Each failure of a row/ }).click();
    await page.button("Save").click();
    await page.getByText("each failure of a row").waitFor();
    receiver.status = 410;
    await fail(true);
    await page.getByText("1 message did not arrive").waitFor();
    receiver.status = 503;
    await fail(true);
    const waits = page.getByRole("listitem").filter({ hasText: "HTTP 503" });
    await waits.getByText(/next try in/).waitFor();
    await page.getByText("Resting").waitFor();
    assert.deepEqual(await inaccessible(page), []);
    await waits.getByText("Each try").click();
    await waits.getByText(/HTTP 503 · after .* · it answers “503 Service Unavailable”/).waitFor();
    assert.deepEqual(await inaccessible(page), []);
    await picture(page, "hook-log");
    const ids = () => receiver.of("run.failed").map((one) => one.headers["webhook-id"]);
    const missed = new Set(
      receiver.got.filter((one) => one.status > 400).map((one) => one.headers["webhook-id"]),
    );
    receiver.status = 200;
    await page.button("Send all again").click();
    await page.button("Send now").click();
    await until(
      "all have arrived",
      async () => (await page.getByText("Delivered", { exact: true }).count()) === 4,
    );
    // Of the test that failed nothing is kept; these two came under the ids of before.
    assert.equal(ids().filter((id) => missed.has(id)).length, 2);
    await page.getByRole("link", { name: "All notifications" }).click();
    await page.getByText("Fine").waitFor();
    quiet(page);
  });

  it("go by mail, and a report of the day is seen before it is sent", async () => {
    await page.at("/settings?tab=hooks");
    await page.getByText(`127.0.0.1:${post.port}, not encrypted`).waitFor();
    await page.button("Preview the daily report").click();
    const letter = page.frameLocator("iframe");
    await letter.getByText("What failed").waitFor();
    const beside = page.waitForEvent("popup");
    await letter.getByRole("link", { name: "shaky" }).first().click();
    await (await beside).close();
    await page.button("Close").click();
    await page.button("Preview the daily report").click();
    await letter.getByText("What failed").waitFor();
    await picture(page, "report");
    assert.deepEqual(await inaccessible(page), []);
    await page.button("Plain text").click();
    await page.getByText(/shaky/).first().waitFor();
    await page.button("Close").click();
    await page.button("Add a notification").click();
    await page.getByLabel("Name").fill("people");
    await page.getByLabel("Kind").selectOption("email");
    await page.getByLabel("To", { exact: true }).fill("ann@example.org\nbob@example.org");
    await page.getByLabel("All tasks").selectOption("shaky");
    await page.getByRole("switch", { name: "A report every day as well" }).click();
    await page.getByLabel("Time zone").fill("Nowhere/Land");
    await page.button("Add").click();
    await until(
      "the zone is refused",
      async () => (await page.getByLabel("Time zone").getAttribute("aria-invalid")) === "true",
    );
    await page.getByLabel("Time zone").fill("Europe/Berlin");
    await page.button("Add").click();
    await page.getByText(/a report each day at 07:00 \(Europe\/Berlin\) · shaky/).waitFor();
    await fail(true);
    const mail = await until("the mail", () => post.mails.find((one) => /no such thing/.test(one)));
    assert.match(mail, /To: .*ann@example\.org.*bob@example\.org/s);
    quiet(page, /status of 4(00|22)/);
  });

  it("are removed, and it is said what is lost", async () => {
    await page.at("/settings?tab=hooks&hook=people");
    await more("people", "Turn off");
    await page.getByText("It is told nothing.").waitFor();
    await more("people", "Remove…");
    await page.getByText(/Its log of what was sent is gone with it/).waitFor();
    await page.button("Remove").click();
    await page.getByText("ops").first().waitFor();
    assert.deepEqual(
      (await service.ask("GET", "hooks")).map((hook) => hook.name),
      ["ops"],
    );
    await page.at("/settings?tab=secrets");
    await page.getByRole("link", { name: "the notification ops" }).waitFor();
    quiet(page);
  });

  /** Calls a trigger as another service would: without a session. */
  const fire = (url, body, headers = {}) =>
    fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });

  it("start runs for whoever has the token", async () => {
    await page.at("/tasks/greets?tab=triggers");
    await page.button("New trigger").click();
    await page.getByLabel("Name").fill("visitor");
    // A file is no business of a caller's.
    assert.equal(await page.getByLabel("file", { exact: true }).count(), 0);
    await page.getByLabel("who", { exact: true }).fill("/visitor/name");
    await page.button("Make the trigger").click();
    const address = page.getByLabel("Address", { exact: true });
    const first = await address.inputValue();
    assert(first.startsWith(`${service.url}/api/v1/triggers/visitor/fire?token=`), first);
    const shell = await page.getByLabel("Command", { exact: true }).inputValue();
    assert(shell.includes(`-d '{"visitor":{"name":"…"}}' '${first}'`), shell);
    assert.deepEqual(await inaccessible(page), []);
    await picture(page, "trigger-made");
    await page.button("I have it").click();
    await page.getByText("never used").waitFor();

    const sent = JSON.stringify({ visitor: { name: "Grace" }, by: "a door" });
    const answer = await fire(`${first}&wait=300`, sent);
    const made = await answer.json();
    assert.equal(made.outcome, "succeeded", JSON.stringify(made));
    await page.at(`/runs/${made.run}`);
    await page.getByRole("log").getByText("hello Grace").waitFor();
    await page.getByRole("log").getByText("sent a door").waitFor();
    await page.getByRole("tab", { name: "Sent with it" }).click();
    await page.getByText(/^42 B of application\/json/).waitFor();
    await page.getByText('"name": "Grace"').waitFor();
    assert.deepEqual(await inaccessible(page), []);
    await picture(page, "run-sent");
    await page.getByRole("link", { name: "visitor" }).click();
    await page.getByText(/^used/).waitFor();

    await more("visitor", "New token…");
    await page.button("Make a new one").click();
    const second = await address.inputValue();
    await page.button("I have it").click();
    assert.equal((await fire(first, sent)).status, 401);
    assert.equal((await fire(second, sent)).status, 202);
    await more("visitor", "Turn off");
    await page.getByText("off", { exact: true }).waitFor();
    assert.equal((await fire(second, sent)).status, 409);
    // The token is nowhere but in the address that was shown.
    assert(!(await page.content()).includes(new URL(second).searchParams.get("token")));
    quiet(page);
  });

  it("start runs for whoever signs", async () => {
    await page.at("/settings?tab=triggers");
    await page.button("New trigger").click();
    await page.getByLabel("Name").fill("visitor");
    await page.getByText("There is a trigger visitor already").waitFor();
    await page.getByLabel("Name").fill("push");
    await page.getByLabel("Task", { exact: true }).selectOption("greets");
    await page.getByLabel("Who calls proves it by").selectOption("github");
    await page.getByLabel("Secret that callers sign with").selectOption("GITHUB_KEY");
    await page.getByLabel("Runs in a minute, at most").fill("1");
    await page.button("Make the trigger").click();
    const url = await page.getByLabel("Address", { exact: true }).inputValue();
    await page.button("I have it").click();
    await page.getByText("signed with GITHUB_KEY, as GitHub does").waitFor();
    const body = '{"by":"a push"}';
    const signature = `sha256=${createHmac("sha256", "shared by two sides").update(body).digest("hex")}`;
    assert.equal(
      (await fire(url, body, { "x-hub-signature-256": `${signature.slice(0, -1)}x` })).status,
      401,
    );
    assert.equal((await fire(url, body, { "x-hub-signature-256": signature })).status, 202);
    assert.equal((await fire(url, body, { "x-hub-signature-256": signature })).status, 429);
    await more("push", "Remove…");
    await page.getByText(/Its address starts nothing any more/).waitFor();
    await page.button("Remove").click();
    await until("it is gone", async () => (await page.getByText("signed with GITHUB_KEY").count()) === 0);
    assert.equal((await fire(url, body, { "x-hub-signature-256": signature })).status, 401);
    quiet(page);
  });
});
