import { Link } from "@tanstack/react-router";
import { CircleSlash, ClockAlert, Play } from "lucide-react";
import type { LedgerEntry } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { count, duration } from "@/lib/format";
import { dayAndTime } from "@/lib/time";

/** Why a time was skipped or missed. */
export const CAUSES: Record<NonNullable<LedgerEntry["cause"]>, string> = {
  overlap: "runs of it went on",
  paused: "paused",
  queue_full: "too many runs waited",
  unfit: "the task could not run",
  superseded: "a later time took its place",
  too_late: "too late to make up for",
  no_catch_up: "not to be made up for",
  changed: "the schedule was changed",
};

/** What became of a time at which a schedule was due. */
export function Slot({ entry, brief }: { entry: LedgerEntry; brief?: boolean }) {
  const Icon = { ran: Play, skipped: CircleSlash, missed: ClockAlert }[entry.decision];
  const word = { ran: "Ran", skipped: "Skipped", missed: "Missed" }[entry.decision];
  const late = entry.late_ms !== null && entry.late_ms > 1500 ? `, ${duration(entry.late_ms)} late` : "";
  return (
    <div className={cn("flex min-w-0 items-center gap-1.5", brief ? "text-meta text-subtle" : "text-dense")}>
      <Icon
        className={cn("size-3.5 shrink-0", entry.decision === "missed" ? "text-warn" : "text-subtle")}
        aria-hidden
      />
      <span className={cn("shrink-0", entry.decision === "missed" && "font-medium text-warn")}>
        {brief && "Last: "}
        {word.toLowerCase()}
        {entry.count > 1 && ` ${count(entry.count)} times`}
      </span>
      <span className="tnum truncate">
        {dayAndTime(Date.parse(entry.slot))}
        {entry.count > 1 && ` to ${dayAndTime(Date.parse(entry.last))}`}
        {late}
        {entry.cause && `: ${CAUSES[entry.cause]}`}
      </span>
      {entry.run && (
        <Link
          to="/runs/$run"
          params={{ run: entry.run }}
          className="shrink-0 font-mono text-meta text-accent hover:underline"
        >
          #{entry.run.slice(-8)}
        </Link>
      )}
    </div>
  );
}
