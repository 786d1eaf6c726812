/** A month: what ran, what was skipped or missed, and what is to come. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useMemo } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { Card } from "@/components/ui/page";
import { api, body } from "@/lib/api/client";
import { slotsQuery } from "@/lib/api/queries";
import type { LedgerEntry, ScheduleView } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { count } from "@/lib/format";
import { begin, dayOf, monthsFrom, weeksOf } from "./month";
import { Slot } from "./slot";

/** Slots of one schedule that are asked for; the service gives no more. */
const MOST = 100;

interface Cell {
  past: LedgerEntry[];
  /** Tasks to come: how often, and first when. */
  next: Map<string, { times: number; first: string; more: boolean }>;
}

interface CalendarProps {
  schedules: ScheduleView[];
  day: string | undefined;
  onDay(day: string): void;
}

export function Calendar({ schedules, day, onDay }: CalendarProps) {
  const today = dayOf(Date.now());
  const here = day ?? today;
  const weeks = weeksOf(here);
  const cells = useCells(schedules, weeks);
  const month = new Intl.DateTimeFormat("en", { month: "long", year: "numeric" }).format(begin(here));
  return (
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_320px]">
      <Card
        flush
        title={month}
        aside={
          <>
            <Button size="sm" look="ghost" onClick={() => onDay(today)}>
              Today
            </Button>
            <IconButton
              icon={ChevronLeft}
              label="Month before"
              className="size-7"
              onClick={() => onDay(monthsFrom(here, -1))}
            />
            <IconButton
              icon={ChevronRight}
              label="Month after"
              className="size-7"
              onClick={() => onDay(monthsFrom(here, 1))}
            />
          </>
        }
      >
        <div className="grid grid-cols-7 border-b border-line text-center text-meta text-subtle" aria-hidden>
          {["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map((name) => (
            <div key={name} className="py-1.5">
              {name}
            </div>
          ))}
        </div>
        {weeks.map((week) => (
          <div
            key={week[0]}
            className="grid grid-cols-7 divide-x divide-line border-b border-line last:border-0"
          >
            {week.map((one) => (
              <DayCell
                key={one}
                day={one}
                cell={cells.get(one)}
                today={one === today}
                here={one === here}
                away={one.slice(0, 7) !== here.slice(0, 7)}
                onOpen={() => onDay(one)}
              />
            ))}
          </div>
        ))}
      </Card>
      <DayPanel day={here} cell={cells.get(here)} />
    </div>
  );
}

function useCells(schedules: ScheduleView[], weeks: string[][]): Map<string, Cell> {
  const [from, to] = [begin(weeks[0]![0]!), begin(weeks.at(-1)!.at(-1)!)];
  to.setDate(to.getDate() + 1);
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  const past = useQuery({
    ...slotsQuery({ since: from.toISOString(), before: to.toISOString(), limit: 500 }),
    enabled: from.getTime() < now,
  });
  const after = new Date(Math.max(from.getTime(), now)).toISOString();
  const awake = schedules.filter((one) => !one.paused_at && one.schedule.enabled !== false && !one.problem);
  const next = useQueries({
    queries: awake.map((view) => ({
      queryKey: ["schedules", "month", view.task, view.key, view.schedule, after],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        body(
          api.POST("/api/v1/schedules/preview", {
            body: { schedule: { ...view.schedule, timezone: view.timezone }, after, count: MOST },
            signal,
          }),
        ),
      enabled: to.getTime() > now,
      staleTime: 60_000,
    })),
  });
  const told = next.map((one) => one.dataUpdatedAt).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `told` says when `next` has changed
  return useMemo(() => {
    const cells = new Map<string, Cell>();
    const at = (day: string) => {
      const cell: Cell = cells.get(day) ?? { past: [], next: new Map() };
      cells.set(day, cell);
      return cell;
    };
    for (const entry of (past.data ?? []) as LedgerEntry[])
      at(dayOf(Date.parse(entry.slot))).past.push(entry);
    next.forEach((one, index) => {
      const task = awake[index]!.task;
      const slots = one.data?.next ?? [];
      slots.forEach((slot, place) => {
        const cell = at(dayOf(Date.parse(slot.at))).next;
        const known = cell.get(task);
        cell.set(task, {
          times: (known?.times ?? 0) + 1,
          first: known?.first ?? slot.at,
          more: place === MOST - 1,
        });
      });
      // What comes too often to be told goes on like on its first whole day.
      const last = slots.length === MOST ? Date.parse(slots.at(-1)!.at) : Number.POSITIVE_INFINITY;
      for (const day of weeks.flat()) {
        if (begin(day).getTime() > last)
          at(day).next.set(task, { times: 0, first: begin(day).toISOString(), more: true });
      }
    });
    return cells;
  }, [past.data, told, weeks[0]?.[0]]);
}

