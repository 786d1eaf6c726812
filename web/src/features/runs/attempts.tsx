import { Link } from "@tanstack/react-router";
import { StatusText } from "@/components/ui/status";
import { Ago } from "@/components/ui/time";
import type { RunDetail } from "@/lib/api/types";
import { bytes, duration } from "@/lib/format";

/** Every container that was launched for a run. */
export function Attempts({ detail }: { detail: RunDetail }) {
  const { run, attempts } = detail;
  return (
    <div className="card overflow-x-auto">
      <table className="w-full min-w-160 text-dense">
        <thead className="border-b border-line text-left text-meta text-subtle">
          <tr className="h-9 *:px-4 *:font-medium">
            <th>Attempt</th>
            <th>Status</th>
            <th>Began</th>
            <th className="text-right">First line</th>
            <th className="text-right">Ran</th>
            <th className="text-right">Memory</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          {attempts.map((attempt) => {
            const m = attempt.measurements;
            const standing = {
              ...run,
              state: attempt.outcome ? ("finished" as const) : run.state,
              outcome: attempt.outcome,
            };
            return (
              <tr key={attempt.id.number} className="h-9 border-b border-line last:border-0 *:px-4">
                <td>
                  <Link
                    to="/runs/$run"
                    params={{ run: run.id }}
                    search={{ attempt: String(attempt.id.number) }}
                    className="font-medium hover:underline"
                  >
                    {attempt.id.number}
                  </Link>
                </td>
                <td>
                  <StatusText run={standing} />
                </td>
                <td className="text-muted">
                  <Ago at={attempt.created_at} />
                </td>
                <td className="tnum text-right text-muted">
                  {m.first_line_ms == null ? "—" : duration(m.first_line_ms)}
                </td>
                <td className="tnum text-right text-muted">{m.run_ms == null ? "—" : duration(m.run_ms)}</td>
                <td className="tnum text-right text-muted">
                  {m.peak_memory_bytes == null ? "—" : bytes(m.peak_memory_bytes)}
                </td>
                <td className="max-w-96 truncate text-muted" title={attempt.reason ?? undefined}>
                  {attempt.reason ?? (attempt.exit_code === null ? "" : `exit code ${attempt.exit_code}`)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
