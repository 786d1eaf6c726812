import { expect, it } from "vitest";
import { diffLines, fromUnified } from "./diff";

const told = (a: string, b: string) =>
  diffLines(a, b).map(
    ({ kind, text }) => `${{ same: " ", added: "+", removed: "-", place: "@" }[kind]}${text}`,
  );

it("tells what was added and removed, and where", () => {
  expect(told("a\nb\nc", "a\nx\nc")).toEqual([" a", "-b", "+x", " c"]);
  expect(told("a\nb", "a\nb")).toEqual([" a", " b"]);
  expect(told("", "a")).toEqual(["-", "+a"]);
  expect(told("a\nb\nc\nd", "b\nc\nd\ne")).toEqual(["-a", " b", " c", " d", "+e"]);
});

it("gives both texts back, whatever they are", () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
  for (let round = 0; round < 60; round += 1) {
    const text = () =>
      Array.from({ length: Math.floor(random() * 30) }, () => "abcd"[Math.floor(random() * 4)]).join("\n");
    const [a, b] = [text(), text()];
    const lines = diffLines(a, b);
    const side = (kind: string) =>
      lines
        .filter((line) => line.kind === "same" || line.kind === kind)
        .map((line) => line.text)
        .join("\n");
    expect([side("removed"), side("added")]).toEqual([a, b]);
  }
});

it("reads a unified diff, also of lines that look like its head", () => {
  const unified = "--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,2 @@\n--- old note\n+++ new note\n \n same\n";
  expect(fromUnified(unified)).toEqual([
    { kind: "place", text: "@@ -1,2 +1,2 @@" },
    { kind: "removed", text: "-- old note" },
    { kind: "added", text: "++ new note" },
    { kind: "same", text: "" },
    { kind: "same", text: "same" },
  ]);
  expect(fromUnified("")).toEqual([]);
});
