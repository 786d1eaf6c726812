/** A list of runs that goes on when its end comes into sight, and of which several can
 * be chosen: to stop them, to run them again, to compare two. */
import { useCallback, useState } from "react";
import { More } from "@/components/ui/list";
import type { Run } from "@/lib/api/types";
import { useMay } from "@/lib/session";
import { Bulk } from "./bulk";
import { RunsTable } from "./table";

interface RunsOfQueryProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage(): unknown };
  runs: Run[];
  /** Tells of the task of each. */
  task?: boolean;
}

export function RunsOfQuery({ query, runs, task }: RunsOfQueryProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  // What a filter has hidden meanwhile is not acted upon.
  const several = runs.filter((run) => chosen.has(run.id));
  const mayAct = [useMay("runs_trigger"), useMay("runs_cancel")].some(Boolean);
  const choose = useCallback(
    (ids: string[], on: boolean) =>
      setChosen((now) => new Set(on ? [...now, ...ids] : [...now].filter((id) => !ids.includes(id)))),
    [],
  );
  return (
    <>
      {several.length > 0 && <Bulk runs={several} onClear={() => setChosen(new Set())} />}
      <RunsTable runs={runs} task={task} chosen={chosen} onChoose={mayAct ? choose : undefined} />
      {query.hasNextPage && <More busy={query.isFetchingNextPage} more={() => void query.fetchNextPage()} />}
    </>
  );
}
