import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ListFilter, Pin, Play, ScrollText, Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button, buttonClass } from "@/components/ui/button";
import { Input, Select } from "@/components/ui/field";
import { Empty, Page, Skeleton, Trouble } from "@/components/ui/page";
import { type RunsFilter, runsQuery, tasksQuery } from "@/lib/api/queries";
import { many } from "@/lib/format";
import { useShortcuts } from "@/lib/shortcuts";
import { OUTCOME_NAMES } from "@/lib/status";
import { RunsOfQuery } from "./chosen";

const route = getRouteApi("/runs");

const SPANS = {
  "1h": ["Last hour", 3_600_000],
  "1d": ["Last day", 86_400_000],
  "7d": ["Last 7 days", 604_800_000],
  "30d": ["Last 30 days", 2_592_000_000],
} as const;
const FAILED = "failed,build_failed,timed_out,out_of_memory,out_of_disk";

export function RunsPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const tasks = useQuery(tasksQuery);
  const asked = useAsked(filter);
  const query = useInfiniteQuery(runsQuery(asked));
  const runs = query.data?.pages.flatMap((page) => page.items) ?? [];
  const set = (next: Partial<RunsFilter>) => void navigate({ search: { ...filter, ...next }, replace: true });
  const filtered = Object.values(filter).some(Boolean);
  const tags = [...new Set((tasks.data ?? []).flatMap((task) => task.tags))].sort();
  return (
    <Page title="Runs" name="Runs" about="Every run of every task, newest first.">
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <TextFilter
          value={filter.text ?? ""}
          onChange={(text) => set({ text: text || undefined } as RunsFilter)}
        />
        {/* On a phone all of them are one row, beside the page. */}
        <div className="-mx-4 flex gap-2 overflow-x-auto px-4 *:shrink-0 max-sm:w-screen sm:contents">
          <Select
            aria-label="Status"
            value={statusValue(filter)}
            onChange={(event) => set(statusFilter(event.target.value))}
          >
            <option value="">Any status</option>
            <option value="active">Active</option>
            <option value="bad">Any failure</option>
            {OUTCOME_NAMES.map(({ key, word }) => (
              <option key={key} value={key}>
                {word}
              </option>
            ))}
          </Select>
          <Select
            aria-label="Task"
            value={filter.task ?? ""}
            onChange={(event) => set({ task: event.target.value || undefined } as RunsFilter)}
            className="max-w-48"
          >
            <option value="">Any task</option>
            {tasks.data?.map((task) => (
              <option key={task.name}>{task.name}</option>
            ))}
          </Select>
          {tags.length > 0 && (
            <Select
              aria-label="Tag"
              value={filter.tag ?? ""}
              onChange={(event) => set({ tag: event.target.value || undefined } as RunsFilter)}
            >
              <option value="">Any tag</option>
              {tags.map((tag) => (
                <option key={tag}>{tag}</option>
              ))}
            </Select>
          )}
          <Select
            aria-label="Trigger"
            value={filter.trigger ?? ""}
            onChange={(event) => set({ trigger: event.target.value || undefined } as RunsFilter)}
          >
            <option value="">Any trigger</option>
            <option value="manual">By hand</option>
            <option value="schedule">By schedule</option>
            <option value="api">Over the API</option>
            <option value="webhook">By webhook</option>
            <option value="rerun">Run again</option>
          </Select>
          <Select
            aria-label="Time"
            value={filter.from ?? ""}
            onChange={(event) => set({ from: event.target.value || undefined } as RunsFilter)}
          >
            <option value="">Any time</option>
            {Object.entries(SPANS).map(([key, [word]]) => (
              <option key={key} value={key}>
                {word}
              </option>
            ))}
          </Select>
          <Button
            icon={Pin}
            aria-pressed={Boolean(filter.pinned)}
            className={filter.pinned ? "bg-hover" : "text-muted"}
            onClick={() => set({ pinned: filter.pinned ? undefined : "true" } as RunsFilter)}
          >
            Pinned
          </Button>
        </div>
        {filtered && (
          <Button look="ghost" icon={X} onClick={() => void navigate({ search: {}, replace: true })}>
            Clear
          </Button>
        )}
      </div>
      <div className="card overflow-hidden">
        {query.isPending ? (
          <Skeleton rows={10} />
        ) : query.isError ? (
          <Trouble error={query.error} retry={() => void query.refetch()} />
        ) : runs.length === 0 ? (
          <NoRuns filtered={filtered} />
        ) : (
          <RunsOfQuery query={query} runs={runs} />
        )}
      </div>
      <p className="sr-only" role="status">
        {query.isSuccess && many(runs.length, "run")} shown
      </p>
    </Page>
  );
}

function NoRuns({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <Empty icon={ListFilter} title="No run passes these filters">
        Take one away to see more.
      </Empty>
    );
  }
  return (
    <Empty
      icon={ScrollText}
      title="Nothing has run yet"
      action={
        <Link to="/tasks" className={buttonClass("ink")}>
          <Play className="size-4" aria-hidden /> Choose a task to run
        </Link>
      }
    >
      Each run is a fresh container that is thrown away after it. Its output, files and cost are kept here.
    </Empty>
  );
}

/** What the service is asked: spans become instants, which must stay the same
 * from one rendering to the next. */
function useAsked(filter: RunsFilter): RunsFilter {
  const { from, ...rest } = filter;
  const span = from && from in SPANS ? SPANS[from as keyof typeof SPANS][1] : undefined;
  const [begin] = [useRef(Date.now()).current];
  if (span) return { ...rest, from: new Date(Math.floor((begin - span) / 60_000) * 60_000).toISOString() };
  return from && !Number.isNaN(Date.parse(from)) ? filter : rest;
}

function statusValue(filter: RunsFilter): string {
  if (filter.state) return "active";
  if (filter.outcome === FAILED) return "bad";
  return filter.outcome ?? "";
}

function statusFilter(value: string): RunsFilter {
  const state = value === "active" ? "queued,building,starting,running,stopping" : undefined;
  const outcome = value === "bad" ? FAILED : value === "active" ? undefined : value || undefined;
  return { state, outcome } as RunsFilter;
}

function TextFilter({ value, onChange }: { value: string; onChange(text: string): void }) {
  const [text, setText] = useState(value);
  const ref = useRef<HTMLInputElement>(null);
  useEffect(() => setText(value), [value]);
  useShortcuts({ "/": () => ref.current?.focus() });
  const change = useRef(onChange);
  change.current = onChange;
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => change.current(text), 200);
    return () => clearTimeout(timer);
  }, [text, value]);
  return (
    <div className="relative w-full sm:w-60">
      <Search
        className="pointer-events-none absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-subtle"
        aria-hidden
      />
      <Input
        ref={ref}
        type="search"
        aria-label="Task or run"
        placeholder="Task or run"
        className="pl-8"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </div>
  );
}
