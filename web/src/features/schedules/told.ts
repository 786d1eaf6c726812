/** What the views of schedules are drawn from: runs and slots of a day, and the times
 * to come. */
import { keepPreviousData, queryOptions, useQueries } from "@tanstack/react-query";
import { api, body } from "@/lib/api/client";
import { slotsQuery } from "@/lib/api/queries";
import type { Run, ScheduleView } from "@/lib/api/types";
import { boundsOf } from "./lanes";

/** Runs and slots of one day that are told, and times to come of one schedule. */
export const MOST_RUNS = 500;
const MOST_TIMES = 100;

const spanOf = (day: string) => boundsOf(day).map((at) => new Date(at).toISOString()) as [string, string];

/** The runs of a day, newest first. */
export const dayRuns = (day: string) =>
  queryOptions({
    queryKey: ["runs", "day", day],
    queryFn: async ({ signal }) => {
      const [from, to] = spanOf(day);
      const query = { from, to, limit: MOST_RUNS } as never;
      const page = await body(api.GET("/api/v1/runs", { params: { query }, signal }));
      return { runs: page.items as Run[], more: Boolean(page.next) };
    },
  });

/** The slots of a day, newest first. */
export const daySlots = (day: string) => {
  const [since, before] = spanOf(day);
  return slotsQuery({ since, before, limit: MOST_RUNS });
};

/** Times to come of one schedule; `more` when it has others behind the last of them. */
export interface Coming {
  task: string;
  times: string[];
  more: boolean;
}

/** Times from `from` on of all schedules that are awake; none before now. */
export function useComing(schedules: ScheduleView[], from: number, to: number, now: number): Coming[] {
  const minute = Math.floor(now / 60_000) * 60_000;
  const after = new Date(Math.max(from, minute)).toISOString();
  const awake = schedules.filter((one) => !one.paused_at && one.schedule.enabled !== false && !one.problem);
  const next = useQueries({
    queries: awake.map((view) => ({
      queryKey: ["schedules", "coming", view.task, view.key, view.schedule, after],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        body(
          api.POST("/api/v1/schedules/preview", {
            body: { schedule: { ...view.schedule, timezone: view.timezone }, after, count: MOST_TIMES },
            signal,
          }),
        ),
      enabled: to > now,
      staleTime: 60_000,
      // Each minute asks anew, and nothing is gone meanwhile.
      placeholderData: keepPreviousData,
    })),
  });
  return next.map((one, index) => {
    const all = one.data?.next ?? [];
    const times = all.map((slot) => slot.at).filter((at) => Date.parse(at) > now);
    const last = times.at(-1);
    return {
      task: awake[index]!.task,
      times,
      more: all.length === MOST_TIMES && last !== undefined && Date.parse(last) < to,
    };
  });
}
