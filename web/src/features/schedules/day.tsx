/** One day: a lane of 24 hours for each task. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CalendarClock, ChevronLeft, ChevronRight } from "lucide-react";
import { Button, IconButton } from "@/components/ui/button";
import { Card, Empty, Skeleton, Trouble } from "@/components/ui/page";
import { Tip } from "@/components/ui/tip";
import type { LedgerEntry, Run, ScheduleView } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { count, duration, many } from "@/lib/format";
import { type Family, statusOf } from "@/lib/status";
import { dayAndTime, useNow } from "@/lib/time";
import { boundsOf, hoursOf, type Lane, lanesOf } from "./lanes";
import { begin, dayOf } from "./month";
import { dayRuns, daySlots, MOST_RUNS, useComing } from "./told";

const FILL: Record<Family, string> = {
  ok: "bg-ok-fill",
  bad: "bg-bad-fill",
  run: "bg-run-fill",
  warn: "bg-warn-fill",
  idle: "bg-idle-fill",
  off: "bg-off-fill",
};

interface DayProps {
  schedules: ScheduleView[];
  day: string | undefined;
  onDay(day: string): void;
}

export function Day({ schedules, day, onDay }: DayProps) {
  const now = useNow();
  const today = dayOf(now);
  const here = day ?? today;
  const { query, lanes, cut } = useLanes(schedules, here, now);
  const [from, to] = boundsOf(here);
  const at = (now - from) / (to - from);
  const title = new Intl.DateTimeFormat("en", { dateStyle: "full" }).format(begin(here));
  const move = (by: number) => {
    const date = begin(here);
    onDay(dayOf(new Date(date.getFullYear(), date.getMonth(), date.getDate() + by)));
  };
  return (
    <Card
      flush
      title={title}
      aside={
        <>
          <Button size="sm" look="ghost" onClick={() => onDay(today)}>
            Today
          </Button>
          <IconButton icon={ChevronLeft} label="Day before" className="size-7" onClick={() => move(-1)} />
          <IconButton icon={ChevronRight} label="Day after" className="size-7" onClick={() => move(1)} />
        </>
      }
    >
      {query.isPending && query.isEnabled ? (
        <Skeleton rows={6} />
      ) : query.isError ? (
        <Trouble error={query.error} retry={() => void query.refetch()} />
      ) : lanes.length === 0 ? (
        <Empty icon={CalendarClock} title="Nothing on this day">
          Neither did anything run, nor is anything due.
        </Empty>
      ) : (
        <div className="overflow-hidden pb-2">
          <div className="sm:flex" aria-hidden>
            <span className="hidden w-44 shrink-0 sm:block" />
            <div className="relative mx-3 h-7 flex-1 sm:ml-0">
              {hoursOf(here).map((hour) => (
                <span
                  key={hour.text}
                  className="tnum absolute top-1.5 text-micro text-subtle"
                  style={{ left: `${hour.at * 100}%` }}
                >
                  {hour.text}
                </span>
              ))}
            </div>
          </div>
          <ul className="divide-y divide-line border-t border-line">
            {lanes.map((lane) => (
              <LaneRow key={lane.task} lane={lane} day={here} now={at > 0 && at < 1 ? at : undefined} />
            ))}
          </ul>
          <p className="px-4 pt-2.5 text-meta text-subtle">
            A block is a run, as long as it took. A hollow mark is a time to come, a striped band many of
            them. A thin mark below is a time that was skipped or missed.
            {cut && ` Only the newest ${count(MOST_RUNS)} runs are drawn.`}
          </p>
        </div>
      )}
    </Card>
  );
}

function useLanes(schedules: ScheduleView[], day: string, now: number) {
  const [from, to] = boundsOf(day);
  const past = { enabled: from < now };
  const query = useQuery({ ...dayRuns(day), ...past });
  const slots = useQuery({ ...daySlots(day), ...past });
  const next = useComing(schedules, from, to, now);
  const told = { runs: query.data?.runs ?? [], slots: (slots.data ?? []) as LedgerEntry[], next };
  return { query, lanes: lanesOf(day, told, now), cut: query.data?.more ?? false };
}

function LaneRow({ lane, day, now }: { lane: Lane; day: string; now: number | undefined }) {
  return (
    <li className="items-center px-3 py-1.5 sm:flex sm:min-h-9 sm:py-0 sm:pl-4">
      <Link
        to="/tasks/$task"
        params={{ task: lane.task }}
        search={{ tab: "schedules" }}
        className="block min-h-6 w-40 shrink-0 truncate text-dense leading-6 font-medium hover:underline"
      >
        {lane.task}
      </Link>
      <span className="sr-only">{summary(lane)}</span>
      <div className="relative h-7 flex-1" aria-hidden>
        {hoursOf(day).map((hour) => (
          <span
            key={hour.text}
            className="absolute inset-y-0 border-l border-line"
            style={{ left: `${hour.at * 100}%` }}
          />
        ))}
        {lane.band && (
          <span
            className="band absolute inset-y-1.5 rounded border border-dashed border-control/60"
            style={{ left: `${lane.band.from * 100}%`, right: `${(1 - lane.band.to) * 100}%` }}
          />
        )}
        {lane.next.map(({ at, mark }) => (
          <Tip key={at} text={`Due ${dayAndTime(Date.parse(at))}`}>
            <span
              className="absolute inset-y-1.5 w-2 rounded-sm border border-control bg-surface"
              style={{ left: `min(${mark.from * 100}%, 100% - 8px)` }}
            />
          </Tip>
        ))}
        {lane.runs.map(({ run, mark }) => (
          <Tip key={run.id} text={words(run)}>
            <Link
              to="/runs/$run"
              params={{ run: run.id }}
              tabIndex={-1}
              className={cn(
                "absolute inset-y-1 min-w-1 rounded-xs ring-1 ring-surface hover:inset-y-0.5",
                FILL[statusOf(run).family],
              )}
              style={{
                left: `min(${mark.from * 100}%, 100% - 4px)`,
                width: `${(mark.to - mark.from) * 100}%`,
              }}
            />
          </Tip>
        ))}
        {lane.lost.map(({ entry, mark }) => (
          <span
            key={`${entry.schedule} ${entry.slot} ${entry.decision}`}
            title={`${entry.decision} ${dayAndTime(Date.parse(entry.slot))}`}
            className={cn(
              "absolute bottom-0 h-1 min-w-1 rounded-full",
              entry.decision === "missed" ? "bg-warn-fill" : "bg-idle-fill",
            )}
            style={{ left: `${mark.from * 100}%`, width: `${(mark.to - mark.from) * 100}%` }}
          />
        ))}
        {now !== undefined && (
          <span className="absolute inset-y-0 border-l border-accent" style={{ left: `${now * 100}%` }} />
        )}
      </div>
    </li>
  );
}

function words(run: Run): string {
  const began = Date.parse(run.started_at ?? run.created_at);
  const took = run.finished_at ? ` in ${duration(Date.parse(run.finished_at) - began)}` : "";
  return `${statusOf(run).word}${took}, ${dayAndTime(began)}`;
}

function summary(lane: Lane): string {
  const good = lane.runs.filter(({ run }) => run.outcome === "succeeded").length;
  const lost = lane.lost.reduce((sum, { entry }) => sum + entry.count, 0);
  return [
    lane.runs.length > 0 && `${many(lane.runs.length, "run")}, ${good} of them succeeded`,
    lost > 0 && `${count(lost)} skipped or missed`,
    lane.band ? "many to come" : lane.next.length > 0 && `${lane.next.length} to come`,
  ]
    .filter(Boolean)
    .join("; ");
}
