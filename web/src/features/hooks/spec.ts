/** The form of a hook: what is filled in, and the hook it means. */
import type { Hook, HookEvent, HookKind, HookSpec, Outcome } from "@/lib/api/types";

/** A daily report is a mail that is told of nothing else. */
export type FormKind = HookKind | "report";

export const KINDS: Record<FormKind, string> = {
  standard: "Webhook",
  slack: "Slack",
  discord: "Discord",
  teams: "Microsoft Teams",
  ntfy: "ntfy",
  healthchecks: "Healthchecks",
  email: "E-mail",
  report: "Daily report by e-mail",
};

/** What each form takes as its address. */
export const WHERE: Record<Exclude<FormKind, "email" | "report">, { about: string; like: string }> = {
  standard: {
    about: "JSON is posted here, as Standard Webhooks has it",
    like: "https://ops.example.org/runbay",
  },
  slack: {
    about: "An incoming webhook of Slack, Mattermost or Rocket.Chat",
    like: "https://hooks.slack.com/services/…",
  },
  discord: { about: "A webhook of a channel", like: "https://discord.com/api/webhooks/…" },
  teams: {
    about: "A workflow that starts when a webhook is called",
    like: "https://….logic.azure.com/workflows/…",
  },
  ntfy: { about: "A topic", like: "https://ntfy.example.org/runs" },
  healthchecks: {
    about: "The address of a check; /start and the exit status are put behind it",
    like: "https://hc.example.org/ping/…",
  },
};

/** What a hook can ask for, in words. */
export const EVENTS: [HookEvent, string, string][] = [
  ["run.failed", "A run failed", "of a row of failures the 1st, 10th, 100th …"],
  ["run.recovered", "A task works again", "after a failure that was told"],
  ["run.started", "A run started", "its script, not its wait"],
  ["run.finished", "A run ended", "however it did"],
  ["build.failed", "An image could not be built", "of a task"],
  ["slot.missed", "A time was missed", "a schedule got no run, by nobody's wish"],
  ["slot.skipped", "A time was skipped", "as the schedule's policies say"],
  ["disk.low", "The disk is nearly full", "that of the data folder"],
];

const WORDS: Record<string, string> = {
  ...Object.fromEntries(EVENTS.map(([event, word]) => [event, word])),
  report: "The report of a day",
  test: "A test",
};

export const eventWord = (event: string): string => WORDS[event] ?? event;

/** Which kinds can sign or let in by a secret, and what it is to them. */
export const KEYED: Partial<Record<FormKind, string>> = {
  standard: "Signs what is sent: a secret with whsec_… in it",
  ntfy: "The access token, where the topic asks for one",
};

/** Which kinds may have a form of their own written for them. */
export const templated = (kind: FormKind) => !["healthchecks", "email", "report"].includes(kind);
export const mailed = (kind: FormKind) => kind === "email" || kind === "report";

/** What stands in the controls. */
export interface Filled {
  name: string;
  kind: FormKind;
  /** Whether the address is kept in a secret. */
  hidden: boolean;
  url: string;
  urlSecret: string;
  secret: string;
  to: string;
  events: HookEvent[];
  tasks: string[];
  tags: string;
  outcomes: Outcome[];
  everyFailure: boolean;
  template: string;
  lines: string;
  daily: boolean;
  at: string;
  timezone: string;
  enabled: boolean;
}

const USUAL: HookEvent[] = ["run.failed", "run.recovered"];

/** What a kind is told of if nothing is said. */
export function usual(kind: FormKind): HookEvent[] {
  if (kind === "report") return [];
  return kind === "healthchecks" ? ["run.finished", "run.started"] : USUAL;
}

export function blank(timezone: string): Filled {
  return {
    name: "",
    kind: "standard",
    hidden: false,
    url: "",
    urlSecret: "",
    secret: "",
    to: "",
    events: USUAL,
    tasks: [],
    tags: "",
    outcomes: [],
    everyFailure: false,
    template: "",
    lines: "20",
    daily: false,
    at: "07:00",
    timezone,
    enabled: true,
  };
}

