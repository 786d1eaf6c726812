/** One task: its code, packages, schedules, runs and settings. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Lock, PauseCircle, Play, SlidersHorizontal } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { Note } from "@/components/ui/note";
import { Skeleton, Tag, Trouble, useTitle } from "@/components/ui/page";
import { Prose } from "@/components/ui/prose";
import { StatusText } from "@/components/ui/status";
import { complain } from "@/components/ui/toast";
import { overviewQuery, taskQuery } from "@/lib/api/queries";
import type { TaskView } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { useInSight } from "@/lib/in-sight";
import { useMay } from "@/lib/session";
import { useShortcuts } from "@/lib/shortcuts";
import { useStart } from "../runs/actions";
import { Strip } from "../runs/strip";
import { Triggers } from "../triggers/list";
import { Code } from "./code";
import { Overview } from "./overview";
import { Packages } from "./packages";
import { RunDialog } from "./run-dialog";
import { TaskRuns } from "./runs";
import { TaskSchedules } from "./schedules";
import { TaskSettings } from "./settings";
import { Versions } from "./versions";

const route = getRouteApi("/tasks/$task");

const TABS = [
  { key: "overview", text: "Overview" },
  { key: "code", text: "Code" },
  { key: "packages", text: "Packages" },
  { key: "schedules", text: "Schedules" },
  { key: "triggers", text: "Triggers" },
  { key: "runs", text: "Runs" },
  { key: "versions", text: "Versions" },
  { key: "settings", text: "Settings" },
] as const;

export type TaskTab = (typeof TABS)[number]["key"];

export function TaskPage() {
  const { task } = route.useParams();
  const query = useQuery(taskQuery(task));
  if (query.isPending) return <Skeleton className="mx-auto w-full max-w-[1400px] p-6" />;
  if (query.isError) return <Trouble error={query.error} retry={() => void query.refetch()} />;
  return <TaskPageView key={task} view={query.data} />;
}

function TaskPageView({ view }: { view: TaskView }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  // Whoever may not make triggers may not see them, either.
  const mayTriggers = useMay("system_write");
  const shown = TABS.filter((one) => one.key !== "triggers" || mayTriggers);
  const tab = shown.find((one) => one.key === search.tab)?.key ?? "overview";
  const fill = tab === "code";
  useTitle(view.name);
  const tabs = useInSight(tab);
  return (
    <div
      className={cn(
        "mx-auto flex w-full flex-1 flex-col px-4 pt-5 pb-6 md:px-6",
        fill ? "max-w-none" : "max-w-[1400px]",
      )}
    >
      <Head view={view} />
      <div className="mb-4 border-b border-line">
        <nav ref={tabs} aria-label="Task" className="-mb-px flex gap-5 overflow-x-auto">
          {shown.map(({ key, text }) => (
            <Link
              key={key}
              to="/tasks/$task"
              params={{ task: view.name }}
              search={key === "overview" ? {} : { tab: key }}
              // By itself a link without a tab would be the present one on all of them.
              activeOptions={{ exact: true, includeSearch: true }}
              aria-current={key === tab ? "page" : undefined}
              className={cn(
                "flex h-9 shrink-0 items-center border-b-2 text-dense font-medium touch:h-11",
                key === tab ? "border-fg text-fg" : "border-transparent text-muted hover:text-fg",
              )}
            >
              {text}
            </Link>
          ))}
        </nav>
      </div>
      {view.problems.length > 0 && tab !== "code" && <Problems view={view} />}
      {tab === "overview" && <Overview view={view} />}
      {tab === "code" && (
        <Code
          view={view}
          search={search}
          go={(next) => void navigate({ search: { ...search, ...next }, replace: true })}
        />
      )}
      {tab === "packages" && <Packages view={view} />}
      {tab === "schedules" && <TaskSchedules task={view.name} readOnly={view.read_only} />}
      {tab === "triggers" && <Triggers task={view.name} />}
      {tab === "runs" && <TaskRuns task={view.name} />}
      {tab === "versions" && <Versions view={view} chosen={search.file} />}
      {tab === "settings" && <TaskSettings view={view} />}
    </div>
  );
}

function Head({ view }: { view: TaskView }) {
  const { detail } = view;
  const search = route.useSearch();
  const mayRun = useMay("runs_trigger");
  const overview = useQuery(overviewQuery);
  const start = useStart(view.name);
  const [asking, setAsking] = useState(search.run === "1");
  const runs = overview.data?.tasks.find((one) => one.task === view.name)?.runs ?? [];
  // As everywhere: how it does is told by its own code.
  const last = detail?.runs.find((run) => !run.trial);
  const needs = Boolean(
    detail &&
      (Object.values(detail.params).some((param) => param.required) ||
        detail.secret_uses.some((use) => use.lack)),
  );
  const enabled = Boolean(detail?.enabled) && view.problems.length === 0;
  const run = () => {
    if (!enabled) return;
    if (needs) setAsking(true);
    else start.mutate({}, { onError: complain });
  };
  useShortcuts({ r: run });
  useEffect(() => {
    if (search.run === "1") setAsking(true);
  }, [search.run]);
  return (
    <header className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-3">
      <div className="min-w-0 flex-1 basis-64">
        <h1 className="flex flex-wrap items-center gap-2 text-title font-semibold tracking-[-0.01em]">
          {view.name}
          {view.read_only && <Lock className="size-4 text-subtle" aria-label="read only" />}
          {detail && !detail.enabled && (
            <Tag>
              <PauseCircle className="mr-1 size-3" aria-hidden /> disabled
            </Tag>
          )}
          {detail?.tags.map((tag) => (
            <Link key={tag} to="/tasks" search={{ tag }}>
              <Tag className="hover:text-fg">{tag}</Tag>
            </Link>
          ))}
        </h1>
        {detail?.description && <p className="mt-0.5 text-dense text-muted">{detail.description}</p>}
      </div>
      {runs.length > 0 && (
        <div className="hidden items-center gap-4 lg:flex">
          {last && <StatusText run={last} className="text-dense" />}
          <Strip runs={runs} />
        </div>
      )}
      {mayRun && (
        <div className="flex">
          <Button
            look="ink"
            icon={Play}
            busy={start.isPending}
            disabled={!enabled}
            onClick={run}
            className="rounded-r-none"
          >
            Run
          </Button>
          <IconButton
            icon={SlidersHorizontal}
            label="Run with parameters…"
            disabled={!enabled}
            onClick={() => setAsking(true)}
            className="rounded-l-none border-l border-on-ink/20 bg-ink text-on-ink hover:bg-ink hover:text-on-ink hover:opacity-88"
          />
        </div>
      )}
      {asking && <RunDialog task={view.name} onClose={() => setAsking(false)} />}
    </header>
  );
}

function Problems({ view }: { view: TaskView }) {
  return (
    <Note family="bad" className="mb-4">
      <ul className="flex flex-col gap-1">
        {view.problems.map((problem, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two problems may read the same
          <li key={at}>
            <Link
              to="/tasks/$task"
              params={{ task: view.name }}
              search={{
                tab: "code",
                file: problem.file,
                line: problem.line === null ? undefined : String(problem.line),
              }}
              className="font-mono text-meta underline"
            >
              {problem.file}
              {problem.line !== null && `:${problem.line}`}
            </Link>{" "}
            <Prose text={problem.hint ? `${problem.message} (${problem.hint})` : problem.message} />
          </li>
        ))}
      </ul>
    </Note>
  );
}
