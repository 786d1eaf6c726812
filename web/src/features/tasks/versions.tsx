/** The code of a task through time. */
import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { useState } from "react";
import { Select } from "@/components/ui/field";
import { Card, Empty, Skeleton, Trouble } from "@/components/ui/page";
import { Ago } from "@/components/ui/time";
import { api, body } from "@/lib/api/client";
import { versionsQuery } from "@/lib/api/queries";
import type { FileDiff, VersionItem } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { bytes, many } from "@/lib/format";
import { dayAndTime } from "@/lib/time";
import { DiffView, fromUnified } from "./diff-view";

export function Versions({ task, chosen }: { task: string; chosen: string | undefined }) {
  const query = useQuery(versionsQuery(task));
  if (query.isPending) return <Skeleton />;
  if (query.isError) return <Trouble error={query.error} />;
  if (query.data.length === 0) {
    return (
      <div className="card">
        <Empty icon={History} title="No version was kept yet">
          The code of every run is kept, and what a file was before it is changed here. Two versions can be
          compared.
        </Empty>
      </div>
    );
  }
  return <Comparing task={task} versions={query.data} chosen={chosen} />;
}

function Comparing({
  task,
  versions,
  chosen,
}: {
  task: string;
  versions: VersionItem[];
  chosen: string | undefined;
}) {
  const [asked, askedTo] = (chosen ?? "").split("..");
  const at = versions.findIndex((one) => one.digest === (askedTo ?? asked));
  const [to, setTo] = useState(versions[at]?.digest ?? versions[0]!.digest);
  const [from, setFrom] = useState(askedTo ? asked! : (versions[Math.max(0, at) + 1]?.digest ?? ""));
  const diff = useQuery({
    queryKey: ["task", task, "diff", from, to],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/tasks/{task}/diff", {
          params: { path: { task }, query: { from, to } },
          signal,
        }),
      ),
    enabled: from !== "" && from !== to,
  });
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[300px_minmax(0,1fr)]">
      <Card title={many(versions.length, "version")} flush>
        <ol className="max-h-[70vh] divide-y divide-line overflow-y-auto">
          {versions.map((version, index) => (
            <li key={version.digest}>
              <button
                type="button"
                aria-current={version.digest === to ? "true" : undefined}
                onClick={() => {
                  setTo(version.digest);
                  setFrom(versions[index + 1]?.digest ?? "");
                }}
                className={cn(
                  "w-full px-4 py-2 text-left text-dense hover:bg-hover",
                  version.digest === to && "bg-hover",
                )}
              >
                <span className="flex justify-between gap-2">
                  <code className="text-meta">{version.digest.slice(0, 12)}</code>
                  {version.present ? (
                    <span className="text-meta font-medium text-accent">present</span>
                  ) : (
                    <Ago at={version.created_at} className="text-meta text-subtle" />
                  )}
                </span>
                <span className="tnum text-meta text-subtle">
                  {many(version.files, "file")}, {bytes(version.bytes)}
                </span>
              </button>
            </li>
          ))}
        </ol>
      </Card>
      <div className="min-w-0">
        <div className="mb-3 flex flex-wrap items-center gap-2 text-dense text-muted">
          What changed from
          <Select aria-label="From version" value={from} onChange={(event) => setFrom(event.target.value)}>
            {from === "" && <option value="">nothing</option>}
            {versions.map((version) => (
              <option key={version.digest} value={version.digest}>
                {version.digest.slice(0, 12)} · {dayAndTime(Date.parse(version.created_at))}
              </option>
            ))}
          </Select>
          to <code className="text-meta text-fg">{to.slice(0, 12)}</code>
        </div>
        {from === "" ? (
          <p className="text-dense text-muted">This is the first version that was kept.</p>
        ) : from === to ? (
          <p className="text-dense text-muted">Both are the same.</p>
        ) : diff.isPending ? (
          <Skeleton />
        ) : diff.isError ? (
          <Trouble error={diff.error} />
        ) : diff.data.files.length === 0 ? (
          <p className="text-dense text-muted">No file differs.</p>
        ) : (
          <div className="flex flex-col gap-4">
            {diff.data.files.map((file) => (
              <File key={file.path} file={file} />
            ))}
          </div>
        )}
      </div>
    </div>
  );
}

function File({ file }: { file: FileDiff }) {
  return (
    <Card
      flush
      title={<code className="text-meta font-medium">{file.path}</code>}
      aside={
        <span className="tnum">
          {file.fate !== "changed" && <span className="mr-2">{file.fate}</span>}
          <span className="text-ok">+{file.added}</span> <span className="text-bad">−{file.removed}</span>
        </span>
      }
    >
      {file.unified === null ? (
        <p className="p-4 text-dense text-muted">Not text, or too large to compare.</p>
      ) : (
        <DiffView lines={fromUnified(file.unified)} />
      )}
    </Card>
  );
}
