import { Card } from "@/components/ui/page";
import type { FileDiff } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { type DiffLine, fromUnified } from "@/lib/diff";
import { plain } from "../log/ansi";

/** Lines around a change that are shown. */
const AROUND = 3;
const MARKS = { same: " ", added: "+", removed: "−", place: " " };

interface DiffViewProps {
  lines: DiffLine[];
  /** Inside something that has a frame. */
  bare?: boolean;
}

/** What changed, with a few lines around it. */
export function DiffView({ lines, bare }: DiffViewProps) {
  const near = new Set<number>();
  lines.forEach((line, at) => {
    if (line.kind === "same") return;
    for (let each = at - AROUND; each <= at + AROUND; each += 1) near.add(each);
  });
  if (near.size === 0) return <p className="text-dense text-muted">Both are the same.</p>;
  return (
    <pre
      className={cn(
        "overflow-x-auto bg-(--log-bg) py-1.5 text-meta leading-5",
        !bare && "rounded-lg border border-line",
      )}
    >
      {/* As wide as its longest line: colours reach behind it, too. */}
      <div className="w-max min-w-full">
        {lines.map((line, at) => {
          if (!near.has(at)) {
            return near.has(at - 1) ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names
              <div key={at} className="px-3 text-subtle">
                ⋯
              </div>
            ) : null;
          }
          return (
            <div
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names
              key={at}
              className={cn(
                "px-3",
                line.kind === "added" && "bg-ok-soft text-ok",
                line.kind === "removed" && "bg-bad-soft text-bad",
                line.kind === "place" && "text-subtle",
              )}
            >
              {MARKS[line.kind]} {plain(line.text)}
            </div>
          );
        })}
      </div>
    </pre>
  );
}

/** Each file that differs, and how. */
export function FileDiffs({ files }: { files: FileDiff[] }) {
  return (
    <div className="flex flex-col gap-4">
      {files.map((file) => (
        <Card
          key={file.path}
          flush
          title={<code className="text-meta font-medium">{plain(file.path)}</code>}
          aside={
            <span className="tnum flex gap-2">
              {file.fate !== "changed" && <span>{file.fate}</span>}
              <span className="text-ok">+{file.added}</span>
              <span className="text-bad">−{file.removed}</span>
            </span>
          }
        >
          {file.unified === null ? (
            <p className="p-4 text-dense text-muted">Not text, or too large to compare.</p>
          ) : (
            <DiffView bare lines={fromUnified(file.unified)} />
          )}
        </Card>
      ))}
    </div>
  );
}
