/** Numbers and spans of time, as people read them. */

/** `400 ms`, `41.2 s`, `60 s`, `3 min 5 s`, `2 h 10 min`, `1 h`; milliseconds in. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return "—";
  if (ms < 1) return "<1 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 99.95) return `${seconds.toFixed(1).replace(/^([1-9]\d)\.0$/, "$1")} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return two(whole, 60, "min", "s");
  const minutes = Math.round(whole / 60);
  if (minutes < 48 * 60) return two(minutes, 60, "h", "min");
  const hours = Math.round(minutes / 60);
  return two(hours, 24, "d", "h");
}

function two(value: number, per: number, large: string, small: string): string {
  const rest = value % per;
  return `${Math.floor(value / per)} ${large}${rest > 0 ? ` ${rest} ${small}` : ""}`;
}

/** `512 B`, `1.2 MiB`. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let [value, unit] = [count, 0];
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, "")} ${units[unit]}`;
}

const plain = new Intl.NumberFormat("en");

/** `1,284`. */
export function count(value: number): string {
  return plain.format(value);
}

/** `1 run`, `2 runs`. */
export function many(value: number, one: string, more = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : more}`;
}

/** `98.4 %`; never 100 % when something failed. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return "—";
  const value = (100 * part) / whole;
  if (part === whole) return "100 %";
  return `${Math.min(value, 99.9).toFixed(1)} %`;
}
