import { TEXT } from "@/components/ui/status";
import { cn } from "@/lib/cn";
import type { Standing } from "./standing";

/** Icon and word, as everywhere. */
export function StandingText({ standing }: { standing: Standing }) {
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1 align-top font-medium whitespace-nowrap",
        TEXT[standing.family],
      )}
    >
      <standing.icon className="size-4" aria-hidden />
      {standing.word}
    </span>
  );
}
