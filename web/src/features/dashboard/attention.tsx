import { Link } from "@tanstack/react-router";
import { ChevronRight, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Prose } from "@/components/ui/prose";
import { StatusIcon } from "@/components/ui/status";
import { Ago } from "@/components/ui/time";
import type { TaskItem } from "@/lib/api/types";
import { statusOf } from "@/lib/status";

/** Lines that are shown; a click brings the others. */
const FIRST = 8;

/** What failed and has not worked since, newest first: each with why, one click from its log. */
export function Attention({ tasks }: { tasks: TaskItem[] }) {
  const [all, setAll] = useState(false);
  if (tasks.length === 0) return null;
  const at = (task: TaskItem) => task.last_run?.created_at ?? "";
  const sorted = [...tasks].sort((a, b) => at(b).localeCompare(at(a)) || a.name.localeCompare(b.name));
  return (
    <section className="card mb-5 overflow-hidden border-bad/35" aria-label="Needs attention">
      <h2 className="border-b border-line bg-bad-soft px-4 py-2 text-dense font-semibold text-bad">
        Needs attention
      </h2>
      <ul className="divide-y divide-line">
        {sorted.slice(0, all ? undefined : FIRST).map((task) => (
          <Row key={task.name} task={task} />
        ))}
      </ul>
      {!all && sorted.length > FIRST && (
        <button
          type="button"
          onClick={() => setAll(true)}
          className="min-h-9 w-full border-t border-line px-4 text-left text-dense font-medium text-accent hover:bg-hover touch:min-h-11"
        >
          Show {sorted.length - FIRST} more
        </button>
      )}
    </section>
  );
}

function Row({ task }: { task: TaskItem }) {
  const run = task.last_run;
  const look = "group flex min-h-11 items-center gap-3 px-4 py-2 text-dense hover:bg-hover";
  const problem = task.problems[0];
  if (problem || !run) {
    return (
      <li>
        <Link to="/tasks/$task" params={{ task: task.name }} className={look}>
          <TriangleAlert className="size-4 shrink-0 text-warn" aria-hidden />
          <span className="shrink-0 font-medium">{task.name}</span>
          <span className="min-w-0 flex-1 truncate text-muted">
            {problem && <Prose text={problem.message} />}
          </span>
          <ChevronRight className="size-4 shrink-0 text-subtle" aria-hidden />
        </Link>
      </li>
    );
  }
  const status = statusOf(run);
  return (
    <li>
      <Link to="/runs/$run" params={{ run: run.id }} className={look}>
        <StatusIcon status={status} />
        <span className="shrink-0 font-medium">{task.name}</span>
        <span className="min-w-0 flex-1 truncate text-muted">
          {status.word}
          {run.reason ? (
            <Prose text={`: ${run.reason}`} />
          ) : (
            run.exit_code !== null && ` with exit code ${run.exit_code}`
          )}
        </span>
        <Ago at={run.created_at} className="tnum shrink-0 text-subtle" />
        <ChevronRight className="size-4 shrink-0 text-subtle" aria-hidden />
      </Link>
    </li>
  );
}
