import { cn } from "@/lib/cn";
import type { DiffLine } from "@/lib/diff";
import { plain } from "../log/ansi";

/** Lines around a change that are shown. */
const AROUND = 3;

/** What changed, with a few lines around it. */
export function DiffView({ lines }: { lines: DiffLine[] }) {
  const near = new Set<number>();
  lines.forEach((line, at) => {
    if (line.kind === "same") return;
    for (let each = at - AROUND; each <= at + AROUND; each += 1) near.add(each);
  });
  if (near.size === 0) return <p className="text-dense text-muted">Both are the same.</p>;
  return (
    <pre className="overflow-x-auto rounded-lg border border-line bg-(--log-bg) py-1.5 text-meta leading-5">
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
            )}
          >
            {{ same: " ", added: "+", removed: "−" }[line.kind]} {plain(line.text)}
          </div>
        );
      })}
    </pre>
  );
}

/** The lines of a unified diff, without its head. */
export function fromUnified(text: string): DiffLine[] {
  return text
    .split("\n")
    .filter((line) => !/^(---|\+\+\+) /.test(line) && line !== "")
    .map((line): DiffLine => {
      const kind = { "+": "added", "-": "removed" }[line[0] ?? ""] as DiffLine["kind"] | undefined;
      return { kind: kind ?? "same", text: line.startsWith("@@") ? line : line.slice(1) };
    });
}
