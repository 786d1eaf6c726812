import { describe, expect, it } from "vitest";
import { fromNow } from "./time";

const HOUR = 3_600_000;

describe("fromNow", () => {
  it.each([
    [0, "just now"],
    [10_000, "in 10s"],
    [-10 * 60_000, "10m ago"],
    [34 * HOUR, "in 34h"],
    [-25 * HOUR, "25h ago"],
    [50 * HOUR, "in 2d"],
  ])("%d ms away is %s", (away, text) => {
    const now = Date.parse("2026-11-21T20:00:00Z");
    expect(fromNow(now + away, now)).toBe(text);
  });
});
