import { useMutation, useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Info, Stethoscope, TriangleAlert } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Card, Fact, Skeleton, Trouble } from "@/components/ui/page";
import { complain } from "@/components/ui/toast";
import { api, body } from "@/lib/api/client";
import { systemQuery } from "@/lib/api/queries";
import { bytes, many } from "@/lib/format";
import { useMay } from "@/lib/session";

const LEVELS = {
  ok: [CircleCheck, "text-ok"],
  note: [Info, "text-muted"],
  warning: [TriangleAlert, "text-warn"],
  error: [CircleAlert, "text-bad"],
} as const;

export function Service() {
  const query = useQuery(systemQuery);
  const may = useMay("system_write");
  const doctor = useMutation({
    mutationFn: () => body(api.POST("/api/v1/system/doctor")),
    onError: complain,
  });
  if (query.isPending) return <Skeleton />;
  if (query.isError) return <Trouble error={query.error} />;
  const { data } = query;
  const used = data.disk.bytes - data.disk.free_bytes;
  return (
    <div className="flex flex-col gap-5">
      <Card title={`Runbay ${data.version}`}>
        <dl className="flex flex-col gap-1.5">
          <Fact name="Engine">
            <span className={data.engine.ready ? "" : "text-bad"}>{data.engine.about}</span>
          </Fact>
          <Fact name="Runs">{many(data.active_runs, "run")} active</Fact>
          <Fact name="Tasks">
            <code className="text-meta">{data.tasks_dir}</code>
          </Fact>
          <Fact name="Data">
            <code className="text-meta">{data.data_dir}</code>
          </Fact>
          <Fact name="Instance">
            <code className="text-meta">{data.instance}</code>
          </Fact>
          <Fact name="API">
            <a href="/api/docs" target="_blank" rel="noreferrer" className="text-accent hover:underline">
              Every route, with what it takes and gives
            </a>
          </Fact>
        </dl>
        <div className="mt-4">
          <div className="mb-1 flex justify-between text-meta text-subtle">
            <span>Disk</span>
            <span className="tnum">
              {bytes(data.disk.free_bytes)} free of {bytes(data.disk.bytes)}
            </span>
          </div>
          <div
            className="h-2 overflow-hidden rounded-full bg-sunk"
            role="img"
            aria-label={`${Math.round((100 * used) / data.disk.bytes)} % of the disk is used`}
          >
            <div className="h-full bg-off-fill" style={{ width: `${(100 * used) / data.disk.bytes}%` }} />
          </div>
        </div>
      </Card>
      {may && (
        <Card
          title="Examination"
          aside={
            <Button size="sm" icon={Stethoscope} busy={doctor.isPending} onClick={() => doctor.mutate()}>
              Examine
            </Button>
          }
        >
          {doctor.data ? (
            <ul className="flex flex-col gap-2.5">
              {doctor.data.checks.map((check) => {
                const [Icon, look] = LEVELS[check.level];
                return (
                  <li key={check.name} className="flex gap-2.5 text-dense">
                    <Icon className={`mt-0.5 size-4 shrink-0 ${look}`} aria-label={check.level} />
                    <div className="min-w-0">
                      <span className="font-medium">{check.name}</span>{" "}
                      <span className="whitespace-pre-wrap text-muted">{check.found}</span>
                      {check.remedy && <p className="whitespace-pre-wrap">{check.remedy}</p>}
                    </div>
                  </li>
                );
              })}
            </ul>
          ) : (
            <p className="text-dense text-muted">
              Looks at machine, engine and settings, and says what to do where something is not right. It
              takes some seconds.
            </p>
          )}
        </Card>
      )}
    </div>
  );
}
