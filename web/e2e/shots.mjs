/** Pictures of every page with the data of a small company, in e2e/out: to look at
 * critically after a change, and for the documents. */
import { browse, LOOKS, person, picture, Service, until } from "./lib.mjs";
import { Receiver } from "./receivers.mjs";

const FILE = 'open(os.environ["RUNBAY_ARTIFACTS"] + "/prices.csv", "w")';
const WORK = `import random, time
for step in range(1, 41):
    print(f"\\033[2m{step:03d}\\033[0m \\033[32mINFO\\033[0m handled batch {step} of 40, {random.randint(20, 900)} rows")
    time.sleep(0.01)
`;
const BIG = `for number in range(200_000):
    level = "\\033[33mWARN\\033[0m" if number % 997 == 0 else "\\033[32mINFO\\033[0m"
    print(f"{number:07d} {level} worker.{number % 8} took order {number * 31 % 9973} in {number % 317} ms")
`;
const TRAIN = `import time

kept = []
for epoch in range(10_000):
    print("epoch", epoch, "loss", round(3 / (epoch + 1), 4), flush=True)
    kept.append(bytearray(b"x" * (7 << 20)))
    if len(kept) > 40:
        kept.clear()
    until = time.monotonic() + 0.3 * (epoch % 7) / 6
    while time.monotonic() < until:
        sum(range(5000))
    time.sleep(0.2)
`;
const about = (description, tags, more = "") =>
  `description = ${JSON.stringify(description)}\ntags = ${JSON.stringify(tags)}\n${more}`;
const at = (when, zone = "Europe/Berlin") => `[[schedules]]\nwhen = "${when}"\ntimezone = "${zone}"\n`;

const TASKS = {
  "nightly-report": [WORK, about("Sends the figures of the day", ["reports"], at("0 2 * * *"))],
  "sync-inventory": [
    WORK,
    about("Copies the stock of the shop into the warehouse", ["shop"], at("*/15 * * * *")),
  ],
  "backup-postgres": [WORK, about("Dumps all databases and keeps 30 of them", ["ops"], at("30 3 * * *"))],
  "scrape-prices": [
    `import os\nprint("fetching 12 pages")\n\ndef price(text):\n    return float(text.strip("€"))\n\nwith ${FILE} as out:\n    out.write("shop,price\\na,12.50\\nb,13.10\\n")\nprint(price("12.50€"))\nprint(price("n/a"))\n`,
    about("Prices of the competition", ["shop"], at("0 */2 * * *")),
  ],
  "train-forecast": [
    TRAIN,
    about(
      "Learns the demand of the next weeks",
      ["ml"],
      'concurrency = 1\noverlap = "queue"\n[params.weeks]\ntype = "int"\ndefault = 4\nmin = 1\nmax = 52\nhelp = "How far to look ahead"\n[params.model]\ntype = "choice"\nchoices = ["linear", "trees"]\ndefault = "trees"\n[params.since]\ntype = "date"\ndefault = "2026-01-01"\n',
    ),
  ],
  "cleanup-tmp": ["import time\ntime.sleep(60)\n", about("Removes old uploads", ["ops"], 'timeout = "2s"\n')],
  "mail-digest": [WORK, about("What the team did this week", ["reports"], at("0 8 * * MON"))],
  "rotate-keys": [WORK, about("New keys for the gateways", ["ops"], at("15 4 1 * *"))],
  "warm-cache": [
    "hold = []\nwhile True:\n    hold.append(bytearray(8 << 20))\n",
    about("Loads the catalogue into memory", ["shop"], 'memory = "64M"\n'),
  ],
  "import-bank": [
    "import no_such_bank\n",
    about("Bookings of yesterday", ["finance"], 'requirements = ["no-such-bank-package==9.9"]\n'),
  ],
  "audit-log": [BIG, about("Writes two hundred thousand lines", ["ops"])],
  "tag-images": [WORK, about("Describes new product pictures", ["ml"], "timeuot = 5\n")],
};

const files = {};
for (const [task, [script, manifest]] of Object.entries(TASKS)) {
  files[`${task}/main.py`] = script;
  files[`${task}/task.toml`] = manifest;
}
files["nightly-report/requirements.txt"] = "six==1.17.0\n";

