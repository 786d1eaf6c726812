import { type RefObject, useEffect, useRef } from "react";

/** For a row of links that a phone shows in part: brings the present one into sight.
 * `present` says when it is another. */
export function useInSight(present: string | undefined): RefObject<HTMLElement | null> {
  const row = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `present` says when to look
  useEffect(() => {
    const here = row.current?.querySelector("[aria-current=page]");
    if (!here || !row.current) return;
    // A bit of the one before stays in sight: there is more on both sides.
    row.current.scrollLeft +=
      here.getBoundingClientRect().left - row.current.getBoundingClientRect().left - 48;
  }, [present]);
  return row;
}
