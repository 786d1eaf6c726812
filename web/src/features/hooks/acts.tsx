/** What is done with a hook wherever it is shown. */
import { useMutation } from "@tanstack/react-query";
import { Note } from "@/components/ui/note";
import { complain } from "@/components/ui/toast";
import { api, body } from "@/lib/api/client";
import { touch } from "@/lib/api/queries";
import type { Hook, HookTrial } from "@/lib/api/types";

/** Tries a hook, and keeps what became of it. */
export function useTrial(hook: string) {
  return useMutation({
    mutationFn: () => body(api.POST("/api/v1/hooks/{hook}/test", { params: { path: { hook } } })),
    onError: complain,
  });
}

/** Turns a hook on or off; what waits is kept. */
export function useEnable(hook: Hook) {
  return useMutation({
    mutationFn: (enabled: boolean) =>
      body(
        api.PUT("/api/v1/hooks/{hook}", {
          params: { path: { hook: hook.name } },
          body: { ...hook.spec, enabled },
        }),
      ),
    onSuccess: () => touch(["hooks"]),
    onError: complain,
  });
}

/** What became of a test. */
export function TrialNote({ trial }: { trial: HookTrial }) {
  const status = trial.status === null ? "" : `, HTTP ${trial.status}`;
  return (
    <Note family={trial.taken ? "idle" : "bad"}>
      {trial.taken
        ? `It arrived${status}, in ${trial.took_ms} ms.`
        : `It did not arrive${status}: ${trial.problem}`}
    </Note>
  );
}
