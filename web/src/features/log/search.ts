/** Looks through the lines of a log without holding up the page. */
import { useEffect, useRef, useState } from "react";
import type { LogSource } from "./source";

export interface Hits {
  /** The lines with a hit, in order. */
  lines: number[];
  /** Hits in all. */
  count: number;
  /** How much was looked through, 0 to 1. */
  share: number;
  /** Why the words cannot be looked for. */
  wrong?: string;
}

const NONE: Hits = { lines: [], count: 0, share: 1 };
/** Lines at once: a few milliseconds of work. */
const SLICE = 12_000;

export interface Words {
  text: string;
  regex: boolean;
}

/** What finds these words in a line; none when they mean nothing. */
export function finder(words: Words): RegExp | undefined {
  if (words.text === "") return undefined;
  const source = words.regex ? words.text : words.text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  // Capital letters are meant when they are written.
  return new RegExp(source, /[A-Z]/.test(words.text) && !words.regex ? "g" : "gi");
}

/** Where a line is hit: begins and ends. */
export function hitsIn(text: string, find: RegExp | undefined): [number, number][] {
  if (!find) return [];
  const found: [number, number][] = [];
  find.lastIndex = 0;
  for (let hit = find.exec(text); hit && found.length < 200; hit = find.exec(text)) {
    if (hit[0] === "") find.lastIndex += 1;
    else found.push([hit.index, hit.index + hit[0].length]);
  }
  return found;
}

export function useSearch(source: LogSource, words: Words, version: number): Hits {
  const [hits, setHits] = useState(NONE);
  const { store, readAll } = source;
  const last = useRef(words);
  // Only whether there are more lines matters, not each change.
  const lines = words.text === "" ? 0 : store.total;
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are looked through as well
  useEffect(() => {
    let find: RegExp | undefined;
    try {
      find = finder(words);
    } catch (error) {
      setHits({ ...NONE, wrong: error instanceof Error ? error.message : String(error) });
      return;
    }
    if (!find) {
      setHits(NONE);
      return;
    }
    // Nothing is known yet of other words, and that is not "none".
    if (last.current !== words) setHits({ ...NONE, share: 0 });
    last.current = words;
    const ends = new AbortController();
    void look(find, ends.signal);
    return () => ends.abort();

    async function look(find: RegExp, signal: AbortSignal): Promise<void> {
      await new Promise((done) => setTimeout(done, 120));
      const total = store.total;
      if (signal.aborted) return;
      if (store.known < total) {
        await readAll(signal, (share) => setHits((now) => ({ ...now, share: share / 2 }))).catch(
          () => undefined,
        );
      }
      const found: Hits = { lines: [], count: 0, share: 0 };
      for (let from = 1; from <= total && !signal.aborted; from += SLICE) {
        const to = Math.min(total, from + SLICE - 1);
        for (let line = from; line <= to; line += 1) {
          const text = store.plain(line);
          find.lastIndex = 0;
          if (text === undefined || !find.test(text)) continue;
          found.lines.push(line);
          found.count += 1;
        }
        await new Promise((done) => setTimeout(done));
      }
      if (!signal.aborted) setHits({ ...found, share: 1 });
    }
  }, [store, words.text, words.regex, lines, readAll]);
  void version;
  return hits;
}
