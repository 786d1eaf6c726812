import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

const LOOKS = {
  bad: ["border-bad/30 bg-bad-soft text-bad", CircleAlert],
  warn: ["border-warn/30 bg-warn-soft text-warn", TriangleAlert],
  idle: ["border-line bg-sunk text-muted", Info],
} as const;

interface NoteProps {
  family: keyof typeof LOOKS;
  children: ReactNode;
  action?: ReactNode;
  className?: string;
}

/** Something to know, right where it matters. */
export function Note({ family, children, action, className }: NoteProps) {
  const [look, Icon] = LOOKS[family];
  return (
    <div
      role={family === "bad" ? "alert" : "status"}
      className={cn("flex items-start gap-2 rounded-lg border px-3 py-2 text-dense", look, className)}
    >
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1 whitespace-pre-wrap">{children}</div>
      {action}
    </div>
  );
}
