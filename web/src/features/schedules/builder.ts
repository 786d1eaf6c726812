/** Rules of time as a form, and back. What a rule means is the service's to say:
 * here it is only put together and taken apart. */

export type Built =
  | { kind: "every"; count: number; unit: "m" | "h" }
  | { kind: "daily"; time: string }
  | { kind: "weekly"; days: string[]; time: string }
  | { kind: "monthly"; day: number; time: string }
  | { kind: "expression"; text: string };

export const DAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
const TIME = String.raw`([01]?\d|2[0-3]):([0-5]\d)`;

/** A rule as text. */
export function written(built: Built): string {
  switch (built.kind) {
    case "every":
      return `@every ${built.count}${built.unit}`;
    case "daily":
      return built.time;
    case "weekly": {
      if (built.days.length === 1) return `${built.days[0]} ${built.time}`;
      const [hour, minute] = built.time.split(":").map(Number);
      return `${minute} ${hour} * * ${ranges(built.days)}`;
    }
    case "monthly":
      return `${built.day} ${built.time}`;
    default:
      return built.text;
  }
}

/** Days as cron writes them: `MON-FRI`, `MON,WED`. */
function ranges(days: string[]): string {
  const at = DAYS.map((day, index) => (days.includes(day) ? index : -1)).filter((index) => index >= 0);
  const whole = at.length > 2 && at.at(-1)! - at[0]! === at.length - 1;
  return whole ? `${DAYS[at[0]!]}-${DAYS[at.at(-1)!]}` : at.map((index) => DAYS[index]).join(",");
}

/** The form of a rule; as an expression where there is no other. */
export function taken(text: string): Built {
  const when = text.trim();
  const every = /^@every (\d+)([mh])$/.exec(when);
  if (every && Number(every[1]) > 0)
    return { kind: "every", count: Number(every[1]), unit: every[2] as "m" | "h" };
  if (new RegExp(`^${TIME}$`).test(when)) return { kind: "daily", time: padded(when) };
  const weekly = new RegExp(`^(${DAYS.join("|")}) (${TIME})$`, "i").exec(when);
  if (weekly) return { kind: "weekly", days: [weekly[1]!.toUpperCase()], time: padded(weekly[2]!) };
  const monthly = new RegExp(`^(\\d{1,2}) (${TIME})$`).exec(when);
  if (monthly && Number(monthly[1]) >= 1 && Number(monthly[1]) <= 31)
    return { kind: "monthly", day: Number(monthly[1]), time: padded(monthly[2]!) };
  return fromCron(when) ?? { kind: "expression", text: when };
}

function fromCron(when: string): Built | undefined {
  const cron = /^(\d{1,2}) (\d{1,2}) \* \* (\S+)$/.exec(when);
  if (!cron || Number(cron[1]) > 59 || Number(cron[2]) > 23) return undefined;
  const time = padded(`${cron[2]}:${cron[1]!.padStart(2, "0")}`);
  if (cron[3] === "*") return { kind: "daily", time };
  const days: string[] = [];
  for (const part of cron[3]!.toUpperCase().split(",")) {
    const [first, last] = part.split("-").map((day) => DAYS.indexOf(day));
    if (first === undefined || first < 0 || (last !== undefined && last < first)) return undefined;
    days.push(...DAYS.slice(first, (last ?? first) + 1));
  }
  return { kind: "weekly", days, time };
}

const padded = (time: string) => time.padStart(5, "0");

/** The same rule in another form, as near as it gets: exactly where the form can say
 * it, else with its time of day. */
export function as(kind: Built["kind"], before: Built): Built {
  if (kind === "expression") return { kind, text: written(before) };
  const known = taken(written(before));
  if (known.kind === kind) return known;
  const time = "time" in known ? known.time : "06:00";
  switch (kind) {
    case "every":
      return { kind, count: 15, unit: "m" };
    case "daily":
      return { kind, time };
    case "weekly":
      return { kind, days: ["MON"], time };
    default:
      return { kind, day: 1, time };
  }
}
