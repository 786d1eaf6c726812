/** What the end-to-end tests share: the real binary on a folder of its own and on
 * the real engine, and a real browser that tells of everything it complains of. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import http from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Where pictures and measurements are put. */
export const OUT = fileURLToPath(new URL("out/", import.meta.url));
/** Longer than anything here takes, milliseconds. */
export const PATIENCE = Number(process.env.RUNBAY_E2E_PATIENCE ?? 120_000);

/** The binary to test: `RUNBAY_BIN`, else the newer of those that cargo has made. */
async function binary() {
  if (process.env.RUNBAY_BIN) return process.env.RUNBAY_BIN;
  const made = ["debug", "release"]
    .map((kind) => path.join(ROOT, "target", kind, "runbay"))
    .filter(existsSync);
  const aged = await Promise.all(made.map(async (file) => [file, (await stat(file)).mtimeMs]));
  const newest = aged.sort((a, b) => b[1] - a[1])[0];
  assert(newest, "there is no binary: run `cargo build` first, or name one with RUNBAY_BIN");
  return newest[0];
}

/** Waits until something is true; says what it waited for when it never is. */
export async function until(what, ask, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await ask();
    if (found) return found;
    assert(Date.now() < end, `waited ${patience} ms for this: ${what}`);
    await new Promise((go) => setTimeout(go, 60));
  }
}

/** Asks the engine, as `docker` would. */
function engine(method, where) {
  const host = process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock";
  assert(host.startsWith("unix://"), "these tests clean up over a socket: DOCKER_HOST is something else");
  return new Promise((done, failed) => {
    const request = http.request({ socketPath: host.slice(7), path: where, method }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (more) => {
        text += more;
      });
      answer.on("end", () => done(text ? JSON.parse(text) : undefined));
    });
    request.on("error", failed).end();
  });
}

/** A running service; `tasks` is what its folder holds: texts by path. */
export class Service {
  static async start(tasks = {}, options = {}) {
    const service = new Service();
    service.home = await mkdtemp(path.join(tmpdir(), "runbay-e2e-"));
    service.options = options;
    await mkdir(path.join(service.home, "tasks"));
    await writeFile(path.join(service.home, "runbay.toml"), options.config ?? "");
    for (const [file, text] of Object.entries(tasks)) await service.write(file, text);
    await service.up("127.0.0.1:0");
    return service;
  }

  /** Writes a file below `tasks/`. */
  async write(file, text) {
    const at = path.join(this.home, "tasks", file);
    await mkdir(path.dirname(at), { recursive: true });
    await writeFile(at, text);
  }

