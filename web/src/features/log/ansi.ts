/** Reads what programs write for terminals. Colours and weights are taken (SGR);
 * whatever else a terminal would obey is dropped, and characters that would hide
 * or reorder text are shown as signs. The result is text and classes of style,
 * never HTML. */

/** How text looks. Colours: 0–15 of the theme, else 0x1rrggbb. */
export interface Style {
  fg?: number;
  bg?: number;
  bold?: true;
  dim?: true;
  italic?: true;
  underline?: true;
  strike?: true;
  inverse?: true;
}

export interface Segment {
  text: string;
  style: Style;
}

const RGB = 0x1000000;
const PLAIN: Style = Object.freeze({});
/** Numbers in one sequence beyond these are nobody's honest wish. */
const MAX_PARAMS = 32;

const NEEDS_WORK =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\t]/;

/** Whether a line holds anything but plain text. */
export const isPlain = (text: string) => !NEEDS_WORK.test(text);

/** Splits a line into pieces of one style, starting in `from`; also tells the
 * style in which it ends. */
export function parse(text: string, from: Style = PLAIN): { segments: Segment[]; end: Style } {
  if (isPlain(text)) return { segments: text === "" ? [] : [{ text, style: from }], end: from };
  const segments: Segment[] = [];
  let style = from;
  let run = "";
  let column = 0;
  const flush = () => {
    if (run !== "") segments.push({ text: run, style });
    run = "";
  };
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x1b || code === 0x9b || code === 0x9d || code === 0x90) {
      const sequence = readSequence(text, at);
      if (sequence.sgr !== undefined) {
        flush();
        style = apply(style, sequence.sgr);
      }
      at = sequence.end;
      continue;
    }
    if (code === 0x09) {
      const wide = 8 - (column % 8);
      run += " ".repeat(wide);
      column += wide;
      at += 1;
      continue;
    }
    const shown = sign(code);
    const piece = shown ?? text[at]!;
    run += piece;
    column += piece.length;
    at += 1;
  }
  flush();
  return { segments, end: style };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what is looked for
const COLOURS = /\u001b\[[\d;:]*m/g;

/** The text alone. Most lines that hold more hold colours and nothing else. */
export function plain(text: string): string {
  if (isPlain(text)) return text;
  const bare = text.replace(COLOURS, "");
  if (isPlain(bare)) return bare;
  return parse(text)
    .segments.map((segment) => segment.text)
    .join("");
}

/** What is shown for a character that would otherwise act. */
function sign(code: number): string | undefined {
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "␡";
  const acts =
    (code >= 0x80 && code < 0xa0) ||
    code === 0x61c ||
    (code >= 0x200b && code <= 0x200f && code !== 0x200d) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2069) ||
    code === 0xfeff;
  return acts ? `⟨${code.toString(16).toUpperCase().padStart(4, "0")}⟩` : undefined;
}

/** Where the sequence that begins here ends, and its numbers if it sets a style. */
function readSequence(text: string, start: number): { end: number; sgr?: number[] } {
  let at = start + 1;
  let kind = text.charCodeAt(start);
  if (kind === 0x1b) {
    kind = text.charCodeAt(at);
    if (Number.isNaN(kind)) return { end: at };
    at += 1;
    if (kind === 0x5b) kind = 0x9b;
    else if (kind === 0x5d) kind = 0x9d;
    else if (kind === 0x50 || kind === 0x58 || kind === 0x5e || kind === 0x5f) kind = 0x90;
    else if (kind >= 0x20 && kind <= 0x2f) return { end: Math.min(at + 1, text.length) };
    else return { end: at };
  }
  if (kind === 0x9b) {
    const from = at;
    while (at < text.length && text.charCodeAt(at) >= 0x20 && text.charCodeAt(at) <= 0x3f) at += 1;
    if (text[at] !== "m") return { end: Math.min(at + 1, text.length) };
    const numbers = text.slice(from, at);
    const odd = !/^[\d;:]*$/.test(numbers);
    return odd
      ? { end: at + 1 }
      : { end: at + 1, sgr: numbers.split(/[;:]/).slice(0, MAX_PARAMS).map(Number) };
  }
  // A string: to its end, or to that of the line.
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x07 || code === 0x9c) return { end: at + 1 };
    if (code === 0x1b && text[at + 1] === "\\") return { end: at + 2 };
    at += 1;
  }
  return { end: at };
}

