/** What one does with runs: start, stop, start again, keep. */
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { complain, tell } from "@/components/ui/toast";
import { api, body } from "@/lib/api/client";
import { touch } from "@/lib/api/queries";
import type { Run } from "@/lib/api/types";
import { shortId } from "@/lib/status";

export interface Start {
  params?: Record<string, unknown>;
  args?: string[];
  secrets?: Record<string, string>;
  /** What is tried without being saved, by path. */
  files?: Record<string, { text: string }>;
}

/** What starts runs of any task; `go` shows them. */
export function useStarting(go = true) {
  const navigate = useNavigate();
  return useCallback(
    async (task: string, start: Start) => {
      const asked = api.POST("/api/v1/tasks/{task}/runs", { params: { path: { task } }, body: start });
      const run = (await body(asked)) as Run;
      touch(["runs"], ["tasks"], ["task", task]);
      const show = () => void navigate({ to: "/runs/$run", params: { run: run.id } });
      if (go) show();
      else tell(`${task} #${shortId(run.id)} is queued`, { text: "Show", act: show });
      return run;
    },
    [navigate, go],
  );
}

/** Starts a run of a task; `go` shows it. */
export function useStart(task: string, go = true) {
  const begin = useStarting(go);
  return useMutation({ mutationFn: (start: Start) => begin(task, start) });
}

export function useRerun() {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ run, sameImage }: { run: string; sameImage: boolean }) =>
      body(
        api.POST("/api/v1/runs/{run}/rerun", {
          params: { path: { run } },
          body: { same_image: sameImage },
        }),
      ) as Promise<Run>,
    onSuccess: (run) => {
      touch(["runs"], ["tasks"]);
      void navigate({ to: "/runs/$run", params: { run: run.id } });
    },
    onError: complain,
  });
}

export function useStop() {
  return useMutation({
    mutationFn: (run: string) => body(api.POST("/api/v1/runs/{run}/cancel", { params: { path: { run } } })),
    onSuccess: (_, run) => touch(["run", run], ["runs"]),
    onError: complain,
  });
}

/** Keeps a run whatever clean-up thinks, or no longer. */
export function usePin() {
  return useMutation({
    mutationFn: ({ run, pinned }: { run: string; pinned: boolean }) =>
      body(api.PATCH("/api/v1/runs/{run}", { params: { path: { run } }, body: { pinned } })),
    onSuccess: (_, { run }) => touch(["run", run], ["runs"], ["prune"]),
    onError: complain,
  });
}
