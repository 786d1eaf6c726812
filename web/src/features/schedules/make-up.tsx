/** Runs for times that were missed: looked at first, and made when asked for. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Input } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { Skeleton } from "@/components/ui/page";
import { tell } from "@/components/ui/toast";
import { api, body, say } from "@/lib/api/client";
import { slotsQuery, touch } from "@/lib/api/queries";
import type { ScheduleView } from "@/lib/api/types";
import { many } from "@/lib/format";
import { Slot } from "./slot";

/** The most that is made up for in one go. */
const MOST = 100;

export function MakeUp({ view, onClose }: { view: ScheduleView; onClose(): void }) {
  const query = useQuery(
    slotsQuery({ task: view.task, schedule: view.key, decision: "missed", limit: MOST }),
  );
  const lines = query.data ?? [];
  const missed = Math.min(
    MOST,
    lines.reduce((sum, line) => sum + line.count, 0),
  );
  const [text, setText] = useState("1");
  const count = Number(text);
  const fits = Number.isInteger(count) && count >= 1 && count <= missed;
  const run = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/tasks/{task}/schedules/{schedule}/make-up", {
          params: { path: { task: view.task, schedule: view.key } },
          body: { count },
        }),
      ),
    onSuccess: (made) => {
      touch(["schedules"], ["slots"], ["runs"], ["tasks"], ["overview"]);
      tell(`${many(made.length, "run")} of ${view.task} queued`);
      onClose();
    },
  });
  const wrong = query.error ?? run.error;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Run what it missed"
      about={`${view.task}, ${view.description ?? view.key}. Each missed time gets its run after all, the newest first; they wait for each other.`}
      foot={
        <>
          <Button onClick={onClose}>Close</Button>
          {missed > 0 && (
            <Button look="ink" disabled={!fits} busy={run.isPending} onClick={() => run.mutate()}>
              {fits ? `Run ${many(count, "missed time")}` : "Run"}
            </Button>
          )}
        </>
      }
    >
      {wrong && (
        <Note family="bad" className="mb-3">
          {say(wrong)}
        </Note>
      )}
      {query.isPending ? (
        <Skeleton rows={3} />
      ) : missed === 0 ? (
        <p className="text-dense text-muted">It has missed nothing that is known.</p>
      ) : (
        <>
          <div className="mb-3 flex flex-wrap items-center gap-2 text-dense">
            <label htmlFor="how-many">How many of the newest</label>
            <Input
              id="how-many"
              type="number"
              min={1}
              max={missed}
              className="w-20"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            <span className="text-muted">of {missed === MOST ? `${MOST} or more` : missed} missed</span>
          </div>
          <ul className="divide-y divide-line border-t border-line">
            {lines.slice(0, 12).map((entry) => (
              <li key={`${entry.slot} ${entry.last}`} className="py-1.5">
                <Slot entry={entry} />
              </li>
            ))}
          </ul>
          {lines.length > 12 && <p className="pt-1.5 text-meta text-subtle">and {lines.length - 12} more</p>}
        </>
      )}
    </Dialog>
  );
}
