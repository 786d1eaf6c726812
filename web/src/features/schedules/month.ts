/** Days of a month as a calendar shows them, weeks beginning on Monday. */

/** `2026-11-21`, on the clock of this browser. */
export function dayOf(at: number | Date): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The beginning of a day. */
export const begin = (day: string) => new Date(`${day}T00:00:00`);

/** All days of the weeks in which a month has days. */
export function weeksOf(day: string): string[][] {
  const first = begin(`${day.slice(0, 8)}01`);
  const start = new Date(first.getFullYear(), first.getMonth(), 1 - ((first.getDay() + 6) % 7));
  const weeks: string[][] = [];
  for (let week = 0; week < 6; week += 1) {
    const days = Array.from({ length: 7 }, (_, at) =>
      dayOf(new Date(start.getFullYear(), start.getMonth(), start.getDate() + week * 7 + at)),
    );
    if (week > 0 && !days.some((one) => one.slice(0, 7) === day.slice(0, 7))) break;
    weeks.push(days);
  }
  return weeks;
}

/** The first day of another month. */
export function monthsFrom(day: string, by: number): string {
  const date = begin(day);
  return dayOf(new Date(date.getFullYear(), date.getMonth() + by, 1));
}
