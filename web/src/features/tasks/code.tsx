/** The files of a task, an editor, and the run of what was just saved below it. */
import { useQuery } from "@tanstack/react-query";
import { FileWarning, FlaskConical, PanelBottomClose, Play, RotateCcw, Save } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { Note } from "@/components/ui/note";
import { Empty, Skeleton, Trouble } from "@/components/ui/page";
import { Prose } from "@/components/ui/prose";
import { complain, tell } from "@/components/ui/toast";
import { Refusal } from "@/lib/api/client";
import { filesQuery } from "@/lib/api/queries";
import type { TaskView } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { useMay } from "@/lib/session";
import { useShortcuts } from "@/lib/shortcuts";
import { CodeEditor } from "../editor/editor";
import { type Start, useStart } from "../runs/actions";
import { ConflictDialog } from "./conflict";
import { drafted, unsaved } from "./drafts";
import { RunDrawer } from "./drawer";
import { useFile } from "./file";
import { RunDialog } from "./run-dialog";
import { Tree } from "./tree";

interface CodeProps {
  view: TaskView;
  search: { file?: string; line?: string };
  go(next: { file?: string; line?: string }): void;
}

export function Code({ view, search, go }: CodeProps) {
  const files = useQuery(filesQuery(view.name));
  const mayWrite = useMay("tasks_write") && !view.read_only;
  const entries = files.data ?? [];
  const editable = entries.filter((entry) => entry.kind === "file" && !entry.ignored);
  const entry = view.detail?.entry.split(" ")[0];
  const fallback =
    editable.find((one) => one.path === entry) ??
    editable.find((one) => one.path.endsWith(".py")) ??
    editable[0];
  const path = search.file ?? fallback?.path;
  if (files.isPending) return <Skeleton rows={10} />;
  if (files.isError) return <Trouble error={files.error} retry={() => void files.refetch()} />;
  return (
    <div className="card flex h-[calc(100dvh-200px)] min-h-110 flex-1 flex-col overflow-hidden md:flex-row">
      <Tree
        task={view.name}
        entries={entries}
        path={path}
        mayWrite={mayWrite}
        drafts={drafted(view.name)}
        onOpen={(file) => go({ file, line: "" })}
      />
      {path ? (
        <Editing key={path} view={view} path={path} line={search.line} mayWrite={mayWrite} />
      ) : (
        <Empty icon={FileWarning} title="No file here yet">
          Make one with the button beside “Files”.
        </Empty>
      )}
    </div>
  );
}

/** What a person is asked for before a run. */
const ASKED = /^\/(params|secrets)\//;

interface EditingProps {
  view: TaskView;
  path: string;
  line: string | undefined;
  mayWrite: boolean;
}

