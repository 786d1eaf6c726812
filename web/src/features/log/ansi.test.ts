import { describe, expect, it } from "vitest";
import { css, parse, plain } from "./ansi";

const styles = (text: string) => parse(text).segments.map(({ text, style }) => [text, style]);

describe("parse", () => {
  it("takes colours and weights", () => {
    expect(styles("\x1b[1;31mbad\x1b[0m good")).toEqual([
      ["bad", { bold: true, fg: 1 }],
      [" good", {}],
    ]);
    expect(styles("\x1b[38;5;196mx\x1b[38;2;1;2;3my\x1b[97;44mz")).toEqual([
      ["x", { fg: 0x1ff0000 }],
      ["y", { fg: 0x1010203 }],
      ["z", { fg: 15, bg: 4 }],
    ]);
  });

  it("carries a style that is not ended", () => {
    const { end } = parse("\x1b[32mgreen");
    expect(parse("still", end).segments).toEqual([{ text: "still", style: { fg: 2 } }]);
  });

  it("drops what a terminal would obey", () => {
    for (const hostile of [
      "\x1b[2J", // clears the screen
      "\x1b[10;10H", // moves
      "\x1b]52;c;aGk=\x07", // writes the clipboard
      "\x1b]0;title\x1b\\",
      "\x1b]8;;javascript:alert(1)\x07",
      "\x1bP1$r\x1b\\",
      "\x9b31;1H",
      "\x1b[?1049h",
      "\x1b[>4;2m",
      "\x1bc",
      "\x1b(0",
    ]) {
      expect(plain(`a${hostile}b`), JSON.stringify(hostile)).toBe("ab");
    }
  });

  it("ends with the line when a sequence does not", () => {
    for (const cut of ["\x1b", "\x1b[", "\x1b[31", "\x1b]52;c;x", "\x1bP"])
      expect(plain(`a${cut}`)).toBe("a");
  });

  it("shows what would hide or reorder text", () => {
    expect(plain("a\u202eb")).toBe("a⟨202E⟩b");
    expect(plain("a\x07b\x7f")).toBe("a␇b␡");
    expect(plain("zero\u200bwidth")).toBe("zero⟨200B⟩width");
    // Families of emoji are joined with this one.
    expect(plain("👩\u200d💻")).toBe("👩\u200d💻");
  });

  it("finds the same text with and without a look at styles", () => {
    for (const text of [
      "\x1b[1;31mbad\x1b[0m good",
      "\x1b\x1b[31mx",
      "\x1b]0;title\x1b[31m",
      "\x1b[38:5:196mx\x1b[m\ty",
      "\x1b[3\x1b[1mm",
      "\x1b[?1mx\x1b[0m",
    ]) {
      const styled = parse(text).segments.map((segment) => segment.text);
      expect(plain(text), JSON.stringify(text)).toBe(styled.join(""));
    }
  });

  it("keeps markup as text", () => {
    expect(plain("<img src=x onerror=alert(1)>")).toBe("<img src=x onerror=alert(1)>");
  });

  it("sets tabs to columns of eight", () => {
    expect(plain("ab\tc")).toBe("ab      c");
  });

  it("is not slowed down by a thousand numbers", () => {
    expect(parse(`\x1b[${"1;".repeat(100_000)}mx`).segments[0]?.text).toBe("x");
  });
});

describe("css", () => {
  it("keeps text readable on the ground of the theme", () => {
    expect(css(0x1ffffff, "light")).not.toBe("rgb(255 255 255)");
    expect(css(0x1000000, "dark")).not.toBe("rgb(0 0 0)");
    expect(css(0x1000000, "light")).toBe("rgb(0 0 0)");
    expect(css(3, "light")).toBe("var(--ansi-3)");
  });
});
