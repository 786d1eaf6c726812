/** Which lines two texts have in common (Myers, 1986), and what a unified diff says
 * of that. */

export interface DiffLine {
  /** `place` is no line of either text: it says where the next ones are. */
  kind: "same" | "added" | "removed" | "place";
  text: string;
}

const KINDS: Record<string, DiffLine["kind"]> = { "+": "added", "-": "removed", "@": "place", "\\": "place" };

/** The lines of a unified diff, without its head. What is behind the first `@@` is
 * no head, however much a line that begins with dashes looks like one. */
export function fromUnified(text: string): DiffLine[] {
  const lines = text.split("\n");
  const begin = lines.findIndex((line) => line.startsWith("@@"));
  if (begin < 0) return [];
  return lines
    .slice(begin)
    .filter((line) => line !== "")
    .map((line): DiffLine => {
      const kind = KINDS[line[0]!] ?? "same";
      return { kind, text: kind === "place" ? line : line.slice(1) };
    });
}

/** Beyond this many differences the rest is told as replaced. */
const MOST = 2000;

export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const middle = walk(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const same = (text: string): DiffLine => ({ kind: "same", text });
  return [...a.slice(0, head).map(same), ...middle, ...a.slice(a.length - tail).map(same)];
}

function walk(a: string[], b: string[]): DiffLine[] {
  const most = Math.min(a.length + b.length, MOST);
  const far = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  for (let d = 0; d <= most; d += 1) {
    trace.push(new Map(far));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (far.get(k - 1) ?? -1) < (far.get(k + 1) ?? -1));
      let x = down ? (far.get(k + 1) ?? 0) : (far.get(k - 1) ?? 0) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x += 1;
        y += 1;
      }
      far.set(k, x);
      if (x >= a.length && y >= b.length) return back(a, b, trace);
    }
  }
  return [
    ...a.map((text): DiffLine => ({ kind: "removed", text })),
    ...b.map((text): DiffLine => ({ kind: "added", text })),
  ];
}

function back(a: string[], b: string[], trace: Map<number, number>[]): DiffLine[] {
  const lines: DiffLine[] = [];
  let [x, y] = [a.length, b.length];
  for (let d = trace.length - 1; d >= 0; d -= 1) {
    const far = trace[d]!;
    const k = x - y;
    const down = k === -d || (k !== d && (far.get(k - 1) ?? -1) < (far.get(k + 1) ?? -1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = far.get(fromK) ?? 0;
    const fromY = fromX - fromK;
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      x -= 1;
      y -= 1;
      lines.push({ kind: "same", text: a[x]! });
    }
    if (d === 0) break;
    if (down) lines.push({ kind: "added", text: b[--y]! });
    else lines.push({ kind: "removed", text: a[--x]! });
  }
  return lines.reverse();
}
