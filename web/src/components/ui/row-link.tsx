/** The link of a row. A list has hundreds of them, and each `Link` of the router
 * works out where it leads and watches whether that is here: this one does nothing
 * before somebody points at it. */
import { useRouter } from "@tanstack/react-router";
import type { ComponentProps, MouseEvent } from "react";

/** A click that means this tab, and not another one or a window. */
export const isPlain = (event: MouseEvent) =>
  event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

/** `href` is an address of this interface. */
export function RowLink({ href, ...rest }: ComponentProps<"a"> & { href: string }) {
  const router = useRouter();
  const soon = () => void router.preloadRoute({ to: href });
  const go = (event: MouseEvent) => {
    if (!isPlain(event)) return;
    event.preventDefault();
    void router.navigate({ to: href });
  };
  return <a {...rest} href={href} onClick={go} onMouseEnter={soon} onFocus={soon} onTouchStart={soon} />;
}