/** A hook as its form shows it. */
export function filled(hook: Hook): Filled {
  const { spec } = hook;
  return {
    name: hook.name,
    kind: spec.kind === "email" && spec.daily && spec.events.length === 0 ? "report" : spec.kind,
    hidden: spec.url_secret !== null,
    url: spec.url ?? "",
    urlSecret: spec.url_secret ?? "",
    secret: spec.secret ?? "",
    to: spec.to.join("\n"),
    events: spec.events,
    tasks: spec.tasks,
    tags: spec.tags.join(", "),
    outcomes: spec.outcomes,
    everyFailure: spec.every_failure,
    template: spec.template ?? "",
    lines: `${spec.lines}`,
    daily: spec.daily !== null,
    at: spec.daily?.at ?? "07:00",
    timezone: spec.daily?.timezone ?? "",
    enabled: spec.enabled,
  };
}

/** Another kind, with its usual events if those of the one before were not changed. */
export function turned(form: Filled, kind: FormKind): Filled {
  const kept = same(form.events, usual(form.kind)) ? usual(kind) : form.events;
  const events = kind === "report" ? [] : kept;
  // To whom the address of a chat is known may write there: it is a key.
  const key = ["slack", "discord", "teams"].includes(kind);
  return { ...form, kind, events, hidden: form.url === "" && form.urlSecret === "" ? key : form.hidden };
}

const same = (a: string[], b: string[]) => [...a].sort().join() === [...b].sort().join();

/** Tags or addresses, with commas, blanks or line breaks between them. */
export const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** The hook that a form means. What its kind does not take is left out. */
export function spec(form: Filled): HookSpec {
  const mail = mailed(form.kind);
  const report = form.kind === "report";
  const daily = report || (mail && form.daily);
  return {
    kind: form.kind === "report" ? "email" : form.kind,
    url: mail || form.hidden ? null : form.url.trim() || null,
    url_secret: mail || !form.hidden ? null : form.urlSecret || null,
    secret: form.kind in KEYED ? form.secret || null : null,
    to: mail ? words(form.to) : [],
    events: report ? [] : [...form.events].sort(),
    tasks: [...form.tasks].sort(),
    tags: words(form.tags).sort(),
    outcomes: form.outcomes,
    every_failure: form.everyFailure,
    template: templated(form.kind) && form.template.trim() !== "" ? form.template : null,
    // What is no number is refused with a sentence, by the service.
    lines: form.lines.trim() === "" ? 20 : (Number(form.lines) as number),
    daily: daily ? { at: form.at, timezone: form.timezone.trim() || null } : null,
    enabled: form.enabled,
  };
}

/** Where a hook sends to, as far as everybody who sees hooks may know it. */
export function where({ spec }: Pick<Hook, "spec">): string {
  if (spec.kind === "email") return spec.to.join(", ");
  return spec.url ?? `the address in ${spec.url_secret}`;
}

/** Which tasks a hook is about. */
export function about({ tasks, tags }: Pick<HookSpec, "tasks" | "tags">): string {
  if (tasks.length === 0 && tags.length === 0) return "all tasks";
  return [tasks.length > 0 && tasks.join(", "), tags.length > 0 && `tasks tagged ${tags.join(" or ")}`]
    .filter(Boolean)
    .join(" and ");
}

/** What a hook tells, in a line. */
export function tells({ events, daily }: Pick<HookSpec, "events" | "daily">): string {
  const known = EVENTS.filter(([event]) => events.includes(event)).map(([, word]) => word);
  if (daily) known.push(`A report each day at ${daily.at}${daily.timezone ? ` (${daily.timezone})` : ""}`);
  return known.map((word, at) => (at === 0 ? word : word.charAt(0).toLowerCase() + word.slice(1))).join(", ");
}
