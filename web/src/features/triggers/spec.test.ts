import { expect, it } from "vitest";
import type { KeptTrigger, Param, TriggerSpec } from "@/lib/api/types";
import { admits, asCurl, blank, callable, filled, givable, sample, spec } from "./spec";

const kept = (given: Partial<TriggerSpec>): KeptTrigger => ({
  name: "deploy",
  spec: { ...spec(blank("load")), ...given },
  created_at: "2026-01-01T00:00:00Z",
  used_at: null,
});

it("reads back what it writes", () => {
  const all: Partial<TriggerSpec>[] = [
    {},
    { auth: "github", secret: "GITHUB_KEY", per_minute: 6 },
    { params: { day: "/day", id: "/commits/0/id" }, enabled: false },
  ];
  for (const given of all) expect(spec(filled(kept(given)))).toEqual(kept(given).spec);
  expect(spec({ ...blank("a"), secret: "S", params: { day: " " } })).toMatchObject({
    secret: null,
    params: {},
  });
});

it("asks for what a caller may give", () => {
  const param = (type: Param["type"]): Param => ({ type });
  expect(givable({ day: param("date"), input: param("file") }, { day: "/d", gone: "/g" })).toEqual([
    "day",
    "gone",
  ]);
});

it("shows the address that callers can reach", () => {
  const url = "http://0.0.0.0:7000/api/v1/triggers/a/fire?token=t";
  const here = "https://runbay.example.org";
  expect(callable(url, false, here)).toBe("https://runbay.example.org/api/v1/triggers/a/fire?token=t");
  expect(callable(url, true, here)).toBe(url);
});

it("writes a payload with something at each place", () => {
  expect(sample({})).toEqual({});
  expect(sample({ a: "/day" })).toEqual({ day: "…" });
  expect(sample({ a: "/commits/0/id", b: "/commits/0/by", c: "/x~1y/m~0n" })).toEqual({
    commits: [{ id: "…", by: "…" }],
    "x/y": { "m~n": "…" },
  });
  expect(sample({ a: "" })).toBe("…");
  expect(sample({ a: "/__proto__/x" })).toEqual(JSON.parse('{"__proto__": {"x": "…"}}'));
});

it("writes a line for a shell", () => {
  const { spec: token } = kept({ params: { a: "/it's" } });
  expect(asCurl("https://a/x?token=t", token)).toBe(
    `curl -H 'Content-Type: application/json' -d '{"it'\\''s":"…"}' 'https://a/x?token=t'`,
  );
  const { spec: signed } = kept({ auth: "github", secret: "KEY" });
  expect(asCurl("https://a/x", signed)).toContain('-hmac "$KEY"');
  expect(admits(signed)).toBe("signed with KEY, as GitHub does");
  expect(admits(token)).toBe("token");
});
