/** A day as lanes, one for each task: what ran and for how long, what did not run,
 * and what is to come. */
import type { LedgerEntry, Run } from "@/lib/api/types";
import { begin } from "./month";
import type { Coming } from "./told";

/** From this many on, times to come are a band and not single marks. */
const DENSE = 48;

export interface Mark {
  /** Where it is in the day, from 0 to 1. */
  from: number;
  to: number;
}

export interface Lane {
  task: string;
  runs: { run: Run; mark: Mark }[];
  lost: { entry: LedgerEntry; mark: Mark }[];
  next: { at: string; mark: Mark }[];
  /** In place of `next`, where there are too many to tell them apart. */
  band: Mark | undefined;
}

/** The beginning and the end of a day, which is not always 24 hours long. */
export function boundsOf(day: string): [number, number] {
  const from = begin(day);
  const to = new Date(from.getFullYear(), from.getMonth(), from.getDate() + 1);
  return [from.getTime(), to.getTime()];
}

/** Every third hour on the clock, and where it is. */
export function hoursOf(day: string): { text: string; at: number }[] {
  const [from, to] = boundsOf(day);
  const date = begin(day);
  return Array.from({ length: 8 }, (_, step) => {
    const at = new Date(date.getFullYear(), date.getMonth(), date.getDate(), step * 3).getTime();
    return { text: String(step * 3).padStart(2, "0"), at: (at - from) / (to - from) };
  });
}

export interface Told {
  runs: Run[];
  slots: LedgerEntry[];
  next: Coming[];
}

/** The lanes of a day, by name; a run that goes on ends now. */
export function lanesOf(day: string, told: Told, now: number): Lane[] {
  const [from, to] = boundsOf(day);
  const place = (at: number) => Math.min(1, Math.max(0, (at - from) / (to - from)));
  const lanes = new Map<string, Lane>();
  const lane = (task: string) => {
    const one: Lane = lanes.get(task) ?? { task, runs: [], lost: [], next: [], band: undefined };
    lanes.set(task, one);
    return one;
  };
  for (const run of told.runs) {
    const start = Date.parse(run.started_at ?? run.created_at);
    const end = run.finished_at ? Date.parse(run.finished_at) : Math.max(start, now);
    if (end < from || start >= to) continue;
    lane(run.task).runs.push({ run, mark: { from: place(start), to: place(end) } });
  }
  for (const entry of told.slots) {
    if (entry.decision === "ran") continue;
    const [first, last] = [Date.parse(entry.slot), Date.parse(entry.last)];
    if (last < from || first >= to) continue;
    lane(entry.task).lost.push({ entry, mark: { from: place(first), to: place(last) } });
  }
  for (const { task, times, more } of told.next) {
    const here = times.filter((at) => Date.parse(at) >= from && Date.parse(at) < to);
    const [first, last] = [here[0], here.at(-1)];
    if (!first || !last) continue;
    const mine = lane(task);
    if (here.length >= DENSE || more) {
      const end = more ? 1 : place(Date.parse(last));
      mine.band = {
        from: Math.min(mine.band?.from ?? 1, place(Date.parse(first))),
        to: Math.max(mine.band?.to ?? 0, end),
      };
    } else {
      for (const at of here) {
        const there = place(Date.parse(at));
        mine.next.push({ at, mark: { from: there, to: there } });
      }
    }
  }
  return [...lanes.values()].sort((a, b) => a.task.localeCompare(b.task));
}
