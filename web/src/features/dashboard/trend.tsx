import type { Overview } from "@/lib/api/types";
import { duration } from "@/lib/format";

type Day = Overview["days"][number];

const [WIDE, TALL] = [300, 110];

/** Median and 95th percentile of durations, day by day. */
export function Trend({ days }: { days: Day[] }) {
  const known = days.filter((day) => day.median_ms != null);
  if (known.length < 2)
    return (
      <p className="py-6 text-center text-dense text-muted">
        After runs on two days, their durations show here.
      </p>
    );
  const most = Math.max(1, ...known.map((day) => day.p95_ms ?? 0));
  // A root, so that the median is not flattened by a long run.
  const y = (ms: number) => TALL - Math.sqrt(ms / most) * (TALL - 8);
  const x = (at: number) => (at / (days.length - 1)) * WIDE;
  const points = (of: "median_ms" | "p95_ms") =>
    days.flatMap((day, at) => (day[of] == null ? [] : [`${x(at).toFixed(1)},${y(day[of]).toFixed(1)}`]));
  const [median, p95] = [points("median_ms"), points("p95_ms")];
  const last = known.at(-1)!;
  return (
    <figure>
      <figcaption className="tnum mb-2 flex gap-4 text-meta">
        <span>
          <span className="mr-1.5 inline-block h-0.5 w-3 bg-run-fill align-middle" />
          Median <b className="font-semibold">{duration(last.median_ms!)}</b>
        </span>
        <span className="text-muted">
          <span className="mr-1.5 inline-block h-0.5 w-3 bg-off-fill align-middle" />
          p95 <b className="font-semibold">{duration(last.p95_ms ?? 0)}</b>
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDE} ${TALL}`}
        className="h-28 w-full overflow-visible"
        preserveAspectRatio="none"
        role="img"
        aria-label={`Median of the last day ${duration(last.median_ms!)}, at most ${duration(most)} on any day`}
      >
        {[0.25, 0.5, 0.75, 1].map((part) => (
          <line
            key={part}
            x1={0}
            x2={WIDE}
            y1={TALL * part}
            y2={TALL * part}
            className="stroke-line"
            vectorEffect="non-scaling-stroke"
          />
        ))}
        <polygon
          points={`${median[0]?.split(",")[0]},${TALL} ${median.join(" ")} ${median.at(-1)?.split(",")[0]},${TALL}`}
          className="fill-run-fill/12"
        />
        <polyline
          points={p95.join(" ")}
          fill="none"
          className="stroke-off-fill"
          strokeWidth={1.5}
          strokeLinejoin="round"
          vectorEffect="non-scaling-stroke"
        />
        <polyline
          points={median.join(" ")}
          fill="none"
          className="stroke-run-fill"
          strokeWidth={1.5}
          strokeLinejoin="round"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
    </figure>
  );
}
