import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Ago } from "@/components/ui/time";
import type { RunDetail } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { bytes, duration } from "@/lib/format";
import { useMay } from "@/lib/session";
import { exitMeaning, shortId } from "@/lib/status";
import { askedBy, triggerOf } from "./table";

const short = (digest: string) => digest.replace(/^sha256:/, "").slice(0, 12);

/** What there is to know about a run beside its times; on half of the page, or all of it. */
export function Facts({ detail, half }: { detail: RunDetail; half: boolean }) {
  const { run, attempts } = detail;
  const mayTriggers = useMay("system_write");
  const m = attempts.at(-1)?.measurements;
  const meaning = run.exit_code === null ? undefined : exitMeaning(run.exit_code);
  const facts: [string, ReactNode][] = [
    [
      "Trigger",
      triggerOf(run) && mayTriggers ? (
        <Link
          key="t"
          to="/tasks/$task"
          params={{ task: run.task }}
          search={{ tab: "triggers" }}
          className="text-accent hover:underline"
        >
          {triggerOf(run)}
        </Link>
      ) : (
        askedBy(run)
      ),
    ],
    ["When", <Ago key="w" at={run.created_at} />],
  ];
  if (run.rerun_of) {
    facts.push([
      "Repeats",
      <Link
        key="r"
        to="/runs/$run"
        params={{ run: run.rerun_of }}
        className="font-mono text-meta text-accent hover:underline"
      >
        #{shortId(run.rerun_of)}
      </Link>,
    ]);
  }
  if (run.exit_code !== null) facts.push(["Exit code", `${run.exit_code}${meaning ? `, ${meaning}` : ""}`]);
  facts.push([
    "Limits",
    `${run.limits.cpus} CPU · ${bytes(run.limits.memory)} · ${duration(run.limits.timeout * 1000)}`,
  ]);
  if (m?.peak_memory_bytes) {
    const share = Math.round((100 * m.peak_memory_bytes) / run.limits.memory);
    facts.push(["Memory", `${bytes(m.peak_memory_bytes)} at most, ${share} % of its limit`]);
  }
  if (m?.cpu_ms)
    facts.push([
      "CPU",
      `${duration(m.cpu_ms)}${m.run_ms ? `, ${Math.round((100 * m.cpu_ms) / m.run_ms)} % of a core` : ""}`,
    ]);
  if (m?.network_rx_bytes || m?.network_tx_bytes) {
    facts.push(["Network", `${bytes(m.network_rx_bytes ?? 0)} in, ${bytes(m.network_tx_bytes ?? 0)} out`]);
  }
  if (run.image)
    facts.push([
      "Image",
      <code key="i" className="text-meta">
        {short(run.image)}
      </code>,
    ]);
  if (run.version) {
    facts.push([
      "Code",
      <Link
        key="c"
        to="/tasks/$task"
        params={{ task: run.task }}
        search={{ tab: "versions", file: run.version }}
        className="font-mono text-meta text-accent hover:underline"
      >
        {short(run.version)}
        {run.trial && <span className="ml-1.5 font-sans text-subtle">never saved</span>}
      </Link>,
    ]);
  }
  return (
    <dl
      className={cn(
        "grid gap-x-6 gap-y-1 border-line not-first:mt-3 not-first:border-t not-first:pt-3 sm:grid-cols-2",
        half ? "lg:grid-cols-1 xl:grid-cols-2" : "xl:grid-cols-4",
      )}
    >
      {facts.map(([name, value]) => (
        <div key={name} className="flex min-w-0 gap-2 text-dense">
          <dt className="w-18 shrink-0 text-subtle">{name}</dt>
          <dd className="tnum min-w-0">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
