/** What a query answers, one to a row; or that it is on its way, cannot be shown, or
 * is nothing. And what asks for more of it. */
import type { UseQueryResult } from "@tanstack/react-query";
import { Fragment, type ReactNode, useEffect, useRef } from "react";
import { Button } from "./button";
import { Skeleton, Trouble } from "./page";

interface ListOfProps<T> {
  query: UseQueryResult<T[]>;
  /** What is said when there is nothing. */
  empty: ReactNode;
  /** What tells one from all others. */
  id(item: T): string | number;
  children(item: T): ReactNode;
}

export function ListOf<T>({ query, empty, id, children }: ListOfProps<T>) {
  if (query.isPending) return <Skeleton />;
  if (query.isError) return <Trouble error={query.error} retry={() => void query.refetch()} />;
  if (query.data.length === 0) return empty;
  return (
    <ul className="divide-y divide-line">
      {query.data.map((item) => (
        <Fragment key={id(item)}>{children(item)}</Fragment>
      ))}
    </ul>
  );
}

/** Asks for more when it comes into sight. */
export function More({ busy, more }: { busy: boolean; more(): void }) {
  const ref = useRef<HTMLDivElement>(null);
  const act = useRef(more);
  act.current = more;
  useEffect(() => {
    if (!ref.current || busy) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && act.current(), {
      rootMargin: "400px",
    });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [busy]);
  return (
    <div ref={ref} className="flex justify-center border-t border-line p-3">
      <Button busy={busy} onClick={more}>
        Show more
      </Button>
    </div>
  );
}
