/** The files of a task: open, make, rename, upload, remove. */
import {
  Ellipsis,
  FileCode2,
  FileCog,
  FileText,
  Folder,
  FolderLock,
  Link2,
  type LucideIcon,
  Plus,
  Upload,
} from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { Confirm, Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { ActMenu } from "@/components/ui/menu";
import { complain, tell } from "@/components/ui/toast";
import { api, body, Refusal, raw, say } from "@/lib/api/client";
import { touch } from "@/lib/api/queries";
import type { Entry } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { bytes, many } from "@/lib/format";
import { plain } from "../log/ansi";
import { fileAddress } from "./file";

interface TreeProps {
  task: string;
  entries: Entry[];
  path: string | undefined;
  mayWrite: boolean;
  drafts: string[];
  onOpen(path: string): void;
}

const iconOf = (entry: Entry): LucideIcon => {
  if (entry.kind === "folder") return Folder;
  if (entry.kind === "closed") return FolderLock;
  if (entry.kind === "link") return Link2;
  if (entry.path.endsWith(".py")) return FileCode2;
  return /\.(toml|txt|lock|cfg|ini)$/.test(entry.path) ? FileCog : FileText;
};

export function Tree({ task, entries, path, mayWrite, drafts, onOpen }: TreeProps) {
  const [asking, setAsking] = useState<{ act: "new" | "rename"; path: string }>();
  const [removing, setRemoving] = useState<Entry>();
  const upload = useRef<HTMLInputElement>(null);
  const changed = () => touch(["task", task], ["tasks"]);
  const send = async (files: FileList) => {
    try {
      for (const file of files) {
        await raw(fileAddress(task, file.name), {
          method: "PUT",
          headers: { "content-type": "application/octet-stream", "if-none-match": "*" },
          body: file,
        });
      }
      tell(`${many(files.length, "file")} uploaded`);
    } catch (error) {
      complain(
        error instanceof Refusal && error.status === 412
          ? new Error("a file of this name is there already; rename or remove it first")
          : error,
      );
    }
    changed();
  };
  const sorted = [...entries].sort((a, b) => a.path.localeCompare(b.path));
  return (
    <div className="flex max-h-44 shrink-0 flex-col border-line max-md:border-b md:max-h-none md:w-60 md:border-r">
      <div className="flex h-11 shrink-0 items-center justify-between border-b border-line pr-1.5 pl-3">
        <h2 className="text-dense font-semibold">Files</h2>
        {mayWrite && (
          <div className="flex">
            <IconButton
              icon={Upload}
              label="Upload files"
              className="size-7"
              onClick={() => upload.current?.click()}
            />
            <IconButton
              icon={Plus}
              label="New file"
              className="size-7"
              onClick={() => setAsking({ act: "new", path: "" })}
            />
            <input
              ref={upload}
              type="file"
              multiple
              hidden
              aria-label="Files to upload"
              onChange={(event) => event.target.files && void send(event.target.files)}
            />
          </div>
        )}
      </div>
      <ul className="min-h-0 flex-1 overflow-y-auto p-1.5">
        {sorted.map((entry) => {
          const Icon = iconOf(entry);
          const depth = entry.path.split("/").length - 1;
          const file = entry.kind === "file";
          return (
            <li key={entry.path} className="group relative flex items-center">
              <button
                type="button"
                disabled={!file}
                aria-current={entry.path === path ? "true" : undefined}
                onClick={() => onOpen(entry.path)}
                style={{ paddingLeft: 8 + depth * 14 }}
                className={cn(
                  "flex h-7 min-w-0 flex-1 items-center gap-2 rounded-md pr-7 text-left text-dense touch:h-10",
                  entry.path === path ? "bg-hover font-medium" : file && "hover:bg-hover",
                  entry.ignored && "text-subtle",
                )}
                title={
                  file
                    ? bytes(entry.bytes)
                    : entry.kind === "link"
                      ? "Links are not followed"
                      : entry.kind === "closed"
                        ? "Not part of the task"
                        : undefined
                }
              >
                <Icon className="size-4 shrink-0 text-subtle" aria-hidden />
                <span className="truncate">{plain(entry.path.split("/").at(-1) ?? entry.path)}</span>
                {drafts.includes(entry.path) && (
                  <span
                    role="img"
                    className="size-1.5 shrink-0 rounded-full bg-accent"
                    aria-label="unsaved"
                  />
                )}
              </button>
              {mayWrite && file && (
                <span className="absolute right-0.5 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 touch:opacity-100">
                  <ActMenu
                    trigger={
                      <IconButton icon={Ellipsis} label={`More for ${entry.path}`} className="size-6" />
                    }
                    items={[
                      { text: "Rename…", act: () => setAsking({ act: "rename", path: entry.path }) },
                      { text: "Remove…", bad: true, act: () => setRemoving(entry) },
                    ]}
                  />
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {asking && (
        <NameDialog
          {...asking}
          task={task}
          taken={entries.map((entry) => entry.path)}
          onClose={() => setAsking(undefined)}
          onDone={(next) => {
            changed();
            onOpen(next);
          }}
        />
      )}
      {removing && (
        <Confirm
          open
          onClose={() => setRemoving(undefined)}
          title={`Remove ${removing.path}?`}
          act="Remove"
          onAct={async () => {
            await raw(fileAddress(task, removing.path), { method: "DELETE" });
            changed();
          }}
        >
          {bytes(removing.bytes)}. What the task was until now stays under Versions.
        </Confirm>
      )}
    </div>
  );
}

interface NameProps {
  act: "new" | "rename";
  path: string;
  task: string;
  taken: string[];
  onClose(): void;
  onDone(path: string): void;
}

function NameDialog({ act, path, task, taken, onClose, onDone }: NameProps) {
  const [name, setName] = useState(path);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      if (act === "new") {
        await raw(fileAddress(task, name), {
          method: "PUT",
          headers: { "content-type": "application/octet-stream", "if-none-match": "*" },
          body: "",
        });
      } else {
        await body(
          api.POST("/api/v1/tasks/{task}/rename-file", {
            params: { path: { task } },
            body: { from: path, to: name },
          }),
        );
      }
      onDone(name);
      onClose();
    } catch (error) {
      setWrong(say(error));
    } finally {
      setBusy(false);
    }
  };
  const exists = name !== path && taken.includes(name);
  return (
    <Dialog
      open
      onClose={onClose}
      title={act === "new" ? "New file" : `Rename ${path}`}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form="file-name"
            look="ink"
            busy={busy}
            disabled={!name || exists || name === path}
          >
            {act === "new" ? "Make" : "Rename"}
          </Button>
        </>
      }
    >
      <form id="file-name" onSubmit={submit}>
        <Field
          label="Path"
          help="With / for folders, such as lib/fetch.py"
          error={exists ? "There is a file of this name." : wrong}
        >
          {(ids) => (
            <Input
              {...ids}
              autoFocus
              spellCheck={false}
              className="font-mono text-meta"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
