/** One run: how it stands, where its time went, why it failed, and all it wrote. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ChevronDown, GitCompareArrows, Pin, PinOff, RotateCw, Square } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { Select } from "@/components/ui/field";
import { ActMenu } from "@/components/ui/menu";
import { Note } from "@/components/ui/note";
import { Skeleton, Trouble, useTitle } from "@/components/ui/page";
import { Prose } from "@/components/ui/prose";
import { StatusIcon, StatusText } from "@/components/ui/status";
import { live } from "@/lib/api/live";
import { runQuery, touch } from "@/lib/api/queries";
import type { RunDetail } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { useMay } from "@/lib/session";
import { useShortcuts } from "@/lib/shortcuts";
import { exitMeaning, shortId, statusOf } from "@/lib/status";
import { download, useLog } from "../log/source";
import { LogViewer } from "../log/viewer";
import { usePin, useRerun, useStop } from "./actions";
import { Artifacts } from "./artifacts";
import { Attempts } from "./attempts";
import { ChangeList, causes } from "./changes";
import { EmptyLog } from "./empty-log";
import { Facts } from "./facts";
import { FailureCard } from "./failure";
import { useFavicon } from "./favicon";
import { Phases } from "./phases";
import { SentCard } from "./sent";
import { Pinned, Trial } from "./table";
import { lastTraceback } from "./traceback";
import { UsageChart, useUsage } from "./usage-chart";

const route = getRouteApi("/runs/$run");

export function RunPage() {
  const { run } = route.useParams();
  const query = useQuery(runQuery(run));
  useEffect(() => live.events(`run:${run}`, () => touch(["run", run])), [run]);
  if (query.isPending) return <Skeleton className="mx-auto w-full max-w-[1400px] p-6" />;
  if (query.isError) return <Trouble error={query.error} retry={() => void query.refetch()} />;
  return <RunView key={query.data.run.id} detail={query.data} />;
}

type Tab = "log" | "artifacts" | "params" | "sent" | "result" | "attempts" | "changes";

function RunView({ detail }: { detail: RunDetail }) {
  const { run, attempts } = detail;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const status = statusOf(run);
  const active = run.state !== "finished";
  const newest = Math.max(1, attempts.length);
  const attempt = Math.min(newest, Number(search.attempt) || newest);
  const may = {
    logs: useMay("logs_read"),
    start: useMay("runs_trigger"),
    stop: useMay("runs_cancel"),
    pin: useMay("runs_pin"),
  };
  const tab = (search.tab as Tab | undefined) ?? (may.logs ? "log" : "params");
  // The router would put the log back to where it was scrolled to before.
  const stay = { replace: true, resetScroll: false };
  const setTab = (next: Tab) =>
    void navigate({ search: { ...search, tab: next === "log" ? undefined : next }, ...stay });
  useTitle(
    `${status.family === "ok" ? "✓" : status.family === "bad" ? "✗" : status.active ? "●" : "–"} ${run.task} #${shortId(run.id)}`,
  );
  useFavicon(status.family);

  const which = useMemo(() => ({ run: run.id, attempt }), [run.id, attempt]);
  const fresh = active && (attempts.length === 0 || run.state === "queued" || run.state === "building");
  const source = useLog(which, {
    active,
    fresh: fresh && attempt === newest,
    onAttempt: () => touch(["run", run.id]),
  });
  const usage = useUsage(detail, attempt);
  const shown = attempts.find((one) => one.id.number === attempt);
  const began = Date.parse(shown?.started_at ?? run.created_at);
  const [show, setShow] = useState<{ line: number }>();
  const version = useSyncExternalStore(source.store.subscribe, source.store.getVersion);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says when lines have changed
  const traceback = useMemo(
    () =>
      !active && status.family === "bad"
        ? lastTraceback(source.store.written, source.store.total)
        : undefined,
    [version, active, status.family, source.store],
  );
  const jump = (line: number) => {
    if (tab !== "log") setTab("log");
    setShow({ line });
  };
  const tabs: { key: Tab; text: ReactNode; hidden?: boolean }[] = [
    { key: "log", text: "Log", hidden: !may.logs },
    { key: "artifacts", text: <Counted text="Files" count={detail.artifacts.length} /> },
    { key: "result", text: "Result", hidden: run.result === null || run.result === undefined },
    { key: "params", text: <Counted text="Parameters" count={Object.keys(run.params).length} /> },
    { key: "sent", text: "Sent with it", hidden: !detail.sent },
    {
      key: "changes",
      text: <Counted text="Changes" count={detail.since_last_good ? causes(detail.since_last_good) : 0} />,
      hidden: !detail.since_last_good,
    },
    {
      key: "attempts",
      text: <Counted text="Attempts" count={attempts.length} />,
      hidden: attempts.length === 0,
    },
  ];
  return (
    <div className="mx-auto flex w-full max-w-[1720px] flex-1 flex-col gap-4 px-4 pt-5 pb-4 md:px-6">
      <Head detail={detail} may={may} />
      <div className={cn("grid items-stretch gap-4", usage && "lg:grid-cols-2")}>
        <section className="card min-w-0 p-4" aria-label="Phases and facts">
          <Phases detail={detail} />
          <Facts detail={detail} half={usage !== undefined} />
        </section>
        {usage && (
          <section className="card min-w-0 px-4 pt-3 pb-2" aria-label="What it used">
            <UsageChart
              key={attempt}
              points={usage}
              limits={run.limits}
              peak={shown?.measurements.peak_memory_bytes ?? undefined}
              onGo={
                may.logs && source.store.known > 0 ? (at) => jump(source.store.lineAt(began + at)) : undefined
              }
            />
          </section>
        )}
      </div>
      {!active && status.family !== "ok" && (traceback || run.reason) && (
        <FailureCard
          detail={detail}
          traceback={traceback}
          onJump={jump}
          onChanges={() => setTab("changes")}
        />
      )}
      <div className="flex min-h-[440px] flex-1 flex-col">
        <div className="mb-2 flex items-end gap-2 border-b border-line">
          <div role="tablist" aria-label="Run" className="-mb-px flex min-w-0 flex-1 gap-4 overflow-x-auto">
            {tabs
              .filter((one) => !one.hidden)
              .map((one) => (
                <button
                  key={one.key}
                  type="button"
                  role="tab"
                  aria-selected={one.key === tab}
                  onClick={() => setTab(one.key)}
                  className={cn(
                    "h-9 shrink-0 border-b-2 text-dense font-medium touch:h-11",
                    one.key === tab ? "border-fg text-fg" : "border-transparent text-muted hover:text-fg",
                  )}
                >
                  {one.text}
                </button>
              ))}
          </div>
          {attempts.length > 1 && tab === "log" && (
            <Select
              aria-label="Attempt"
              className="mb-1"
              value={attempt}
              onChange={(event) =>
                void navigate({ search: { ...search, attempt: event.target.value }, ...stay })
              }
            >
              {attempts.map((one) => (
                <option key={one.id.number} value={one.id.number}>
                  Attempt {one.id.number}
                </option>
              ))}
            </Select>
          )}
        </div>
        {tab === "log" && (
          <LogViewer
            key={attempt}
            source={source}
            active={active && attempt === newest}
            raw={download(which)}
            show={show}
            className="h-[max(420px,calc(100dvh-420px))] flex-1"
            empty={<EmptyLog detail={detail} absent={source.absent} />}
            foot={<LogFoot detail={detail} />}
          />
        )}
        {tab === "artifacts" && <Artifacts detail={detail} />}
        {tab === "params" && <Params detail={detail} />}
        {tab === "sent" && detail.sent && <SentCard sent={detail.sent} />}
        {tab === "result" && <Json value={run.result} />}
        {tab === "changes" && detail.since_last_good && (
          <div className="card p-4">
            <p className="mb-3 text-dense text-muted">
              Compared with{" "}
              <Link
                to="/runs/$run"
                params={{ run: detail.since_last_good.run }}
                className="text-accent underline"
              >
                #{shortId(detail.since_last_good.run)}
              </Link>
              , the newest earlier run that succeeded:
            </p>
            <ChangeList changes={detail.since_last_good.changes} task={run.task} />
          </div>
        )}
        {tab === "attempts" && <Attempts detail={detail} />}
      </div>
      <p className="sr-only" role="status">
        Run {shortId(run.id)} of {run.task}: {status.word}
        {run.exit_code !== null && `, exit code ${run.exit_code}`}
      </p>
    </div>
  );
}

function Counted({ text, count }: { text: string; count: number }) {
  return (
    <>
      {text}
      {count > 0 && (
        <span className="tnum ml-1.5 rounded-full bg-hover px-1.5 py-px text-micro text-muted">{count}</span>
      )}
    </>
  );
}

interface HeadProps {
  detail: RunDetail;
  may: { start: boolean; stop: boolean; pin: boolean };
}

function Head({ detail, may }: HeadProps) {
  const { run } = detail;
  const navigate = route.useNavigate();
  const rerun = useRerun();
  const stop = useStop();
  const pin = usePin();
  const active = run.state !== "finished";
  const stopping = Boolean(run.cancel_requested_at) || run.state === "stopping";
  const again = (sameImage: boolean) => rerun.mutate({ run: run.id, sameImage });
  const good = detail.since_last_good?.run;
  useShortcuts({ r: () => may.start && !active && again(false) });
  return (
    <header className="flex flex-wrap items-center gap-x-3 gap-y-3">
      <h1 className="flex min-w-0 flex-wrap items-baseline gap-x-2.5 text-title font-semibold tracking-[-0.01em]">
        <Link to="/tasks/$task" params={{ task: run.task }} className="hover:underline">
          {run.task}
        </Link>
        <span className="font-mono text-[15px] font-normal text-subtle">#{shortId(run.id)}</span>
      </h1>
      <StatusText run={run} className="text-body" />
      {run.trial && <Trial />}
      {run.pinned && <Pinned />}
      <div className="ml-auto flex gap-2">
        {may.pin && (
          <IconButton
            icon={run.pinned ? PinOff : Pin}
            label={run.pinned ? "Let clean-up take this run" : "Keep this run, with its log, files and code"}
            disabled={pin.isPending}
            onClick={() => pin.mutate({ run: run.id, pinned: !run.pinned })}
          />
        )}
        {may.start && (
          <div className="flex">
            <Button
              icon={RotateCw}
              busy={rerun.isPending}
              className="rounded-r-none"
              onClick={() => again(false)}
            >
              Run again
            </Button>
            <ActMenu
              trigger={
                <IconButton
                  icon={ChevronDown}
                  label="More ways to run again"
                  className="-ml-px rounded-l-none border border-line bg-surface"
                />
              }
              items={[
                { text: "With the present code", icon: RotateCw, act: () => again(false) },
                {
                  text: "With the code and packages of then",
                  icon: RotateCw,
                  disabled: !run.image,
                  act: () => again(true),
                },
                ...(good
                  ? [
                      {
                        text: "Compare with the last good run",
                        icon: GitCompareArrows,
                        act: () =>
                          void navigate({
                            to: "/compare/$before/$after",
                            params: { before: good, after: run.id },
                          }),
                      },
                    ]
                  : []),
              ]}
            />
          </div>
        )}
        {active && may.stop && (
          <Button
            look="bad"
            icon={Square}
            busy={stop.isPending}
            disabled={stopping}
            onClick={() => stop.mutate(run.id)}
          >
            {stopping ? "Stopping…" : "Stop"}
          </Button>
        )}
      </div>
    </header>
  );
}

function LogFoot({ detail }: { detail: RunDetail }) {
  const { run } = detail;
  if (run.state !== "finished") return null;
  const status = statusOf(run);
  const meaning = run.exit_code === null ? undefined : exitMeaning(run.exit_code);
  return (
    <div className="flex flex-wrap items-center gap-x-2 border-t border-line px-3 py-1.5 text-meta text-muted">
      <StatusIcon status={status} className="size-3.5" />
      <span className="font-medium text-fg">{status.word}</span>
      {run.exit_code !== null && (
        <span className="tnum">
          exit code {run.exit_code}
          {meaning && ` (${meaning})`}
        </span>
      )}
      {run.reason && (
        <span className="min-w-0 truncate">
          <Prose text={run.reason.split("\n")[0]!} />
        </span>
      )}
    </div>
  );
}

function Params({ detail }: { detail: RunDetail }) {
  const { run } = detail;
  const all = Object.entries(run.params);
  if (all.length === 0 && run.args.length === 0) {
    return <Note family="idle">This run was given no parameters and no arguments.</Note>;
  }
  return (
    <div className="card divide-y divide-line">
      {all.map(([name, value]) => (
        <div key={name} className="flex flex-wrap gap-x-4 px-4 py-2 text-dense">
          <span className="w-44 shrink-0 text-muted">{name}</span>
          <code className="min-w-0 text-meta leading-5 whitespace-pre-wrap">
            {typeof value === "string" ? value : JSON.stringify(value)}
          </code>
        </div>
      ))}
      {run.args.length > 0 && (
        <div className="flex flex-wrap gap-x-4 px-4 py-2 text-dense">
          <span className="w-44 shrink-0 text-muted">Arguments</span>
          <code className="min-w-0 text-meta leading-5">{run.args.join(" ")}</code>
        </div>
      )}
    </div>
  );
}

function Json({ value }: { value: unknown }) {
  return <pre className="card overflow-auto p-4 text-meta leading-5">{JSON.stringify(value, null, 2)}</pre>;
}
