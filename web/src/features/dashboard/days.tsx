import { Tip } from "@/components/ui/tip";
import type { Overview } from "@/lib/api/types";
import { count, many } from "@/lib/format";

type Day = Overview["days"][number];

const [TALL, WIDE, STEP] = [104, 7, 10];

/** Runs of each day, those that failed on top. */
export function Days({ days }: { days: Day[] }) {
  const most = Math.max(1, ...days.map((day) => day.runs));
  const total = days.reduce((sum, day) => sum + day.runs, 0);
  const failed = days.reduce((sum, day) => sum + day.failed, 0);
  const width = days.length * STEP - (STEP - WIDE);
  return (
    <figure>
      <svg
        viewBox={`0 0 ${width} ${TALL + 1}`}
        className="h-28 w-full"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${many(total, "run")} in ${days.length} days, ${failed} failed`}
      >
        {days.map((day, at) => {
          const height = (of: number) => (of === 0 ? 0 : Math.max(2, (of / most) * (TALL - 4)));
          const [bad, rest] = [
            height(day.failed),
            height(day.runs - day.failed - (day.runs - day.succeeded - day.failed)),
          ];
          const other = height(day.runs - day.succeeded - day.failed);
          const x = at * STEP;
          return (
            <Tip
              key={day.day}
              text={`${new Intl.DateTimeFormat("en", { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" }).format(new Date(day.day))}: ${many(day.runs, "run")}${day.failed ? `, ${day.failed} failed` : ""}`}
            >
              <g>
                <rect x={x - 1.5} y={0} width={STEP} height={TALL} fill="transparent" />
                {day.runs === 0 && <rect x={x} y={TALL - 2} width={WIDE} height={2} className="fill-line" />}
                <rect x={x} y={TALL - rest} width={WIDE} height={rest} className="fill-ok-fill" />
                <rect x={x} y={TALL - rest - other} width={WIDE} height={other} className="fill-idle-fill" />
                <rect
                  x={x}
                  y={TALL - rest - other - bad}
                  width={WIDE}
                  height={bad}
                  className="fill-bad-fill"
                />
              </g>
            </Tip>
          );
        })}
      </svg>
      <figcaption className="tnum mt-2 flex justify-between text-meta text-subtle">
        <span>{many(total, "run")}</span>
        <span>{failed === 0 ? "none failed" : `${count(failed)} failed`}</span>
      </figcaption>
    </figure>
  );
}
