import { Link } from "@tanstack/react-router";
import { ChevronRight, TriangleAlert } from "lucide-react";
import { Prose } from "@/components/ui/prose";
import { StatusIcon } from "@/components/ui/status";
import { Ago } from "@/components/ui/time";
import type { TaskItem } from "@/lib/api/types";
import { statusOf } from "@/lib/status";

/** What failed and has not worked since: each with why, one click from its log. */
export function Attention({ tasks }: { tasks: TaskItem[] }) {
  if (tasks.length === 0) return null;
  return (
    <section className="card mb-5 overflow-hidden border-bad/35" aria-label="Needs attention">
      <h2 className="border-b border-line bg-bad-soft px-4 py-2 text-dense font-semibold text-bad">
        Needs attention
      </h2>
      <ul className="divide-y divide-line">
        {tasks.slice(0, 8).map((task) => (
          <Row key={task.name} task={task} />
        ))}
      </ul>
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
