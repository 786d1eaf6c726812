/** What a task asks for, what that means, and newer versions: proposed, looked
 * at, and only then taken. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Boxes, Hammer, PackageCheck, RefreshCw, Square } from "lucide-react";
import { useState } from "react";
import { Button, buttonClass } from "@/components/ui/button";
import { Input } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { Card, Empty, Fact, Skeleton, Trouble } from "@/components/ui/page";
import { Ago } from "@/components/ui/time";
import { complain } from "@/components/ui/toast";
import { api, body } from "@/lib/api/client";
import { buildQuery, environmentQuery, touch } from "@/lib/api/queries";
import type { EnvironmentDetail, PackageDiff, TaskView, Work } from "@/lib/api/types";
import { bytes, many } from "@/lib/format";
import { useMay } from "@/lib/session";
import { download, useLog } from "../log/source";
import { LogViewer } from "../log/viewer";
import { Packages as PackageDiffView } from "../runs/changes";
import { addRequirement } from "./requirement";

/** A file of the task itself, and not words about where something is. */
const FILE = /^[\w.-]+\.(?:txt|toml)$/;

export function Packages({ view }: { view: TaskView }) {
  const { detail } = view;
  const need = detail?.environment;
  const known = Boolean(need?.lock && need.key);
  const environment = useQuery({ ...environmentQuery(need?.key ?? ""), enabled: known });
  const build = useQuery(buildQuery(view.name));
  const mayBuild = useMay("runs_trigger");
  const mayWrite = useMay("tasks_write");
  const path = { params: { path: { task: view.name } } };
  const cache = useQueryClient();
  const done = () => {
    void cache.invalidateQueries({ queryKey: ["task", view.name] });
    touch(["environments"], ["images"]);
  };
  const start = useMutation({
    mutationFn: (anew: boolean) => body(api.POST("/api/v1/tasks/{task}/build", { ...path, body: { anew } })),
    onSuccess: done,
    onError: complain,
  });
  const stop = useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/tasks/{task}/build", path)),
    onSuccess: done,
    onError: complain,
  });
  const propose = useMutation({
    mutationFn: () => body(api.POST("/api/v1/tasks/{task}/environment/proposal", path)),
    onSuccess: done,
    onError: complain,
  });
  const building = build.data?.state === "building";
  if (!detail || !need)
    return <Empty icon={Boxes} title="Its packages are not known while it has mistakes" />;
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_340px]">
      <div className="flex min-w-0 flex-col gap-5">
        {need.problem && <Note family="bad">{need.problem}</Note>}
        {build.data && <Building work={build.data} task={view.name} onAdopted={done} />}
        <Card
          flush
          title={known ? many(need.lock!.packages, "package") : "Requirements"}
          aside={
            need.lock && (
              <>
                locked <Ago at={need.lock.resolved_at} />
              </>
            )
          }
        >
          {mayWrite && !view.read_only && <Add view={view} />}
          {known ? (
            environment.isPending ? (
              <Skeleton />
            ) : environment.isError ? (
              <Trouble error={environment.error} />
            ) : environment.data.packages.length > 0 ? (
              <Locked detail={environment.data} latest={build.data?.proposal?.packages} />
            ) : (
              <Empty icon={Boxes} title="It needs no packages">
                Python itself is all that is there. Name a package above, or write a requirements.txt beside
                the script.
              </Empty>
            )
          ) : need.requirements.length === 0 ? (
            <Empty icon={Boxes} title="It needs no packages">
              Name one above, or write a requirements.txt beside the script.
            </Empty>
          ) : (
            <ul className="divide-y divide-line">
              {need.requirements.map((one) => (
                <li key={`${one.origin} ${one.text}`} className="flex h-9 items-center gap-3 px-4 text-dense">
                  <code className="min-w-0 flex-1 truncate text-meta">{one.text}</code>
                  <span className="text-meta text-subtle">{one.origin}</span>
                </li>
              ))}
            </ul>
          )}
        </Card>
      </div>
      <Card title="Environment">
        <dl className="flex flex-col gap-1.5">
          <Fact name="Python">{need.python ?? "not decided"}</Fact>
          {need.named && <Fact name="Named">{need.named}</Fact>}
          <Fact name="From">
            {FILE.test(detail.requirements_from ?? "") ? (
              <Link
                to="/tasks/$task"
                params={{ task: view.name }}
                search={{ tab: "code", file: detail.requirements_from! }}
                className="text-accent hover:underline"
              >
                {detail.requirements_from}
              </Link>
            ) : (
              (detail.requirements_from ?? "nothing")
            )}
          </Fact>
          <Fact name="Policy">{need.policy}</Fact>
          <Fact name="Image">{need.image ? bytes(need.image_bytes ?? 0) : "not built yet"}</Fact>
          {need.key && (
            <Fact name="Key">
              <Link
                to="/environments"
                search={{ key: need.key }}
                className="font-mono text-meta text-accent hover:underline"
              >
                {need.key.slice(0, 12)}
              </Link>
            </Fact>
          )}
        </dl>
        {mayBuild && (
          <div className="mt-4 flex flex-wrap gap-2">
            {building ? (
              <Button look="bad" icon={Square} busy={stop.isPending} onClick={() => stop.mutate()}>
                Stop the build
              </Button>
            ) : (
              <Button icon={Hammer} busy={start.isPending} onClick={() => start.mutate(Boolean(need.image))}>
                {need.image ? "Build anew" : "Build now"}
              </Button>
            )}
            {known && mayWrite && (
              <Button
                icon={RefreshCw}
                disabled={building}
                busy={propose.isPending}
                onClick={() => propose.mutate()}
              >
                Look for newer versions
              </Button>
            )}
          </div>
        )}
        <p className="mt-3 text-meta text-subtle">
          Nothing changes by itself: newer versions are shown first, and taken when you say so.
        </p>
      </Card>
    </div>
  );
}

