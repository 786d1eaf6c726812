/** Several runs at once: stop those that go on, run again those that are over, and
 * compare two of a task. */
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { GitCompareArrows, RotateCw, Square, X } from "lucide-react";
import { useState } from "react";
import { Button, buttonClass } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { complain, tell } from "@/components/ui/toast";
import { api, body, say } from "@/lib/api/client";
import { touch } from "@/lib/api/queries";
import type { Run } from "@/lib/api/types";
import { many } from "@/lib/format";
import { useMay } from "@/lib/session";

/** Asks for one after the other, so that one that is refused keeps no other back. */
async function each(runs: Run[], ask: (run: string) => Promise<unknown>, done: string) {
  const refused: string[] = [];
  for (const run of runs) {
    try {
      await ask(run.id);
    } catch (error) {
      refused.push(`${run.task}: ${say(error)}`);
    }
  }
  touch(["runs"], ["run"], ["tasks"]);
  if (refused.length < runs.length) tell(`${many(runs.length - refused.length, "run")} ${done}`);
  if (refused.length > 0) throw new Error(refused.join("\n"));
}

const stop = (run: string) => body(api.POST("/api/v1/runs/{run}/cancel", { params: { path: { run } } }));
const again = (run: string) =>
  body(api.POST("/api/v1/runs/{run}/rerun", { params: { path: { run } }, body: {} }));

/** Two runs of one task, the older first. */
function pairOf([one, two, ...rest]: Run[]): [Run, Run] | undefined {
  if (!one || !two || rest.length > 0 || one.task !== two.task) return undefined;
  return Date.parse(one.created_at) <= Date.parse(two.created_at) ? [one, two] : [two, one];
}

export function Bulk({ runs, onClear }: { runs: Run[]; onClear(): void }) {
  const may = { stop: useMay("runs_cancel"), start: useMay("runs_trigger") };
  const [stopping, setStopping] = useState(false);
  const active = runs.filter((run) => run.state !== "finished");
  const over = runs.filter((run) => run.state === "finished");
  const pair = pairOf(runs);
  const rerun = useMutation({
    mutationFn: () => each(over, again, "queued"),
    onSuccess: onClear,
    onError: complain,
  });
  return (
    <section
      aria-label="Chosen runs"
      className="flex min-h-11 flex-wrap items-center gap-2 border-b border-line bg-sunk px-3 py-1.5 text-dense"
    >
      <span className="tnum mr-1 font-medium">{many(runs.length, "run")} chosen</span>
      {may.start && (
        <Button
          size="sm"
          icon={RotateCw}
          disabled={over.length === 0}
          busy={rerun.isPending}
          onClick={() => rerun.mutate()}
        >
          Run again{over.length > 0 && over.length < runs.length && ` (${over.length})`}
        </Button>
      )}
      {may.stop && (
        <Button
          size="sm"
          look="bad"
          icon={Square}
          disabled={active.length === 0}
          onClick={() => setStopping(true)}
        >
          Stop{active.length > 0 && active.length < runs.length && ` (${active.length})`}
        </Button>
      )}
      {pair && (
        <Link
          to="/compare/$before/$after"
          params={{ before: pair[0].id, after: pair[1].id }}
          className={buttonClass("plain", "sm")}
        >
          <GitCompareArrows className="size-3.5" aria-hidden /> Compare
        </Link>
      )}
      <Button size="sm" look="ghost" icon={X} onClick={onClear}>
        Clear
      </Button>
      <Confirm
        open={stopping}
        onClose={() => setStopping(false)}
        title={`Stop ${many(active.length, "run")}?`}
        act="Stop"
        onAct={() => each(active, stop, "told to stop").then(onClear)}
      >
        What they have done so far stays done: files that they have written, messages that they have sent.
        Their logs are kept.
      </Confirm>
    </section>
  );
}
