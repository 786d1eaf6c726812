import {
  ChevronDown,
  ChevronUp,
  Clock,
  Download,
  Maximize2,
  Minimize2,
  Search,
  TriangleAlert,
  WrapText,
  X,
} from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "@/components/ui/button";
import { Tip } from "@/components/ui/tip";
import { cn } from "@/lib/cn";
import { count, many } from "@/lib/format";
import type { Times } from "./row";
import type { Hits, Words } from "./search";
import type { LogStore } from "./store";

interface ToolbarProps {
  store: LogStore;
  words: Words;
  setWords(words: Words): void;
  hits: Hits;
  at: number;
  jump(to: number): void;
  wrap: boolean;
  toggleWrap(): void;
  times: Times;
  nextTimes(): void;
  full: boolean;
  setFull(full: boolean): void;
  onlyErrors: boolean;
  setOnlyErrors(only: boolean): void;
  errors: number;
  raw: string;
  goToLine(line: number): void;
  lead: ReactNode;
}

export function Toolbar(props: ToolbarProps) {
  const { store, words, setWords, hits, at, jump } = props;
  const searching = words.text !== "";
  const small = "size-7 touch:size-9";
  return (
    <div
      className="flex flex-wrap items-center gap-x-1 gap-y-1.5 border-b border-line px-2 py-1.5"
      role="toolbar"
      aria-label="Log"
    >
      {props.lead}
      <div
        className={cn(
          "flex h-7 min-w-40 flex-1 items-center gap-1.5 rounded-lg border border-line bg-surface pl-2 touch:h-10 sm:max-w-96",
          "focus-within:border-accent focus-within:outline-2 focus-within:-outline-offset-1 focus-within:outline-accent",
          hits.wrong && "border-bad",
        )}
      >
        <Search className="size-3.5 shrink-0 text-subtle" aria-hidden />
        <input
          type="search"
          aria-label="Search the log; a colon and a number go to a line"
          placeholder="Search, or :120"
          value={words.text}
          onChange={(event) => setWords({ ...words, text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === "Enter") {
              event.preventDefault();
              const line = /^:(\d+)$/.exec(words.text.trim());
              if (line) props.goToLine(Math.min(store.total, Math.max(1, Number(line[1]))));
              else jump(at + (event.shiftKey ? -1 : 1));
            } else if (event.key === "Escape") {
              setWords({ ...words, text: "" });
              event.currentTarget.blur();
            }
          }}
          className="h-full min-w-0 flex-1 bg-transparent text-dense outline-none placeholder:text-subtle touch:text-[16px] [&::-webkit-search-cancel-button]:hidden"
        />
        {searching && !words.text.startsWith(":") && (
          <span
            role="status"
            className={cn("tnum shrink-0 text-meta", hits.wrong ? "text-bad" : "text-subtle")}
            title={hits.wrong}
          >
            {hits.wrong
              ? "not valid"
              : hits.share < 1
                ? `${Math.round(hits.share * 100)} %`
                : hits.lines.length === 0
                  ? "none"
                  : `${count(at + 1)} / ${count(hits.lines.length)}`}
          </span>
        )}
        <Tip text="Regular expression">
          <button
            type="button"
            aria-label="Regular expression"
            aria-pressed={words.regex}
            onClick={() => setWords({ ...words, regex: !words.regex })}
            className={cn(
              "mr-1 h-5 rounded px-1 font-mono text-micro",
              words.regex ? "bg-accent-soft text-accent" : "text-subtle hover:text-fg",
            )}
          >
            .*
          </button>
        </Tip>
      </div>
      {searching && (
        <>
          <IconButton
            icon={ChevronUp}
            label="Previous hit"
            keys="Shift Enter"
            className={small}
            onClick={() => jump(at - 1)}
          />
          <IconButton
            icon={ChevronDown}
            label="Next hit"
            keys="Enter"
            className={small}
            onClick={() => jump(at + 1)}
          />
          <IconButton
            icon={X}
            label="End the search"
            keys="Esc"
            className={small}
            onClick={() => setWords({ ...words, text: "" })}
          />
        </>
      )}
      <span className="tnum mr-1 ml-auto hidden text-meta text-subtle sm:inline">
        {many(store.total, "line")}
      </span>
      {props.errors > 0 && (
        <Tip text="Only lines that look like errors" keys="e">
          <button
            type="button"
            aria-pressed={props.onlyErrors}
            onClick={() => props.setOnlyErrors(!props.onlyErrors)}
            className={cn(
              "tnum flex h-7 items-center gap-1 rounded-lg px-2 text-meta font-medium text-bad touch:h-9",
              props.onlyErrors ? "bg-bad-soft" : "hover:bg-hover",
            )}
          >
            <TriangleAlert className="size-3.5" aria-hidden /> {count(props.errors)}
          </button>
        </Tip>
      )}
      <IconButton
        icon={Clock}
        label={{ off: "Show times", clock: "Show elapsed times", elapsed: "Hide times" }[props.times]}
        keys="t"
        pressed={props.times !== "off"}
        className={small}
        onClick={props.nextTimes}
      />
      <IconButton
        icon={WrapText}
        label="Wrap long lines"
        keys="w"
        pressed={props.wrap}
        className={small}
        onClick={props.toggleWrap}
      />
      <IconButton
        icon={props.full ? Minimize2 : Maximize2}
        label={props.full ? "Leave full screen" : "Full screen"}
        keys="f"
        className={small}
        onClick={() => props.setFull(!props.full)}
      />
      <Tip text="Download the whole log">
        <a
          href={props.raw}
          download
          aria-label="Download the whole log"
          className="inline-flex size-7 items-center justify-center rounded-lg text-muted hover:bg-hover hover:text-fg touch:size-9"
        >
          <Download className="size-4" aria-hidden />
        </a>
      </Tip>
    </div>
  );
}
