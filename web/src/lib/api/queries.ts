/** What the pages ask for, each with its key, and what makes it stale. */
import { infiniteQueryOptions, QueryClient, queryOptions } from "@tanstack/react-query";
import { api, body, Refusal } from "./client";
import { type Event, live } from "./live";
import type { DeliveryState } from "./types";

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      retry: (times, error) =>
        times < 3 && error instanceof Refusal && (error.status === 0 || error.status === 503),
      retryDelay: (times) => Math.min(500 * 2 ** times, 4000),
    },
    mutations: { retry: false },
  },
});

/** Which runs to list, as the address of the page says it. */
export interface RunsFilter {
  task?: string;
  tag?: string;
  state?: string;
  outcome?: string;
  trigger?: string;
  pinned?: string;
  from?: string;
  text?: string;
}

export const runsQuery = (filter: RunsFilter, limit = 50) =>
  infiniteQueryOptions({
    queryKey: ["runs", filter, limit],
    queryFn: ({ pageParam, signal }) =>
      // Lists of words are one text with commas here, whatever the document says of their form.
      body(
        api.GET("/api/v1/runs", {
          params: { query: { ...filter, limit, cursor: pageParam } as never },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const runQuery = (run: string) =>
  queryOptions({
    queryKey: ["run", run],
    queryFn: ({ signal }) => body(api.GET("/api/v1/runs/{run}", { params: { path: { run } }, signal })),
  });

/** What an attempt of a run used over time. */
export const usageQuery = (run: string, attempt: number) =>
  queryOptions({
    queryKey: ["run", run, "usage", attempt],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/runs/{run}/usage", { params: { path: { run }, query: { attempt } }, signal })),
  });

/** All tasks; what is shown is filtered here, for there are hundreds at most. */
export const tasksQuery = queryOptions({
  queryKey: ["tasks"],
  queryFn: async ({ signal }) => {
    const items = [];
    let cursor: string | undefined;
    do {
      const page = await body(
        api.GET("/api/v1/tasks", { params: { query: { limit: 500, cursor } }, signal }),
      );
      items.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor);
    return items;
  },
});

const ofTask = (task: string) => ({ params: { path: { task } } });

export const taskQuery = (task: string) =>
  queryOptions({
    queryKey: ["task", task],
    queryFn: ({ signal }) => body(api.GET("/api/v1/tasks/{task}", { ...ofTask(task), signal })),
  });

export const filesQuery = (task: string) =>
  queryOptions({
    queryKey: ["task", task, "files"],
    queryFn: ({ signal }) => body(api.GET("/api/v1/tasks/{task}/files", { ...ofTask(task), signal })),
  });

export const versionsQuery = (task: string) =>
  queryOptions({
    queryKey: ["task", task, "versions"],
    queryFn: ({ signal }) => body(api.GET("/api/v1/tasks/{task}/versions", { ...ofTask(task), signal })),
  });

/** How two versions of a task differ; without one, it is the folder as it is now. */
export const diffQuery = (task: string, from: string | undefined, to: string) =>
  queryOptions({
    queryKey: ["task", task, "diff", from, to],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/tasks/{task}/diff", { params: { path: { task }, query: { from, to } }, signal })),
  });

/** The last build of a task; null when there was none. */
export const buildQuery = (task: string) =>
  queryOptions({
    queryKey: ["task", task, "build"],
    queryFn: async ({ signal }) => {
      try {
        return await body(api.GET("/api/v1/tasks/{task}/build", { ...ofTask(task), signal }));
      } catch (error) {
        if (error instanceof Refusal && error.status === 404) return null;
        throw error;
      }
    },
  });

export const environmentsQuery = queryOptions({
  queryKey: ["environments"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/environments", { signal })),
});

export const environmentQuery = (environment: string) =>
  queryOptions({
    queryKey: ["environments", environment],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/environments/{environment}", { params: { path: { environment } }, signal })),
  });

export const imagesQuery = queryOptions({
  queryKey: ["images"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/images", { signal })),
});

export const pruneQuery = queryOptions({
  queryKey: ["prune"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/prune", { signal })),
});

export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: ({ signal }) =>
    body(
      api.GET("/api/v1/overview", {
        params: { query: { offset: -new Date().getTimezoneOffset() } },
        signal,
      }),
    ),
});

export const schedulesQuery = queryOptions({
  queryKey: ["schedules"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/schedules", { signal })),
});

/** What became of slots, newest first. */
export const slotsQuery = (filter: {
  task?: string;
  schedule?: string;
  since?: string;
  before?: string;
  decision?: string;
  limit?: number;
}) =>
  queryOptions({
    queryKey: ["slots", filter],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/slots", { params: { query: { limit: 100, ...filter } as never }, signal })),
  });

/** Free space comes and goes without an event, so it is looked for. */
export const systemQuery = queryOptions({
  queryKey: ["system"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/system", { signal })),
  refetchInterval: 30_000,
});

/** All settings, and the tag of the file they were read from. */
export const settingsFileQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: async ({ signal }) => {
    const answer = await api.GET("/api/v1/settings", { signal });
    return { settings: answer.data ?? [], etag: answer.response.headers.get("etag") ?? "" };
  },
});

export const settingsQuery = queryOptions({ ...settingsFileQuery, select: ({ settings }) => settings });

export const secretsQuery = queryOptions({
  queryKey: ["secrets"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/secrets", { signal })),
});

export const hooksQuery = queryOptions({
  queryKey: ["hooks"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/hooks", { signal })),
});

/** The deliveries of a hook, newest first; of one state, or of all. */
export const deliveriesQuery = (hook: string, state?: DeliveryState, limit = 50) =>
  infiniteQueryOptions({
    queryKey: ["hooks", hook, "deliveries", state, limit],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET("/api/v1/hooks/{hook}/deliveries", {
          params: { path: { hook }, query: { state, limit, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => (page.next === null ? undefined : Number(page.next)),
  });

/** A delivery with each try of it; asked anew whenever there is one more. */
export const triesQuery = (hook: string, delivery: string, tries: number) =>
  queryOptions({
    queryKey: ["hooks", hook, "delivery", delivery, tries],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/hooks/{hook}/deliveries/{delivery}", {
          params: { path: { hook, delivery } },
          signal,
        }),
      ),
  });

export const triggersQuery = queryOptions({
  queryKey: ["triggers"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/triggers", { signal })),
});

export const storageQuery = queryOptions({
  queryKey: ["storage"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/system/storage", { signal })),
});

/** Asks again for what an event made stale; many at once count as one. */
const stale = new Set<string>();
let pending: ReturnType<typeof setTimeout> | undefined;

export function touch(...keys: unknown[][]): void {
  for (const key of keys) stale.add(JSON.stringify(key));
  if (pending !== undefined) return;
  pending = setTimeout(() => {
    pending = undefined;
    const all = [...stale];
    stale.clear();
    for (const key of all) void client.invalidateQueries({ queryKey: JSON.parse(key) });
  }, 150);
}

/** Keeps the cache up to date with what happens; with that of hooks for whoever may
 * look at them. */
export function follow(hooks: boolean): () => void {
  const happened = (event: Event) => {
    const task = event.payload.task;
    if (event.run) touch(["runs"], ["run", event.run], ["tasks"], ["overview"], ["system"]);
    else touch(["tasks"], ["overview"], ["schedules"]);
    if (typeof task === "string") touch(["task", task]);
    if (event.kind.startsWith("build.")) touch(["environments"], ["images"]);
    if (event.kind.startsWith("system.")) touch(["system"]);
  };
  const ends = ["runs", "task", "build", "schedule", "system"].map((topic) => live.events(topic, happened));
  if (hooks) ends.push(live.events("hook", () => touch(["hooks"])));
  ends.push(live.onMissed(() => void client.invalidateQueries()));
  live.start();
  return () => {
    for (const end of ends) end();
    live.stop();
  };
}
