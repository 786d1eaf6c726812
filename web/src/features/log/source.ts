/** Where the lines of a log come from: its end first, then what is looked at and
 * the rest in the background, and what is new as it is written. */
import { useCallback, useEffect, useRef, useState } from "react";
import { Refusal, raw } from "@/lib/api/client";
import { type LogOf, live } from "@/lib/api/live";
import type { Line } from "@/lib/api/types";
import { CHUNK, LogStore } from "./store";

/** A page of a log, as the service gives it. */
interface LogPage {
  attempt: number | null;
  total: number;
  lines: Line[];
}

/** Lines that are asked for first. */
const FIRST = 2000;
/** Lines of a page at most. */
const PAGE = 4 * CHUNK;
/** Logs up to this long are read whole in the background, lines. */
const WHOLE = 400_000;

const address = (which: LogOf) =>
  "run" in which ? `/api/v1/runs/${which.run}/log` : `/api/v1/tasks/${which.task}/build/log`;

async function page(which: LogOf, query: Record<string, number>, signal: AbortSignal): Promise<LogPage> {
  const asked = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
  if ("attempt" in which) asked.set("attempt", String(which.attempt));
  const response = await raw(`${address(which)}?${asked}`, { signal });
  return (await response.json()) as LogPage;
}

/** Where to download the whole log. */
export function download(which: LogOf): string {
  return `${address(which)}/raw${"attempt" in which ? `?attempt=${which.attempt}` : ""}`;
}

export interface LogSource {
  store: LogStore;
  /** Nothing is known yet. */
  loading: boolean;
  /** Why it cannot be read. */
  trouble: unknown;
  /** The log was removed, or is not there yet. */
  absent: boolean;
  /** What is missing in it, told by the service. */
  gaps: string[];
  /** Makes sure that lines become known. */
  need(from: number, to: number): void;
  /** Reads everything, for searching; tells of how much is known. */
  readAll(signal: AbortSignal, told: (share: number) => void): Promise<void>;
}

export interface Follow {
  /** Whether more will come. */
  active: boolean;
  /** Whether there is hardly anything to read before what will come. */
  fresh?: boolean;
  /** Output of a later attempt has begun. */
  onAttempt?(attempt: number): void;
}

export function useLog(which: LogOf, follow: Follow): LogSource {
  const key = JSON.stringify(which);
  const [state, setState] = useState({
    store: new LogStore(),
    loading: true,
    absent: false,
    gaps: [] as string[],
  });
  const [trouble, setTrouble] = useState<unknown>();
  const asked = useRef(new Map<number, Promise<void>>());
  const current = useRef({ which, follow });
  current.current = { which, follow };

  const load = useCallback(
    (store: LogStore, from: number, to: number, signal: AbortSignal): Promise<void> => {
      const waits: Promise<void>[] = [];
      for (
        let index = Math.floor((from - 1) / CHUNK);
        index * CHUNK < Math.min(to, store.total);
        index += 1
      ) {
        if (store.complete(index)) continue;
        const going = asked.current.get(index);
        if (going) {
          waits.push(going);
          continue;
        }
        // Neighbours that are missing as well come along.
        let last = index;
        while ((last + 1 - index) * CHUNK < PAGE && (last + 1) * CHUNK < Math.min(to, store.total)) {
          if (store.complete(last + 1) || asked.current.has(last + 1)) break;
          last += 1;
        }
        const wanted = { from: index * CHUNK + 1, to: Math.min(store.total, (last + 1) * CHUNK) };
        const promise = page(current.current.which, wanted, signal)
          .then((got) => store.put(got.lines, got.total))
          .finally(() => {
            for (let each = index; each <= last; each += 1) asked.current.delete(each);
          });
        for (let each = index; each <= last; each += 1) asked.current.set(each, promise);
        waits.push(promise);
        index = last;
      }
      return Promise.all(waits).then(() => undefined);
    },
    [],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says what `which` is
  useEffect(() => {
    const ends = new AbortController();
    const store = new LogStore();
    const begin = performance.now();
    asked.current = new Map();
    setTrouble(undefined);
    setState({ store, loading: true, absent: false, gaps: [] });
    let stop = () => {};
    let retry: ReturnType<typeof setTimeout> | undefined;
    const start = async () => {
      try {
        // What has hardly begun has no log to ask for; all of it will be told.
        const { fresh, active } = current.current.follow;
        if (!fresh) {
          const first = await page(which, { tail: FIRST }, ends.signal);
          store.put(first.lines, first.total);
        }
        setState((now) => ({ ...now, loading: false, absent: Boolean(fresh && !active) }));
        performance.measure("log-open", { start: begin });
      } catch (error) {
        if (ends.signal.aborted) return;
        const absent = error instanceof Refusal && error.status === 404;
        if (!absent) setTrouble(error);
        setState((now) => ({ ...now, loading: false, absent }));
        // A build that has just begun has no log yet.
        if (absent && "task" in which && current.current.follow.active) retry = setTimeout(start, 700);
        if (!absent || "task" in which) return;
      }
      if (current.current.follow.active) {
        const mine = "run" in which ? which.attempt : 1;
        stop = live.log(which, store.total, (news) => {
          if (news.type === "lines") {
            if (news.attempt === mine) {
              store.put(news.lines);
              setState((now) => (now.absent ? { ...now, absent: false } : now));
            } else current.current.follow.onAttempt?.(news.attempt);
          } else if (news.type === "partial" && news.attempt === mine) {
            store.setPartial(news.stream, news.text);
          } else if (news.type === "gap" && news.attempt === mine) {
            setState((now) => ({ ...now, gaps: [...now.gaps, news.reason] }));
          } else if (news.type === "end") store.setPartial("stdout", "");
        });
      }
      if (store.total > WHOLE) return;
      await backwards(store, load, ends.signal).catch(() => undefined);
      if (!ends.signal.aborted) performance.measure("log-whole", { start: begin });
    };
    void start();
    return () => {
      clearTimeout(retry);
      ends.abort();
      stop();
    };
  }, [key, load]);

  const ends = useRef(new AbortController());
  const need = useCallback(
    (from: number, to: number) => {
      load(state.store, Math.max(1, from), to, ends.current.signal).catch(() => undefined);
    },
    [load, state.store],
  );
  const readAll = useCallback(
    async (signal: AbortSignal, told: (share: number) => void) => {
      const store = state.store;
      for (let to = store.total; to > 0 && !signal.aborted; to -= 2 * PAGE) {
        await load(store, Math.max(1, to - 2 * PAGE + 1), to, signal);
        told(store.known / store.total);
      }
    },
    [load, state.store],
  );
  return { ...state, trouble, need, readAll };
}

type Load = (store: LogStore, from: number, to: number, signal: AbortSignal) => Promise<void>;

/** The rest of a log, from its end to its beginning, two pages at a time. */
async function backwards(store: LogStore, load: Load, signal: AbortSignal): Promise<void> {
  for (let to = store.total; to > 0 && !signal.aborted; to -= 2 * PAGE) {
    await Promise.all([
      load(store, Math.max(1, to - PAGE + 1), to, signal),
      to > PAGE ? load(store, Math.max(1, to - 2 * PAGE + 1), to - PAGE, signal) : undefined,
    ]);
  }
}
