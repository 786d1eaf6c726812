import type { Run } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { type Family, type Status, statusOf } from "@/lib/status";

export const TEXT: Record<Family, string> = {
  ok: "text-ok",
  bad: "text-bad",
  run: "text-run",
  warn: "text-warn",
  idle: "text-idle",
  off: "text-off",
};

export function StatusIcon({ status, className }: { status: Status; className?: string }) {
  const Icon = status.icon;
  const turns = status.family === "run" && status.active;
  return (
    <Icon
      aria-hidden
      className={cn("size-4 shrink-0", TEXT[status.family], turns && "animate-spin", className)}
    />
  );
}

/** Icon and word, everywhere the same. */
export function StatusText({ run, className }: { run: Run; className?: string }) {
  const status = statusOf(run);
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1.5 align-middle font-medium whitespace-nowrap",
        TEXT[status.family],
        className,
      )}
    >
      <StatusIcon status={status} />
      {status.word}
    </span>
  );
}
