/** Moments, as people read them: relative in text, absolute on demand. */
import { useSyncExternalStore } from "react";

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });
const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** `in 42 s`, `5 min. ago`, `just now`. */
export function fromNow(at: number, now: number): string {
  const away = at - now;
  const far = Math.abs(away);
  if (far < 2500) return away > 0 ? "now" : "just now";
  if (far > 40 * 86_400_000) return dayOnly(at);
  for (const [unit, length] of steps) {
    // Below two days hours are told: "tomorrow" is a day of the calendar, and 34 hours
    // from an evening on are not in it.
    if (far >= length * (unit === "day" ? 2 : 0.95)) return relative.format(Math.round(away / length), unit);
  }
  return relative.format(Math.round(away / 1000), "second");
}

/** A form of moments. It is made when it is first used: that takes milliseconds. */
function form(options: Intl.DateTimeFormatOptions): (at: number) => string {
  let made: Intl.DateTimeFormat | undefined;
  return (at) => {
    made ??= new Intl.DateTimeFormat("en", options);
    return made.format(at);
  };
}

/** `Nov 21, 2026`. */
export const dayOnly = form({ year: "numeric", month: "short", day: "numeric" });
/** `Sat, Nov 21, 2026, 13:10:43 UTC`. */
export const absolute = form({
  weekday: "short",
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
});
/** `Nov 21, 13:10`. */
export const dayAndTime = form({
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
/** `13:10:43.108`. */
export const clock = form({
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});

/** One clock for all that shows time, so that everything ticks at once. */
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function listen(then: () => void): () => void {
  listeners.add(then);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(then);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function present(): number {
  if (timer === undefined) now = Date.now();
  return now - (now % 1000);
}

/** The present, in steps of a second. */
export const useNow = (): number => useSyncExternalStore(listen, present);

/** How far a moment is from the present, as text: whoever shows it is drawn anew only
 * when it reads otherwise. */
export const useFromNow = (at: number): string => useSyncExternalStore(listen, () => fromNow(at, present()));
