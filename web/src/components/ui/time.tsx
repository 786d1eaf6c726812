import type { Run } from "@/lib/api/types";
import { duration } from "@/lib/format";
import { tookMs } from "@/lib/status";
import { absolute, useFromNow, useNow } from "@/lib/time";

/** A moment, relative to now; the exact one on hover and for machines. */
export function Ago({ at, className }: { at: string; className?: string }) {
  const moment = Date.parse(at);
  return (
    <time dateTime={at} title={absolute(moment)} className={className}>
      {useFromNow(moment)}
    </time>
  );
}

/** How long a run took; it ticks only while the run goes on. */
export function Took({ run, className }: { run: Run; className?: string }) {
  return run.finished_at ? (
    <span className={className}>{tookText(run, 0)}</span>
  ) : (
    <Ticking run={run} className={className} />
  );
}

function Ticking({ run, className }: { run: Run; className?: string }) {
  return <span className={className}>{tookText(run, useNow())}</span>;
}

function tookText(run: Run, now: number): string {
  const ms = tookMs(run, now);
  return ms === undefined ? "—" : duration(run.finished_at ? ms : Math.floor(ms / 1000) * 1000 || 0);
}
