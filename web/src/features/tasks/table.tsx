// biome-ignore-all lint/a11y/noRedundantRoles: not every browser keeps them for rows that are laid out as grids
import { useNavigate } from "@tanstack/react-router";
import { CalendarClock, LoaderCircle, PauseCircle, Play, TriangleAlert } from "lucide-react";
import { memo, useDeferredValue, useMemo, useState } from "react";
import { IconButton } from "@/components/ui/button";
import { Tag } from "@/components/ui/page";
import { Prose } from "@/components/ui/prose";
import { RowLink } from "@/components/ui/row-link";
import { StatusText } from "@/components/ui/status";
import { Ago, Took } from "@/components/ui/time";
import type { Overview, TaskItem } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { useMay } from "@/lib/session";
import { useShortcuts } from "@/lib/shortcuts";
import { absolute, useFromNow } from "@/lib/time";
import { useStarting } from "../runs/actions";
import { Strip } from "../runs/strip";
import { RunDialog } from "./run-dialog";

/** Rows that are drawn whole at once: more than a large screen shows. */
const AT_ONCE = 30;

/** Tasks with how they were and what comes next; j, k, Enter and r walk and run. */
export function TaskTable({ tasks, overview }: { tasks: TaskItem[]; overview: Overview | undefined }) {
  const [at, setAt] = useState(-1);
  const navigate = useNavigate();
  // What takes long to draw yields to whoever clicks or types meanwhile.
  const known = useDeferredValue(
    useMemo(() => new Map(overview?.tasks.map((one) => [one.task, one])), [overview]),
  );
  // Of rows beyond a screen the names come first, and all else right after.
  const all = useDeferredValue(true, false);
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
  const may = useMay("runs_trigger");
  const start = useStarting(false);
  return (
    <table role="table" className="block text-dense">
      <thead role="rowgroup" className="hidden text-left text-meta text-subtle md:block">
        <tr role="row" className={cn(COLUMNS, "h-9 border-b border-line *:font-medium")}>
          <th scope="col" className="md:pl-4!">
            Name
          </th>
          <th scope="col">Last run</th>
          <th scope="col" className="hidden xl:block">
            Last 30 runs
          </th>
          <th scope="col">Next</th>
          <th scope="col">
            <span className="sr-only">Run</span>
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup" className="block">
        {tasks.map((task, index) => (
          <Row
            key={task.name}
            task={task}
            known={known.get(task.name)}
            here={index === at}
            whole={all || index < AT_ONCE}
            start={may ? start : undefined}
          />
        ))}
      </tbody>
    </table>
  );
}

/** A row is a grid, for only so does the browser leave out those that are out of sight;
 * that it is a row of a table is told by its role. */
const COLUMNS =
  "grid items-center md:grid-cols-[minmax(0,1fr)_11rem_9rem_3.5rem] md:*:px-3 xl:grid-cols-[minmax(0,1fr)_11rem_15.5rem_9rem_3.5rem]";

type Starting = ReturnType<typeof useStarting>;

interface RowProps {
  task: TaskItem;
  /** Its latest runs and what comes next; not there yet when the page is new. */
  known: Overview["tasks"][number] | undefined;
  here: boolean;
  /** Not only its name, by which it is found. */
  whole: boolean;
  /** Starts it; missing for whoever may not. */
  start: Starting | undefined;
}

/** Drawn anew only when something of its own changes: most of a hundred stay. */
const Row = memo(function Row({ task, known, here, whole, start }: RowProps) {
  return (
    <tr
      role="row"
      id={`task-${task.name}`}
      className={cn(
        COLUMNS,
        "relative grid-cols-[minmax(0,1fr)_auto_auto] gap-x-3 border-b border-line px-4 py-2 [contain-intrinsic-size:auto_52px] [content-visibility:auto] last:border-0 hover:bg-hover md:h-[52px] md:gap-x-0 md:p-0",
        here && "bg-hover outline-2 -outline-offset-2 outline-accent",
      )}
    >
      <td role="cell" className="min-w-0 md:pl-4!">
        <div className="flex min-w-0 items-center gap-2">
          <RowLink
            href={`/tasks/${task.name}`}
            className={cn("truncate font-medium after:absolute after:inset-0", !task.enabled && "text-muted")}
          >
            {task.name}
          </RowLink>
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
      {whole && <Rest task={task} known={known} start={start} />}
    </tr>
  );
});

/** How it was, and what is next. */
function Rest({ task, known, start }: Pick<RowProps, "task" | "known" | "start">) {
  const run = task.last_run;
  return (
    <>
      <td role="cell" className="min-w-0 text-right md:text-left">
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
      <td role="cell" className="hidden xl:block">
        <span className="relative z-1 inline-block">{known && <Strip runs={known.runs} />}</span>
      </td>
      <td role="cell" className="hidden truncate text-muted md:block">
        {known?.next ? <Next at={known.next} /> : <span className="text-subtle">—</span>}
      </td>
      <td role="cell" className="relative z-1">
        {start && <RunButton task={task} start={start} />}
      </td>
    </>
  );
}

function Next({ at }: { at: string }) {
  const moment = Date.parse(at);
  return (
    <time dateTime={at} title={absolute(moment)} className="tnum inline-flex items-center gap-1.5">
      <CalendarClock className="size-3.5 text-subtle" aria-hidden /> {useFromNow(moment)}
    </time>
  );
}

/** Runs at once what needs no answers, else asks. */
function RunButton({ task, start }: { task: TaskItem; start: Starting }) {
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const run = () => {
    setBusy(true);
    start(task.name, {})
      // A parameter or a secret without a value: they are asked for.
      .catch(() => setAsking(true))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <IconButton
        icon={busy ? LoaderCircle : Play}
        iconClass={busy ? "animate-spin" : ""}
        label={`Run ${task.name}`}
        disabled={!task.enabled || task.problems.length > 0}
        onClick={run}
      />
      {asking && <RunDialog task={task.name} onClose={() => setAsking(false)} />}
    </>
  );
}
