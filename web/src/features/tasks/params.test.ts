import { describe, expect, it } from "vitest";
import type { Param } from "@/lib/api/types";
import { asCommand, initial, values } from "./params";

const params: Record<string, Param> = {
  name: { type: "text", default: "Ada" },
  times: { type: "int", required: true },
  rate: { type: "float" },
  loud: { type: "bool", default: false },
  day: { type: "date" },
};

describe("values", () => {
  it("begins with defaults, or with the last run's", () => {
    expect(initial(params)).toEqual({ name: "Ada", times: "", rate: "", loud: "false", day: "" });
    expect(initial(params, { times: 3, loud: true }).times).toBe("3");
  });

  it("makes what the service takes of what was filled in", () => {
    expect(values(params, { name: "Bo", times: "3", rate: "1.5", loud: "true", day: "2026-01-31" })).toEqual({
      name: "Bo",
      times: 3,
      rate: 1.5,
      loud: true,
      day: "2026-01-31",
    });
  });

  it("leaves out what is empty, but sends an emptied default", () => {
    expect(values(params, { name: "", times: "", rate: "", loud: "", day: "" })).toEqual({ name: "" });
  });

  it("lets the service say what is wrong with a number", () => {
    expect(values(params, { times: "many" }).times).toBe("many");
  });
});

describe("asCommand", () => {
  it("quotes for a shell", () => {
    expect(asCommand("greet", { name: "it's $HOME", n: 3 })).toBe(
      `runbay run greet -p name='it'\\''s $HOME' -p n=3`,
    );
  });
});
