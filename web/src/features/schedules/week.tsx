/** A week as seven lists: what was due and what became of it, and what is to come. On a
 * phone they stand below each other. */
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight, CircleSlash, ClockAlert, ClockFading, Play, Repeat } from "lucide-react";
import { Button, IconButton } from "@/components/ui/button";
import { Card, Skeleton, Trouble } from "@/components/ui/page";
import { StatusIcon } from "@/components/ui/status";
import { Tip } from "@/components/ui/tip";
import type { LedgerEntry, ScheduleView } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { count } from "@/lib/format";
import { statusOf } from "@/lib/status";
import { dayAndTime, useNow } from "@/lib/time";
import { agendaOf, type Item, weekOf } from "./agenda";
import { boundsOf } from "./lanes";
import { begin, dayOf } from "./month";
import { CAUSES } from "./slot";
import { dayRuns, daySlots, useComing } from "./told";

interface WeekProps {
  schedules: ScheduleView[];
  day: string | undefined;
  onDay(day: string): void;
}

export function Week({ schedules, day, onDay }: WeekProps) {
  const now = useNow();
  const today = dayOf(now);
  const here = day ?? today;
  const week = weekOf(here);
  const { told, pending, error, retry } = useWeek(schedules, week, now);
  const move = (by: number) => {
    const date = begin(here);
    onDay(dayOf(new Date(date.getFullYear(), date.getMonth(), date.getDate() + by)));
  };
  const title = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
  return (
    <Card
      flush
      title={title.formatRange(begin(week[0]!), begin(week[6]!))}
      aside={
        <>
          <Button size="sm" look="ghost" onClick={() => onDay(today)}>
            Today
          </Button>
          <IconButton icon={ChevronLeft} label="Week before" className="size-7" onClick={() => move(-7)} />
          <IconButton icon={ChevronRight} label="Week after" className="size-7" onClick={() => move(7)} />
        </>
      }
    >
      {pending ? (
        <Skeleton rows={6} />
      ) : error ? (
        <Trouble error={error} retry={retry} />
      ) : (
        <div className="divide-line max-lg:divide-y lg:grid lg:grid-cols-7 lg:divide-x">
          {week.map((one) => (
            <DayList key={one} day={one} today={today} items={agendaOf(one, told)} />
          ))}
        </div>
      )}
    </Card>
  );
}

function useWeek(schedules: ScheduleView[], week: string[], now: number) {
  const past = week.filter((day) => boundsOf(day)[0] < now);
  const runs = useQueries({ queries: past.map((day) => dayRuns(day)) });
  const slots = useQueries({ queries: past.map((day) => daySlots(day)) });
  const [from, to] = [boundsOf(week[0]!)[0], boundsOf(week[6]!)[1]];
  const next = useComing(schedules, from, to, now);
  const all = [...runs, ...slots];
  const seen = new Set<string>();
  return {
    told: {
      runs: runs.flatMap((one) => one.data?.runs ?? []),
      // A stretch of skipped times is told with each day that it touches.
      slots: slots
        .flatMap((one) => (one.data ?? []) as LedgerEntry[])
        .filter((entry) => {
          const key = `${entry.task} ${entry.schedule} ${entry.slot} ${entry.decision}`;
          return !seen.has(key) && seen.add(key);
        }),
      next,
    },
    pending: all.some((one) => one.isPending),
    error: all.find((one) => one.error)?.error,
    retry: () => void Promise.all(all.map((one) => one.refetch())),
  };
}

function DayList({ day, today, items }: { day: string; today: string; items: Item[] }) {
  const date = begin(day);
  const name = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat("en", options).format(date);
  return (
    <section
      aria-current={day === today ? "date" : undefined}
      className={cn("min-w-0 p-1.5 lg:min-h-80", day === today && "bg-accent-soft/40")}
    >
      <h3 className="flex items-center gap-1.5 px-1 pb-1 text-meta">
        <span className="sr-only">{name({ dateStyle: "full" })}</span>
        <span aria-hidden className={day === today ? "font-semibold text-fg" : "text-muted"}>
          {name({ weekday: "short" })}
        </span>
        <span
          aria-hidden
          className={cn(
            "tnum inline-flex h-6 min-w-6 items-center justify-center rounded-full px-1",
            day === today ? "bg-ink font-semibold text-on-ink" : "text-muted",
          )}
        >
          {Number(day.slice(8))}
        </span>
        {items.length === 0 && <span className="text-micro text-subtle">nothing due</span>}
      </h3>
      <ul>
        {items.map((item) => (
          <li key={`${item.task} ${item.at} ${item.tally.due > 0 || item.often}`}>
            <Line item={item} />
          </li>
        ))}
      </ul>
    </section>
  );
}

