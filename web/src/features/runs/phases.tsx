/** Where the time of a run went. Phases are a ramp from grey to blue: how a run
 * ended is said elsewhere, and not in these colours. */
import type { RunDetail } from "@/lib/api/types";
import { duration } from "@/lib/format";
import { useNow } from "@/lib/time";

export function Phases({ detail }: { detail: RunDetail }) {
  const ends = detail.run.state === "finished";
  return ends ? <Bar detail={detail} now={0} /> : <Live detail={detail} />;
}

function Live({ detail }: { detail: RunDetail }) {
  return <Bar detail={detail} now={useNow() + 1000} />;
}

interface Phase {
  name: string;
  ms: number | undefined;
  why: string | undefined;
  fill: string;
}

function phasesOf({ run, attempts }: RunDetail, now: number): Phase[] {
  const attempt = attempts.at(-1);
  const m = attempt?.measurements;
  const sum = (...all: (number | null | undefined)[]) => {
    const known = all.filter((one): one is number => typeof one === "number");
    return known.length > 0 ? known.reduce((a, b) => a + b, 0) : undefined;
  };
  const since = (at: string | null | undefined) =>
    at && now > 0 ? Math.max(0, now - Date.parse(at)) : undefined;
  const state = run.state;
  // While it goes on the end of its build and its start are known, and not yet what lay between.
  const begun =
    attempt && m?.build_ms != null
      ? new Date(Date.parse(attempt.created_at) + m.build_ms).toISOString()
      : undefined;
  const starting =
    begun && attempt?.started_at
      ? Math.max(0, Date.parse(attempt.started_at) - Date.parse(begun))
      : undefined;
  return [
    {
      name: "Queue",
      ms: m?.queue_ms ?? (state === "queued" ? since(run.created_at) : undefined),
      why: undefined,
      fill: "bg-(--phase-1)",
    },
    {
      name: "Build",
      ms: m?.build_ms ?? (state === "building" ? since(attempt?.created_at ?? run.created_at) : undefined),
      why: m?.build_ms == null ? undefined : m.build_ms < 400 ? "cached" : "built",
      fill: "bg-(--phase-2)",
    },
    {
      name: "Start",
      ms: sum(m?.create_ms, m?.start_ms) ?? (state === "starting" ? since(begun) : starting),
      why: undefined,
      fill: "bg-(--phase-3)",
    },
    {
      name: "Run",
      ms:
        m?.run_ms ??
        (run.started_at && state !== "finished" ? since(attempt?.started_at ?? run.started_at) : undefined),
      why: undefined,
      fill: "bg-(--phase-4)",
    },
  ];
}

function Bar({ detail, now }: { detail: RunDetail; now: number }) {
  const phases = phasesOf(detail, now);
  // It ended before anything of it began.
  if (now === 0 && phases.every((phase) => phase.ms === undefined)) return null;
  const total = phases.reduce((sum, phase) => sum + (phase.ms ?? 0), 0);
  return (
    <div>
      <div className="flex h-2 gap-0.5 overflow-hidden rounded-full bg-sunk" aria-hidden>
        {phases.map((phase) =>
          phase.ms ? (
            <div
              key={phase.name}
              className={phase.fill}
              style={{ flex: `${Math.max(phase.ms / Math.max(total, 1), 0.012)} 0 0` }}
            />
          ) : null,
        )}
      </div>
      <dl className="mt-3 grid grid-cols-4 gap-2">
        {phases.map((phase) => (
          <div key={phase.name} className="min-w-0">
            <dt className="flex items-center gap-1.5 text-meta text-subtle">
              <span className={`size-2 shrink-0 rounded-full ${phase.fill}`} aria-hidden />
              {phase.name}
            </dt>
            <dd className="tnum mt-0.5 text-dense font-medium">
              <span className="whitespace-nowrap">
                {phase.ms === undefined
                  ? "—"
                  : duration(now > 0 && phase.ms > 1000 ? Math.round(phase.ms / 100) * 100 : phase.ms)}
              </span>{" "}
              {phase.why && <span className="text-meta font-normal text-subtle">{phase.why}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