function Editing({ view, path, line, mayWrite }: EditingProps) {
  const file = useFile(view.name, path);
  const mayRun = useMay("runs_trigger");
  const mayTry = mayRun && mayWrite;
  const start = useStart(view.name, false);
  const [asking, setAsking] = useState<Start>();
  const [run, setRun] = useState<string>();
  const show = useMemo(() => (line ? { line: Number(line) } : undefined), [line]);
  const problems = file.problems.length > 0 ? file.problems : view.problems;
  const marks = useMemo(
    () =>
      problems
        .filter((problem) => problem.file === path || problem.file.endsWith(`/${path}`))
        .flatMap((problem) =>
          problem.line === null
            ? []
            : [{ line: problem.line, column: problem.column, message: problem.message }],
        ),
    [problems, path],
  );
  const save = async () => {
    try {
      const saved = await file.save();
      if (saved && file.dirty) tell(`${path} is saved`);
      return saved;
    } catch (error) {
      complain(error);
      return false;
    }
  };
  const launch = (what: Start) =>
    start.mutate(what, {
      onSuccess: (started) => setRun(started.id),
      onError: (error) => {
        // What it lacks can be given; other mistakes are told.
        const lacks = error instanceof Refusal && error.fields.some((one) => ASKED.test(one.pointer));
        if (lacks) setAsking(what);
        else complain(error);
      },
    });
  const saveAndRun = async () => {
    if (mayRun && (await save())) launch({});
  };
  /** Runs what the editors of this task hold, and saves none of it. */
  const tryUnsaved = () => {
    if (mayTry) launch({ files: unsaved(view.name) });
  };
  useShortcuts({
    "mod+s": () => void save(),
    "mod+Enter": () => void saveAndRun(),
    "mod+shift+Enter": tryUnsaved,
  });
  useEffect(() => {
    if (!file.dirty) return;
    const before = document.title;
    document.title = `• ${before.replace(/^• /, "")}`;
    return () => {
      document.title = before;
    };
  }, [file.dirty]);
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <div className="flex min-h-11 flex-wrap items-center gap-2 border-b border-line px-3 py-1">
        <span className="min-w-0 flex-1 truncate font-mono text-meta">
          {path}
          {file.dirty && <span className="ml-2 font-sans text-accent">unsaved</span>}
        </span>
        {file.dirty && <IconButton icon={RotateCcw} label="Throw the changes away" onClick={file.discard} />}
        {mayWrite && (
          <Button size="sm" icon={Save} busy={file.saving} disabled={!file.dirty} onClick={() => void save()}>
            Save
          </Button>
        )}
        {mayTry && file.dirty && (
          <Button size="sm" icon={FlaskConical} busy={start.isPending} onClick={tryUnsaved}>
            Run unsaved
          </Button>
        )}
        {mayRun && (
          <Button size="sm" look="ink" icon={Play} busy={start.isPending} onClick={() => void saveAndRun()}>
            {file.dirty ? "Save and run" : "Run"}
          </Button>
        )}
      </div>
      {problems.length > 0 && <ProblemList problems={problems} />}
      <div className="min-h-0 flex-1">
        <Content file={file}>
          <CodeEditor
            path={`${view.name}/${path}`}
            value={file.text}
            onChange={file.change}
            onSave={() => void save()}
            onRun={() => void saveAndRun()}
            onTry={tryUnsaved}
            readOnly={!mayWrite}
            show={show}
            marks={marks}
          />
        </Content>
      </div>
      {run && (
        <div className="flex h-[42%] min-h-52 flex-col border-t border-line">
          <RunDrawer
            run={run}
            close={
              <IconButton
                icon={PanelBottomClose}
                label="Close"
                className="size-7"
                onClick={() => setRun(undefined)}
              />
            }
          />
        </div>
      )}
      {file.conflict && (
        <ConflictDialog path={path} mine={file.text} conflict={file.conflict} settle={file.settle} />
      )}
      {asking && (
        <RunDialog
          task={view.name}
          files={asking.files}
          onStarted={setRun}
          onClose={() => setAsking(undefined)}
        />
      )}
    </div>
  );
}

function Content({ file, children }: { file: ReturnType<typeof useFile>; children: ReactNode }) {
  if (file.loading) return <Skeleton rows={10} />;
  if (file.error && !file.dirty) return <Trouble error={file.error} />;
  if (file.closed) {
    return (
      <Empty icon={FileWarning} title="This file is not shown here">
        It is no text, or too large for an editor. It is part of the task all the same.
      </Empty>
    );
  }
  return children;
}

function ProblemList({ problems }: { problems: TaskView["problems"] }) {
  return (
    <Note family="bad" className={cn("m-2")}>
      {problems.map((problem, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two problems may read the same
        <div key={at}>
          <code className="text-meta">
            {problem.file}
            {problem.line !== null && `:${problem.line}`}
          </code>{" "}
          <Prose text={problem.hint ? `${problem.message} (${problem.hint})` : problem.message} />
        </div>
      ))}
    </Note>
  );
}
