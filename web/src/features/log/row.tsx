import { memo, type ReactNode } from "react";
import { cn } from "@/lib/cn";
import { duration } from "@/lib/format";
import { absolute, clock } from "@/lib/time";
import { css, inkOn, parse, type Segment, type Style } from "./ansi";
import { hitsIn } from "./search";
import type { LogLine } from "./store";
import { cuts } from "./width";

export const ROW = 20;

export type Times = "off" | "clock" | "elapsed";

interface RowProps {
  /** The line; undefined while it is not known. */
  line: LogLine | undefined;
  number: number;
  /** Which of its rows. */
  part: number;
  /** Where it wraps, columns; 0 for never. */
  columns: number;
  times: Times;
  /** What elapsed times count from. */
  begin: number;
  theme: "light" | "dark";
  find: RegExp | undefined;
  /** This line has the hit that is looked at. */
  current: boolean;
  marked: boolean;
  error: boolean;
  gutter: number;
}

const STREAM_LOOK: Record<LogLine["stream"], string> = {
  stdout: "",
  stderr: "",
  build: "text-muted",
  system: "text-muted italic",
};

/** One row of the log: a line, or a part of one that wraps. Memoised; whatever
 * changes its look is a property of it. */
export const Row = memo(function Row(props: RowProps) {
  const { line, number, part, marked, current, error, gutter, times } = props;
  const first = part === 0;
  return (
    <div
      data-line={number}
      className={cn(
        "flex h-5 min-w-full whitespace-pre leading-5",
        marked && "bg-accent-soft",
        current && "bg-[color-mix(in_oklab,var(--warn-fill)_22%,var(--log-bg))]",
      )}
    >
      <span
        data-gutter
        style={{ width: gutter }}
        className={cn(
          "sticky left-0 z-1 shrink-0 border-l-2 bg-(--log-bg) pr-3 text-right text-subtle select-none",
          error
            ? "border-bad-fill"
            : line?.stream === "stderr"
              ? "border-warn-fill/70"
              : "border-transparent",
          marked && "bg-accent-soft text-accent",
        )}
      >
        {first && (
          // Out of the tab order: there are too many; “Go to line” does the same.
          <a href={`#L${number}`} tabIndex={-1} data-number={number} className="hover:text-fg">
            {number}
          </a>
        )}
      </span>
      {times !== "off" && (
        <span
          className="w-[13ch] shrink-0 pr-2 text-subtle select-none"
          title={first && line ? absolute(line.at) : undefined}
        >
          {first && line
            ? times === "clock"
              ? clock(line.at)
              : `+${duration(Math.max(0, line.at - props.begin))}`
            : ""}
        </span>
      )}
      <span data-text className={cn("pr-4", line && STREAM_LOOK[line.stream])}>
        {line ? <Text {...props} line={line} /> : <span className="text-subtle">·</span>}
      </span>
    </div>
  );
});

function Text({ line, part, columns, theme, find }: RowProps & { line: LogLine }): ReactNode {
  const { segments } = parse(line.text, line.style);
  const text = segments.map((segment) => segment.text).join("");
  let [from, to] = [0, text.length];
  if (columns > 0) {
    const at = cuts(text, columns);
    from = at[part] ?? text.length;
    to = at[part + 1] ?? text.length;
  }
  const hits = hitsIn(text, find);
  const links = linksIn(text);
  const pieces: ReactNode[] = [];
  let offset = 0;
  for (const segment of segments) {
    const [start, end] = [Math.max(from, offset), Math.min(to, offset + segment.text.length)];
    if (start < end)
      pieces.push(...marks(segment, offset, [start, end], { whole: text, hits, links, theme }));
    offset += segment.text.length;
  }
  return pieces;
}

type Span = [number, number];

/** What is known of the whole line. */
interface Around {
  whole: string;
  hits: Span[];
  links: Span[];
  theme: "light" | "dark";
}

/** The part of a segment between two places, with hits and links made visible. */
function marks(segment: Segment, offset: number, [start, end]: Span, around: Around): ReactNode[] {
  const { whole, hits, links, theme } = around;
  const borders = new Set([start, end]);
  for (const [a, b] of [...hits, ...links]) {
    if (a > start && a < end) borders.add(a);
    if (b > start && b < end) borders.add(b);
  }
  const sorted = [...borders].sort((a, b) => a - b);
  const inside = (spans: Span[], a: number) => spans.find(([from, to]) => a >= from && a < to);
  return sorted.slice(0, -1).map((a, index) => {
    const text = segment.text.slice(a - offset, sorted[index + 1]! - offset);
    const look = lookOf(segment.style, theme);
    const link = inside(links, a);
    const shown = inside(hits, a) ? (
      <mark key={a} className="rounded-xs bg-warn-fill text-[#191d24]">
        {text}
      </mark>
    ) : look ? (
      <span key={a} {...look}>
        {text}
      </span>
    ) : (
      text
    );
    return link ? (
      <a
        key={a}
        href={whole.slice(...link)}
        target="_blank"
        rel="noopener noreferrer"
        className="underline decoration-dotted underline-offset-2"
        tabIndex={-1}
      >
        {shown}
      </a>
    ) : (
      shown
    );
  });
}

/** Addresses in a text: http and https alone. */
function linksIn(text: string): Span[] {
  if (!text.includes("://")) return [];
  return [...text.matchAll(/\bhttps?:\/\/[^\s"'<>`]+[^\s"'<>`.,;:!?)\]}]/g)].map((hit) => [
    hit.index,
    hit.index + hit[0].length,
  ]);
}

function lookOf(style: Style, theme: "light" | "dark") {
  if (Object.keys(style).length === 0) return undefined;
  const bg = style.bg === undefined ? undefined : css(style.bg, theme, true);
  // On a ground of its own, text is dark or light as that ground needs it.
  const onOwn = style.bg === undefined ? undefined : inkOn(style.bg, theme);
  const fg = style.fg === undefined ? undefined : style.bg === undefined ? css(style.fg, theme) : onOwn;
  const colours = style.inverse
    ? { color: bg ?? "var(--log-bg)", backgroundColor: fg ?? "var(--fg)" }
    : { color: fg ?? onOwn, backgroundColor: bg };
  return {
    style: colours,
    className: cn(
      style.bold && "font-bold",
      style.dim && "opacity-75",
      style.italic && "italic",
      style.underline && "underline",
      style.strike && "line-through",
    ),
  };
}
