import type { LucideIcon } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { say } from "@/lib/api/client";
import { cn } from "@/lib/cn";
import { Button } from "./button";

/** Names the tab of the browser. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Runbay` : "Runbay";
  }, [title]);
}

interface PageProps {
  title: ReactNode;
  /** The title where only text goes. */
  name: string;
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Uses the whole width. */
  wide?: boolean;
}

export function Page({ title, name, about, actions, children, wide }: PageProps) {
  useTitle(name);
  return (
    <div className={cn("mx-auto w-full px-4 pt-5 pb-10 md:px-6", wide ? "max-w-none" : "max-w-[1400px]")}>
      <header className="mb-5 flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
        <div className="min-w-0">
          <h1 className="text-title font-semibold tracking-[-0.01em]">{title}</h1>
          {about && <div className="mt-0.5 text-dense text-muted">{about}</div>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function Card({
  title,
  aside,
  children,
  className,
  flush,
}: {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
  /** Without padding around what is inside. */
  flush?: boolean;
}) {
  return (
    <section className={cn("card overflow-hidden", className)}>
      {title && (
        <header className="flex min-h-11 items-center justify-between gap-3 border-b border-line px-4 py-1.5">
          <h2 className="text-dense font-semibold">{title}</h2>
          {aside && <div className="flex items-center gap-2 text-meta text-subtle">{aside}</div>}
        </header>
      )}
      <div className={flush ? "" : "p-4"}>{children}</div>
    </section>
  );
}

/** What a page without content says: what it is for, and what to do next. */
export function Empty({
  icon: Icon,
  title,
  children,
  action,
  whole,
}: {
  icon: LucideIcon;
  title: string;
  /** It is all that the page has. */
  whole?: boolean;
  children?: ReactNode;
  action?: ReactNode;
}) {
  const Title = whole ? "h1" : "h2";
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      <span className="mb-4 flex size-11 items-center justify-center rounded-xl border border-line bg-sunk">
        <Icon className="size-5 text-muted" aria-hidden />
      </span>
      <Title className="text-[15px] font-semibold">{title}</Title>
      {children && <div className="mt-1 max-w-md text-dense text-muted">{children}</div>}
      {action && <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

/** What could not be shown, why, and a way to try again. */
export function Trouble({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <div role="alert" className="flex flex-col items-center px-6 py-14 text-center">
      <h2 className="text-[15px] font-semibold">This cannot be shown</h2>
      <p className="mt-1 max-w-lg text-dense whitespace-pre-wrap text-muted">{say(error)}</p>
      {retry && (
        <Button className="mt-4" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export function Skeleton({ rows = 5, className }: { rows?: number; className?: string }) {
  return (
    <div className={cn("flex flex-col gap-3 p-4", className)} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have nothing else
        <div key={row} className="skeleton h-5" style={{ width: `${92 - ((row * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

/** A pair of a name and a value, in a list of them. */
export function Fact({ name, children, mono }: { name: ReactNode; children: ReactNode; mono?: boolean }) {
  return (
    <div className="flex min-w-0 gap-2 text-dense">
      <dt className="w-20 shrink-0 text-subtle">{name}</dt>
      <dd className={cn("min-w-0 text-fg", mono && "font-mono text-meta leading-5")}>{children}</dd>
    </div>
  );
}

/** A small word in a box. */
export function Tag({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <span
      className={cn(
        "inline-flex h-5 max-w-full items-center truncate rounded-md border border-line px-1.5 text-micro text-muted",
        className,
      )}
    >
      {children}
    </span>
  );
}
