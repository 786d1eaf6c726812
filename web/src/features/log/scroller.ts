/** Where a long list of rows is scrolled to. Browsers limit the height of
 * elements, so beyond 15 million pixels the scroll bar stands for more rows than
 * it has pixels, while wheel and keys still move by real rows. */
import { useCallback, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { ROW } from "./row";

const TALLEST = 15_000_000;
/** For how long after a turn of the wheel or a key, and after a finger was lifted, it
 * scrolls because of that, milliseconds. */
const [STROKE, SWING] = [500, 3000];

/** Tells whether a person scrolls: layouts that change scroll as well. */
function handOn(element: HTMLElement): () => boolean {
  let until = 0;
  let held = false;
  const lasting = (ms: number) => () => {
    until = Math.max(until, performance.now() + ms);
  };
  for (const kind of ["wheel", "keydown"]) element.addEventListener(kind, lasting(STROKE), { passive: true });
  for (const kind of ["touchmove", "touchend"])
    element.addEventListener(kind, lasting(SWING), { passive: true });
  element.addEventListener("pointerdown", () => {
    held = true;
    // The release of a scroll bar is told to nobody but the window, if at all.
    const released = () => {
      held = false;
      lasting(STROKE)();
    };
    for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, released, { once: true });
  });
  return () => held || performance.now() < until;
}

const UPWARDS = new Set(["ArrowUp", "PageUp"]);

/** Tells when a person begins to scroll up: by wheel, keys or a finger. */
function onUpwards(element: HTMLElement, then: () => void): void {
  element.addEventListener(
    "wheel",
    (event) => {
      if (event.deltaY < 0 && !event.ctrlKey && -event.deltaY >= Math.abs(event.deltaX)) then();
    },
    { passive: true },
  );
  element.addEventListener("keydown", (event) => {
    if (UPWARDS.has(event.key)) then();
  });
  let finger = 0;
  const at = (event: TouchEvent) => event.touches[0]?.clientY ?? finger;
  element.addEventListener(
    "touchstart",
    (event) => {
      finger = at(event);
    },
    { passive: true },
  );
  element.addEventListener(
    "touchmove",
    (event) => {
      if (at(event) > finger) then();
      finger = at(event);
    },
    { passive: true },
  );
}

export interface Scroller {
  /** For the element that scrolls. */
  ref(element: HTMLDivElement | null): void;
  onScroll(): void;
  /** The first row that is seen, with its fraction. */
  top: number;
  /** Rows that fit. */
  fits: number;
  /** The width of what scrolls, pixels. */
  width: number;
  /** The height of everything, pixels. */
  height: number;
  /** Where rows are drawn, pixels from the top of everything. */
  drawAt(row: number): number;
  goTo(row: number): void;
  element(): HTMLDivElement | null;
}

export function useScroller(rows: number, moved: (byPerson: boolean, atEnd: boolean) => void): Scroller {
  const box = useRef<HTMLDivElement | null>(null);
  const [size, setSize] = useState({ height: 400, width: 800 });
  const [top, setTop] = useState(0);
  // Room for the bar that scrolls sideways, and a row of air.
  const fits = Math.max(1, (size.height - 8) / ROW);
  const height = Math.min(rows * ROW, TALLEST);
  const last = Math.max(0, rows - fits);
  const scale = height < TALLEST ? ROW : Math.max(1, height - size.height) / Math.max(1, last);
  const now = useRef({ last, scale, set: -1, moved, top });
  now.current = { ...now.current, last, scale, moved, top };

  const observer = useRef<ResizeObserver | undefined>(undefined);
  const byHand = useRef((): boolean => false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `place` is made once, below
  const ref = useCallback((element: HTMLDivElement | null) => {
    box.current = element;
    observer.current?.disconnect();
    if (!element) return;
    const measure = () => setSize({ height: element.clientHeight, width: element.clientWidth });
    measure();
    observer.current = new ResizeObserver(measure);
    observer.current.observe(element);
    byHand.current = handOn(element);
    // At once, and not with the scrolling that comes of it: lines that come before that
    // would take whoever turns away from the end back to it.
    onUpwards(element, () => {
      if (element.scrollTop > 0) now.current.moved(true, false);
    });
    element.addEventListener(
      "wheel",
      (event) => {
        const { scale, last } = now.current;
        if (scale === ROW || event.ctrlKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
        event.preventDefault();
        const next = Math.min(last, Math.max(0, now.current.top + event.deltaY / ROW));
        place(next, true);
      },
      { passive: false },
    );
  }, []);

  /** Scrolls there without taking it for somebody's move. */
  const place = useCallback((row: number, byPerson: boolean) => {
    const { last, scale } = now.current;
    const to = Math.min(Math.max(0, row), last);
    const element = box.current;
    if (!element) return;
    now.current.set = Math.round(to * scale);
    now.current.top = to;
    element.scrollTop = now.current.set;
    // The end lies before the air behind the last row: the browser goes no further, and
    // that must not be taken for somebody's move away from it.
    now.current.set = Math.round(element.scrollTop);
    flushSync(() => setTop(to));
    if (byPerson) now.current.moved(true, to >= last - 1);
  }, []);

  const onScroll = useCallback(() => {
    const element = box.current;
    if (!element) return;
    const { scale, last, set } = now.current;
    if (Math.abs(element.scrollTop - set) <= 1) {
      now.current.set = -1;
      return;
    }
    const to = Math.min(last, element.scrollTop / scale);
    now.current.top = to;
    // Without this, rows come a frame after the scroll bar: white flashes.
    flushSync(() => setTop(to));
    // A box that has just become taller is known here a moment later: what it shows is
    // what counts, and nobody who pressed End has left the end by that.
    const below = element.scrollHeight - element.clientHeight - element.scrollTop;
    const atEnd = to >= last - 1 || (scale === ROW && below <= ROW);
    if (byHand.current()) now.current.moved(true, atEnd);
  }, []);

  useLayoutEffect(() => {
    if (top > last) place(last, false);
  }, [top, last, place]);

  return {
    ref,
    onScroll,
    top,
    fits,
    width: size.width,
    height,
    drawAt: (row) => (scale === ROW ? row * ROW : Math.round(top * scale) + (row - top) * ROW),
    goTo: useCallback((row: number) => place(row, false), [place]),
    element: () => box.current,
  };
}
