/** A word about what is under the pointer or has the focus. One tip serves the
 * whole page and finds its text at the element: a list of a hundred tasks has
 * some three thousand of them, and pays nothing. */
import { cloneElement, type ReactElement, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Milliseconds before the first tip; while one is there the next comes at once. */
const DELAY = 350;

export function Tip({ text, keys, children }: { text: string; keys?: string; children: ReactElement }) {
  return cloneElement(children, { "data-tip": text, "data-tip-keys": keys } as object);
}

export function Tips() {
  const [owner, setOwner] = useState<Element | null>(null);
  useEffect(() => {
    let wait: ReturnType<typeof setTimeout> | undefined;
    let shown: Element | null = null;
    const set = (next: Element | null) => {
      clearTimeout(wait);
      shown = next;
      setOwner(next);
    };
    const found = (event: Event) => (event.target as Element | null)?.closest?.("[data-tip]") ?? null;
    const over = (event: PointerEvent) => {
      if (event.pointerType === "touch" || (event.target as Element).closest?.("[role=tooltip]")) return;
      const next = found(event);
      if (next === shown) return;
      if (!next || shown) return set(next);
      clearTimeout(wait);
      wait = setTimeout(() => set(next), DELAY);
    };
    const focus = (event: FocusEvent) => {
      const next = found(event);
      if (next?.matches(":focus-visible")) set(next);
    };
    const away = () => set(null);
    const key = (event: KeyboardEvent) => {
      if (event.key === "Escape") set(null);
    };
    document.addEventListener("pointerover", over);
    document.addEventListener("pointerdown", away, true);
    document.addEventListener("focusin", focus);
    document.addEventListener("focusout", away);
    document.addEventListener("keydown", key, true);
    document.addEventListener("scroll", away, true);
    return () => {
      clearTimeout(wait);
      document.removeEventListener("pointerover", over);
      document.removeEventListener("pointerdown", away, true);
      document.removeEventListener("focusin", focus);
      document.removeEventListener("focusout", away);
      document.removeEventListener("keydown", key, true);
      document.removeEventListener("scroll", away, true);
    };
  }, []);
  return owner ? <Shown owner={owner} /> : null;
}

function Shown({ owner }: { owner: Element }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const at = owner.getBoundingClientRect();
    const { width, height } = element.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left + at.width / 2 - width / 2), innerWidth - width - 8);
    const above = at.top - height - 6;
    element.style.transform = `translate(${Math.round(left)}px, ${Math.round(above < 8 ? at.bottom + 6 : above)}px)`;
  }, [owner]);
  const keys = owner.getAttribute("data-tip-keys");
  return (
    <div
      ref={box}
      role="tooltip"
      className="fixed top-0 left-0 z-70 max-w-80 rounded-md bg-ink px-2 py-1 text-meta text-on-ink shadow-float"
    >
      {owner.getAttribute("data-tip")}
      {keys && <span className="ml-2 opacity-65">{keys}</span>}
    </div>
  );
}
