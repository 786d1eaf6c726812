/** Days as lists of what was due and what is to come. */
import type { LedgerEntry, Run } from "@/lib/api/types";
import { statusOf } from "@/lib/status";
import { boundsOf } from "./lanes";
import { begin, dayOf } from "./month";
import type { Coming } from "./told";

/** Times of one task on one day that have a line each; more are one line together. */
const SINGLE = 3;

export interface Item {
  task: string;
  at: number;
  /** The last of several, where they are one line. */
  last: number | undefined;
  /** The slot that was due, and its run as far as it is known. */
  entry: LedgerEntry | undefined;
  run: Run | undefined;
  /** How many ran, and of those succeeded and failed, as far as their runs are known; how
   * many were skipped, were missed, or are to come. */
  tally: { ran: number; good: number; failed: number; skipped: number; missed: number; due: number };
  /** To come so often that nobody counts. */
  often: boolean;
}

const NONE = { ran: 0, good: 0, failed: 0, skipped: 0, missed: 0, due: 0 };
const bare = (task: string, at: number): Item => ({
  task,
  at,
  last: undefined,
  entry: undefined,
  run: undefined,
  tally: NONE,
  often: false,
});

/** The days of the week that a day is in, from Monday on. */
export function weekOf(day: string): string[] {
  const date = begin(day);
  const monday = date.getDate() - ((date.getDay() + 6) % 7);
  return Array.from({ length: 7 }, (_, at) =>
    dayOf(new Date(date.getFullYear(), date.getMonth(), monday + at)),
  );
}

/** What was due on a day, and what is still to come, in the order of time. */
export function agendaOf(day: string, told: { slots: LedgerEntry[]; runs: Run[]; next: Coming[] }): Item[] {
  const [from, to] = boundsOf(day);
  const runs = new Map(told.runs.map((run) => [run.id as string, run]));
  const past = new Map<string, LedgerEntry[]>();
  for (const entry of told.slots) {
    if (Date.parse(entry.last) < from || Date.parse(entry.slot) >= to) continue;
    past.set(entry.task, [...(past.get(entry.task) ?? []), entry]);
  }
  const items = [...past.values()].flatMap((entries) =>
    entries.length > SINGLE
      ? [together(entries, runs, from)]
      : entries.map((entry) => together([entry], runs, from)),
  );
  for (const { task, times, more } of told.next) items.push(...toCome(task, times, more, [from, to]));
  return items.sort((a, b) => a.at - b.at || a.task.localeCompare(b.task));
}

function together(entries: LedgerEntry[], runs: Map<string, Run>, from: number): Item {
  const tally = { ...NONE };
  for (const entry of entries) {
    tally[entry.decision] += entry.count;
    const run = entry.run ? runs.get(entry.run) : undefined;
    const family = run && statusOf(run).family;
    if (family === "ok") tally.good += 1;
    if (family === "bad") tally.failed += 1;
  }
  const first = Math.max(from, Math.min(...entries.map((one) => Date.parse(one.slot))));
  const last = Math.max(...entries.map((one) => Date.parse(one.last)));
  const [only, more] = entries;
  const single = only && !more ? only : undefined;
  return {
    ...bare(entries[0]!.task, first),
    last: last > first ? last : undefined,
    entry: single,
    run: single?.run ? runs.get(single.run) : undefined,
    tally,
  };
}

function toCome(task: string, times: string[], more: boolean, [from, to]: [number, number]): Item[] {
  const here = times.map((at) => Date.parse(at)).filter((at) => at >= from && at < to);
  const end = times.at(-1);
  // What comes too often to be told whole goes on behind the last time that was told.
  const beyond = more && end !== undefined && Date.parse(end) < to;
  if (beyond) return [{ ...bare(task, here[0] ?? from), often: true }];
  if (here.length <= SINGLE) return here.map((at) => ({ ...bare(task, at), tally: { ...NONE, due: 1 } }));
  return [{ ...bare(task, here[0]!), last: here.at(-1), tally: { ...NONE, due: here.length } }];
}
