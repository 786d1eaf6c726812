/** How many columns text takes in a fixed-width font. */

// Ranges of wide characters (Unicode TR11: W and F), joined where close, and emoji.
const WIDE =
  /[\u1100-\u115f\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
const ASCII = /^[\u0000-\u007f]*$/;
const NARROW = /\p{M}|\u200d|[\ufe00-\ufe0f]/u;

function widthOf(character: string): number {
  if (character < "\u0300") return 1;
  if (NARROW.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/** Where text is cut so that no piece is wider than `columns`: the indices at
 * which pieces begin, the first of them 0. */
export function cuts(text: string, columns: number): number[] {
  const found = [0];
  if (ASCII.test(text)) {
    for (let at = columns; at < text.length; at += columns) found.push(at);
    return found;
  }
  let [index, used] = [0, 0];
  for (const character of text) {
    const width = widthOf(character);
    if (used + width > columns) {
      found.push(index);
      used = 0;
    }
    used += width;
    index += character.length;
  }
  return found;
}
