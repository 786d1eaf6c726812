import { expect, it } from "vitest";
import type { Hook, HookSpec } from "@/lib/api/types";
import { about, blank, filled, spec, tells, turned, usual, where, words } from "./spec";
import { lastTry, ofDelivery, ofHook } from "./standing";

const plain: HookSpec = spec({ ...blank(""), url: "https://a.example" });

const hook = (given: Partial<HookSpec>): Hook => ({
  name: "ops",
  spec: { ...plain, ...given },
  created_at: "2026-01-01T00:00:00Z",
  failures: 0,
  resting_until: null,
  reported_at: null,
  waiting: 0,
  dead: 0,
});

it("reads back what it writes, of every kind", () => {
  const mail = { kind: "email", url: null, to: ["ann@example.org", "bob@example.org"] } as const;
  const daily = { at: "07:30", timezone: "Europe/Berlin" };
  const all: Partial<HookSpec>[] = [
    {},
    { secret: "HOOK_KEY", tasks: ["a", "b"], tags: ["night"], outcomes: ["timed_out"], every_failure: true },
    { kind: "slack", url: null, url_secret: "SLACK_URL", template: "{{ title }}\n" },
    { kind: "ntfy", secret: "NTFY_TOKEN" },
    { kind: "healthchecks", events: ["run.finished", "run.started"] },
    { ...mail, to: [...mail.to], lines: 0 },
    { ...mail, to: [...mail.to], daily },
    { ...mail, to: [...mail.to], daily: { at: "00:00", timezone: null }, events: [] },
    { enabled: false },
  ];
  for (const given of all) expect(spec(filled(hook(given)))).toEqual({ ...plain, ...given });
});

it("leaves out what a kind does not take", () => {
  const rich = {
    ...blank("UTC"),
    url: "https://a.example",
    urlSecret: "S",
    secret: "K",
    to: "a@b.c",
    template: "x",
    daily: true,
  };
  expect(spec(rich)).toMatchObject({ url: "https://a.example", url_secret: null, to: [], daily: null });
  expect(spec({ ...rich, hidden: true })).toMatchObject({ url: null, url_secret: "S" });
  expect(spec({ ...rich, kind: "slack" })).toMatchObject({ secret: null, template: "x" });
  const report = spec({ ...rich, kind: "report" });
  expect(report).toMatchObject({ kind: "email", url: null, template: null, events: [], to: ["a@b.c"] });
  expect(report.daily).toEqual({ at: "07:00", timezone: "UTC" });
});

it("changes events with the kind, but not those that somebody chose", () => {
  const pings = turned(blank(""), "healthchecks");
  expect(pings.events).toEqual(usual("healthchecks"));
  expect(turned(pings, "email").events).toEqual(usual("email"));
  const chosen = { ...blank(""), events: ["disk.low" as const] };
  expect(turned(chosen, "slack").events).toEqual(["disk.low"]);
  expect(turned(chosen, "report").events).toEqual([]);
  expect(turned(blank(""), "discord").hidden).toBe(true);
  expect(turned({ ...blank(""), url: "https://a.example" }, "discord").hidden).toBe(false);
});

it("says where, about what and what", () => {
  expect(where(hook({}))).toBe("https://a.example");
  expect(where(hook({ url: null, url_secret: "SLACK_URL" }))).toBe("the address in SLACK_URL");
  expect(about(plain)).toBe("all tasks");
  expect(about({ tasks: ["a", "b"], tags: ["night", "day"] })).toBe("a, b and tasks tagged night or day");
  expect(tells(plain)).toBe("A run failed, a task works again");
  expect(tells({ events: [], daily: { at: "07:00", timezone: null } })).toBe("A report each day at 07:00");
  expect(words(" a, b\nc ,")).toEqual(["a", "b", "c"]);
});

const NOW = Date.parse("2026-01-01T12:00:00Z");

it("says how a hook stands", () => {
  const word = (given: Partial<Hook>) => ofHook({ ...hook({}), ...given }, NOW).word;
  expect(word({})).toBe("Fine");
  expect(word({ failures: 2 })).toBe("Failing");
  expect(word({ failures: 6, resting_until: "2026-01-01T12:05:00Z" })).toBe("Resting");
  // A rest that is over is none.
  expect(word({ failures: 6, resting_until: "2026-01-01T11:59:00Z" })).toBe("Failing");
  expect(word({ dead: 1 })).toBe("Gave up");
  expect(ofHook(hook({ enabled: false }), NOW).word).toBe("Off");
  const asked = ofHook({ ...hook({}), resting_until: "2026-01-01T12:05:00Z" }, NOW);
  expect(asked.about).toContain("asked for a pause");
});

it("says how a delivery stands", () => {
  const waits = { state: "waiting", tries: 0, next_at: "2026-01-01T12:00:00Z" } as const;
  expect(ofDelivery(waits, NOW).word).toBe("Waiting");
  const again = ofDelivery({ ...waits, tries: 2, next_at: "2026-01-01T12:10:00Z" }, NOW);
  expect(again).toMatchObject({ word: "Trying again", about: "next try in 10m" });
  expect(ofDelivery({ ...waits, state: "dead" }, NOW).word).toBe("Given up");
  expect(lastTry({ tries: 0, status: null, problem: null })).toBe("");
  expect(lastTry({ tries: 3, status: 503, problem: "busy" })).toBe("3 tries · HTTP 503 · busy");
});