const LINE =
  "flex min-h-7 w-full min-w-0 items-center gap-1.5 rounded-md px-1 text-meta hover:bg-hover touch:min-h-11";

function Line({ item }: { item: Item }) {
  const { task, run, entry, often, tally } = item;
  const words = wordsOf(item);
  const inner = (
    <>
      <Mark item={item} />
      <span className={cn("tnum shrink-0", tally.due > 0 || often ? "text-subtle" : "text-muted")}>
        {often ? "often" : clock(item.at)}
      </span>
      <span className={cn("min-w-0 flex-1 truncate", tally.due > 0 || often ? "text-muted" : "font-medium")}>
        {task}
      </span>
      {total(item) > 1 && <span className="tnum shrink-0 text-micro text-subtle">×{count(total(item))}</span>}
      {tally.failed > 0 && !run && (
        <span className="tnum shrink-0 text-micro font-medium text-bad">{count(tally.failed)} failed</span>
      )}
      <span className="sr-only">{words}</span>
    </>
  );
  if (entry?.run)
    return (
      <Tip text={words}>
        <Link to="/runs/$run" params={{ run: entry.run }} className={LINE}>
          {inner}
        </Link>
      </Tip>
    );
  if (!entry && tally.ran > 0)
    return (
      <Tip text={words}>
        <Link to="/runs" search={{ task, trigger: "schedule" }} className={LINE}>
          {inner}
        </Link>
      </Tip>
    );
  return (
    <Tip text={words}>
      <Link to="/tasks/$task" params={{ task }} search={{ tab: "schedules" }} className={LINE}>
        {inner}
      </Link>
    </Tip>
  );
}

/** What a line is: how its run ended, or why there is none, or that it is to come. */
function Mark({ item: { run, tally, often } }: { item: Item }) {
  if (run) return <StatusIcon status={statusOf(run)} className="size-3.5" />;
  if (often) return <Repeat className="size-3.5 shrink-0 text-subtle" aria-hidden />;
  if (tally.due > 0) return <ClockFading className="size-3.5 shrink-0 text-subtle" aria-hidden />;
  if (tally.failed > 0) return <StatusIcon status={FAILED} className="size-3.5" />;
  if (tally.missed > 0) return <ClockAlert className="size-3.5 shrink-0 text-warn" aria-hidden />;
  if (tally.ran > 0 && tally.good === tally.ran)
    return <StatusIcon status={SUCCEEDED} className="size-3.5" />;
  // Not all of them are known, or they go on: no colour says more than that.
  if (tally.ran > 0) return <Play className="size-3.5 shrink-0 text-subtle" aria-hidden />;
  return <CircleSlash className="size-3.5 shrink-0 text-subtle" aria-hidden />;
}

const STANDING = { state: "finished", not_before: null, cancel_requested_at: null } as const;
const FAILED = statusOf({ ...STANDING, outcome: "failed" });
const SUCCEEDED = statusOf({ ...STANDING, outcome: "succeeded" });

const total = ({ tally }: Item) => tally.ran + tally.skipped + tally.missed + tally.due;

function wordsOf(item: Item): string {
  const { tally, run, entry } = item;
  const when = item.last
    ? `${dayAndTime(item.at)} to ${dayAndTime(item.last)}`
    : item.often
      ? "again and again"
      : dayAndTime(item.at);
  const told = [
    run ? statusOf(run).word.toLowerCase() : tally.ran > 0 && `${count(tally.ran)} ran`,
    !run && tally.failed > 0 && `${count(tally.failed)} of them failed`,
    tally.skipped > 0 && (entry?.count === 1 ? "skipped" : `${count(tally.skipped)} skipped`),
    tally.missed > 0 && (entry?.count === 1 ? "missed" : `${count(tally.missed)} missed`),
    entry?.cause && CAUSES[entry.cause],
    (tally.due > 0 || item.often) && "to come",
  ].filter(Boolean);
  return `${when}: ${told.join(", ")}`;
}

const clock = (at: number) =>
  new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
