/** Memory and processor of an attempt while it ran: drawn as samples come, read by
 * pointer or keys, and told in words and as a table. */
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useState } from "react";
import { live } from "@/lib/api/live";
import { usageQuery } from "@/lib/api/queries";
import type { Limits, RunDetail, Sample } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { bytes, duration } from "@/lib/format";
import { joined, nearest, type Point, pointsOf, scales, ticks } from "./usage";

const TALL = 72;

/** The points of an attempt; fewer than two are no chart. */
export function useUsage({ run, attempts }: RunDetail, number: number): Point[] | undefined {
  const attempt = attempts.find((one) => one.id.number === number);
  const started = Boolean(attempt?.started_at);
  const active = started && attempt?.outcome === null;
  const [told, setTold] = useState<{ of: string; samples: Sample[] }>();
  const of = `${run.id} ${number}`;
  useEffect(() => {
    if (!active) return;
    return live.usage(run.id, number, (more) =>
      setTold((now) => ({ of, samples: joined(now?.of === of ? now.samples : [], more) })),
    );
  }, [active, of, run.id, number]);
  const query = useQuery({ ...usageQuery(run.id, number), enabled: started && !active });
  const began = attempt?.started_at ? Date.parse(attempt.started_at) : 0;
  const samples = query.data?.samples ?? (told?.of === of ? told.samples : undefined);
  return useMemo(() => {
    const points = began > 0 && samples ? pointsOf(samples, began) : [];
    return points.length >= 2 ? points : undefined;
  }, [samples, began]);
}

const cores = (value: number) => `${value.toFixed(value < 9.95 ? 2 : 1)} ${value === 1 ? "core" : "cores"}`;

interface ChartProps {
  points: Point[];
  limits: Limits;
  /** The greatest memory that was seen, bytes, once that is known. */
  peak: number | undefined;
  /** Goes to what was written at a time, milliseconds since the beginning. */
  onGo: ((at: number) => void) | undefined;
}

export function UsageChart({ points, limits, peak, onGo }: ChartProps) {
  const [chosen, choose] = useState<number>();
  const scale = scales(points, limits, peak);
  const shown = chosen === undefined ? undefined : points[Math.min(chosen, points.length - 1)];
  const left = (at: number) => `${(at / scale.end) * 100}%`;
  const point = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    choose(nearest(points, ((event.clientX - box.left) / box.width) * scale.end));
  };
  const key = (event: KeyboardEvent) => {
    const last = points.length - 1;
    const here = Math.min(chosen ?? last, last);
    const next = {
      ArrowLeft: here - 1,
      ArrowRight: here + 1,
      PageUp: here - 10,
      PageDown: here + 10,
      Home: 0,
      End: last,
    }[event.key];
    if (event.key === "Escape") choose(undefined);
    if (event.key === "Enter") onGo?.(points[here]!.at);
    if (next === undefined) return;
    event.preventDefault();
    choose(Math.max(0, Math.min(last, next)));
  };
  const now = shown ?? points.at(-1)!;
  const words = `${duration(now.at)}: ${bytes(now.memory)}, ${cores(now.cores)}`;
  return (
    <figure aria-label="Memory and processor over time">
      <div
        role="slider"
        tabIndex={0}
        aria-label={onGo ? "Moment of the run; Enter goes to its lines of the log" : "Moment of the run"}
        aria-valuemin={0}
        aria-valuemax={Math.round(scale.end / 1000)}
        aria-valuenow={Math.round(now.at / 1000)}
        aria-valuetext={words}
        className="relative cursor-crosshair rounded-sm"
        onPointerMove={point}
        onPointerDown={point}
        onDoubleClick={() => shown && onGo?.(shown.at)}
        onPointerLeave={() => choose(undefined)}
        onKeyDown={key}
        onBlur={() => choose(undefined)}
      >
        <Plot
          name="Memory"
          value={shown ? bytes(shown.memory) : `${bytes(scale.peak.memory)} at most`}
          limit={bytes(limits.memory)}
          line={scale.memory.shown ? limits.memory / scale.memory.top : undefined}
          values={points.map((one) => [one.at / scale.end, one.memory / scale.memory.top])}
          at={shown && [shown.at / scale.end, shown.memory / scale.memory.top]}
        />
        <Plot
          name="CPU"
          value={shown ? cores(shown.cores) : `${cores(scale.peak.cores)} at most`}
          limit={`${limits.cpus} ${limits.cpus === 1 ? "core" : "cores"}`}
          line={scale.cores.shown ? limits.cpus / scale.cores.top : undefined}
          values={points.map((one) => [one.at / scale.end, one.cores / scale.cores.top])}
          at={shown && [shown.at / scale.end, shown.cores / scale.cores.top]}
        />
        {shown && (
          <span
            aria-hidden
            className="pointer-events-none absolute inset-y-0 border-l border-accent/70"
            style={{ left: left(shown.at) }}
          />
        )}
      </div>
      <div className="relative h-5 overflow-hidden" aria-hidden>
        {ticks(scale.end).map((at) => (
          <span
            key={at}
            className={cn(
              "tnum absolute top-1 text-micro whitespace-nowrap text-subtle",
              at > scale.end * 0.04 && (at > scale.end * 0.94 ? "-translate-x-full" : "-translate-x-1/2"),
            )}
            style={{ left: left(at) }}
          >
            {at === 0 ? "0" : at < 60_000 ? `${at / 1000} s` : duration(at)}
          </span>
        ))}
        {shown && (
          <span
            className={cn(
              "tnum absolute top-0.5 rounded whitespace-nowrap bg-ink px-1 text-micro font-medium text-on-ink",
              shown.at > scale.end * 0.06 &&
                (shown.at > scale.end * 0.94 ? "-translate-x-full" : "-translate-x-1/2"),
            )}
            style={{ left: left(shown.at) }}
          >
            {duration(shown.at)}
          </span>
        )}
      </div>
      <figcaption className="text-meta text-subtle">
        <span className="sr-only">
          At most {bytes(scale.peak.memory)} of {bytes(limits.memory)} and {cores(scale.peak.cores)} of{" "}
          {limits.cpus} within {duration(scale.end)}.
        </span>
        <details>
          <summary className="inline-block min-h-6 cursor-pointer rounded-sm leading-6 hover:text-fg">
            As a table
          </summary>
          {onGo && (
            <span className="ml-3 hidden sm:inline">A double click goes to the log of that moment.</span>
          )}
          <Table points={points} />
        </details>
      </figcaption>
    </figure>
  );
}

