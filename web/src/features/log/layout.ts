/** Which line is at which row. Without wrapping each line is one row; with it a
 * line takes as many as its columns need. Heights are computed, never measured. */
import { CHUNK, type LogStore } from "./store";

export interface Layout {
  /** Rows in all. */
  rows: number;
  /** The first row of a line; of one that is left out, that of the next. */
  rowOf(line: number): number;
  /** The line at a row, and which of its rows that is. */
  at(row: number): { line: number; part: number };
  /** How many rows a line takes. */
  height(line: number): number;
}

/** All lines. `columns` is where they wrap; 0 for never. */
export function layout(store: LogStore, columns: number): Layout {
  const total = store.total;
  const height = (line: number) => store.height(line, columns);
  if (columns === 0) {
    return { rows: total, rowOf: (line) => line - 1, at: (row) => ({ line: row + 1, part: 0 }), height };
  }
  const chunks = Math.ceil(total / CHUNK);
  const starts = new Float64Array(chunks + 1);
  for (let index = 0; index < chunks; index += 1) {
    let rows = 0;
    const end = Math.min(total, (index + 1) * CHUNK);
    for (let line = index * CHUNK + 1; line <= end; line += 1) rows += height(line);
    starts[index + 1] = starts[index]! + rows;
  }
  return {
    rows: starts[chunks] ?? 0,
    height,
    rowOf(line) {
      const index = Math.floor((line - 1) / CHUNK);
      let row = starts[Math.min(index, chunks)] ?? 0;
      for (let before = index * CHUNK + 1; before < line && before <= total; before += 1)
        row += height(before);
      return row;
    },
    at(row) {
      let [low, high] = [0, chunks - 1];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle]! <= row) low = middle;
        else high = middle - 1;
      }
      let rest = row - (starts[low] ?? 0);
      let line = low * CHUNK + 1;
      while (line < total && rest >= height(line)) {
        rest -= height(line);
        line += 1;
      }
      return { line, part: rest };
    },
  };
}

/** Some lines only, given in order. */
export function chosen(store: LogStore, lines: number[], columns: number): Layout {
  const height = (line: number) => store.height(line, columns);
  const starts = new Float64Array(lines.length + 1);
  lines.forEach((line, at) => {
    starts[at + 1] = starts[at]! + height(line);
  });
  const find = (fits: (at: number) => boolean) => {
    let [low, high] = [0, Math.max(0, lines.length - 1)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (fits(middle)) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    rows: starts[lines.length] ?? 0,
    height,
    rowOf: (line) => starts[find((at) => lines[at]! <= line)] ?? 0,
    at(row) {
      const at = find((middle) => starts[middle]! <= row);
      return { line: lines[at] ?? 1, part: row - (starts[at] ?? 0) };
    },
  };
}
