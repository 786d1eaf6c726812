import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Live } from "./live";

/** A connection that the test opens, fills and breaks. */
class Wire {
  static all: Wire[] = [];
  sent: Record<string, unknown>[] = [];
  onopen = () => {};
  onmessage = (_: { data: string }) => {};
  onclose = (_: { code: number }) => {};
  constructor() {
    Wire.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {}
  tell(message: unknown) {
    this.onmessage({ data: JSON.stringify(message) });
  }
}

const begin = () => {
  Wire.all = [];
  const live = new Live(() => new Wire() as unknown as WebSocket);
  live.start();
  return live;
};
/** Breaks the connection, and opens the one that is made in its place. */
const mend = () => {
  Wire.all.at(-1)!.onclose({ code: 1006 });
  vi.advanceTimersByTime(20_000);
  const wire = Wire.all.at(-1)!;
  wire.onopen();
  return wire;
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("goes on with a log behind the last line that it knows, after a break", () => {
  const live = begin();
  const [wire] = Wire.all;
  wire!.onopen();
  const heard: unknown[] = [];
  live.log({ run: "r", attempt: 1 }, 7, (news) => heard.push(news.type));
  expect(wire!.sent).toEqual([{ op: "subscribe", id: "s1", topic: "log", run: "r", attempt: 1, after: 7 }]);
  wire!.tell({ type: "lines", id: "s1", attempt: 2, lines: [{ number: 8 }, { number: 9 }] });
  wire!.tell({ type: "gap", id: "s1", attempt: 2, from: 10, to: 12, reason: "lost" });
  wire!.tell({ type: "gap", id: "s1", attempt: 2, from: 13, to: null, reason: "lost" });
  wire!.tell({ type: "partial", id: "s1", attempt: 2, stream: "stdout", text: "50 %" });
  expect(heard).toEqual(["lines", "gap", "gap", "partial"]);
  expect(mend().sent[0]).toMatchObject({ id: "s1", attempt: 2, after: 12 });
});

it("follows what is built for a task, which has no attempts", () => {
  const live = begin();
  Wire.all[0]!.onopen();
  live.log({ task: "t" }, 0, () => {});
  Wire.all[0]!.tell({ type: "lines", id: "s1", attempt: 1, lines: [{ number: 3 }] });
  expect(mend().sent).toEqual([{ op: "subscribe", id: "s1", topic: "log", task: "t", after: 3 }]);
});

it("asks for nothing again that has ended, and says that events may be missed", () => {
  const live = begin();
  Wire.all[0]!.onopen();
  const missed = vi.fn();
  live.onMissed(missed);
  const heard: unknown[] = [];
  live.usage("r", 1, (samples) => heard.push(samples));
  const leave = live.events("runs", (event) => heard.push(event));
  Wire.all[0]!.tell({ type: "samples", id: "s1", attempt: 1, samples: [{ cpu_ms: 1 }] });
  Wire.all[0]!.tell({ type: "end", id: "s1" });
  Wire.all[0]!.tell({ type: "event", ids: ["s2"], event: { seq: 1 } });
  expect(heard).toEqual([[{ cpu_ms: 1 }], { seq: 1 }]);
  expect(missed).not.toHaveBeenCalled();
  const wire = mend();
  expect(missed).toHaveBeenCalledOnce();
  expect(wire.sent).toEqual([{ op: "subscribe", id: "s2", topic: "runs" }]);
  leave();
  expect(wire.sent.at(-1)).toEqual({ op: "unsubscribe", id: "s2" });
});

it("tells how the connection stands, and stays away when it was ended", () => {
  const live = begin();
  expect(live.connection()).toBe("opening");
  Wire.all[0]!.onopen();
  expect(live.connection()).toBe("open");
  Wire.all[0]!.onclose({ code: 1006 });
  expect(live.connection()).toBe("waiting");
  live.stop();
  vi.advanceTimersByTime(60_000);
  expect(live.connection()).toBe("closed");
  expect(Wire.all).toHaveLength(1);
});
