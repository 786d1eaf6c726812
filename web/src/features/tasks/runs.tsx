import { useInfiniteQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { Empty, Skeleton, Trouble } from "@/components/ui/page";
import { runsQuery } from "@/lib/api/queries";
import { RunsOfQuery } from "../runs/chosen";

export function TaskRuns({ task }: { task: string }) {
  const query = useInfiniteQuery(runsQuery({ task }));
  const runs = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="card overflow-hidden">
      {query.isPending ? (
        <Skeleton rows={8} />
      ) : query.isError ? (
        <Trouble error={query.error} retry={() => void query.refetch()} />
      ) : runs.length === 0 ? (
        <Empty icon={Play} title="It has not run yet">
          Run it with the button above, or with the key r.
        </Empty>
      ) : (
        <RunsOfQuery query={query} runs={runs} task={false} />
      )}
    </div>
  );
}
