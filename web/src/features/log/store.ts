/** The lines of one log, outside of React. They are kept in chunks by number, so
 * that a log may be known in parts: its end first, the rest when it is looked at. */
import type { Line, Stream } from "@/lib/api/types";
import { isPlain, parse, plain, type Style } from "./ansi";
import { columnsOf, cuts } from "./width";

/** Lines of a chunk. */
export const CHUNK = 1024;

export interface LogLine {
  number: number;
  text: string;
  at: number;
  stream: Stream;
  /** The style in which it begins. */
  style: Style | undefined;
}

interface Chunk {
  text: (string | undefined)[];
  at: Float64Array;
  stream: Uint8Array;
  /** Columns of each line; -1 where it is not known. */
  columns: Int32Array;
  known: number;
}

const STREAMS: Stream[] = ["stdout", "stderr", "build", "system"];
const ERROR =
  /\b(?:ERROR|CRITICAL|FATAL)\b|^Traceback \(most recent call last\)|^[A-Za-z_.]*(?:Error|Exception)\b(?::|$)/;

export class LogStore {
  /** Lines of the whole log, known or not. */
  total = 0;
  /** Lines that are known. */
  known = 0;
  /** The widest known line, columns. */
  widest = 0;
  /** Changes with everything. */
  version = 0;
  /** The unfinished line, as it stands. */
  partial: { text: string; stream: Stream } | undefined;
  /** Lines that look like errors, in order of their arrival. */
  readonly errors = new Set<number>();
  /** Lines with characters that take two columns or none. */
  private uneven = new Set<number>();
  private chunks = new Map<number, Chunk>();
  private carried = new Map<number, Style>();
  private listeners = new Set<() => void>();
  private planned = false;

  /** Calls after changes, at most 15 times a second. */
  subscribe = (then: () => void): (() => void) => {
    this.listeners.add(then);
    return () => this.listeners.delete(then);
  };

  getVersion = (): number => this.version;

  /** Takes lines, which may be known already. */
  put(lines: Line[], total = 0): void {
    let style: Style = {};
    let before = -1;
    for (const line of lines) {
      if (line.number !== before + 1) style = this.carried.get(line.number) ?? {};
      before = line.number;
      style = this.take(line, style);
    }
    if (lines.length > 0) this.total = Math.max(this.total, lines.at(-1)!.number);
    this.total = Math.max(this.total, total);
    if (lines.length > 0) this.partial = undefined;
    this.changed();
  }

  setPartial(stream: Stream, text: string): void {
    this.partial = text === "" ? undefined : { stream, text };
    this.changed();
  }

  get(number: number): LogLine | undefined {
    const chunk = this.chunks.get(Math.floor((number - 1) / CHUNK));
    const at = (number - 1) % CHUNK;
    const text = chunk?.text[at];
    if (!chunk || text === undefined) return undefined;
    return {
      number,
      text,
      at: chunk.at[at]!,
      stream: STREAMS[chunk.stream[at]!]!,
      style: this.carried.get(number),
    };
  }

  /** The text of a line as it is shown. */
  plain(number: number): string | undefined {
    const text = this.chunks.get(Math.floor((number - 1) / CHUNK))?.text[(number - 1) % CHUNK];
    return text === undefined ? undefined : plain(text);
  }

  /** A line as it is shown, and where it was written to. */
  written = (number: number): { text: string; stream: Stream } | undefined => {
    const line = this.get(number);
    return line && { text: plain(line.text), stream: line.stream };
  };

  /** Columns of a line; 0 while it is not known. */
  columns(number: number): number {
    const value = this.chunks.get(Math.floor((number - 1) / CHUNK))?.columns[(number - 1) % CHUNK];
    return value === undefined || value < 0 ? 0 : value;
  }

  /** The last known line that was written by then; the first one when all came later. */
  lineAt(time: number): number {
    for (const index of [...this.chunks.keys()].sort((a, b) => b - a)) {
      const chunk = this.chunks.get(index)!;
      for (let at = CHUNK - 1; at >= 0; at -= 1)
        if (chunk.text[at] !== undefined && chunk.at[at]! <= time) return index * CHUNK + at + 1;
    }
    return 1;
  }

  /** How many rows a line takes when it wraps at `columns`; 0 is never. */
  height(number: number, columns: number): number {
    if (columns === 0) return 1;
    const wide = this.columns(number);
    if (wide <= columns) return 1;
    return this.uneven.has(number)
      ? cuts(this.plain(number) ?? "", columns).length
      : Math.ceil(wide / columns);
  }

  /** Whether all lines of a chunk are known. */
  complete(index: number): boolean {
    const lines = Math.min(CHUNK, this.total - index * CHUNK);
    return (this.chunks.get(index)?.known ?? 0) >= lines;
  }

  private take(line: Line, style: Style): Style {
    const index = Math.floor((line.number - 1) / CHUNK);
    const at = (line.number - 1) % CHUNK;
    const chunk = this.chunks.get(index) ?? this.makeChunk(index);
    if (chunk.text[at] === undefined) {
      chunk.known += 1;
      this.known += 1;
    }
    const simple = isPlain(line.text);
    chunk.text[at] = line.text;
    chunk.at[at] = Date.parse(line.at);
    chunk.stream[at] = STREAMS.indexOf(line.stream);
    const shown = simple ? line.text : plain(line.text);
    const columns = columnsOf(shown);
    chunk.columns[at] = columns;
    if (columns !== shown.length) this.uneven.add(line.number);
    if (columns > this.widest) this.widest = columns;
    if (ERROR.test(shown)) this.errors.add(line.number);
    if (Object.keys(style).length > 0) this.carried.set(line.number, style);
    return simple ? style : parse(line.text, style).end;
  }

  private makeChunk(index: number): Chunk {
    const chunk: Chunk = {
      text: new Array(CHUNK).fill(undefined),
      at: new Float64Array(CHUNK),
      stream: new Uint8Array(CHUNK),
      columns: new Int32Array(CHUNK).fill(-1),
      known: 0,
    };
    this.chunks.set(index, chunk);
    return chunk;
  }

  private changed(): void {
    this.version += 1;
    if (this.planned) return;
    this.planned = true;
    setTimeout(() => {
      this.planned = false;
      for (const each of this.listeners) each();
    }, 66);
  }
}
