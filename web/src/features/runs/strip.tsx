/** The latest runs of a task, oldest first: how each ended, and how long it took. */
import { useNavigate } from "@tanstack/react-router";
import { type MouseEvent, memo, useEffect, useRef, useState } from "react";
import { Tip } from "@/components/ui/tip";
import type { Outcome, RunState } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { duration } from "@/lib/format";
import { type Family, statusOf } from "@/lib/status";
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

interface StripProps {
  runs: Brief[];
  slots?: number;
  className?: string;
}

/** A list of a hundred tasks has three thousand of these bars: they are drawn once
 * they come near to sight, as plain links, and one handler for all of them keeps the
 * page. */
export const Strip = memo(function Strip({ runs, slots = 30, className }: StripProps) {
  const navigate = useNavigate();
  const box = useRef<SVGSVGElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (seen || !box.current) return;
    const observer = new IntersectionObserver(
      (all) => {
        if (all.some((one) => one.isIntersecting)) setSeen(true);
      },
      { rootMargin: "400px" },
    );
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [seen]);
  const open = (event: MouseEvent) => {
    const run = (event.target as Element).closest("a")?.dataset.run;
    if (!run || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    void navigate({ to: "/runs/$run", params: { run } });
  };
  const shown = runs.slice(-slots);
  const took = shown.map((run) =>
    run.started_at && run.finished_at ? Date.parse(run.finished_at) - Date.parse(run.started_at) : 0,
  );
  const longest = Math.max(1, ...took);
  const first = slots - shown.length;
  return (
    <>
      <span className="sr-only">{summary(shown)}</span>
      <svg
        width={slots * STEP}
        height={TALL}
        viewBox={`0 0 ${slots * STEP} ${TALL}`}
        ref={box}
        aria-hidden
        onClick={open}
        className={cn("block overflow-visible", className)}
      >
        {Array.from({ length: seen ? first : 0 }, (_, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: places without a run have nothing else
          <rect key={at} x={at * STEP} y={TALL - 3} width={WIDE} height={3} rx={1} className="fill-line" />
        ))}
        {(seen ? shown : []).map((run, at) => {
          const status = statusOf(run);
          // A root, so that short runs beside a long one are still seen.
          const height = status.active ? TALL : Math.max(5, Math.sqrt(took[at]! / longest) * (TALL - 3));
          const x = (first + at) * STEP;
          const bad = status.family === "bad";
          return (
            <Tip
              key={run.id}
              text={`${status.word}${took[at] ? ` in ${duration(took[at]!)}` : ""}, ${dayAndTime(Date.parse(run.created_at))}`}
            >
              <a href={`/runs/${run.id}`} data-run={run.id} tabIndex={-1} className="group">
                <rect x={x - 1} y={0} width={STEP} height={TALL} fill="transparent" />
                <rect
                  x={x + 0.5}
                  y={TALL - height + 0.5}
                  width={WIDE - 1}
                  height={height - 1}
                  rx={1.5}
                  strokeWidth={1}
                  className={cn(
                    FILL[status.family],
                    "stroke-0 group-hover:stroke-1 dark:stroke-0",
                    status.active && "pulse-soft",
                  )}
                />
                {bad && <rect x={x} y={TALL - height - 3} width={WIDE} height={1.5} className="fill-bad" />}
              </a>
            </Tip>
          );
        })}
      </svg>
    </>
  );
});

function summary(runs: Brief[]): string {
  if (runs.length === 0) return "no runs yet";
  const good = runs.filter((run) => run.outcome === "succeeded").length;
  return `${good} of the last ${runs.length} runs succeeded`;
}
