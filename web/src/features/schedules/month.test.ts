import { expect, it } from "vitest";
import { dayOf, monthsFrom, weeksOf } from "./month";

it("shows whole weeks from Monday to Sunday", () => {
  const weeks = weeksOf("2026-11-21");
  expect(weeks.map((week) => week[0])).toEqual([
    "2026-10-26",
    "2026-11-02",
    "2026-11-09",
    "2026-11-16",
    "2026-11-23",
    "2026-11-30",
  ]);
  expect(weeksOf("2021-02-10")).toHaveLength(4);
  for (const week of weeks) expect(new Set(week).size).toBe(7);
});

it("goes from month to month over the year", () => {
  expect(monthsFrom("2026-12-31", 1)).toBe("2027-01-01");
  expect(monthsFrom("2026-01-15", -1)).toBe("2025-12-01");
  expect(dayOf(new Date(2026, 0, 5, 23, 59))).toBe("2026-01-05");
});
