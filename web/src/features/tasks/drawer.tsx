import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo } from "react";
import { StatusText } from "@/components/ui/status";
import { Took } from "@/components/ui/time";
import { live } from "@/lib/api/live";
import { runQuery, touch } from "@/lib/api/queries";
import { shortId } from "@/lib/status";
import { download, useLog } from "../log/source";
import { LogViewer } from "../log/viewer";

/** A run beside the code that it runs. */
export function RunDrawer({ run, close }: { run: string; close: ReactNode }) {
  const query = useQuery(runQuery(run));
  useEffect(() => live.events(`run:${run}`, () => touch(["run", run])), [run]);
  const detail = query.data;
  const attempt = Math.max(1, detail?.attempts.length ?? 1);
  const active = detail?.run.state !== "finished";
  const which = useMemo(() => ({ run, attempt }), [run, attempt]);
  const fresh = !detail || detail.attempts.length === 0;
  const source = useLog(which, { active, fresh, onAttempt: () => touch(["run", run]) });
  return (
    <LogViewer
      key={attempt}
      source={source}
      active={active}
      raw={download(which)}
      className="flex-1 rounded-none border-0"
      empty={<p className="p-4 text-dense text-muted">{detail ? "Nothing was written yet." : ""}</p>}
      lead={
        <div className="flex items-center gap-2 pr-2 text-dense">
          {close}
          {detail && (
            <>
              <StatusText run={detail.run} />
              <Took run={detail.run} className="tnum text-muted" />
              {detail.run.exit_code ? (
                <span className="text-muted">exit code {detail.run.exit_code}</span>
              ) : null}
            </>
          )}
          <Link to="/runs/$run" params={{ run }} className="font-mono text-meta text-accent hover:underline">
            #{shortId(run)}
          </Link>
        </div>
      }
    />
  );
}
