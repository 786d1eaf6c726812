import { expect, it } from "vitest";
import { match, score } from "./match";

it("finds words, beginnings and letters in order, best first", () => {
  const all = ["backup-postgres", "nightly-report", "report", "sync-inventory"];
  expect(match(all, "report", String)).toEqual(["report", "nightly-report"]);
  expect(match(all, "nr", String)[0]).toBe("nightly-report");
  expect(match(all, "zzz", String)).toEqual([]);
  expect(match(all, "", String)).toEqual(all);
});

it("is not confused by signs of patterns", () => {
  expect(score("a.b(c)", ".b(")).toBeGreaterThan(0);
  expect(score("abc", ".*")).toBe(0);
});
