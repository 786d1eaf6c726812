import * as monaco from "monaco-editor/editor/editor.api";
import "monaco-editor/features/bracketMatching/register";
import "monaco-editor/features/caretOperations/register";
import "monaco-editor/features/clipboard/register";
import "monaco-editor/features/codicon/register";
import "monaco-editor/features/comment/register";
import "monaco-editor/features/contextmenu/register";
import "monaco-editor/features/cursorUndo/register";
import "monaco-editor/features/find/register";
import "monaco-editor/features/folding/register";
import "monaco-editor/features/gotoError/register";
import "monaco-editor/features/gotoLine/register";
import "monaco-editor/features/hover/register";
import "monaco-editor/features/indentation/register";
import "monaco-editor/features/lineSelection/register";
import "monaco-editor/features/linesOperations/register";
import "monaco-editor/features/multicursor/register";
import "monaco-editor/features/smartSelect/register";
import "monaco-editor/features/stickyScroll/register";
import "monaco-editor/features/suggest/register";
import "monaco-editor/features/toggleTabFocusMode/register";
import "monaco-editor/features/unicodeHighlighter/register";
import "monaco-editor/features/wordHighlighter/register";
import "monaco-editor/features/wordOperations/register";
import "monaco-editor/languages/definitions/ini/register";
import "monaco-editor/languages/definitions/markdown/register";
import "monaco-editor/languages/definitions/python/register";
import "monaco-editor/languages/definitions/shell/register";
import "monaco-editor/languages/definitions/sql/register";
import "monaco-editor/languages/definitions/yaml/register";
import workerUrl from "monaco-editor/editor/editor.worker?worker&url";
import { useEffect, useRef } from "react";
import { useTheme } from "@/lib/theme";
import { type EditorProps, languageOf } from "./editor";

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

// Scripts of workers come from here alone; the policy lets nothing else pass.
const policy = (globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy("runbay-worker", {
  createScriptURL(url) {
    if (url !== workerUrl) throw new TypeError(`no worker comes from ${url}`);
    return url;
  },
});
self.MonacoEnvironment = {
  getWorker: () => new Worker(policy?.createScriptURL(workerUrl) ?? workerUrl, { type: "module" }),
};

/** A colour of the page, with six digits: Monaco refuses the short form, which
 * is what is left of white in a built style sheet. */
function colour(name: string): string {
  const text = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return /^#[0-9a-f]{3,4}$/i.test(text) ? text.replace(/[0-9a-f]/gi, "$&$&") : text;
}

function defineThemes(theme: "light" | "dark"): void {
  const soft = theme === "light" ? "#5e48c826" : "#a9a6fa33";
  monaco.editor.defineTheme("runbay", {
    base: theme === "light" ? "vs" : "vs-dark",
    inherit: true,
    rules:
      theme === "light"
        ? [
            { token: "comment", foreground: "656971", fontStyle: "italic" },
            { token: "keyword", foreground: "8a2aa0" },
            { token: "string", foreground: "00693f" },
            { token: "number", foreground: "7f4c00" },
            { token: "tag", foreground: "0057ae" },
            { token: "type", foreground: "0057ae" },
          ]
        : [
            { token: "comment", foreground: "8e929a", fontStyle: "italic" },
            { token: "keyword", foreground: "d79cf2" },
            { token: "string", foreground: "52d6a0" },
            { token: "number", foreground: "f7bc50" },
            { token: "tag", foreground: "5db2f7" },
            { token: "type", foreground: "5db2f7" },
          ],
    colors: {
      "editor.background": colour("--surface"),
      "editor.foreground": colour("--fg"),
      "editorLineNumber.foreground": colour("--subtle"),
      "editorLineNumber.activeForeground": colour("--fg"),
      "editor.lineHighlightBackground": colour("--bg"),
      "editor.lineHighlightBorder": "#00000000",
      "editor.selectionBackground": soft,
      "editorCursor.foreground": colour("--accent"),
      "editorWidget.background": colour("--surface"),
      "editorWidget.border": colour("--line"),
      "editorIndentGuide.background1": colour("--line"),
      "editorStickyScroll.background": colour("--surface"),
      focusBorder: colour("--accent"),
    },
  });
  monaco.editor.setTheme("runbay");
}

/** Each file keeps its cursor and its history while the page is there. */
const views = new Map<string, monaco.editor.ICodeEditorViewState | null>();

export default function MonacoEditor(props: EditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const editor = useRef<monaco.editor.IStandaloneCodeEditor | null>(null);
  const current = useRef(props);
  current.current = props;
  const theme = useTheme();

  useEffect(() => {
    if (!box.current) return;
    const made = monaco.editor.create(box.current, {
      model: null,
      automaticLayout: true,
      fontFamily: "'JetBrains Mono Variable', monospace",
      fontLigatures: false,
      fontSize: 13,
      lineHeight: 20,
      minimap: { enabled: false },
      scrollBeyondLastLine: false,
      renderLineHighlight: "line",
      padding: { top: 10, bottom: 10 },
      tabSize: 4,
      stickyScroll: { enabled: true, maxLineCount: 3 },
      overviewRulerBorder: false,
      guides: { indentation: true },
      unicodeHighlight: { ambiguousCharacters: true, invisibleCharacters: true },
      ariaLabel: "Code. Press Control M to let the Tab key leave the editor.",
      fixedOverflowWidgets: true,
    });
    made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS, () => current.current.onSave());
    made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => current.current.onRun());
    made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyMod.Shift | monaco.KeyCode.Enter, () =>
      current.current.onTry(),
    );
    made.onDidChangeModelContent(() => {
      const text = made.getValue();
      if (text !== current.current.value) current.current.onChange(text);
    });
    editor.current = made;
    return () => {
      const model = made.getModel();
      made.dispose();
      model?.dispose();
      editor.current = null;
    };
  }, []);

  useEffect(() => {
    const made = editor.current;
    if (!made) return;
    const model = monaco.editor.createModel(current.current.value, languageOf(props.path));
    made.setModel(model);
    const view = views.get(props.path);
    if (view) made.restoreViewState(view);
    return () => {
      views.set(props.path, made.saveViewState());
      model.dispose();
    };
  }, [props.path]);

  useEffect(() => {
    const made = editor.current;
    const model = made?.getModel();
    // Only what comes from elsewhere: saved by others, or put back.
    if (made && model && made.getValue() !== props.value) {
      model.pushEditOperations([], [{ range: model.getFullModelRange(), text: props.value }], () => null);
    }
  }, [props.value]);

  useEffect(() => editor.current?.updateOptions({ readOnly: props.readOnly }), [props.readOnly]);
  useEffect(() => defineThemes(theme), [theme]);
  const { show } = props;
  useEffect(() => {
    if (!show || !editor.current) return;
    editor.current.revealLineInCenter(show.line);
    editor.current.setPosition({ lineNumber: show.line, column: 1 });
    editor.current.focus();
  }, [show]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another file is another model
  useEffect(() => {
    const model = editor.current?.getModel();
    if (!model) return;
    const marks = props.marks.map(({ line, column, message }) => ({
      severity: monaco.MarkerSeverity.Error,
      message,
      startLineNumber: line,
      endLineNumber: line,
      startColumn: column ?? 1,
      endColumn: column ? column + 1 : 1000,
    }));
    monaco.editor.setModelMarkers(model, "runbay", marks);
  }, [props.marks, props.path]);

  return <div ref={box} className="h-full w-full" />;
}