/** What is asked for and what is there; and, once newer versions were looked for, the
 * newest that is allowed. */
function Locked({ detail, latest }: { detail: EnvironmentDetail; latest: PackageDiff | undefined }) {
  const newest = new Map(latest?.changed.map((one) => [one.name as string, one.to as string]));
  const asked = detail.packages.filter((one) => one.requested !== null);
  const rest = detail.packages.filter((one) => one.requested === null);
  return (
    <table className="w-full text-dense">
      <thead className="border-b border-line text-left text-meta text-subtle">
        <tr className="h-9 *:px-4 *:font-medium">
          <th>Package</th>
          <th>Requested</th>
          <th>Installed</th>
          {latest && <th>Latest allowed</th>}
        </tr>
      </thead>
      <tbody>
        {[...asked, ...rest].map((one) => (
          <tr key={one.name} className="h-8 border-b border-line last:border-0 *:px-4">
            <td className={one.requested === null ? "text-muted" : "font-medium"}>{one.name}</td>
            <td className="font-mono text-meta text-muted">
              {one.requested ?? <span className="font-sans text-subtle">needed by others</span>}
            </td>
            <td className="tnum font-mono text-meta">{one.locked}</td>
            {latest && (
              <td className="tnum font-mono text-meta">
                {newest.get(one.name) ?? <span className="font-sans text-subtle">the same</span>}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Building({ work, task, onAdopted }: { work: Work; task: string; onAdopted(): void }) {
  const active = work.state === "building";
  const [open, setOpen] = useState(active);
  const proposal = work.proposal;
  const adopt = useMutation({
    mutationFn: (lock: string) =>
      body(
        api.POST("/api/v1/tasks/{task}/environment/adoption", {
          params: { path: { task } },
          body: { lock },
        }),
      ),
    onSuccess: onAdopted,
    onError: complain,
  });
  const title = {
    building: "Building",
    succeeded: proposal ? "Newer versions" : "Built",
    failed: "The build failed",
    cancelled: "The build was stopped",
  }[work.state];
  return (
    <Card
      title={title}
      aside={
        <>
          <Ago at={work.finished_at ?? work.started_at} />
          <button type="button" className="font-medium text-accent" onClick={() => setOpen(!open)}>
            {open || active ? "Hide the log" : "Show the log"}
          </button>
        </>
      }
    >
      {work.problem && (
        <Note family="bad" className="mb-3">
          {work.problem}
        </Note>
      )}
      {proposal && !proposal.changed && (
        <p className="text-dense text-muted">All packages are the newest that the requirements allow.</p>
      )}
      {proposal?.changed && (
        <>
          <PackageDiffView diff={proposal.packages} />
          <Button
            look="ink"
            icon={PackageCheck}
            className="mt-3"
            busy={adopt.isPending}
            onClick={() => adopt.mutate(proposal.lock.digest)}
          >
            Take these versions
          </Button>
        </>
      )}
      {work.built && !proposal && (
        <p className="text-dense text-muted">
          {work.built.cached ? "Everything was there already" : `In ${work.built.seconds.toFixed(1)} s`}:{" "}
          {bytes(work.built.image_bytes)}.
        </p>
      )}
      {(open || active) && <BuildLog key={work.started_at} task={task} active={active} />}
    </Card>
  );
}

function BuildLog({ task, active }: { task: string; active: boolean }) {
  const [which] = useState({ task });
  const source = useLog(which, { active });
  return (
    <LogViewer
      source={source}
      active={active}
      raw={download(which)}
      className="mt-3 h-72"
      empty={<p className="p-4 text-dense text-muted">Nothing was written{active && " yet"}.</p>}
    />
  );
}

/** Adds a line to the requirements, where they are. */
function Add({ view }: { view: TaskView }) {
  const [text, setText] = useState("");
  const add = useMutation({
    mutationFn: () => addRequirement(view, text.trim()),
    onSuccess: () => {
      setText("");
      touch(["task", view.name], ["tasks"]);
    },
    onError: complain,
  });
  return (
    <form
      className="flex gap-2 border-b border-line p-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) add.mutate();
      }}
    >
      <Input
        aria-label="Package to add"
        placeholder="httpx, pandas>=2.2"
        spellCheck={false}
        className="font-mono text-meta"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className={buttonClass()} disabled={!text.trim() || add.isPending}>
        Add
      </button>
    </form>
  );
}
