/** One log: all of it, at once, however long. Rows are drawn for what is seen;
 * lines live in a store outside of React. */
import { ArrowDownToLine } from "lucide-react";
import {
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { Note } from "@/components/ui/note";
import { Skeleton, Trouble } from "@/components/ui/page";
import { cn } from "@/lib/cn";
import { typing, useShortcuts } from "@/lib/shortcuts";
import { load, save, useTheme } from "@/lib/theme";
import { plain } from "./ansi";
import { copyAll, copySelected } from "./copy";
import { chosen, layout } from "./layout";
import { ROW, Row, type Times } from "./row";
import { Ruler } from "./ruler";
import { useScroller } from "./scroller";
import { finder, useSearch, type Words } from "./search";
import type { LogSource } from "./source";
import { Toolbar } from "./toolbar";

interface ViewerProps {
  source: LogSource;
  /** More may come: the end is followed. */
  active: boolean;
  /** Where the whole log can be downloaded. */
  raw: string;
  /** What to say where no line is. */
  empty: ReactNode;
  /** What stands below the last line. */
  foot?: ReactNode;
  /** A line to show, asked for from outside; each new object asks again. */
  show?: { line: number } | undefined;
  className?: string;
  /** What the toolbar begins with. */
  lead?: ReactNode;
}

const phone = () => matchMedia("(max-width: 767px)").matches;
const remembered = (key: string, otherwise: string) => load(`runbay.log.${key}`) ?? otherwise;

/** `#L12-L40`. */
function fromHash(): [number, number] | undefined {
  const found = /^#L(\d+)(?:-L?(\d+))?$/.exec(location.hash);
  if (!found) return undefined;
  const [a, b] = [Number(found[1]), Number(found[2] ?? found[1])];
  return [Math.min(a, b), Math.max(a, b)];
}

export function LogViewer({ source, active, raw, empty, foot, show, className, lead }: ViewerProps) {
  const { store } = source;
  const version = useSyncExternalStore(store.subscribe, store.getVersion);
  const theme = useTheme();
  const [wrap, setWrap] = useState(() => remembered("wrap", phone() ? "on" : "off") === "on");
  const [times, setTimes] = useState<Times>(() => remembered("times", phone() ? "off" : "clock") as Times);
  const [onlyErrors, setOnlyErrors] = useState(false);
  const [full, setFull] = useState(false);
  const [words, setWords] = useState<Words>({ text: "", regex: false });
  const [at, setAt] = useState(0);
  const [marked, setMarked] = useState(fromHash);
  const [following, setFollowing] = useState(!marked);
  const [allSelected, setAllSelected] = useState(false);
  const [cell, setCell] = useState(7.2);
  const box = useRef<HTMLDivElement>(null);

  const gutter = Math.max(4, String(store.total).length + 1) * cell + 22;
  const aside = gutter + (times === "off" ? 0 : 13 * cell) + 16 + 4;

  const moved = useCallback((_: boolean, atEnd: boolean) => {
    setFollowing(atEnd);
  }, []);
  const hits = useSearch(source, words, version);
  const find = useMemo(() => {
    try {
      return finder(words);
    } catch {
      return undefined;
    }
  }, [words]);

  const width = useRef(800);
  const columns = wrap ? Math.max(20, Math.floor((width.current - aside) / cell)) : 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the store changes in place; `version` says when
  const placed = useMemo(() => {
    if (!onlyErrors) return layout(store, columns);
    return chosen(
      store,
      [...store.errors].sort((a, b) => a - b),
      columns,
    );
  }, [store, columns, onlyErrors, version]);
  const tail = store.partial && !onlyErrors ? 1 : 0;
  const rows = placed.rows + tail;
  const scroller = useScroller(rows, moved);
  if (scroller.width !== width.current) width.current = scroller.width;

  // The end is followed, also while lines above it become known.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a window of another height has another end
  useLayoutEffect(() => {
    if (following) scroller.goTo(rows);
  }, [following, rows, scroller.goTo, scroller.fits]);

  const goToLine = useCallback(
    (line: number) => {
      setFollowing(false);
      scroller.goTo(placed.rowOf(line) - Math.floor(scroller.fits / 3));
    },
    [placed, scroller.goTo, scroller.fits],
  );

  // A line of the address, or asked for from outside, once it can be placed.
  const wanted = useRef<number | undefined>(marked?.[0]);
  useEffect(() => {
    if (show) {
      wanted.current = show.line;
      setMarked([show.line, show.line]);
      setOnlyErrors(false);
    }
  }, [show]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: tried again as lines become known
  useEffect(() => {
    if (wanted.current === undefined || store.total < wanted.current) return;
    goToLine(wanted.current);
    if (store.get(wanted.current)) wanted.current = undefined;
  }, [version, show, goToLine]);
  useEffect(() => {
    const changed = () => {
      const lines = fromHash();
      setMarked(lines);
      if (lines) wanted.current = lines[0];
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);

  // What is seen must be known.
  const first = Math.floor(scroller.top);
  const seen = Math.ceil(scroller.fits) + 2;
  const from = placed.rows > 0 ? placed.at(Math.min(first, placed.rows - 1)).line : 1;
  useEffect(() => {
    source.need(from - 200, from + seen + 200);
  }, [source.need, from, seen]);

  const currentLine = hits.lines[at];
  const jump = (to: number) => {
    const many = hits.lines.length;
    if (many === 0) return;
    const next = ((to % many) + many) % many;
    setAt(next);
    goToLine(hits.lines[next]!);
  };
  // The first hit that is shown is one near what is seen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only new hits move it
  useEffect(() => {
    if (hits.lines.length === 0 || hits.share < 1 || !find) return;
    const near = hits.lines.findIndex((line) => line >= from);
    const next = near < 0 ? hits.lines.length - 1 : near;
    setAt(next);
    goToLine(hits.lines[next]!);
  }, [hits.lines[0], words]);

  const mark = (line: number, extend: boolean) => {
    const lines: [number, number] =
      extend && marked ? [Math.min(marked[0], line), Math.max(marked[1], line)] : [line, line];
    setMarked(lines);
    setFollowing(false);
    const hash = lines[0] === lines[1] ? `#L${line}` : `#L${lines[0]}-L${lines[1]}`;
    history.replaceState(history.state, "", location.pathname + location.search + hash);
  };

  const keys = useRef<(event: KeyboardEvent) => void>(() => {});
  keys.current = (event) => {
    const mod = event.ctrlKey || event.metaKey;
    const inside = box.current?.contains(document.activeElement) ?? false;
    const text = typing(event.target);
    const input = box.current?.querySelector<HTMLInputElement>("input[type=search]");
    if (mod && event.key.toLowerCase() === "f" && document.activeElement !== input) {
      event.preventDefault();
      input?.focus();
      input?.select();
    } else if (mod && event.key.toLowerCase() === "a" && inside && !text) {
      event.preventDefault();
      setAllSelected(true);
    } else if (!mod && !event.altKey && !text && !document.querySelector("[role=dialog]")) {
      const act = {
        End: () => setFollowing(true),
        Home: () => goToLine(1),
        Escape: () => {
          setAllSelected(false);
          setFull(false);
        },
      }[event.key];
      if (!act || (["End", "Home"].includes(event.key) && !inside && !full)) return;
      event.preventDefault();
      act();
    }
  };
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => keys.current(event);
    const copied = (event: ClipboardEvent) => {
      const element = box.current;
      if (!element || typing(event.target)) return;
      if (element.dataset.all === "true") copyAll(event, store);
      else copySelected(event, element);
    };
    addEventListener("keydown", pressed);
    document.addEventListener("copy", copied);
    return () => {
      removeEventListener("keydown", pressed);
      document.removeEventListener("copy", copied);
    };
  }, [store]);

  const toggleWrap = () => {
    save("runbay.log.wrap", wrap ? "off" : "on");
    setWrap(!wrap);
  };
  const nextTimes = () => {
    const next: Times = times === "off" ? "clock" : times === "clock" ? "elapsed" : "off";
    save("runbay.log.times", next);
    setTimes(next);
  };

  useShortcuts({
    w: toggleWrap,
    t: nextTimes,
    f: () => setFull(!full),
    e: () => setOnlyErrors(!onlyErrors),
  });

  const begin = store.get(1)?.at ?? store.get(from)?.at ?? 0;
  const drawn: ReactNode[] = [];
  const last = Math.min(placed.rows, first + seen);
  for (let row = first; row < last; ) {
    const { line, part } = placed.at(row);
    const height = placed.height(line);
    for (let each = part; each < height && row < last; each += 1, row += 1) {
      drawn.push(
        <Row
          key={`${line}.${each}`}
          line={store.get(line)}
          number={line}
          part={each}
          columns={columns}
          times={times}
          begin={begin}
          theme={theme}
          find={find}
          current={line === currentLine}
          marked={marked !== undefined && line >= marked[0] && line <= marked[1]}
          error={store.errors.has(line)}
          gutter={gutter}
        />,
      );
    }
  }

  const nothing = store.total === 0 && !store.partial;
  return (
    <div
      ref={box}
      data-all={allSelected}
      className={cn(
        "card flex min-h-0 flex-col overflow-hidden",
        full ? "fixed inset-0 z-40 rounded-none" : className,
      )}
    >
      <Toolbar
        {...{
          store,
          words,
          setWords,
          hits,
          at,
          jump,
          wrap,
          toggleWrap,
          times,
          nextTimes,
          full,
          setFull,
          onlyErrors,
          setOnlyErrors,
          raw,
          goToLine,
          lead,
        }}
        errors={store.errors.size}
      />
      {source.gaps.map((gap) => (
        <Note key={gap} family="warn" className="m-2">
          Some lines are missing here: {gap}
        </Note>
      ))}
      <div className="relative min-h-0 flex-1 bg-(--log-bg)">
        <Probe onCell={setCell} />
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: "Go to line" is the way by keys */}
        <div
          ref={scroller.ref}
          role="log"
          aria-live="off"
          aria-label="Log"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
          tabIndex={0}
          onScroll={scroller.onScroll}
          onMouseDown={() => setAllSelected(false)}
          onClick={(event) => {
            const number = (event.target as HTMLElement).closest<HTMLElement>("[data-number]")?.dataset
              .number;
            if (!number) return;
            event.preventDefault();
            mark(Number(number), event.shiftKey);
          }}
          className={cn(
            "absolute inset-0 overflow-y-scroll font-mono text-[12px] [font-variant-ligatures:none] [overflow-anchor:none] focus-visible:outline-offset-[-2px]",
            wrap ? "overflow-x-hidden" : "overflow-x-auto",
            !nothing && "pr-3",
            allSelected && "[&_[data-text]]:bg-[color-mix(in_oklab,var(--accent)_28%,transparent)]",
          )}
        >
          {nothing ? (
            <div className="font-sans text-body">
              {source.loading ? (
                <Skeleton rows={8} />
              ) : source.trouble ? (
                <Trouble error={source.trouble} />
              ) : (
                empty
              )}
            </div>
          ) : (
            <div
              className="relative"
              style={{
                height: scroller.height,
                width: wrap ? "100%" : `max(100%, ${aside + store.widest * cell}px)`,
              }}
            >
              <div
                className="absolute inset-x-0 will-change-transform"
                style={{ transform: `translateY(${scroller.drawAt(first)}px)` }}
              >
                {drawn}
                {tail > 0 && first + seen > placed.rows && (
                  <div
                    className="flex h-5 min-w-full whitespace-pre text-muted"
                    style={{ paddingLeft: gutter }}
                  >
                    <span className="truncate">{plain(store.partial!.text)}</span>
                  </div>
                )}
              </div>
            </div>
          )}
        </div>
        {!nothing && <Ruler {...{ store, hits, onGo: goToLine, top: from, version }} />}
        {!following && !nothing && (active || rows > scroller.fits + 40) && (
          <button
            type="button"
            onClick={() => setFollowing(true)}
            className="arrive absolute right-8 bottom-4 flex h-8 items-center gap-1.5 rounded-full border border-line bg-surface px-3 text-dense font-medium shadow-float hover:bg-hover touch:h-11"
          >
            <ArrowDownToLine className="size-4" aria-hidden /> {active ? "Jump to latest" : "Jump to end"}
          </button>
        )}
      </div>
      {foot}
    </div>
  );
}

/** Measures a column. */
function Probe({ onCell }: { onCell(width: number): void }) {
  const ref = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const measure = () => ref.current && onCell(ref.current.getBoundingClientRect().width / 100);
    measure();
    void document.fonts?.ready.then(measure);
  }, [onCell]);
  return (
    <span
      ref={ref}
      aria-hidden
      className="pointer-events-none invisible absolute font-mono text-[12px] whitespace-pre"
    >
      {"0".repeat(100)}
    </span>
  );
}

export { ROW };