const receiver = await Receiver.start();
const service = await Service.start(files, {
  config: `[notify]
allow = ["127.0.0.1"]
[mail]
host = "127.0.0.1"
tls = "none"
from = "Runbay <runbay@example.org>"
`,
});
const browser = await browse();
try {
  await service.ask("PUT", "secrets/HOOK_KEY", {
    value: `whsec_${Buffer.alloc(32, "k").toString("base64")}`,
  });
  await service.ask("PUT", "secrets/GITHUB_KEY", { value: "shared by two sides" });
  await service.ask("PUT", "hooks/ops", { kind: "standard", url: receiver.url, secret: "HOOK_KEY" });
  // Nobody is there.
  await service.ask("PUT", "hooks/team", {
    kind: "slack",
    url: "http://127.0.0.1:9/x",
    tags: ["ops", "shop"],
  });
  await service.ask("PUT", "hooks/people", {
    kind: "email",
    to: ["ann@example.org"],
    events: [],
    daily: { at: "07:00", timezone: "Europe/Berlin" },
  });
  await service.ask("PUT", "triggers/stock", { task: "sync-inventory", per_minute: 6 });
  await service.ask("PUT", "triggers/push", { task: "nightly-report", auth: "github", secret: "GITHUB_KEY" });
  await service.run("nightly-report");
  const usual = Object.keys(TASKS).filter((task) => !["import-bank", "tag-images"].includes(task));
  await service.past(900, 45, usual);
  const runs = {};
  for (const task of ["nightly-report", "sync-inventory", "mail-digest", "audit-log"])
    runs[task] = await service.run(task);
  for (const task of ["scrape-prices", "cleanup-tmp", "warm-cache", "import-bank"])
    runs[task] = await service.run(task);
  runs.live = await service.ask("POST", "tasks/train-forecast/runs", { params: { weeks: 8 } });
  runs.waiting = await service.ask("POST", "tasks/train-forecast/runs", {});
  await service.ask("POST", "tasks/mail-digest/runs", { files: { "main.py": { text: "print('a try')\n" } } });
  await service.ask("POST", "users", { name: "ann", role: "operator", password: "a long enough phrase" });
  const runOf = (task, tab) => `/runs/${runs[task].id}${tab ? `?tab=${tab}` : ""}`;
  const pages = {
    dashboard: "/",
    tasks: "/tasks",
    task: "/tasks/train-forecast",
    code: "/tasks/scrape-prices?tab=code&file=main.py",
    packages: "/tasks/nightly-report?tab=packages",
    "its-schedules": "/tasks/sync-inventory?tab=schedules",
    "its-runs": "/tasks/nightly-report?tab=runs",
    versions: "/tasks/mail-digest?tab=versions",
    "run-dialog": "/tasks/train-forecast?run=1",
    mistake: "/tasks/tag-images",
    runs: "/runs",
    "run-live": runOf("live"),
    "run-waiting": runOf("waiting"),
    "run-large": runOf("audit-log"),
    "run-failed": runOf("scrape-prices"),
    "run-changes": runOf("scrape-prices", "changes"),
    "run-files": runOf("scrape-prices", "artifacts"),
    "run-timed-out": runOf("cleanup-tmp"),
    "run-out-of-memory": runOf("warm-cache"),
    "run-build-failed": runOf("import-bank"),
    schedules: "/schedules",
    day: "/schedules?view=day",
    week: "/schedules?view=week",
    month: "/schedules?view=calendar",
    past: "/schedules?view=past",
    environments: "/environments",
    images: "/environments?tab=images",
    cleanup: "/environments?tab=cleanup",
    service: "/settings?tab=service",
    configuration: "/settings?tab=values",
    storage: "/settings?tab=storage",
    notifications: "/settings?tab=hooks",
    "a-notification": "/settings?tab=hooks&hook=ops",
    triggers: "/settings?tab=triggers",
    tokens: "/settings?tab=tokens",
    users: "/settings?tab=users",
    audit: "/settings?tab=audit",
  };
  const wanted = process.argv.slice(2);
  for (const look of Object.keys(LOOKS)) {
    if (wanted.length > 0 && !wanted.includes(look)) continue;
    const page = await person(browser, service, look);
    for (const [name, where] of Object.entries(pages)) {
      await page.at(where);
      await page.locator("h1, [role=dialog] h2").first().waitFor();
      await until("what the page waits for", async () => (await page.locator(".skeleton").count()) === 0);
      // Colours of code come a moment after the code.
      await page.waitForTimeout(name === "code" ? 900 : 120);
      await picture(page, `shot.${name}.${look}`);
    }
    for (const trouble of page.troubles) console.log(`${look}: ${trouble}`);
    await page.context().close();
  }
  await service.ask("POST", "runs/cancel", {});
  for (const run of [runs.live, runs.waiting])
    await until("the end", async () => (await service.ask("GET", `runs/${run.id}`)).run.state === "finished");
} finally {
  await browser.close();
  await service.end();
  await receiver.end();
}
