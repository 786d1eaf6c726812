/** What fits to a few typed letters, best first: they all occur, in order. */
export function match<T>(all: T[], wanted: string, text: (one: T) => string): T[] {
  if (wanted === "") return all;
  const scored = all.map((one, at) => ({
    one,
    at,
    score: score(text(one).toLowerCase(), wanted.toLowerCase()),
  }));
  return scored
    .filter((each) => each.score > 0)
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .map((each) => each.one);
}

/** 0 when it does not fit; more for whole words, beginnings and neighbours. */
export function score(text: string, wanted: string): number {
  const whole = text.indexOf(wanted);
  if (whole >= 0)
    return 1000 - whole - text.length / 100 + (whole === 0 || /\W/.test(text[whole - 1]!) ? 500 : 0);
  let [points, before] = [1, -2];
  for (const letter of wanted.replaceAll(" ", "")) {
    const found = text.indexOf(letter, before + 1);
    if (found < 0) return 0;
    points += found === before + 1 ? 5 : found === 0 || /[\W_]/.test(text[found - 1]!) ? 4 : 1;
    before = found;
  }
  return points;
}
