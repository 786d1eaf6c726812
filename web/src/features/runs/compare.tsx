import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Card, Page, Skeleton, Trouble } from "@/components/ui/page";
import { StatusText } from "@/components/ui/status";
import { Ago, Took } from "@/components/ui/time";
import { api, body } from "@/lib/api/client";
import { runQuery } from "@/lib/api/queries";
import type { RunDetail } from "@/lib/api/types";
import { shortId } from "@/lib/status";
import { ChangeList } from "./changes";
import { Phases } from "./phases";

const route = getRouteApi("/compare/$before/$after");

export function ComparePage() {
  const { before, after } = route.useParams();
  const [a, b] = [useQuery(runQuery(before)), useQuery(runQuery(after))];
  const between = useQuery({
    queryKey: ["changes", before, after],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/runs/{run}/changes", {
          params: { path: { run: after }, query: { since: before } },
          signal,
        }),
      ),
  });
  const wrong = a.error ?? b.error ?? between.error;
  if (wrong) return <Trouble error={wrong} />;
  if (!a.data || !b.data || !between.data) return <Skeleton className="mx-auto w-full max-w-[1400px] p-6" />;
  return (
    <Page title={`${b.data.run.task}: two runs`} name="Compare runs">
      <div className="mb-4 grid gap-4 md:grid-cols-2">
        <Side title="Before" detail={a.data} />
        <Side title="After" detail={b.data} />
      </div>
      <Card title="What changed">
        <ChangeList changes={between.data.changes} task={b.data.run.task} />
      </Card>
    </Page>
  );
}

function Side({ title, detail }: { title: string; detail: RunDetail }) {
  const { run } = detail;
  return (
    <Card
      title={
        <>
          {title}{" "}
          <Link
            to="/runs/$run"
            params={{ run: run.id }}
            className="ml-1 font-mono text-meta font-normal text-accent hover:underline"
          >
            #{shortId(run.id)}
          </Link>
        </>
      }
      aside={<Ago at={run.created_at} />}
    >
      <div className="mb-4 flex items-center gap-3 text-dense">
        <StatusText run={run} /> <Took run={run} className="tnum text-muted" />
      </div>
      <Phases detail={detail} />
    </Card>
  );
}
