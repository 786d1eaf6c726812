import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ellipsis, History, Pause, Pencil, Play, Trash2 } from "lucide-react";
import { useState } from "react";
import { IconButton } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { ActMenu } from "@/components/ui/menu";
import { Note } from "@/components/ui/note";
import { Tag } from "@/components/ui/page";
import { complain, tell } from "@/components/ui/toast";
import { api, body } from "@/lib/api/client";
import { touch } from "@/lib/api/queries";
import type { ScheduleView } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { useMay } from "@/lib/session";
import { ScheduleDialog } from "./form";
import { MakeUp } from "./make-up";
import { Slot } from "./slot";
import { Upcoming } from "./upcoming";

export function usePause() {
  return useMutation({
    mutationFn: ({ view, paused }: { view: ScheduleView; paused: boolean }) =>
      body(
        api.POST("/api/v1/tasks/{task}/schedules/{schedule}/pause", {
          params: { path: { task: view.task, schedule: view.key } },
          body: { paused },
        }),
      ),
    onSuccess: () => touch(["schedules"], ["overview"]),
    onError: complain,
  });
}

/** One schedule: what it says, what comes next, what became of the last time. */
export function ScheduleRow({ view, withTask }: { view: ScheduleView; withTask: boolean }) {
  const mayPause = useMay("schedules_pause");
  const mayWrite = useMay("schedules_write");
  const [editing, setEditing] = useState(false);
  const [removing, setRemoving] = useState(false);
  const [makingUp, setMakingUp] = useState(false);
  const pause = usePause();
  const paused = view.paused_at !== null;
  const rests = paused || view.schedule.enabled === false;
  return (
    <div className="flex flex-wrap gap-x-6 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 sm:basis-72">
        {withTask && (
          <Link
            to="/tasks/$task"
            params={{ task: view.task }}
            search={{ tab: "schedules" }}
            className="font-medium hover:underline"
          >
            {view.task}
          </Link>
        )}
        <div
          className={cn(
            "flex flex-wrap items-center gap-2 text-dense",
            !withTask && "font-medium",
            rests && "text-muted",
          )}
        >
          {view.description ?? view.key}
          {paused && <Tag>paused</Tag>}
          {view.schedule.enabled === false && <Tag>off in task.toml</Tag>}
        </div>
        <div className="mt-0.5 flex flex-wrap items-center gap-x-2 text-meta text-subtle">
          <code>{view.schedule.when}</code>
          {view.schedule.overlap && view.schedule.overlap !== "skip" && ` · ${view.schedule.overlap} overlap`}
        </div>
        {view.problem && (
          <Note family="bad" className="mt-2">
            {view.problem}
          </Note>
        )}
      </div>
      <div className="order-3 w-full text-dense sm:order-none sm:w-80">
        {view.next && !rests ? (
          <Upcoming slots={[view.next]} />
        ) : (
          <span className="text-subtle">{rests ? "It rests" : "No time to come"}</span>
        )}
        {view.last && <Slot entry={view.last} brief />}
      </div>
      <div className="flex items-start">
        {mayPause && (
          <IconButton
            icon={paused ? Play : Pause}
            label={paused ? "Let it go on" : "Pause"}
            disabled={pause.isPending}
            onClick={() => pause.mutate({ view, paused: !paused })}
          />
        )}
        {(mayWrite || mayPause) && (
          <ActMenu
            trigger={<IconButton icon={Ellipsis} label="More" />}
            items={[
              ...(mayWrite ? [{ text: "Change…", icon: Pencil, act: () => setEditing(true) }] : []),
              ...(mayPause
                ? [{ text: "Run what it missed…", icon: History, act: () => setMakingUp(true) }]
                : []),
              ...(mayWrite
                ? [{ text: "Remove…", icon: Trash2, bad: true, act: () => setRemoving(true) }]
                : []),
            ]}
          />
        )}
      </div>
      {makingUp && <MakeUp view={view} onClose={() => setMakingUp(false)} />}
      {editing && <ScheduleDialog task={view.task} present={view} onClose={() => setEditing(false)} />}
      {removing && (
        <Confirm
          open
          onClose={() => setRemoving(false)}
          title="Remove this schedule?"
          act="Remove"
          onAct={async () => {
            await body(
              api.DELETE("/api/v1/tasks/{task}/schedules/{schedule}", {
                params: { path: { task: view.task, schedule: view.key } },
              }),
            );
            touch(["schedules"], ["overview"], ["task", view.task]);
            tell("The schedule is removed");
          }}
        >
          {view.description ?? view.key}. It is taken out of task.toml; what became of its past times is kept.
        </Confirm>
      )}
    </div>
  );
}
