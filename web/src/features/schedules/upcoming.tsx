import type { Preview } from "@/lib/api/types";
import { absolute, fromNow, useNow } from "@/lib/time";

const local = (text: string) => {
  // The wall clock of the schedule's zone is what the text itself says.
  const [day, rest] = text.split("T");
  const weekday = new Intl.DateTimeFormat("en", {
    weekday: "short",
    month: "short",
    day: "numeric",
    timeZone: "UTC",
  }).format(new Date(`${day}T00:00:00Z`));
  return [
    weekday,
    rest?.slice(0, 5) ?? "",
    /([+-]\d\d:\d\d|Z)$/.exec(text)?.[1]?.replace("Z", "+00:00") ?? "",
  ] as const;
};

/** Times to come, on the clock of their schedule. */
export function Upcoming({ slots }: { slots: Preview["next"] }) {
  const now = useNow();
  if (slots.length === 0) return <p className="text-dense text-muted">None: its time is over.</p>;
  return (
    <ol className="flex flex-col gap-1.5">
      {slots.map((slot) => {
        const [day, time, offset] = local(slot.local);
        return (
          <li key={slot.slot} className="text-dense">
            <div className="tnum flex items-baseline gap-2" title={absolute(Date.parse(slot.at))}>
              <span className="w-24 shrink-0 text-muted">{day}</span>
              <span className="font-medium">{time}</span>
              <span className="text-micro text-subtle">{offset}</span>
              <span className="ml-auto text-meta text-subtle">{fromNow(Date.parse(slot.at), now)}</span>
            </div>
            {slot.note && <p className="text-meta text-warn">{slot.note}</p>}
          </li>
        );
      })}
    </ol>
  );
}