  /** Starts the process; on the address of before, when it was up before. */
  async up(bind = new URL(this.url).host) {
    this.log = "";
    this.process = spawn(await binary(), ["serve", "--home", this.home, "--bind", bind], {
      stdio: ["ignore", "pipe", "pipe"],
      // Our variables are none of its settings, and it is strict about those.
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("RUNBAY_"))),
    });
    const told = (text) => {
      this.log += text;
    };
    this.process.stdout.setEncoding("utf8").on("data", told);
    this.process.stderr.setEncoding("utf8").on("data", told);
    const link = await until("the link that the service prints", () => {
      assert(this.process.exitCode === null, `the service ended: ${this.log}`);
      return /(http:\/\/\S+?)\/#link=(\S+)/.exec(this.log);
    });
    [, this.url, this.key] = link;
  }

  /** Ends the process, not the folder. */
  async down(signal = "SIGTERM") {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const over = once(this.process, "exit");
    this.process.kill(signal);
    await over;
  }

  /** A session of the owner's, for what a test prepares without a browser. */
  async owner() {
    if (this.cookie) return this.cookie;
    const answer = await fetch(`${this.url}/api/v1/session/link`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: this.url },
      body: JSON.stringify({ key: this.key }),
    });
    assert.equal(answer.status, 200, await answer.text());
    this.cookie = answer.headers.getSetCookie()[0].split(";")[0];
    return this.cookie;
  }

  /** Asks the API as the owner. */
  async ask(method, where, body) {
    const answer = await fetch(`${this.url}/api/v1/${where}`, {
      method,
      headers: {
        cookie: await this.owner(),
        origin: this.url,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    assert(answer.ok, `${method} ${where}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** Runs a task to its end. */
  run(task, body = {}) {
    return this.ask("POST", `tasks/${task}/runs?wait=300`, body);
  }

  /** Lets a script beside this one write into its database while it is down. */
  async rewritten(script, ...args) {
    await this.owner();
    await this.down();
    const database = path.join(this.home, "data/runbay.db");
    execFileSync("python3", [fileURLToPath(new URL(script, import.meta.url)), database, ...args]);
    await this.up();
  }

  /** Gives it runs that were over long ago, one each so many minutes, of these
   * tasks in turn. At least one run must have been. */
  past(count, minutes, tasks) {
    return this.rewritten("history.py", `${count}`, `${minutes}`, ...tasks);
  }

  /** Lets its schedules have missed their last days, at 03:00 UTC. */
  missed(days) {
    return this.rewritten("missed.py", `${days}`);
  }

  /** Gives the environment of a requirement the lock of an older one. */
  aged(requirement, older) {
    return this.rewritten("aged.py", requirement, older);
  }

  /** Ends it all, and takes away what it has put on the engine. */
  async end() {
    const { instance } = await this.ask("GET", "system").catch(() => ({}));
    await this.down();
    if (instance) {
      const filter = encodeURIComponent(JSON.stringify({ label: [`runbay.instance=${instance}`] }));
      for (const one of await engine("GET", `/containers/json?all=1&filters=${filter}`))
        await engine("DELETE", `/containers/${one.Id}?force=1&v=1`);
      const images = await engine("GET", `/images/json?all=1&filters=${filter}`);
      // Newest first: an image goes after those that are built on it.
      for (const one of images.sort((a, b) => b.Created - a.Created))
        await engine("DELETE", `/images/${one.Id}?force=1`);
      for (const one of await engine("GET", `/networks?filters=${filter}`))
        await engine("DELETE", `/networks/${one.Id}`);
      const { Volumes } = await engine("GET", `/volumes?filters=${filter}`);
      for (const one of Volumes ?? []) await engine("DELETE", `/volumes/${one.Name}`);
    }
    if (!process.env.RUNBAY_E2E_KEEP) await rm(this.home, { recursive: true, force: true });
  }
}

/** Starts a browser. The flags keep it from calling home. */
export async function browse() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  assert(
    existsSync(executablePath),
    `${executablePath} is missing: web/node.sh --browser installs it, CHROMIUM names another`,
  );
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
    ].concat(["--disable-component-update", "--disable-sync"]),
  });
}

/** Ways to look at a page. */
export const LOOKS = {
  light: { colorScheme: "light", viewport: { width: 1440, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1440, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  "phone-dark": {
    colorScheme: "dark",
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  },
};

/** Somebody at a browser, signed in as the owner. What goes wrong is gathered. */
export async function person(browser, service, look = "light") {
  const context = await browser.newContext({
    ...LOOKS[look],
    reducedMotion: "reduce",
    timezoneId: "Europe/Berlin",
  });
  const [name, value] = (await service.owner()).split("=");
  await context.addCookies([{ name, value, url: service.url }]);
  return open(context, service);
}

/** A tab that gathers what it complains of. */
export async function open(context, service) {
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(
        `CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
      );
    });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.troubles = [];
  page.on("pageerror", (error) => page.troubles.push(`thrown: ${error.stack ?? error}`));
  page.on("dialog", (dialog) => {
    // Leaving a page with unsaved work asks; nothing else here does.
    if (dialog.type() !== "beforeunload") page.troubles.push(`a dialog: ${dialog.message()}`);
    void dialog.accept();
  });
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    const said = `${message.text()} ${message.location().url}`;
    // "There was no build yet" is a 404, and browsers tell of every 404.
    if (/status of 404/.test(said) && /\/build$/.test(message.location().url)) return;
    page.troubles.push(`console: ${said}`);
  });
  // A container that comes or goes changes the machine's network, and then the
  // browser drops what it was just asking for, of whomever.
  page.at = async (where) => {
    for (let times = 0; times < 4; times += 1) {
      await page.goto(`${service.url}${where}`);
      await page.waitForLoadState("load");
      if (!page.troubles.some((one) => /ERR_NETWORK_CHANGED/.test(one))) return;
      page.troubles.length = 0;
    }
  };
  page.button = (text) => page.getByRole("button", { name: text, exact: true });
  return page;
}

/** Nothing was complained of since the last time. `allowed` is of this test. */
export function quiet(page, allowed = /^$/) {
  const troubles = page.troubles
    .splice(0)
    .filter((one) => !allowed.test(one) && !/ERR_NETWORK_CHANGED/.test(one));
  assert.deepEqual(troubles, [], "the browser complains");
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds against WCAG 2.2 AA. It comes in by the debugger: the policy of
 * the page lets no script in, and is not loosened for tests. */
export async function inaccessible(page) {
  const has = await page.evaluate("typeof window.axe === 'object'");
  if (!has) await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const result = await window.axe.run(document, { runOnly: { type: "tag", values: tags } });
    return result.violations.map((one) => ({
      rule: one.id,
      nodes: one.nodes.slice(0, 3).map((node) => `${node.target.join(" ")}: ${node.failureSummary}`),
    }));
  });
  return found;
}

/** Puts a text in the place of what the editor holds. */
export async function rewrite(page, text) {
  const editor = page.locator(".monaco-editor, .cm-editor").first();
  await editor.waitFor();
  await editor.locator(".view-lines, .cm-content").first().click();
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  // Pasted: typed text would be indented once more by the editor.
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.keyboard.press("Control+V");
}

/** Takes a picture, kept as `e2e/out/NAME.png`. */
export async function picture(page, name) {
  await mkdir(OUT, { recursive: true });
  await page.screenshot({ path: path.join(OUT, `${name}.png`) });
}
