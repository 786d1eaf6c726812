import { beforeEach, describe, expect, it } from "vitest";
import { drafted, loadDraft, saveDraft, unsaved } from "./drafts";

describe("drafts", () => {
  beforeEach(() => localStorage.clear());

  it("of one task are not those of another whose name begins so", () => {
    saveDraft("report", "main.py", { text: "a", etag: null });
    saveDraft("report-2", "main.py", { text: "b", etag: null });
    expect(drafted("report")).toEqual(["main.py"]);
    expect(unsaved("report")).toEqual({ "main.py": { text: "a" } });
  });

  it("are all tried together, and gone once saved", () => {
    saveDraft("report", "main.py", { text: "import lib.x", etag: "1" });
    saveDraft("report", "lib/x.py", { text: "", etag: null });
    expect(unsaved("report")).toEqual({ "main.py": { text: "import lib.x" }, "lib/x.py": { text: "" } });
    saveDraft("report", "lib/x.py", undefined);
    expect(Object.keys(unsaved("report"))).toEqual(["main.py"]);
    expect(loadDraft("report", "lib/x.py")).toBeUndefined();
  });

  it("that are damaged are none", () => {
    localStorage.setItem("runbay.draft.report/main.py", "{");
    expect(unsaved("report")).toEqual({});
  });
});
