/** The latest runs of a task, oldest first: how each ended, and how long it took. */
import { useNavigate } from "@tanstack/react-router";
import { type MouseEvent, memo, useMemo, useState } from "react";
import { isPlain } from "@/components/ui/row-link";
import { Tip } from "@/components/ui/tip";
import type { Outcome, RunState } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { duration } from "@/lib/format";
import { type Family, type Status, statusOf } from "@/lib/status";
import { dayAndTime } from "@/lib/time";

/** As much of a run as is drawn. */
export interface Brief {
  id: string;
  state: RunState;
  outcome: Outcome | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  not_before: string | null;
  cancel_requested_at: string | null;
}

const FILL: Record<Family, string> = {
  ok: "fill-ok-fill stroke-ok",
  bad: "fill-bad-fill stroke-bad",
  run: "fill-run-fill stroke-run",
  warn: "fill-warn-fill stroke-warn",
  idle: "fill-idle-fill stroke-idle",
  off: "fill-off-fill stroke-off",
};

const [WIDE, STEP, TALL] = [5, 7, 24];

interface Bar {
  run: Brief;
  status: Status;
  /** Milliseconds; 0 while it is not over. */
  took: number;
  x: number;
  /** Its upper edge. */
  y: number;
}

interface StripProps {
  runs: Brief[];
  slots?: number;
  className?: string;
}

/** A list of a hundred tasks has three thousand of these bars. Those of a kind are one
 * shape, until somebody points at them: then each is a link that tells of its run. */
export const Strip = memo(function Strip({ runs, slots = 30, className }: StripProps) {
  const navigate = useNavigate();
  const [pointed, setPointed] = useState(false);
  const bars = useMemo(() => barsOf(runs, slots), [runs, slots]);
  const open = (event: MouseEvent) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const x = ((event.clientX - left) / width) * slots * STEP;
    const run = bars.find((bar) => x >= bar.x - 1 && x < bar.x - 1 + STEP)?.run.id;
    if (!run || !isPlain(event)) return;
    event.preventDefault();
    void navigate({ to: "/runs/$run", params: { run } });
  };
  return (
    <>
      <span className="sr-only">{summary(bars)}</span>
      <svg
        width={slots * STEP}
        height={TALL}
        viewBox={`0 0 ${slots * STEP} ${TALL}`}
        aria-hidden
        onClick={open}
        onPointerEnter={() => setPointed(true)}
        className={cn("block overflow-visible", className)}
      >
        <path d={empty(slots - bars.length)} className="fill-line" />
        {pointed ? <Links bars={bars} /> : <Shapes bars={bars} />}
        <path d={notches(bars)} className="pointer-events-none fill-bad" />
      </svg>
    </>
  );
});

function barsOf(runs: Brief[], slots: number): Bar[] {
  const shown = runs.slice(-slots);
  const took = shown.map((run) =>
    run.started_at && run.finished_at ? Date.parse(run.finished_at) - Date.parse(run.started_at) : 0,
  );
  const longest = Math.max(1, ...took);
  return shown.map((run, at) => {
    const status = statusOf(run);
    // A root, so that short runs beside a long one are still seen.
    const height = status.active ? TALL : Math.max(5, Math.sqrt(took[at]! / longest) * (TALL - 3));
    return { run, status, took: took[at]!, x: (slots - shown.length + at) * STEP, y: TALL - height };
  });
}

/** The bars of each colour as one shape. */
function Shapes({ bars }: { bars: Bar[] }) {
  const shapes = new Map<string, string>();
  for (const bar of bars) {
    const look = lookOf(bar);
    shapes.set(look, (shapes.get(look) ?? "") + shape(bar));
  }
  return [...shapes].map(([look, path]) => <path key={look} d={path} className={cn(look, "stroke-0")} />);
}

/** The bars as links: not in the order of the tab key, for the page has a list of runs. */
function Links({ bars }: { bars: Bar[] }) {
  return bars.map((bar) => {
    const { run, status, took, x } = bar;
    const text = `${status.word}${took ? ` in ${duration(took)}` : ""}, ${dayAndTime(Date.parse(run.created_at))}`;
    return (
      <Tip key={run.id} text={text}>
        <a href={`/runs/${run.id}`} tabIndex={-1} className="group">
          <rect x={x - 1} y={0} width={STEP} height={TALL} fill="transparent" />
          <path
            d={shape(bar)}
            strokeWidth={1}
            className={cn(lookOf(bar), "stroke-0 group-hover:stroke-1 dark:stroke-0")}
          />
        </a>
      </Tip>
    );
  });
}

const lookOf = ({ status }: Bar) => cn(FILL[status.family], status.active && "pulse-soft");

const shape = ({ x, y }: Bar) => box(x + 0.5, y + 0.5, [WIDE - 1, TALL - y - 1], 1.5);

/** A box with round corners. */
function box(x: number, y: number, [wide, tall]: [number, number], r: number): string {
  const [across, down] = [wide - 2 * r, (tall - 2 * r).toFixed(2)];
  const corner = (to: string) => `a${r} ${r} 0 0 1 ${to}`;
  return `M${x + r} ${y.toFixed(2)}h${across}${corner(`${r} ${r}`)}v${down}${corner(`-${r} ${r}`)}h-${across}${corner(`-${r} -${r}`)}v-${down}${corner(`${r} -${r}`)}z`;
}

/** Places without a run. */
const empty = (count: number) =>
  Array.from({ length: count }, (_, at) => box(at * STEP, TALL - 3, [WIDE, 3], 1)).join("");

/** Those that failed are told apart by more than their colour. */
const notches = (bars: Bar[]) =>
  bars
    .filter(({ status }) => status.family === "bad")
    .map(({ x, y }) => `M${x} ${(y - 3).toFixed(2)}h${WIDE}v1.5h-${WIDE}z`)
    .join("");

function summary(bars: Bar[]): string {
  if (bars.length === 0) return "no runs yet";
  const good = bars.filter(({ run }) => run.outcome === "succeeded").length;
  return `${good} of the last ${bars.length} runs succeeded`;
}
