/** All tasks: how each is, how it was lately, and what it does next. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { FilePlus2, FolderCode, ListTree, Search, TriangleAlert } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/field";
import { Empty, Page, Skeleton, Tag, Trouble } from "@/components/ui/page";
import { Prose } from "@/components/ui/prose";
import { overviewQuery, tasksQuery } from "@/lib/api/queries";
import type { TaskItem } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { many } from "@/lib/format";
import { useMay } from "@/lib/session";
import { useShortcuts } from "@/lib/shortcuts";
import { type Family, statusOf } from "@/lib/status";
import { NewTask } from "./new";
import { TaskTable } from "./table";

const route = getRouteApi("/tasks");

type Standing = "attention" | "active" | "disabled" | "broken";

const STANDINGS: { key: Standing; word: string; has(task: TaskItem): boolean }[] = [
  { key: "attention", word: "Failing", has: (task) => familyOf(task) === "bad" },
  {
    key: "active",
    word: "Active",
    has: (task) => Boolean(task.last_run && task.last_run.state !== "finished"),
  },
  { key: "disabled", word: "Disabled", has: (task) => !task.enabled && task.problems.length === 0 },
  { key: "broken", word: "With mistakes", has: (task) => task.problems.length > 0 },
];

const familyOf = (task: TaskItem): Family | undefined =>
  task.last_run ? statusOf(task.last_run).family : undefined;

export function TasksPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(tasksQuery);
  const overview = useQuery(overviewQuery);
  const mayWrite = useMay("tasks_write");
  const input = useRef<HTMLInputElement>(null);
  const [making, setMaking] = useState(Boolean(search.new));
  useShortcuts({ "/": () => input.current?.focus(), n: () => mayWrite && setMaking(true) });
  const set = (next: Partial<typeof search>) =>
    void navigate({ search: { ...search, ...next }, replace: true });
  const all = query.data ?? [];
  const text = (search.text ?? "").toLowerCase();
  const standing = STANDINGS.find((one) => one.key === search.status);
  const shown = all.filter(
    (task) =>
      (!text ||
        `${task.name} ${task.description ?? ""} ${task.tags.join(" ")}`.toLowerCase().includes(text)) &&
      (!search.tag || task.tags.includes(search.tag)) &&
      (!standing || standing.has(task)),
  );
  const tags = [...new Set(all.flatMap((task) => task.tags))].sort();
  return (
    <Page
      title="Tasks"
      name="Tasks"
      about={query.data && `${many(all.length, "script")} in the folder tasks/.`}
      actions={
        mayWrite && (
          <Button look="ink" icon={FilePlus2} onClick={() => setMaking(true)}>
            New task
          </Button>
        )
      }
    >
      {all.length > 0 && (
        <div className="mb-3 flex flex-wrap items-center gap-2">
          <div className="relative w-full sm:w-64">
            <Search
              className="pointer-events-none absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-subtle"
              aria-hidden
            />
            <Input
              ref={input}
              type="search"
              aria-label="Search tasks"
              placeholder="Search tasks"
              className="pl-8"
              value={search.text ?? ""}
              onChange={(event) => set({ text: event.target.value })}
            />
          </div>
          {STANDINGS.map(({ key, word, has }) => {
            const count = all.filter(has).length;
            return count > 0 || search.status === key ? (
              <Chip
                key={key}
                here={search.status === key}
                onClick={() => set({ status: search.status === key ? "" : key })}
              >
                {word} <span className="tnum text-subtle">{count}</span>
              </Chip>
            ) : null;
          })}
          {tags.length > 0 && <span className="mx-1 hidden h-4 w-px bg-line sm:block" />}
          {tags.slice(0, 12).map((tag) => (
            <Chip
              key={tag}
              here={search.tag === tag}
              onClick={() => set({ tag: search.tag === tag ? "" : tag })}
            >
              {tag}
            </Chip>
          ))}
        </div>
      )}
      <div className="card overflow-hidden">
        {query.isPending ? (
          <Skeleton rows={8} />
        ) : query.isError ? (
          <Trouble error={query.error} retry={() => void query.refetch()} />
        ) : all.length === 0 ? (
          <Empty
            icon={ListTree}
            title="No tasks yet"
            action={
              mayWrite && (
                <Button look="ink" icon={FilePlus2} onClick={() => setMaking(true)}>
                  Make the first one
                </Button>
              )
            }
          >
            A task is a folder with a Python script, and its requirements if it has any. Make one here, or
            drop a folder into <code>tasks/</code>: it shows up within a second.
          </Empty>
        ) : shown.length === 0 ? (
          <Empty
            icon={Search}
            title="No task passes these filters"
            action={<Button onClick={() => void navigate({ search: {} })}>Show all</Button>}
          />
        ) : (
          <TaskTable tasks={shown} overview={overview.data} />
        )}
      </div>
      <Mistakes tasks={all.filter((task) => task.problems.length > 0)} />
      {making && <NewTask taken={all.map((task) => task.name)} onClose={() => setMaking(false)} />}
    </Page>
  );
}

function Chip({ here, onClick, children }: { here: boolean; onClick(): void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      aria-pressed={here}
      onClick={onClick}
      className={cn(
        "inline-flex h-7 items-center gap-1.5 rounded-full border px-2.5 text-meta font-medium touch:h-10",
        here ? "border-accent bg-accent-soft text-accent" : "border-line bg-surface text-muted hover:text-fg",
      )}
    >
      {children}
    </button>
  );
}

/** What in the folder cannot run, and what to do about it. */
function Mistakes({ tasks }: { tasks: TaskItem[] }) {
  if (tasks.length === 0) return null;
  return (
    <section className="mt-4" aria-label="Mistakes">
      {tasks.map((task) => (
        <div
          key={task.name}
          className="mt-2 flex gap-3 rounded-xl border border-warn/30 bg-warn-soft px-4 py-3 text-dense"
        >
          <TriangleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden />
          <div className="min-w-0 flex-1">
            <Link
              to="/tasks/$task"
              params={{ task: task.name }}
              className="inline-flex items-center gap-1.5 font-medium hover:underline"
            >
              <FolderCode className="size-4" aria-hidden /> {task.name}
            </Link>
            <ul className="mt-0.5">
              {task.problems.map((problem, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two problems may read the same
                <li key={at}>
                  <code className="text-meta">
                    {problem.file}
                    {problem.line !== null && `:${problem.line}`}
                  </code>{" "}
                  <Prose text={problem.message} />{" "}
                  {problem.hint && (
                    <span className="text-muted">
                      <Prose text={problem.hint} />
                    </span>
                  )}
                </li>
              ))}
            </ul>
          </div>
        </div>
      ))}
    </section>
  );
}

export { Tag };
