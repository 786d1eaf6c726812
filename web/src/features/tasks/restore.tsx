/** Brings a kept version back into the folder of its task, after showing what that
 * changes. What the folder holds is kept as a version, so that this can be undone. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Note } from "@/components/ui/note";
import { Skeleton, Trouble } from "@/components/ui/page";
import { complain, tell } from "@/components/ui/toast";
import { api, body, Refusal, say } from "@/lib/api/client";
import { diffQuery, touch } from "@/lib/api/queries";
import { many } from "@/lib/format";
import { FileDiffs } from "./diff-view";

/** Puts a version into the folder; only over `seen`, where that is given. */
async function restore(task: string, version: string, seen?: string) {
  const done = await body(
    api.POST("/api/v1/tasks/{task}/versions/{version}/restore", {
      params: { path: { task, version }, ...(seen ? { header: { "If-Match": `"${seen}"` } } : {}) },
    }),
  );
  touch(["task", task], ["tasks"], ["schedules"]);
  return done;
}

interface RestoreProps {
  task: string;
  version: string;
  onClose(): void;
}

export function Restore({ task, version, onClose }: RestoreProps) {
  // From what the folder holds at this moment, which no event tells of.
  const diff = useQuery({ ...diffQuery(task, undefined, version), staleTime: 0 });
  const seen = diff.data?.present ?? undefined;
  const act = useMutation({
    mutationFn: () => restore(task, version, seen),
    onSuccess: ({ kept_as }) => {
      const undo = kept_as && {
        text: "Undo",
        act: () => void restore(task, kept_as, version).catch(complain),
      };
      tell(`${task} holds version ${version.slice(0, 12)} again`, undo || undefined);
      onClose();
    },
    onError: (error) => {
      if (error instanceof Refusal && error.kind === "stale") void diff.refetch();
    },
  });
  const stale = act.error instanceof Refusal && act.error.kind === "stale";
  const files = diff.data?.files;
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title={`Bring version ${version.slice(0, 12)} back`}
      about={`Into the folder of ${task}. What it holds now is kept as a version of its own.`}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="ink"
            icon={Undo2}
            busy={act.isPending}
            disabled={!files?.length || diff.isFetching}
            onClick={() => act.mutate()}
          >
            Bring it back
          </Button>
        </>
      }
    >
      {act.isError && (
        <Note family="bad" className="mb-3">
          {stale
            ? "Somebody changed the folder meanwhile, and nothing was done. Below is what would change now."
            : say(act.error)}
        </Note>
      )}
      {diff.isPending ? (
        <Skeleton />
      ) : diff.isError ? (
        <Trouble error={diff.error} retry={() => void diff.refetch()} />
      ) : diff.data.files.length === 0 ? (
        <p className="text-dense text-muted">The folder holds this version already.</p>
      ) : (
        <>
          <p className="mb-3 text-dense text-muted">
            This changes {many(diff.data.files.length, "file")}: lines with − go, lines with + come.
          </p>
          <FileDiffs files={diff.data.files} />
        </>
      )}
    </Dialog>
  );
}
