import { describe, expect, it } from "vitest";
import type { LedgerEntry, Run } from "@/lib/api/types";
import { boundsOf, hoursOf, lanesOf } from "./lanes";

const DAY = "2026-11-21";
const [FROM] = boundsOf(DAY);
const HOUR = 3_600_000;
const at = (hour: number) => new Date(FROM + hour * HOUR).toISOString();

const run = (task: string, start: number, end?: number) =>
  ({
    task,
    created_at: at(start),
    started_at: at(start),
    finished_at: end === undefined ? null : at(end),
  }) as Run;

describe("lanes of a day", () => {
  it("hold what ran, cut at the ends of the day", () => {
    const runs = [run("b", 6, 12), run("a", -2, 3), run("a", 30, 31), run("a", 18)];
    const lanes = lanesOf(DAY, { runs, slots: [], next: [] }, FROM + 21 * HOUR);
    expect(lanes.map((one) => one.task)).toEqual(["a", "b"]);
    expect(lanes[0]!.runs.map((one) => one.mark)).toEqual([
      { from: 0, to: 3 / 24 },
      { from: 18 / 24, to: 21 / 24 },
    ]);
    expect(lanes[1]!.runs[0]!.mark).toEqual({ from: 0.25, to: 0.5 });
  });

  it("hold what did not run, and not once more what did", () => {
    const slot = (decision: string) =>
      ({ task: "a", decision, slot: at(1), last: at(2) }) as unknown as LedgerEntry;
    const slots = [slot("ran"), slot("skipped"), slot("missed")];
    const [lane] = lanesOf(DAY, { runs: [], slots, next: [] }, FROM);
    expect(lane!.lost.map((one) => one.entry.decision)).toEqual(["skipped", "missed"]);
  });

  it("hold what is to come: as marks, or as a band where it is too much", () => {
    const often = Array.from({ length: 96 }, (_, step) => at(step / 4));
    const next = [
      { task: "often", times: often, more: false },
      { task: "endless", times: often.slice(0, 40), more: true },
      { task: "twice", times: [at(5), at(6), at(25)], more: false },
    ];
    const lanes = lanesOf(DAY, { runs: [], slots: [], next }, FROM);
    const of = (task: string) => lanes.find((one) => one.task === task)!;
    expect(of("often").band).toEqual({ from: 0, to: 23.75 / 24 });
    expect(of("endless").band).toEqual({ from: 0, to: 1 });
    expect(of("twice").next.map((one) => one.mark.from)).toEqual([5 / 24, 6 / 24]);
    expect(of("twice").band).toBeUndefined();
  });

  it("have every third hour above them", () => {
    expect(hoursOf(DAY).map((one) => one.text)).toEqual(["00", "03", "06", "09", "12", "15", "18", "21"]);
    expect(hoursOf(DAY)[4]!.at).toBeCloseTo(0.5);
  });
});
