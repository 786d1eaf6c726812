import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CalendarClock, FileCode2, Play } from "lucide-react";
import { buttonClass } from "@/components/ui/button";
import { Card, Empty, Fact, Skeleton, Tag } from "@/components/ui/page";
import { schedulesQuery } from "@/lib/api/queries";
import type { Param, TaskView } from "@/lib/api/types";
import { bytes, duration, many } from "@/lib/format";
import { absolute, fromNow, useNow } from "@/lib/time";
import { RunsTable } from "../runs/table";

/** What the task is, at a look. */
export function Overview({ view }: { view: TaskView }) {
  const { detail } = view;
  const schedules = useQuery(schedulesQuery);
  const own = schedules.data?.filter((one) => one.task === view.name) ?? [];
  if (!detail) {
    return (
      <Empty
        icon={FileCode2}
        title="It cannot run as it is"
        action={
          <Link
            to="/tasks/$task"
            params={{ task: view.name }}
            search={{ tab: "code" }}
            className={buttonClass("ink")}
          >
            Open the code
          </Link>
        }
      >
        Above is what is wrong, and where.
      </Empty>
    );
  }
  const { environment, limits } = detail;
  const params = Object.entries(detail.params);
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_340px]">
      <div className="flex min-w-0 flex-col gap-5">
        <Card
          title="Latest runs"
          flush
          aside={
            <Link
              to="/tasks/$task"
              params={{ task: view.name }}
              search={{ tab: "runs" }}
              className="hover:text-fg"
            >
              All runs
            </Link>
          }
        >
          {detail.runs.length === 0 ? (
            <Empty icon={Play} title="It has not run yet">
              The first run builds its image: {many(environment.requirements.length, "requirement")} on Python{" "}
              {environment.python ?? "3"}. Later ones begin at once.
            </Empty>
          ) : (
            <RunsTable runs={detail.runs} task={false} />
          )}
        </Card>
        {params.length > 0 && (
          <Card title="Parameters" flush>
            <ul className="divide-y divide-line">
              {params.map(([name, param]) => (
                <ParamRow key={name} name={name} param={param} />
              ))}
            </ul>
          </Card>
        )}
      </div>
      <div className="flex min-w-0 flex-col gap-5">
        <Card title="Runs by itself">
          {schedules.isPending ? (
            <Skeleton rows={1} />
          ) : own.length === 0 ? (
            <p className="text-dense text-muted">
              Only when somebody asks.{" "}
              <Link
                to="/tasks/$task"
                params={{ task: view.name }}
                search={{ tab: "schedules" }}
                className="text-accent underline"
              >
                Add a schedule
              </Link>
            </p>
          ) : (
            <ul className="flex flex-col gap-2">
              {own.map((one) => (
                <li key={one.key} className="flex gap-2 text-dense">
                  <CalendarClock className="mt-0.5 size-4 shrink-0 text-subtle" aria-hidden />
                  <div className="min-w-0">
                    {one.description ?? one.key}
                    <div className="text-meta text-subtle">
                      {one.paused_at ? "paused" : one.next ? <Next at={one.next.at} /> : "no time to come"}
                    </div>
                  </div>
                </li>
              ))}
            </ul>
          )}
        </Card>
        <Card title="Runs as">
          <dl className="flex flex-col gap-1.5">
            <Fact name="Entry">
              <Link
                to="/tasks/$task"
                params={{ task: view.name }}
                search={{ tab: "code", file: detail.entry }}
                className="font-mono text-meta hover:underline"
              >
                {detail.entry} {detail.args.join(" ")}
              </Link>
            </Fact>
            <Fact name="Python">{environment.python ?? "not decided"}</Fact>
            <Fact name="Packages">
              {environment.lock
                ? environment.lock.packages === 0
                  ? "none"
                  : `${many(environment.lock.packages, "package")}, locked`
                : `${many(environment.requirements.length, "requirement")}, not built yet`}
            </Fact>
            {environment.image_bytes !== null && <Fact name="Image">{bytes(environment.image_bytes)}</Fact>}
            {detail.requirements_from && <Fact name="From">{detail.requirements_from}</Fact>}
          </dl>
        </Card>
        <Card title="May use">
          <dl className="flex flex-col gap-1.5">
            <Fact name="CPU">{many(limits.cpus, "core")}</Fact>
            <Fact name="Memory">{bytes(limits.memory)}</Fact>
            <Fact name="Disk">{bytes(limits.scratch)}</Fact>
            <Fact name="Time">{duration(limits.timeout * 1000)}</Fact>
            <Fact name="Processes">{limits.pids}</Fact>
            <Fact name="Network">{limits.network === "none" ? "none" : "out only"}</Fact>
            {detail.secrets.length > 0 && (
              <Fact name="Secrets">
                {detail.secrets.map((secret) => (
                  <Tag key={secret} className="mr-1 font-mono">
                    {secret}
                  </Tag>
                ))}
              </Fact>
            )}
          </dl>
        </Card>
      </div>
    </div>
  );
}

function Next({ at }: { at: string }) {
  const now = useNow();
  const moment = Date.parse(at);
  return (
    <time dateTime={at} title={absolute(moment)} className="tnum">
      next {fromNow(moment, now)}
    </time>
  );
}

function ParamRow({ name, param }: { name: string; param: Param }) {
  const fallback =
    param.default === undefined || param.default === null
      ? param.required
        ? "required"
        : "empty"
      : typeof param.default === "string"
        ? param.default
        : JSON.stringify(param.default);
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 px-4 py-2 text-dense">
      <code className="w-36 shrink-0 truncate text-meta">{name}</code>
      <span className="w-14 text-meta text-subtle">{param.type}</span>
      <span className="min-w-0 flex-1 text-muted">{param.help}</span>
      <code className="text-meta text-muted">{fallback}</code>
    </li>
  );
}
