import { expect, it } from "vitest";
import { as, type Built, taken, written } from "./builder";

it("reads back what it writes", () => {
  const all: Built[] = [
    { kind: "every", count: 15, unit: "m" },
    { kind: "daily", time: "06:00" },
    { kind: "weekly", days: ["MON"], time: "08:30" },
    { kind: "weekly", days: ["MON", "TUE", "WED", "THU", "FRI"], time: "08:05" },
    { kind: "weekly", days: ["MON", "WED"], time: "23:59" },
    { kind: "monthly", day: 15, time: "09:30" },
    { kind: "expression", text: "*/5 8-18 * * MON-FRI" },
  ];
  for (const built of all) expect(taken(written(built))).toEqual(built);
});

it("writes what the service reads", () => {
  expect(written({ kind: "weekly", days: ["WED", "MON"], time: "08:05" })).toBe("5 8 * * MON,WED");
  expect(written({ kind: "weekly", days: ["FRI", "MON", "TUE", "WED", "THU"], time: "08:00" })).toBe(
    "0 8 * * MON-FRI",
  );
});

it("leaves what it does not know as it is", () => {
  for (const text of [
    "@daily",
    "0 0 6 * * *",
    "61 5 * * MON",
    "0 6 1 * *",
    "CRON_TZ=Asia/Tokyo 0 6 * * *",
    "",
    "99 08:00",
    "0 8 * * FRI-MON",
  ]) {
    expect(taken(text)).toEqual({ kind: "expression", text });
  }
});

it("keeps the time when the form changes", () => {
  expect(as("weekly", { kind: "daily", time: "07:15" })).toEqual({
    kind: "weekly",
    days: ["MON"],
    time: "07:15",
  });
  expect(as("expression", { kind: "daily", time: "07:15" })).toEqual({ kind: "expression", text: "07:15" });
  const weekdays: Built = { kind: "expression", text: "30 7 * * MON-FRI" };
  expect(as("weekly", weekdays)).toEqual(taken("30 7 * * MON-FRI"));
  expect(as("daily", weekdays)).toEqual({ kind: "daily", time: "07:30" });
  expect(as("expression", as("weekly", weekdays))).toEqual(weekdays);
});
