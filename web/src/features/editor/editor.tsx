/** One editor of code, two engines: Monaco where there is a mouse, CodeMirror on
 * touch screens, which Monaco does not support. Both are loaded when needed. */
import { lazy, Suspense } from "react";
import { Skeleton } from "@/components/ui/page";
import { chunk } from "@/lib/chunk";

export interface EditorProps {
  /** Tells files apart, and by its end their language. */
  path: string;
  value: string;
  onChange(value: string): void;
  onSave(): void;
  /** Save, and run. */
  onRun(): void;
  /** Run what is not saved. */
  onTry(): void;
  readOnly: boolean;
  /** A line to show; each new object asks again. */
  show?: { line: number } | undefined;
  /** What is wrong, by line. */
  marks: { line: number; column: number | null; message: string }[];
}

const Monaco = lazy(chunk(() => import("./monaco")));
const CodeMirror = lazy(chunk(() => import("./codemirror")));

export const fine = () => matchMedia("(pointer: fine)").matches;

export function CodeEditor(props: EditorProps) {
  const Engine = fine() ? Monaco : CodeMirror;
  return (
    <Suspense fallback={<Skeleton rows={12} />}>
      <Engine {...props} />
    </Suspense>
  );
}

/** The language of a file, by its name. */
export function languageOf(path: string): string {
  const name = path.split("/").at(-1) ?? "";
  const ending = name.includes(".") ? name.split(".").at(-1)!.toLowerCase() : "";
  const known: Record<string, string> = {
    py: "python",
    pyi: "python",
    toml: "ini",
    cfg: "ini",
    ini: "ini",
    lock: "ini",
    sh: "shell",
    md: "markdown",
    yml: "yaml",
    yaml: "yaml",
    sql: "sql",
    json: "json",
    html: "html",
    css: "css",
    js: "javascript",
  };
  return known[ending] ?? "plaintext";
}
