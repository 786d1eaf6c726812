import { Link, useNavigate } from "@tanstack/react-router";
import { CalendarClock, LoaderCircle, PauseCircle, Play, TriangleAlert } from "lucide-react";
import { memo, useMemo, useState } from "react";
import { IconButton } from "@/components/ui/button";
import { Tag } from "@/components/ui/page";
import { Prose } from "@/components/ui/prose";
import { StatusText } from "@/components/ui/status";
import { Ago, Took } from "@/components/ui/time";
import type { Overview, TaskItem } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { useMay } from "@/lib/session";
import { useShortcuts } from "@/lib/shortcuts";
import { absolute, fromNow, useNow } from "@/lib/time";
import { useStart } from "../runs/actions";
import { Strip } from "../runs/strip";
import { RunDialog } from "./run-dialog";

/** Tasks with how they were and what comes next; j, k, Enter and r walk and run. */
export function TaskTable({ tasks, overview }: { tasks: TaskItem[]; overview: Overview | undefined }) {
  const [at, setAt] = useState(-1);
  const navigate = useNavigate();
  const known = useMemo(() => new Map(overview?.tasks.map((one) => [one.task, one])), [overview]);
  const move = (by: number) => {
    const next = Math.min(tasks.length - 1, Math.max(0, at + by));
    setAt(next);
    document.getElementById(`task-${tasks[next]?.name}`)?.scrollIntoView({ block: "nearest" });
  };
  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    Enter: () => {
      const task = tasks[at];
      if (task) void navigate({ to: "/tasks/$task", params: { task: task.name } });
    },
  });
  return (
    <table className="w-full table-fixed text-dense">
      <thead className="hidden border-b border-line text-left text-meta text-subtle md:table-header-group">
        <tr className="h-9 *:px-3 *:font-medium">
          <th className="pl-4!">Name</th>
          <th className="w-44">Last run</th>
          <th className="hidden w-62 xl:table-cell">Last 30 runs</th>
          <th className="w-36">Next</th>
          <th className="w-14">
            <span className="sr-only">Run</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task, index) => (
          <Row key={task.name} task={task} known={known.get(task.name)} here={index === at} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  task: TaskItem;
  /** Its latest runs and what comes next; not there yet when the page is new. */
  known: Overview["tasks"][number] | undefined;
  here: boolean;
}

/** Drawn anew only when something of its own changes: most of a hundred stay. */
const Row = memo(function Row({ task, known, here }: RowProps) {
  const run = task.last_run;
  return (
    <tr
      id={`task-${task.name}`}
      className={cn(
        "relative grid grid-cols-[minmax(0,1fr)_auto_auto] items-center gap-x-3 border-b border-line px-4 py-2 last:border-0 hover:bg-hover md:table-row md:h-[52px] md:px-0 md:*:px-3",
        here && "bg-hover outline-2 -outline-offset-2 outline-accent",
      )}
    >
      <td className="min-w-0 md:pl-4!">
        <div className="flex min-w-0 items-center gap-2">
          <Link
            to="/tasks/$task"
            params={{ task: task.name }}
            className={cn("truncate font-medium after:absolute after:inset-0", !task.enabled && "text-muted")}
          >
            {task.name}
          </Link>
          {task.problems.length > 0 ? (
            <TriangleAlert className="size-3.5 shrink-0 text-warn" aria-label="with mistakes" />
          ) : (
            !task.enabled && <PauseCircle className="size-3.5 shrink-0 text-subtle" aria-label="disabled" />
          )}
          {task.tags.slice(0, 3).map((tag) => (
            <Tag key={tag} className="hidden lg:inline-flex">
              {tag}
            </Tag>
          ))}
        </div>
        <div className="truncate text-meta text-subtle">
          {task.problems[0] ? (
            <Prose text={task.problems[0].message} />
          ) : (
            (task.description ?? task.requirements ?? "No description")
          )}
        </div>
      </td>
      <td className="text-right md:text-left">
        {run ? (
          <>
            <StatusText run={run} />
            <div className="tnum truncate text-meta text-subtle">
              <Ago at={run.created_at} />
              {run.started_at && (
                <>
                  {" · "}
                  <Took run={run} />
                </>
              )}
            </div>
          </>
        ) : (
          <span className="text-subtle">Never ran</span>
        )}
      </td>
      <td className="hidden xl:table-cell">
        <span className="relative z-1 inline-block">{known && <Strip runs={known.runs} />}</span>
      </td>
      <td className="hidden truncate text-muted md:table-cell">
        {known?.next ? <Next at={known.next} /> : <span className="text-subtle">—</span>}
      </td>
      <td className="relative z-1 md:pr-3!">
        <RunButton task={task} />
      </td>
    </tr>
  );
});

function Next({ at }: { at: string }) {
  const now = useNow();
  const moment = Date.parse(at);
  return (
    <time dateTime={at} title={absolute(moment)} className="tnum inline-flex items-center gap-1.5">
      <CalendarClock className="size-3.5 text-subtle" aria-hidden /> {fromNow(moment, now)}
    </time>
  );
}

/** Runs at once what needs no answers, else asks. */
export function RunButton({ task }: { task: TaskItem }) {
  const may = useMay("runs_trigger");
  const start = useStart(task.name, false);
  const [asking, setAsking] = useState(false);
  if (!may) return null;
  return (
    <>
      <IconButton
        icon={start.isPending ? LoaderCircle : Play}
        iconClass={start.isPending ? "animate-spin" : ""}
        label={`Run ${task.name}`}
        disabled={!task.enabled || task.problems.length > 0}
        onClick={() =>
          start.mutate(
            {},
            {
              // A parameter or a secret without a value: they are asked for.
              onError: () => setAsking(true),
            },
          )
        }
      />
      {asking && <RunDialog task={task.name} onClose={() => setAsking(false)} />}
    </>
  );
}
