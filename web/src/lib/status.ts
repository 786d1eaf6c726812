/** How a run is, in one of six families: each has one icon, one word, one
 * colour, wherever it is shown. */
import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleX,
  ClockAlert,
  HardDrive,
  LoaderCircle,
  type LucideIcon,
  MemoryStick,
  PackageX,
  RotateCw,
  Unplug,
} from "lucide-react";
import type { Outcome, Run } from "./api/types";

export type Family = "ok" | "bad" | "run" | "warn" | "idle" | "off";

export interface Status {
  key: string;
  word: string;
  family: Family;
  icon: LucideIcon;
  /** Whether it goes on. */
  active: boolean;
}

const OUTCOMES: Record<Outcome, [string, Family, LucideIcon]> = {
  succeeded: ["Succeeded", "ok", CircleCheck],
  failed: ["Failed", "bad", CircleX],
  build_failed: ["Build failed", "bad", PackageX],
  timed_out: ["Timed out", "bad", ClockAlert],
  out_of_memory: ["Out of memory", "bad", MemoryStick],
  out_of_disk: ["Out of disk", "bad", HardDrive],
  cancelled: ["Cancelled", "off", Ban],
  lost: ["Lost", "warn", CircleHelp],
  infra_error: ["Service error", "warn", Unplug],
};

export const OUTCOME_NAMES = Object.entries(OUTCOMES).map(([key, [word]]) => ({ key: key as Outcome, word }));

type Standing = Pick<Run, "state" | "outcome" | "not_before" | "cancel_requested_at">;

export function statusOf(run: Standing): Status {
  const at = (key: string, word: string, family: Family, icon: LucideIcon): Status => ({
    key,
    word,
    family,
    icon,
    active: run.state !== "finished",
  });
  if (run.state === "finished") {
    const [word, family, icon] = OUTCOMES[run.outcome ?? "lost"];
    return at(run.outcome ?? "lost", word, family, icon);
  }
  if (run.state === "stopping" || run.cancel_requested_at)
    return at("stopping", "Stopping", "run", LoaderCircle);
  switch (run.state) {
    case "queued":
      return run.not_before
        ? at("retrying", "Retrying", "warn", RotateCw)
        : at("queued", "Queued", "idle", CircleDashed);
    case "building":
      return at("building", "Building", "run", LoaderCircle);
    case "starting":
      return at("starting", "Starting", "run", LoaderCircle);
    default:
      return at("running", "Running", "run", LoaderCircle);
  }
}

/** What exit codes above 128 are: signals. */
const SIGNALS: Record<number, string> = {
  1: "HUP",
  2: "INT",
  3: "QUIT",
  6: "ABRT",
  9: "KILL",
  11: "SEGV",
  13: "PIPE",
  15: "TERM",
};

/** What an exit code means, if it means something by itself. */
export function exitMeaning(code: number): string | undefined {
  if (code > 128 && code <= 165) return `killed by SIG${SIGNALS[code - 128] ?? code - 128}`;
  return {
    0: undefined,
    1: undefined,
    126: "the command cannot be executed",
    127: "there is no such command",
  }[code];
}

/** How long a run took, or takes so far, from its start; milliseconds. */
export function tookMs(run: Pick<Run, "started_at" | "finished_at">, now: number): number | undefined {
  if (!run.started_at) return undefined;
  const end = run.finished_at ? Date.parse(run.finished_at) : now;
  return Math.max(0, end - Date.parse(run.started_at));
}

/** The last 8 digits, which people type and read. */
export const shortId = (id: string) => id.slice(-8);
