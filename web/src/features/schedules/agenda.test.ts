import { describe, expect, it } from "vitest";
import type { LedgerEntry, Run } from "@/lib/api/types";
import { agendaOf, weekOf } from "./agenda";
import { begin } from "./month";

const DAY = "2026-03-04";
const HOUR = 3_600_000;
const at = (hour: number) => new Date(begin(DAY).getTime() + hour * HOUR).toISOString();
const slot = (task: string, hour: number, decision: string, run?: string, last = hour, count = 1) =>
  ({ task, slot: at(hour), last: at(last), decision, count, run: run ?? null }) as unknown as LedgerEntry;
const run = (id: string, outcome: string) => ({ id, state: "finished", outcome }) as unknown as Run;

describe("an agenda", () => {
  it("has the seven days around one, from Monday on", () => {
    expect(weekOf("2026-03-01")).toEqual([
      "2026-02-23",
      "2026-02-24",
      "2026-02-25",
      "2026-02-26",
      "2026-02-27",
      "2026-02-28",
      "2026-03-01",
    ]);
    expect(weekOf("2026-03-02")[0]).toBe("2026-03-02");
  });

  it("tells each time and what became of it, in order", () => {
    const slots = [slot("b", 9, "missed"), slot("a", 6, "ran", "r1"), slot("a", 26, "ran", "r2")];
    const next = [{ task: "a", times: [at(18), at(30)], more: false }];
    const items = agendaOf(DAY, { slots, runs: [run("r1", "failed")], next });
    expect(items.map((one) => [one.task, one.tally])).toEqual([
      ["a", { ran: 1, good: 0, failed: 1, skipped: 0, missed: 0, due: 0 }],
      ["b", { ran: 0, good: 0, failed: 0, skipped: 0, missed: 1, due: 0 }],
      ["a", { ran: 0, good: 0, failed: 0, skipped: 0, missed: 0, due: 1 }],
    ]);
    expect(items[0]!.run?.id).toBe("r1");
  });

  it("puts many of one task into one line", () => {
    const slots = Array.from({ length: 8 }, (_, hour) => slot("often", hour, "ran", `r${hour}`));
    slots.push(slot("often", 8, "skipped", undefined, 12, 4));
    const next = [{ task: "soon", times: [13, 14, 15, 16].map(at), more: false }];
    const [past, coming] = agendaOf(DAY, {
      slots,
      runs: [run("r3", "timed_out"), run("r4", "succeeded")],
      next,
    });
    expect(past!.tally).toEqual({ ran: 8, good: 1, failed: 1, skipped: 4, missed: 0, due: 0 });
    expect(new Date(past!.last!).toISOString()).toBe(at(12));
    expect(past!.entry).toBeUndefined();
    expect(coming!.tally.due).toBe(4);
  });

  it("shows a stretch of days on each of them, and what nobody counts as often", () => {
    const items = agendaOf(DAY, {
      slots: [slot("a", -30, "missed", undefined, 50, 80)],
      runs: [],
      next: [{ task: "b", times: [at(-5), at(-4)], more: true }],
    });
    expect(items.map((one) => [one.task, one.at === begin(DAY).getTime(), one.often])).toEqual([
      ["a", true, false],
      ["b", true, true],
    ]);
  });
});
