import { describe, expect, it } from "vitest";
import { joined, nearest, pointsOf, scales, ticks, top } from "./usage";

const sample = (second: number, memory: number, cpu: number) => ({
  at: new Date(second * 1000).toISOString(),
  memory_bytes: memory,
  cpu_ms: cpu,
  network_rx_bytes: 0,
  network_tx_bytes: 0,
});

describe("the chart of a run", () => {
  it("makes cores of processor time", () => {
    const points = pointsOf([sample(101, 5, 500), sample(103, 7, 2500), sample(104, 6, 2500)], 100_000);
    expect(points).toEqual([
      { at: 1000, memory: 5, cores: 0.5 },
      { at: 3000, memory: 7, cores: 1 },
      { at: 4000, memory: 6, cores: 0 },
    ]);
  });

  it("takes samples that come again only once", () => {
    const [one, two, three] = [sample(1, 1, 1), sample(2, 2, 2), sample(3, 3, 3)];
    expect(joined([], [one, two])).toEqual([one, two]);
    expect(joined([one, two], [one, two, three])).toEqual([one, two, three]);
    expect(joined([one], [])).toEqual([one]);
  });

  it("does not count the start of the container as work of the run", () => {
    const samples = [sample(99.5, 3, 300), sample(100.1, 3, 700), sample(101.1, 5, 950)];
    const [first, more] = pointsOf(samples, 100_000);
    expect(first!.at).toBe(1100);
    expect(first!.cores).toBeCloseTo(0.25);
    expect(more).toBeUndefined();
  });

  it("passes over what lies before its beginning, or twice at one time", () => {
    expect(pointsOf([sample(99, 1, 1), sample(101, 1, 1), sample(101, 2, 2)], 100_000)).toHaveLength(1);
  });

  it("shows a limit that is near, and none that is far", () => {
    expect(top(30, 100).shown).toBe(true);
    expect(top(30, 100).top).toBeCloseTo(110);
    expect(top(10, 100)).toEqual({ top: 12.5, shown: false });
    expect(top(120, 100).top).toBeCloseTo(132);
  });

  it("is empty without samples", () => {
    const none = scales([], { memory: 100, cpus: 1 } as never);
    expect(none.end).toBe(0);
  });

  it("tells the peak that was measured, also when it lies between two points", () => {
    const points = [{ at: 1, memory: 40, cores: 1 }];
    const limits = { memory: 100, cpus: 1 } as never;
    expect(scales(points, limits, 70).peak.memory).toBe(70);
    expect(scales(points, limits).peak.memory).toBe(40);
  });

  it("finds the point under the pointer", () => {
    const points = [0, 10, 20, 100].map((at) => ({ at, memory: 0, cores: 0 }));
    expect([-5, 4, 6, 59, 61, 500].map((at) => nearest(points, at))).toEqual([0, 0, 1, 2, 3, 3]);
  });

  it("marks round times", () => {
    expect(ticks(4200)).toEqual([0, 1000, 2000, 3000, 4000]);
    expect(ticks(90_000)).toEqual([0, 30_000, 60_000, 90_000]);
    expect(ticks(30 * 86_400_000).length).toBeLessThanOrEqual(6);
  });
});
