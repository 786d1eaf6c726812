/** What needs somebody, then how everything is. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, CircleDot, FilePlus2, Play, Rocket } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Button, buttonClass } from "@/components/ui/button";
import { Card, Page, Skeleton, Trouble } from "@/components/ui/page";
import { overviewQuery, systemQuery, tasksQuery } from "@/lib/api/queries";
import type { Overview, TaskItem } from "@/lib/api/types";
import { chunk } from "@/lib/chunk";
import { cn } from "@/lib/cn";
import { count, duration, many, percent } from "@/lib/format";
import { useMay } from "@/lib/session";
import { statusOf } from "@/lib/status";
import { absolute, fromNow, useNow } from "@/lib/time";
import { NewTask } from "../tasks/new";
import { TaskTable } from "../tasks/table";
import { Attention } from "./attention";
import { Days } from "./days";

const Trend = lazy(chunk(() => import("./trend").then((all) => ({ default: all.Trend }))));

export function DashboardPage() {
  const tasks = useQuery(tasksQuery);
  const overview = useQuery(overviewQuery);
  const wrong = tasks.error ?? overview.error;
  if (wrong)
    return <Trouble error={wrong} retry={() => void Promise.all([tasks.refetch(), overview.refetch()])} />;
  if (!tasks.data || !overview.data)
    return <Skeleton rows={10} className="mx-auto w-full max-w-[1400px] p-6" />;
  return <Dashboard tasks={tasks.data} overview={overview.data} />;
}

function Dashboard({ tasks, overview }: { tasks: TaskItem[]; overview: Overview }) {
  const failing = tasks.filter(
    (task) =>
      task.problems.length > 0 || (task.enabled && task.last_run && statusOf(task.last_run).family === "bad"),
  );
  const ran = overview.days.some((day) => day.runs > 0);
  const headline =
    tasks.length === 0
      ? "Welcome."
      : failing.length > 0
        ? `${failing.length} of ${many(tasks.length, "task")} ${failing.length === 1 ? "needs" : "need"} attention.`
        : ran
          ? "All is well."
          : `${many(tasks.length, "task")}, and nothing has run yet.`;
  return (
    <Page title="Dashboard" name="Dashboard" about={headline}>
      {!ran && <FirstSteps tasks={tasks} />}
      {ran && <Figures overview={overview} />}
      <Attention tasks={failing} />
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_340px]">
        {tasks.length > 0 && (
          <Card
            title="Tasks"
            flush
            aside={
              <Link to="/tasks" className="hover:text-fg">
                All {count(tasks.length)}
              </Link>
            }
          >
            <TaskTable tasks={byNeed(tasks, overview).slice(0, 12)} overview={overview} />
          </Card>
        )}
        {ran && (
          <div className="grid gap-5 md:grid-cols-2 xl:grid-cols-1">
            <Card title="Runs per day" aside="30 days">
              <Days days={overview.days} />
            </Card>
            <Card title="Duration" aside="successful runs">
              <Suspense fallback={<div className="skeleton h-40" />}>
                <Trend days={overview.days} />
              </Suspense>
            </Card>
            <Upcoming upcoming={overview.upcoming} />
          </div>
        )}
      </div>
    </Page>
  );
}

/** What goes on first, then what ran last. */
function byNeed(tasks: TaskItem[], _: Overview): TaskItem[] {
  const rank = (task: TaskItem) => {
    const run = task.last_run;
    if (!run) return 3;
    const status = statusOf(run);
    return status.active ? 0 : status.family === "bad" ? 1 : 2;
  };
  const when = (task: TaskItem) => (task.last_run ? Date.parse(task.last_run.created_at) : 0);
  return [...tasks].sort((a, b) => rank(a) - rank(b) || when(b) - when(a) || a.name.localeCompare(b.name));
}

function Figures({ overview }: { overview: Overview }) {
  const { week, week_before: before, days } = overview;
  const today = days.at(-1);
  const ended = (of: typeof week) => of.succeeded + of.failed;
  const change =
    ended(week) > 0 && ended(before) > 0
      ? (100 * week.succeeded) / ended(week) - (100 * before.succeeded) / ended(before)
      : undefined;
  const slower =
    week.median_ms != null && before.median_ms != null ? week.median_ms - before.median_ms : undefined;
  const goes = [
    overview.running > 0 && `${overview.running} running`,
    overview.queued > 0 && `${overview.queued} queued`,
  ]
    .filter(Boolean)
    .join(" · ");
  return (
    <dl className="card mb-5 grid grid-cols-2 divide-line overflow-hidden *:border-line *:p-4 max-lg:*:odd:border-r max-lg:[&>*:nth-child(-n+2)]:border-b lg:grid-cols-4 lg:divide-x">
      <Figure
        name="Success, 7 days"
        value={percent(week.succeeded, ended(week))}
        about={
          change === undefined ? many(week.runs, "run") : `${signed(change)} points against the week before`
        }
      />
      <Figure
        name="Runs today"
        value={count(today?.runs ?? 0)}
        about={goes || (today?.failed ? `${today.failed} failed` : "none active")}
        link="/runs"
      />
      <Figure
        name="Median duration"
        value={week.median_ms == null ? "—" : duration(week.median_ms)}
        about={
          slower === undefined
            ? "of successful runs, 7 days"
            : Math.abs(slower) < 50
              ? "as the week before"
              : `${slower > 0 ? "+" : "−"}${duration(Math.abs(slower))} against the week before`
        }
      />
      <NextFigure upcoming={overview.upcoming} />
    </dl>
  );
}

