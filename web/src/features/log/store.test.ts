import { describe, expect, it } from "vitest";
import type { Line } from "@/lib/api/types";
import { chosen, layout } from "./layout";
import { LogStore } from "./store";
import { columnsOf, cuts } from "./width";

const line = (number: number, text = `line ${number}`): Line => ({
  number,
  text,
  at: "2026-11-21T12:00:00Z",
  stream: "stdout",
});
const lines = (from: number, to: number, text?: (n: number) => string) =>
  Array.from({ length: to - from + 1 }, (_, at) => line(from + at, text?.(from + at)));

describe("LogStore", () => {
  it("knows a log in parts", () => {
    const store = new LogStore();
    store.put(lines(4001, 5000), 5000);
    expect(store.total).toBe(5000);
    expect(store.known).toBe(1000);
    expect(store.get(4001)?.text).toBe("line 4001");
    expect(store.get(4000)).toBeUndefined();
    store.put(lines(1, 4000));
    expect(store.known).toBe(5000);
    for (const index of [0, 1, 2, 3, 4]) expect(store.complete(index)).toBe(true);
  });

  it("takes lines twice without counting them twice", () => {
    const store = new LogStore();
    store.put(lines(1, 100));
    store.put(lines(50, 150));
    expect([store.known, store.total]).toEqual([150, 150]);
  });

  it("carries colours over lines, and finds errors", () => {
    const store = new LogStore();
    store.put([line(1, "\x1b[31mred"), line(2, "still red\x1b[0m"), line(3, "ValueError: no")]);
    expect(store.get(2)?.style).toEqual({ fg: 1 });
    expect(store.get(3)?.style).toBeUndefined();
    expect([...store.errors]).toEqual([3]);
  });

  it("puts lines in the place of the unfinished one", () => {
    const store = new LogStore();
    store.setPartial("stdout", "50 %");
    expect(store.partial?.text).toBe("50 %");
    store.put([line(1)]);
    expect(store.partial).toBeUndefined();
  });
});

describe("layout", () => {
  const store = new LogStore();
  store.put(lines(1, 3000, (n) => "x".repeat((n * 7) % 95)));

  it("finds each row where a plain walk finds it", () => {
    for (const columns of [0, 10, 40]) {
      const all = layout(store, columns);
      let row = 0;
      for (let n = 1; n <= 3000; n += 1) {
        if (n % 37 === 0) {
          expect(all.rowOf(n)).toBe(row);
          for (let part = 0; part < all.height(n); part += 1)
            expect(all.at(row + part)).toEqual({ line: n, part });
        }
        row += all.height(n);
      }
      expect(all.rows).toBe(row);
    }
  });

  it("leaves lines out", () => {
    const some = chosen(store, [5, 10, 700], 10);
    const heights = [5, 10, 700].map((n) => some.height(n));
    expect(some.rows).toBe(heights[0]! + heights[1]! + heights[2]!);
    expect(some.at(heights[0]!)).toEqual({ line: 10, part: 0 });
    expect(some.rowOf(700)).toBe(heights[0]! + heights[1]!);
  });
});

describe("a moment", () => {
  it("is at the last known line of it", () => {
    const store = new LogStore();
    const line = (number: number, at: number) => ({
      number,
      at: new Date(at).toISOString(),
      stream: "stdout" as const,
      text: "x",
    });
    store.put([line(1, 1000), line(2, 2000)]);
    store.put([line(5000, 9000), line(5001, 9500)], 5001);
    expect([500, 1000, 2500, 9000, 20_000].map((at) => store.lineAt(at))).toEqual([1, 1, 2, 5000, 5001]);
  });
});

describe("width", () => {
  it("counts wide and joined characters", () => {
    expect(columnsOf("abc")).toBe(3);
    expect(columnsOf("日本語")).toBe(6);
    expect(columnsOf("e\u0301")).toBe(1);
    expect(columnsOf("✅ ok")).toBe(5);
  });

  it("cuts so that no piece is too wide, and loses nothing", () => {
    for (const text of ["x".repeat(25), "日本語日本語", "a日b本c語", ""]) {
      const at = cuts(text, 5);
      const pieces = at.map((start, index) => text.slice(start, at[index + 1]));
      expect(pieces.join("")).toBe(text);
      for (const piece of pieces) expect(columnsOf(piece)).toBeLessThanOrEqual(5);
    }
  });
});
