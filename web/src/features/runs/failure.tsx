/** Why a run failed, before anything else: what Python said, where, and what is
 * different from when it worked. */
import { Link } from "@tanstack/react-router";
import { Boxes, CornerDownRight, FileCode2, GitCompareArrows } from "lucide-react";
import { Button, buttonClass } from "@/components/ui/button";
import { Prose } from "@/components/ui/prose";
import { StatusIcon, TEXT } from "@/components/ui/status";
import { say } from "@/lib/api/client";
import type { RunDetail } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { many } from "@/lib/format";
import { statusOf } from "@/lib/status";
import { causes } from "./changes";
import { ownFrame, type Traceback } from "./traceback";

interface FailureProps {
  detail: RunDetail;
  traceback: Traceback | undefined;
  onJump(line: number): void;
  onChanges(): void;
}

export function FailureCard({ detail, traceback, onJump, onChanges }: FailureProps) {
  const { run } = detail;
  const status = statusOf(run);
  const own = traceback && ownFrame(traceback);
  const frame =
    traceback &&
    (own ? traceback.frames.findLast((one) => one.file.startsWith("/task/")) : traceback.frames.at(-1));
  const [first = "", ...rest] = (run.reason ?? "").trimEnd().split("\n");
  const changes = detail.since_last_good ? causes(detail.since_last_good) : undefined;
  return (
    <section
      aria-label="Why it failed"
      className={cn(
        "card flex flex-col gap-2 border-l-[3px] p-4",
        status.family === "bad"
          ? "border-l-bad-fill"
          : status.family === "warn"
            ? "border-l-warn-fill"
            : "border-l-off-fill",
      )}
    >
      <div className="flex gap-2">
        <StatusIcon status={status} className="mt-[3px]" />
        <div className="min-w-0 flex-1">
          {traceback ? (
            <p className="font-mono text-dense">
              <b className={cn("font-semibold", TEXT[status.family])}>{traceback.error}</b>
              {traceback.message && <span className="break-words">: {traceback.message}</span>}
            </p>
          ) : (
            <>
              <p className={cn("text-dense font-medium", TEXT[status.family])}>
                <Prose text={say(first)} />
              </p>
              {rest.length > 0 && (
                <p className="mt-1 text-dense break-words whitespace-pre-line text-muted">
                  <Prose text={rest.map((line) => line.trim()).join("\n")} />
                </p>
              )}
            </>
          )}
          {frame && (
            <p className="mt-1 text-meta text-muted">
              <span className="font-mono">
                {frame.file.replace(/^\/task\//, "")}:{frame.line}
              </span>
              {frame.in && frame.in !== "<module>" && (
                <>
                  {" in "}
                  <span className="font-mono">{frame.in}</span>
                </>
              )}
            </p>
          )}
          {frame?.code && (
            <pre className="mt-2 overflow-x-auto rounded-lg border border-line bg-sunk px-3 py-1.5 text-meta">
              {frame.code}
            </pre>
          )}
        </div>
      </div>
      <div className="flex flex-wrap gap-2 pl-6">
        {traceback && (
          <Button size="sm" icon={CornerDownRight} onClick={() => onJump(traceback.end)}>
            Jump to line {traceback.end}
          </Button>
        )}
        {own && (
          <Link
            to="/tasks/$task"
            params={{ task: run.task }}
            search={{ tab: "code", file: own.file, line: String(own.line) }}
            className={buttonClass("plain", "sm")}
          >
            <FileCode2 className="size-4" aria-hidden /> Open {own.file}:{own.line}
          </Link>
        )}
        {run.outcome === "build_failed" && (
          <Link
            to="/tasks/$task"
            params={{ task: run.task }}
            search={{ tab: "packages" }}
            className={buttonClass("plain", "sm")}
          >
            <Boxes className="size-4" aria-hidden /> Its packages
          </Link>
        )}
        {changes !== undefined && (
          <Button size="sm" icon={GitCompareArrows} onClick={onChanges}>
            {changes === 0
              ? "Nothing changed since it last worked"
              : `${many(changes, "change")} since it last worked`}
          </Button>
        )}
      </div>
    </section>
  );
}