interface DayCellProps {
  day: string;
  cell: Cell | undefined;
  today: boolean;
  here: boolean;
  away: boolean;
  onOpen(): void;
}

function tally(cell: Cell | undefined) {
  const sum = (decision: LedgerEntry["decision"]) =>
    (cell?.past ?? [])
      .filter((entry) => entry.decision === decision)
      .reduce((total: number, entry) => total + entry.count, 0);
  return { ran: sum("ran"), skipped: sum("skipped"), missed: sum("missed") };
}

function DayCell({ day, cell, today, here, away, onOpen }: DayCellProps) {
  const { ran, skipped, missed } = tally(cell);
  // What comes at a time of its own goes before what comes all day long.
  const often = (one: { times: number; more: boolean }) => one.more || one.times > 4;
  const next = [...(cell?.next ?? [])].sort(
    ([, a], [, b]) => Number(often(a)) - Number(often(b)) || a.first.localeCompare(b.first),
  );
  return (
    <button
      type="button"
      onClick={onOpen}
      aria-current={here ? "date" : undefined}
      className={cn(
        "flex min-h-24 min-w-0 flex-col gap-0.5 p-1.5 text-left align-top hover:bg-hover max-sm:min-h-16",
        here && "bg-hover",
        away && "bg-sunk",
      )}
    >
      <span className="sr-only">{begin(day).toLocaleDateString("en", { dateStyle: "full" })}</span>
      <span
        aria-hidden
        className={cn(
          "tnum mb-0.5 inline-flex size-6 items-center justify-center self-start rounded-full text-meta",
          today ? "bg-ink font-semibold text-on-ink" : "text-muted",
        )}
      >
        {Number(day.slice(8))}
      </span>
      {(ran > 0 || skipped > 0 || missed > 0) && (
        <span className="tnum flex flex-wrap gap-x-1.5 text-micro font-medium">
          {ran > 0 && <span className="text-ok">{count(ran)} ran</span>}
          {skipped > 0 && <span className="text-muted">{count(skipped)} skipped</span>}
          {missed > 0 && <span className="text-warn">{count(missed)} missed</span>}
        </span>
      )}
      {next.slice(0, 3).map(([task, slot]) => (
        <span
          key={task}
          className="hidden w-full rounded border border-dashed border-control/60 px-1 text-micro text-muted sm:flex"
        >
          {!often(slot) && <span className="tnum mr-1 shrink-0">{clock(slot.first)}</span>}
          <span className="min-w-0 flex-1 truncate">{task}</span>
          {(often(slot) || slot.times > 1) && (
            <span className="ml-1 shrink-0 text-subtle">{often(slot) ? "often" : `×${slot.times}`}</span>
          )}
        </span>
      ))}
      {next.length > 3 && (
        <span className="hidden text-micro text-subtle sm:block">{next.length - 3} more</span>
      )}
      {next.length > 0 && <span className="text-micro text-subtle sm:hidden">{next.length} due</span>}
    </button>
  );
}

const clock = (at: string) =>
  new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(
    new Date(at),
  );

function DayPanel({ day, cell }: { day: string; cell: Cell | undefined }) {
  const title = new Intl.DateTimeFormat("en", { weekday: "long", month: "long", day: "numeric" }).format(
    begin(day),
  );
  const next = [...(cell?.next ?? [])].sort(([, a], [, b]) => a.first.localeCompare(b.first));
  const past = cell?.past ?? [];
  return (
    <Card title={title} flush>
      {next.length === 0 && past.length === 0 && (
        <p className="px-4 py-5 text-dense text-muted">Nothing is due on this day.</p>
      )}
      {next.length > 0 && (
        <ul className="divide-y divide-line">
          {next.map(([task, { times, first, more }]) => (
            <li key={task} className="flex min-h-9 items-center gap-3 px-4 text-dense">
              <span className="tnum w-11 text-muted">{times === 0 ? "" : clock(first)}</span>
              <Link
                to="/tasks/$task"
                params={{ task }}
                search={{ tab: "schedules" }}
                className="min-w-0 flex-1 truncate font-medium hover:underline"
              >
                {task}
              </Link>
              <span className="text-meta text-subtle">
                {more ? "often" : times > 1 ? `${times} times` : ""}
              </span>
            </li>
          ))}
        </ul>
      )}
      {past.length > 0 && (
        <ul className="max-h-96 divide-y divide-line overflow-y-auto border-t border-line">
          {past.map((entry) => (
            <li
              key={`${entry.task} ${entry.schedule} ${entry.slot} ${entry.decision}`}
              className="px-4 py-1.5"
            >
              <div className="truncate text-dense font-medium">{entry.task}</div>
              <Slot entry={entry} brief />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
