/** Finds why a script failed in what it wrote. */
import type { Stream } from "@/lib/api/types";

export interface Frame {
  file: string;
  line: number;
  in: string;
  code?: string;
}

export interface Traceback {
  /** The line of the log on which it begins. */
  begin: number;
  /** The line that names the exception. */
  end: number;
  error: string;
  message: string;
  frames: Frame[];
}

const HEAD = "Traceback (most recent call last):";
const FRAME = /^\s*File "([^"]+)", line (\d+)(?:, in (.+))?$/;
const ERROR = /^([A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Warning|[A-Z]\w*))(?::\s?(.*))?$/;
const BARE = /^ {2}File "[^"]+", line \d+$/;
/** Lines that are looked through from the end. */
const DEEP = 3000;

/** A line of a log, without its colours. */
export interface Written {
  text: string;
  stream: Stream;
}

type Lines = (number: number) => Written | undefined;

/** The last traceback of a log, if its lines are known. */
export function lastTraceback(line: Lines, total: number): Traceback | undefined {
  // A script that cannot be read at all: there is no head, only the place.
  let bare: Traceback | undefined;
  for (let number = total; number > Math.max(0, total - DEEP); number -= 1) {
    const here = line(number);
    if (here === undefined) continue;
    const { text, stream } = here;
    if (!bare && BARE.test(text)) bare = read(line, { begin: number - 1, stream, total, indent: 0 });
    if (!text.includes(HEAD)) continue;
    const found = read(line, { begin: number, stream, total, indent: text.indexOf(HEAD) });
    if (found) return bare && bare.end > found.end ? bare : found;
  }
  return bare;
}

/** Where a traceback is. */
interface Place {
  /** The line before the first frame. */
  begin: number;
  stream: Stream;
  total: number;
  /** Columns before each line of it. */
  indent: number;
}

function read(line: Lines, { begin, stream, total, indent }: Place): Traceback | undefined {
  const frames: Frame[] = [];
  for (let number = begin + 1; number <= Math.min(total, begin + 400); number += 1) {
    const found = line(number);
    if (found === undefined) return undefined;
    // What is written to another stream may come in between, and is no part of it.
    if (found.stream !== stream) continue;
    const rest = found.text.slice(indent);
    const frame = FRAME.exec(rest);
    if (frame) {
      frames.push({ file: frame[1]!, line: Number(frame[2]), in: frame[3] ?? "" });
      continue;
    }
    if (/^\s/.test(rest) || rest === "") {
      const last = frames.at(-1);
      if (last && last.code === undefined && rest.trim() !== "" && !/^[\s^~]+$/.test(rest))
        last.code = rest.trim();
      continue;
    }
    const error = ERROR.exec(rest);
    return {
      begin,
      end: number,
      error: error?.[1] ?? "Error",
      message: error ? (error[2] ?? "") : rest,
      frames,
    };
  }
  return undefined;
}

/** The innermost frame in the code of the task, as a path in its folder. */
export function ownFrame(traceback: Traceback): { file: string; line: number } | undefined {
  const own = traceback.frames.findLast((frame) => frame.file.startsWith("/task/"));
  return own && { file: own.file.slice("/task/".length), line: own.line };
}
