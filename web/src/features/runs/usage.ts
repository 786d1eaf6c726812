/** What a run used over time, as the numbers that its chart is drawn from. */
import type { Limits, Sample } from "@/lib/api/types";

export interface Point {
  /** Milliseconds since the run began. */
  at: number;
  memory: number;
  /** Cores in use since the point before. */
  cores: number;
}

/** Samples with those that came since; what came before is not taken twice. */
export function joined(known: Sample[], more: Sample[]): Sample[] {
  const last = known.at(-1);
  if (!last) return more;
  const then = Date.parse(last.at);
  return [...known, ...more.filter((one) => Date.parse(one.at) > then)];
}

/** What comes sooner after the beginning has mostly to do with the start of the container. */
const SOON = 200;

/** The points of a chart. Processor time is counted up, so the cores in use are its growth. */
export function pointsOf(samples: Sample[], began: number): Point[] {
  let [then, spent] = [began, 0];
  return samples.flatMap((sample) => {
    const at = Date.parse(sample.at);
    const span = at - then;
    const cores = (sample.cpu_ms - spent) / span;
    if (span > 0 || at < began) [then, spent] = [at, sample.cpu_ms];
    if (span <= 0 || at - began < SOON) return [];
    return [{ at: at - began, memory: sample.memory_bytes, cores: Math.max(0, cores) }];
  });
}

/** The top of an axis, and whether the limit is on it: what stays far below its limit is
 * not pressed flat to show how far. */
export function top(most: number, limit: number): { top: number; shown: boolean } {
  return most * 4 >= limit
    ? { top: Math.max(limit, most) * 1.1, shown: true }
    : { top: most * 1.25, shown: false };
}

/** Scales of a chart of these points. Between two of them there may have been more: the
 * greatest memory is measured besides. */
export function scales(points: Point[], limits: Limits, measured = 0) {
  const most = (of: (point: Point) => number) => Math.max(...points.map(of), 0);
  const memory = Math.max(
    measured,
    most((point) => point.memory),
  );
  const peak = { memory, cores: most((point) => point.cores) };
  return {
    peak,
    memory: top(peak.memory, limits.memory),
    cores: top(peak.cores, limits.cpus),
    end: points.at(-1)?.at ?? 0,
  };
}

/** The place in `points` that is nearest to a time. */
export function nearest(points: Point[], at: number): number {
  let [low, high] = [0, points.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]!.at < at) low = middle + 1;
    else high = middle;
  }
  const before = points[low - 1];
  return before && at - before.at < points[low]!.at - at ? low - 1 : low;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** Round times for the axis, milliseconds: five at most behind the first. */
export function ticks(end: number): number[] {
  const step =
    (STEPS.find((one) => end / (one * 1000) <= 5) ?? Math.ceil(end / 5000 / 86_400) * 86_400) * 1000;
  const found = [];
  for (let at = 0; at <= end; at += step) found.push(at);
  return found;
}
