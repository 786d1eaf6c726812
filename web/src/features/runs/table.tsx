import { useNavigate } from "@tanstack/react-router";
import {
  CalendarClock,
  Code2,
  FlaskConical,
  type LucideIcon,
  Pin,
  RotateCw,
  SquareCheck,
  Square as SquareIcon,
  UserRound,
  Webhook,
} from "lucide-react";
import { memo, useState } from "react";
import { Tag } from "@/components/ui/page";
import { RowLink } from "@/components/ui/row-link";
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
  webhook: ["Webhook", Webhook],
};

/** It ran code that nobody had saved. */
export function Trial() {
  return (
    <Tag className="ml-2 font-normal">
      <FlaskConical className="mr-1 size-3" aria-hidden /> trial
    </Tag>
  );
}

/** It stays whatever clean-up thinks. */
export function Pinned() {
  return (
    <Tag className="ml-2 font-normal">
      <Pin className="mr-1 size-3" aria-hidden /> pinned
    </Tag>
  );
}

/** The trigger that another service called for a run. */
export const triggerOf = (run: Pick<Run, "trigger" | "by">): string | undefined =>
  run.trigger === "webhook" ? run.by?.replace(/^trigger:/, "") : undefined;

/** Who or what asked for a run. */
export function askedBy(run: Run): string {
  if (run.trigger === "schedule") return run.schedule ?? "Schedule";
  const trigger = triggerOf(run);
  if (trigger) return `Trigger ${trigger}`;
  const [word] = TRIGGERS[run.trigger];
  // A token is told by the beginning of its number: it is told in full where tokens are kept.
  const who = run.by?.replace(/^user:/, "").replace(/^token:(.{6}).*/, "token $1…");
  return who && who !== "local" ? `${word} · ${who}` : word;
}

interface RunsTableProps {
  runs: Run[];
  /** Tells of the task of each. */
  task?: boolean;
  /** The runs that are chosen, by id, where several can be acted upon. */
  chosen?: ReadonlySet<string>;
  onChoose?: ((ids: string[], on: boolean) => void) | undefined;
}

/** Runs, one to a row; j, k and Enter walk through them, x chooses. */
export function RunsTable({ runs, task = true, chosen, onChoose }: RunsTableProps) {
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
    x: () => {
      const run = runs[at];
      if (run) onChoose?.([run.id], !chosen?.has(run.id));
    },
    Enter: () => {
      const run = runs[at];
      if (run) void navigate({ to: "/runs/$run", params: { run: run.id } });
    },
  });
  return (
    <table className="w-full table-fixed text-dense">
      <thead className="hidden border-b border-line text-left text-meta text-subtle sm:table-header-group">
        <tr className="h-9 *:px-3 *:font-medium">
          {onChoose && (
            <th className="w-9 pr-0!">
              <Check
                label="All runs that are shown"
                checked={runs.length > 0 && runs.every((run) => chosen?.has(run.id))}
                onChange={(on) =>
                  onChoose(
                    runs.map((run) => run.id),
                    on,
                  )
                }
              />
            </th>
          )}
          <th className="w-40 pl-4!">Status</th>
          <th>{task ? "Task" : "Run"}</th>
          <th className="hidden w-48 md:table-cell">Trigger</th>
          <th className="w-24 text-right">Took</th>
          <th className="w-32 pr-4! text-right">When</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run, index) => (
          <Row
            key={run.id}
            run={run}
            task={task}
            here={index === at}
            chosen={chosen?.has(run.id) ?? false}
            onChoose={onChoose}
          />
        ))}
      </tbody>
    </table>
  );
}

interface CheckProps {
  label: string;
  checked: boolean;
  onChange(on: boolean): void;
}

/** A box to tick, above the link that covers its row. */
function Check({ label, checked, onChange }: CheckProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: as large as a target must be, and drawn like all else
    <button
      type="button"
      role="checkbox"
      aria-label={label}
      aria-checked={checked}
      onClick={() => onChange(!checked)}
      className={cn(
        "relative z-1 grid size-6 place-items-center rounded hover:text-fg",
        checked ? "text-fg" : "text-control",
      )}
    >
      {checked ? (
        <SquareCheck className="size-4" aria-hidden />
      ) : (
        <SquareIcon className="size-4" aria-hidden />
      )}
    </button>
  );
}

interface RowProps {
  run: Run;
  task: boolean;
  here: boolean;
  chosen: boolean;
  onChoose: RunsTableProps["onChoose"];
}

const Row = memo(function Row({ run, task, here, chosen, onChoose }: RowProps) {
  const [, Icon] = TRIGGERS[run.trigger];
  return (
    <tr
      id={`run-${run.id}`}
      className={cn(
        "relative flex h-14 flex-wrap content-center items-center gap-x-2 border-b border-line px-4 last:border-0 hover:bg-hover sm:table-row sm:h-9 sm:px-0 sm:*:px-3",
        chosen && "bg-hover",
        here && "bg-hover outline-2 -outline-offset-2 outline-accent",
      )}
    >
      {onChoose && (
        <td className="hidden sm:table-cell sm:pr-0!">
          <Check
            label={`Choose ${run.task} #${shortId(run.id)}`}
            checked={chosen}
            onChange={(on) => onChoose([run.id], on)}
          />
        </td>
      )}
      <td className="order-2 sm:pl-4!">
        <StatusText run={run} />
      </td>
      <td className="order-1 min-w-0 basis-full truncate sm:basis-auto">
        <RowLink href={`/runs/${run.id}`} className="font-medium after:absolute after:inset-0">
          {task ? run.task : <span className="font-mono text-meta">#{shortId(run.id)}</span>}
        </RowLink>
        {task && <span className="ml-2 font-mono text-meta text-subtle">#{shortId(run.id)}</span>}
        {run.trial && <Trial />}
        {run.pinned && <Pinned />}
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
