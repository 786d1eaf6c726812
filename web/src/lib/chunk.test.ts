import { afterEach, describe, expect, it, vi } from "vitest";
import { chunk } from "./chunk";

describe("a part that is loaded when it is needed", () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    sessionStorage.clear();
  });

  it("is asked for again when the network drops it", async () => {
    vi.useFakeTimers();
    const load = vi.fn().mockRejectedValueOnce(new TypeError("dropped")).mockResolvedValue("here");
    const got = chunk(load)();
    await vi.runAllTimersAsync();
    expect(await got).toBe("here");
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("is an error while the service is away, and after it was reloaded for", async () => {
    vi.useFakeTimers();
    const load = () => Promise.reject(new TypeError("gone"));
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("away")));
    const away = expect(chunk(load)()).rejects.toThrow("gone");
    await vi.runAllTimersAsync();
    await away;
    vi.stubGlobal("fetch", () => Promise.resolve({ ok: true }));
    sessionStorage.setItem("runbay.reloaded", String(Date.now() - 20_000));
    const again = expect(chunk(load)()).rejects.toThrow("gone");
    await vi.runAllTimersAsync();
    await again;
  });
});
