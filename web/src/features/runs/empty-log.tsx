/** What stands where a log will be. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { StatusIcon } from "@/components/ui/status";
import { runsQuery, systemQuery } from "@/lib/api/queries";
import type { Run, RunDetail } from "@/lib/api/types";
import { many } from "@/lib/format";
import { shortId, statusOf } from "@/lib/status";

export function EmptyLog({ detail, absent }: { detail: RunDetail; absent: boolean }) {
  const { run } = detail;
  const text = {
    queued: run.not_before ? "It failed, and will be tried again." : <Waiting run={run} />,
    building: "Its image is being made or looked up.",
    starting: "Its container is being started.",
    running: "The script has written nothing yet.",
    stopping: "It is being stopped.",
    finished: absent
      ? "The log of this attempt was removed, or none was written."
      : "The script wrote nothing.",
  }[run.state];
  return (
    <div className="flex h-full min-h-40 flex-col items-center justify-center gap-2 p-6 text-dense text-muted">
      <StatusIcon status={statusOf(run)} className="size-5" />
      {text}
    </div>
  );
}

/** What a run waits for, as far as it is known: what goes on meanwhile. */
function Waiting({ run }: { run: Run }) {
  const system = useQuery(systemQuery);
  const going = useInfiniteQuery(runsQuery({ state: "building,starting,running,stopping" }));
  const runs = going.data?.pages.flatMap((page) => page.items) ?? [];
  const own = runs.find((one) => one.task === run.task);
  if (system.data && !system.data.engine.ready) return <p>It waits for Docker: {system.data.engine.about}</p>;
  return (
    <p>
      It waits for its turn.{" "}
      {own ? (
        <>
          Of this task{" "}
          <Link
            to="/runs/$run"
            params={{ run: own.id }}
            className="font-mono text-meta text-accent underline"
          >
            #{shortId(own.id)}
          </Link>{" "}
          goes on.
        </>
      ) : (
        runs.length > 0 &&
        `${many(runs.length, "run")} of other tasks ${runs.length === 1 ? "goes" : "go"} on.`
      )}
    </p>
  );
}