function apply(style: Style, numbers: number[]): Style {
  let next: Style = { ...style };
  for (let at = 0; at < numbers.length; at += 1) {
    const number = numbers[at]!;
    if (number === 0) next = {};
    else if (number === 1) next.bold = true;
    else if (number === 2) next.dim = true;
    else if (number === 3) next.italic = true;
    else if (number === 4) next.underline = true;
    else if (number === 7) next.inverse = true;
    else if (number === 9) next.strike = true;
    else if (number === 22) {
      delete next.bold;
      delete next.dim;
    } else if (number === 23) delete next.italic;
    else if (number === 24) delete next.underline;
    else if (number === 27) delete next.inverse;
    else if (number === 29) delete next.strike;
    else if (number >= 30 && number <= 37) next.fg = number - 30;
    else if (number >= 90 && number <= 97) next.fg = number - 82;
    else if (number >= 40 && number <= 47) next.bg = number - 40;
    else if (number >= 100 && number <= 107) next.bg = number - 92;
    else if (number === 39) delete next.fg;
    else if (number === 49) delete next.bg;
    else if (number === 38 || number === 48) {
      const { colour, used } = extended(numbers, at + 1);
      if (colour !== undefined) next[number === 38 ? "fg" : "bg"] = colour;
      at += used;
    }
  }
  return next;
}

function extended(numbers: number[], at: number): { colour?: number; used: number } {
  const byte = (value: number | undefined) => Math.min(255, Math.max(0, value ?? 0));
  if (numbers[at] === 5) return { colour: of256(byte(numbers[at + 1])), used: 2 };
  if (numbers[at] !== 2) return { used: 1 };
  const [r, g, b] = [byte(numbers[at + 1]), byte(numbers[at + 2]), byte(numbers[at + 3])];
  return { colour: RGB | (r << 16) | (g << 8) | b, used: 4 };
}

function of256(index: number): number {
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return RGB | (grey << 16) | (grey << 8) | grey;
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + 40 * value);
  const at = index - 16;
  return RGB | (level(Math.floor(at / 36)) << 16) | (level(Math.floor(at / 6) % 6) << 8) | level(at % 6);
}

/** A colour for CSS. Text in colours of its own is moved towards black or white
 * until it can be read on the theme's ground. */
export function css(colour: number, theme: "light" | "dark", ground = false): string {
  if (colour < RGB) return `var(--ansi-${colour})`;
  const rgb: [number, number, number] = [(colour >> 16) & 255, (colour >> 8) & 255, colour & 255];
  if (ground) return `rgb(${rgb.join(" ")})`;
  const behind = theme === "light" ? 0.97 : 0.004;
  const target = theme === "light" ? 0 : 255;
  for (let mix = 0; mix <= 10; mix += 1) {
    const moved = rgb.map((part) => part + ((target - part) * mix) / 10) as typeof rgb;
    if (contrast(luminance(moved), behind) >= 4.6 || mix === 10)
      return `rgb(${moved.map(Math.round).join(" ")})`;
  }
  return "inherit";
}

/** A colour that can be read on this ground. The sixteen named ones are made to
 * be read on the log's ground, so that its colour is read on them. */
export function inkOn(ground: number, theme: "light" | "dark"): string {
  if (ground < RGB) return "var(--log-bg)";
  const rgb: [number, number, number] = [(ground >> 16) & 255, (ground >> 8) & 255, ground & 255];
  return luminance(rgb) > 0.18 ? "#0c0e12" : theme === "dark" ? "#e9ebef" : "#ffffff";
}

function luminance(rgb: [number, number, number]): number {
  const [r, g, b] = rgb.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

const contrast = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
