import { describe, expect, it } from "vitest";
import { lastTraceback, ownFrame, type Written } from "./traceback";

const log = (text: string) => {
  const lines = text.split("\n");
  const line = (number: number): Written | undefined => {
    const text = lines[number - 1];
    if (text === undefined) return undefined;
    return text.startsWith(OUT)
      ? { text: text.slice(OUT.length), stream: "stdout" }
      : { text, stream: "stderr" };
  };
  return lastTraceback(line, lines.length);
};

/** Before lines of the other stream. */
const OUT = "out: ";

const NESTED = `starting
Traceback (most recent call last):
  File "/task/main.py", line 12, in <module>
    main()
    ~~~~^^
  File "/task/lib/fetch.py", line 7, in main
    return httpx.get(url).json()
  File "/opt/venv/lib/python3.11/site-packages/httpx/_api.py", line 195, in get
    return request(
           ^^^^^^^^
httpx.ConnectTimeout: timed out: <b>no</b>
bye`;

describe("lastTraceback", () => {
  it("reads frames, code and the message", () => {
    const found = log(NESTED)!;
    expect([found.begin, found.end, found.error, found.message]).toEqual([
      2,
      11,
      "httpx.ConnectTimeout",
      "timed out: <b>no</b>",
    ]);
    expect(found.frames.map((frame) => [frame.file, frame.line, frame.code])[0]).toEqual([
      "/task/main.py",
      12,
      "main()",
    ]);
    expect(ownFrame(found)).toEqual({ file: "lib/fetch.py", line: 7 });
  });

  it("leaves out what the other stream has in between", () => {
    const whole = log(NESTED)!;
    const torn = NESTED.split("\n").flatMap((line) => [line, "out: sharing"]);
    const found = log(torn.join("\n"))!;
    expect([found.error, found.message, found.frames]).toEqual([whole.error, whole.message, whole.frames]);
  });

  it("takes the last of several", () => {
    const found = log(
      `${HEAD("a.py", "KeyError: 'x'")}\n\nDuring handling of the above exception, another exception occurred:\n\n${HEAD("b.py", "ValueError: bad")}`,
    )!;
    expect(found.error).toBe("ValueError");
    expect(ownFrame(found)?.file).toBe("b.py");
  });

  it("reads a mistake of syntax, which has no head", () => {
    const found = log('  File "/task/main.py", line 7\n    sleep(1)\nIndentationError: unexpected indent')!;
    expect([found.error, found.message]).toEqual(["IndentationError", "unexpected indent"]);
    expect(ownFrame(found)).toEqual({ file: "main.py", line: 7 });
    const imported = log(
      'Traceback (most recent call last):\n  File "/task/main.py", line 1, in <module>\n    import b\n  File "/task/b.py", line 2\n    x =\n       ^\nSyntaxError: invalid syntax',
    )!;
    expect([imported.begin, imported.frames.length]).toEqual([1, 2]);
  });

  it("finds none where there is none, or it is cut off", () => {
    expect(log("all good")).toBeUndefined();
    expect(log('Traceback (most recent call last):\n  File "/task/a.py", line 1, in x')).toBeUndefined();
  });

  it("reads an exception without a message", () => {
    expect(log(HEAD("a.py", "KeyboardInterrupt"))?.error).toBe("KeyboardInterrupt");
  });
});

const HEAD = (file: string, end: string) =>
  `Traceback (most recent call last):\n  File "/task/${file}", line 3, in x\n    y()\n${end}`;
