/** The code of a task through time. */
import { useQuery } from "@tanstack/react-query";
import { History, Undo2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/field";
import { Card, Empty, Skeleton, Trouble } from "@/components/ui/page";
import { Ago } from "@/components/ui/time";
import { diffQuery, versionsQuery } from "@/lib/api/queries";
import type { TaskView, VersionItem } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { bytes, many } from "@/lib/format";
import { useMay } from "@/lib/session";
import { dayAndTime } from "@/lib/time";
import { FileDiffs } from "./diff-view";
import { Restore } from "./restore";

/** The side of a comparison that is what the folder holds now. */
const FOLDER = "folder";

export function Versions({ view, chosen }: { view: TaskView; chosen: string | undefined }) {
  const query = useQuery(versionsQuery(view.name));
  if (query.isPending) return <Skeleton />;
  if (query.isError) return <Trouble error={query.error} />;
  if (query.data.length === 0) {
    return (
      <div className="card">
        <Empty icon={History} title="No version was kept yet">
          The code of every run is kept, and what a file was before it is changed here. Two versions can be
          compared, and each can be brought back.
        </Empty>
      </div>
    );
  }
  return <Comparing view={view} versions={query.data} chosen={chosen} />;
}

interface ComparingProps {
  view: TaskView;
  versions: VersionItem[];
  chosen: string | undefined;
}

function Comparing({ view, versions, chosen }: ComparingProps) {
  const [asked, askedTo] = (chosen ?? "").split("..");
  const at = versions.findIndex((one) => one.digest === (askedTo ?? asked));
  const [to, setTo] = useState(versions[at]?.digest ?? versions[0]!.digest);
  const [from, setFrom] = useState(askedTo ? asked! : (versions[Math.max(0, at) + 1]?.digest ?? ""));
  const [restoring, setRestoring] = useState(false);
  const mayWrite = useMay("tasks_write") && !view.read_only;
  const diff = useQuery({
    ...diffQuery(view.name, from === FOLDER ? undefined : from, to),
    enabled: from !== "" && from !== to,
  });
  const present = versions.find((one) => one.present)?.digest;
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
        <div className="mb-3 flex min-h-8 flex-wrap items-center gap-2 text-dense text-muted">
          What changed from
          <Select aria-label="From version" value={from} onChange={(event) => setFrom(event.target.value)}>
            {from === "" && <option value="">nothing</option>}
            {present === undefined && <option value={FOLDER}>the folder as it is now</option>}
            {versions.map((version) => (
              <option key={version.digest} value={version.digest}>
                {version.digest.slice(0, 12)} · {dayAndTime(Date.parse(version.created_at))}
              </option>
            ))}
          </Select>
          <span className="whitespace-nowrap">
            to <code className="text-meta text-fg">{to.slice(0, 12)}</code>
          </span>
          {mayWrite && to !== present && (
            <Button size="sm" icon={Undo2} className="ml-auto" onClick={() => setRestoring(true)}>
              Bring it back…
            </Button>
          )}
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
          <FileDiffs files={diff.data.files} />
        )}
      </div>
      {restoring && <Restore task={view.name} version={to} onClose={() => setRestoring(false)} />}
    </div>
  );
}