const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;

function Figure({
  name,
  value,
  about,
  link,
}: {
  name: string;
  value: ReactNode;
  about: ReactNode;
  link?: "/runs";
}) {
  return (
    <div className="min-w-0">
      <dt className="text-meta text-subtle">{name}</dt>
      <dd className="tnum mt-1 truncate text-figure font-semibold tracking-[-0.02em]">
        {link ? <Link to={link}>{value}</Link> : value}
      </dd>
      <dd className="tnum text-meta text-subtle lg:truncate">{about}</dd>
    </div>
  );
}

function NextFigure({ upcoming }: { upcoming: Overview["upcoming"] }) {
  const now = useNow();
  const next = upcoming[0];
  return (
    <Figure
      name="Next run"
      value={next ? fromNow(Date.parse(next.at), now) : "—"}
      about={next ? next.task : "nothing is scheduled"}
    />
  );
}

function Upcoming({ upcoming }: { upcoming: Overview["upcoming"] }) {
  const now = useNow();
  return (
    <Card
      title="Upcoming"
      flush
      aside={
        <Link to="/schedules" className="hover:text-fg">
          Schedules
        </Link>
      }
    >
      {upcoming.length === 0 ? (
        <p className="px-4 py-5 text-dense text-muted">
          Nothing is scheduled. A task's page has a tab for when it runs by itself.
        </p>
      ) : (
        <ul className="divide-y divide-line">
          {upcoming.slice(0, 6).map((slot) => (
            <li
              key={`${slot.task} ${slot.schedule}`}
              className="flex h-9 items-center justify-between gap-3 px-4 text-dense"
            >
              <Link
                to="/tasks/$task"
                params={{ task: slot.task }}
                search={{ tab: "schedules" }}
                className="truncate font-medium hover:underline"
              >
                {slot.task}
              </Link>
              <time
                dateTime={slot.at}
                title={absolute(Date.parse(slot.at))}
                className="tnum shrink-0 text-muted"
              >
                {fromNow(Date.parse(slot.at), now)}
              </time>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** The way from nothing to a first run. */
function FirstSteps({ tasks }: { tasks: TaskItem[] }) {
  const may = { system: useMay("system_read"), write: useMay("tasks_write") };
  const system = useQuery({ ...systemQuery, enabled: may.system });
  const [making, setMaking] = useState(false);
  const ready = system.data?.engine.ready ?? false;
  const first = tasks.find((task) => task.enabled && task.problems.length === 0);
  return (
    <Card className="mb-5" title="Three steps to a first run">
      <ol className="flex flex-col gap-4">
        <Step done={ready} title="A Docker engine answers">
          {ready
            ? system.data?.engine.about
            : `${system.data?.engine.about ?? "Looking…"} Runs wait until it does; runbay doctor says what is missing.`}
        </Step>
        <Step
          done={tasks.length > 0}
          title="There is a task"
          action={
            may.write && (
              <Button
                icon={FilePlus2}
                look={tasks.length > 0 ? "plain" : "ink"}
                onClick={() => setMaking(true)}
              >
                New task
              </Button>
            )
          }
        >
          {tasks.length > 0
            ? `${many(tasks.length, "folder")} in tasks/.`
            : "A folder in tasks/ with a Python script. Make one here, or drop in what you have."}
        </Step>
        <Step
          done={false}
          title="It runs"
          action={
            first && (
              <Link
                to="/tasks/$task"
                params={{ task: first.name }}
                className={buttonClass(tasks.length > 0 ? "ink" : "plain")}
              >
                <Play className="size-4" aria-hidden /> Open {first.name}
              </Link>
            )
          }
        >
          The first run of a task builds its image, which takes a while. All later ones begin in a fraction of
          a second.
        </Step>
      </ol>
      {making && <NewTask taken={tasks.map((task) => task.name)} onClose={() => setMaking(false)} />}
    </Card>
  );
}

function Step({
  done,
  title,
  children,
  action,
}: {
  done: boolean;
  title: string;
  children: ReactNode;
  action?: ReactNode;
}) {
  const Icon = done ? Check : title === "It runs" ? Rocket : CircleDot;
  return (
    <li className="flex flex-wrap items-start gap-3">
      <span
        className={cn(
          "mt-0.5 flex size-6 shrink-0 items-center justify-center rounded-full border",
          done ? "border-transparent bg-ok-soft text-ok" : "border-line text-subtle",
        )}
      >
        <Icon className="size-3.5" aria-hidden />
      </span>
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-medium">
          {title}
          {done && <span className="sr-only"> (done)</span>}
        </p>
        <p className="text-dense text-muted">{children}</p>
      </div>
      {action}
    </li>
  );
}