interface PlotProps {
  name: string;
  value: string;
  limit: string;
  /** How high the limit is, from 0 to 1; none where it is far above. */
  line: number | undefined;
  /** From 0 to 1 both. */
  values: [number, number][];
  at: [number, number] | undefined;
}

function Plot({ name, value, limit, line, values, at }: PlotProps) {
  const y = (part: number) => TALL - part * TALL;
  const path = values.map(([x, part]) => `${(x * 1000).toFixed(1)},${y(part).toFixed(1)}`).join(" ");
  const [first, last] = [values[0]!, values.at(-1)!];
  return (
    <div className="pb-2">
      <p className="tnum flex items-baseline gap-2 pb-1 text-meta">
        <span className="text-subtle">{name}</span>
        <b className="font-semibold text-fg">{value}</b>
        <span className="ml-auto text-subtle">limit {limit}</span>
      </p>
      <div className="relative border-b border-line">
        <svg
          viewBox={`0 0 1000 ${TALL}`}
          preserveAspectRatio="none"
          className="block h-14 w-full overflow-visible"
          aria-hidden
        >
          <polygon
            points={`${first[0] * 1000},${TALL} ${path} ${last[0] * 1000},${TALL}`}
            className="fill-run-fill/12"
          />
          <polyline
            points={path}
            fill="none"
            className="stroke-run-fill"
            strokeWidth={1.5}
            strokeLinejoin="round"
            vectorEffect="non-scaling-stroke"
          />
          {line !== undefined && (
            <line
              x1={0}
              x2={1000}
              y1={y(line)}
              y2={y(line)}
              className="stroke-bad"
              strokeDasharray="4 3"
              vectorEffect="non-scaling-stroke"
            />
          )}
        </svg>
        {at && (
          <span
            aria-hidden
            className="pointer-events-none absolute size-2 -translate-x-1 translate-y-1 rounded-full bg-run-fill ring-2 ring-surface"
            style={{ left: `${at[0] * 100}%`, bottom: `${at[1] * 100}%` }}
          />
        )}
      </div>
    </div>
  );
}

function Table({ points }: { points: Point[] }) {
  return (
    <section
      aria-label="Samples"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must get to it
      tabIndex={0}
      className="mt-1 max-h-56 overflow-auto rounded-md border border-line"
    >
      <table className="tnum w-full text-right text-meta">
        <thead className="sticky top-0 bg-sunk text-subtle">
          <tr>
            {["After", "Memory", "CPU"].map((name) => (
              <th key={name} className="px-3 py-1 font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {points.map((one) => (
            <tr key={one.at}>
              <td className="px-3 py-0.5">{duration(one.at)}</td>
              <td className="px-3 py-0.5">{bytes(one.memory)}</td>
              <td className="px-3 py-0.5">{cores(one.cores)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
