import { Link, useNavigate } from "@tanstack/react-router";
import { CalendarClock, Code2, type LucideIcon, RotateCw, UserRound } from "lucide-react";
import { memo, useState } from "react";
import { StatusText } from "@/components/ui/status";
import { Ago, Took } from "@/components/ui/time";
import type { Run, Trigger } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { useShortcuts } from "@/lib/shortcuts";
import { shortId } from "@/lib/status";

export const TRIGGERS: Record<Trigger, [string, LucideIcon]> = {
  manual: ["By hand", UserRound],
  rerun: ["Run again", RotateCw],
  api: ["API", Code2],
  schedule: ["Schedule", CalendarClock],
};

/** Who or what asked for a run. */
export function askedBy(run: Run): string {
  if (run.trigger === "schedule") return run.schedule ?? "Schedule";
  const [word] = TRIGGERS[run.trigger];
  // A token is told by the beginning of its number: it is told in full where tokens are kept.
  const who = run.by?.replace(/^user:/, "").replace(/^token:(.{6}).*/, "token $1…");
  return who && who !== "local" ? `${word} · ${who}` : word;
}

/** Runs, one to a row; j, k and Enter walk through them. */
export function RunsTable({ runs, task = true }: { runs: Run[]; task?: boolean }) {
  const [at, setAt] = useState(-1);
  const navigate = useNavigate();
  const move = (by: number) => {
    const next = Math.min(runs.length - 1, Math.max(0, at + by));
    setAt(next);
    document.getElementById(`run-${runs[next]?.id}`)?.scrollIntoView({ block: "nearest" });
  };
  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    Enter: () => {
      const run = runs[at];
      if (run) void navigate({ to: "/runs/$run", params: { run: run.id } });
    },
  });
  return (
    <table className="w-full table-fixed text-dense">
      <thead className="hidden border-b border-line text-left text-meta text-subtle sm:table-header-group">
        <tr className="h-9 *:px-3 *:font-medium first:*:pl-4">
          <th className="w-36 pl-4!">Status</th>
          <th>{task ? "Task" : "Run"}</th>
          <th className="hidden w-48 md:table-cell">Trigger</th>
          <th className="w-24 text-right">Took</th>
          <th className="w-32 pr-4! text-right">When</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run, index) => (
          <Row key={run.id} run={run} task={task} here={index === at} />
        ))}
      </tbody>
    </table>
  );
}

const Row = memo(function Row({ run, task, here }: { run: Run; task: boolean; here: boolean }) {
  const [, Icon] = TRIGGERS[run.trigger];
  return (
    <tr
      id={`run-${run.id}`}
      className={cn(
        "relative flex h-14 flex-wrap content-center items-center gap-x-2 border-b border-line px-4 last:border-0 hover:bg-hover sm:table-row sm:h-9 sm:px-0 sm:*:px-3",
        here && "bg-hover outline-2 -outline-offset-2 outline-accent",
      )}
    >
      <td className="order-2 sm:pl-4!">
        <StatusText run={run} />
      </td>
      <td className="order-1 min-w-0 basis-full truncate sm:basis-auto">
        <Link to="/runs/$run" params={{ run: run.id }} className="font-medium after:absolute after:inset-0">
          {task ? run.task : <span className="font-mono text-meta">#{shortId(run.id)}</span>}
        </Link>
        {task && <span className="ml-2 font-mono text-meta text-subtle">#{shortId(run.id)}</span>}
        {!task && run.reason && <span className="ml-2 text-subtle">{run.reason}</span>}
      </td>
      <td className="hidden truncate text-muted md:table-cell">
        <Icon className="mr-1.5 mb-0.5 inline size-3.5 text-subtle" aria-hidden />
        {askedBy(run)}
      </td>
      <td className="order-3 text-right text-muted">
        <Took run={run} className="tnum" />
      </td>
      <td className="order-4 ml-auto truncate text-right text-muted sm:pr-4!">
        <Ago at={run.created_at} className="tnum" />
      </td>
    </tr>
  );
});
