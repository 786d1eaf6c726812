/** What differs between two runs: code, packages, parameters, time. */
import { Link } from "@tanstack/react-router";
import {
  Boxes,
  Cpu,
  FileCode2,
  Hash,
  Layers,
  type LucideIcon,
  SlidersHorizontal,
  Terminal,
  Timer,
} from "lucide-react";
import type { ReactNode } from "react";
import type { Change, PackageDiff, Since } from "@/lib/api/types";
import { duration } from "@/lib/format";

const digest = (text: string) => text.replace(/^sha256:/, "").slice(0, 12);
const value = (of: unknown) =>
  of === undefined || of === null ? "none" : typeof of === "string" ? of : JSON.stringify(of);

/** How many changes may be why a run ended otherwise; how long it took is none of them. */
export const causes = (since: Since) => since.changes.filter((change) => change.what !== "duration").length;

export function ChangeList({ changes, task }: { changes: Change[]; task: string }) {
  if (changes.length === 0) {
    return (
      <p className="text-dense text-muted">
        Nothing that Runbay knows of: same code, packages, parameters and limits.
      </p>
    );
  }
  return (
    <ul className="flex flex-col gap-2 text-dense">
      {changes.map((change, at) => {
        const [Icon, text] = told(change, task);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes in place
          <li key={at} className="flex gap-2">
            <Icon className="mt-0.5 size-4 shrink-0 text-subtle" aria-hidden />
            <div className="min-w-0 flex-1">{text}</div>
          </li>
        );
      })}
    </ul>
  );
}

function From({ from, to }: { from: ReactNode; to: ReactNode }) {
  return (
    <span className="font-mono text-meta">
      <span className="text-subtle">{from}</span> → {to}
    </span>
  );
}

function told(change: Change, task: string): [LucideIcon, ReactNode] {
  switch (change.what) {
    case "code":
      return [
        FileCode2,
        <>
          Code{" "}
          <Link
            to="/tasks/$task"
            params={{ task }}
            search={{ tab: "versions", file: `${change.from}..${change.to}` }}
            className="font-mono text-meta text-accent hover:underline"
          >
            {digest(change.from)} → {digest(change.to)}
          </Link>
        </>,
      ];
    case "python":
      return [
        Terminal,
        <>
          Python <From from={change.from} to={change.to} />
        </>,
      ];
    case "packages":
      return [Boxes, <Packages key="p" diff={change as unknown as PackageDiff} />];
    case "hashes":
      return [Hash, "Same package versions, other files of them"];
    case "base":
      return [
        Layers,
        <>
          Base image <From from={digest(change.from)} to={digest(change.to)} />
        </>,
      ];
    case "parameter":
      return [
        SlidersHorizontal,
        <>
          Parameter <b className="font-medium">{change.name}</b>{" "}
          <From from={value(change.from)} to={value(change.to)} />
        </>,
      ];
    case "arguments":
      return [
        Terminal,
        <>
          Arguments <From from={change.from.join(" ") || "none"} to={change.to.join(" ") || "none"} />
        </>,
      ];
    case "limit":
      return [
        Cpu,
        <>
          Limit of {change.name} <From from={change.from} to={change.to} />
        </>,
      ];
    case "duration": {
      const times = change.to_ms / Math.max(1, change.from_ms);
      const how = times > 1 ? `${times.toFixed(1)} times as long` : `${(1 / times).toFixed(1)} times as fast`;
      return [
        Timer,
        <>
          Took {how} <From from={duration(change.from_ms)} to={duration(change.to_ms)} />
        </>,
      ];
    }
    default:
      return [Layers, "Something else"];
  }
}

export function Packages({ diff }: { diff: PackageDiff }) {
  const all = [
    ...diff.added.map((one) => ({ name: one.name, from: "—", to: one.version })),
    ...diff.changed,
    ...diff.removed.map((one) => ({ name: one.name, from: one.version, to: "—" })),
  ].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <details open={all.length <= 6}>
      <summary className="cursor-pointer">
        {[
          diff.changed.length && `${diff.changed.length} changed`,
          diff.added.length && `${diff.added.length} added`,
          diff.removed.length && `${diff.removed.length} removed`,
        ]
          .filter(Boolean)
          .join(", ")}{" "}
        of the packages
      </summary>
      <ul className="mt-1">
        {all.map((one) => (
          <li key={one.name} className="flex items-baseline gap-2">
            <span className="min-w-32">{one.name}</span> <From from={one.from} to={one.to} />
          </li>
        ))}
      </ul>
    </details>
  );
}
