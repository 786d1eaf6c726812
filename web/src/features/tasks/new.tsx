/** A new task: from a template, or from files of one's own. */
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Braces, ChartColumn, FileCode2, FileUp, type LucideIcon } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { FormDialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { api, body, Refusal, say } from "@/lib/api/client";
import { touch } from "@/lib/api/queries";
import { cn } from "@/lib/cn";
import { bytes, many } from "@/lib/format";

type Start = "script" | "report" | "params" | "files";

const STARTS: { key: Start; text: string; about: string; icon: LucideIcon }[] = [
  { key: "script", text: "Script", about: "One file that prints", icon: FileCode2 },
  { key: "report", text: "Report", about: "Packages, a file, a result", icon: ChartColumn },
  { key: "params", text: "Parameters", about: "Values asked for at each run", icon: Braces },
  { key: "files", text: "My files", about: "Drop or choose .py and others", icon: FileUp },
];

/** The names that a task may have. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** A name like those that people type, made to fit. */
export function nameFrom(text: string): string {
  return text
    .toLowerCase()
    .replace(/\.py$/, "")
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^[-_]+|-+$/g, "")
    .slice(0, 63);
}

/** Where a file goes: below the chosen folder, if one was chosen. */
const pathOf = (file: File) => file.webkitRelativePath.split("/").slice(1).join("/") || file.name;

async function base64(file: File): Promise<string> {
  const content = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < content.length; at += 0x8000)
    text += String.fromCharCode(...content.subarray(at, at + 0x8000));
  return btoa(text);
}

export function NewTask({ taken, onClose }: { taken: string[]; onClose(): void }) {
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [start, setStart] = useState<Start>("script");
  const [files, setFiles] = useState<File[]>([]);
  const make = useMutation({
    mutationFn: async () => {
      const given =
        start === "files"
          ? {
              files: Object.fromEntries(
                await Promise.all(files.map(async (file) => [pathOf(file), { base64: await base64(file) }])),
              ),
            }
          : { template: start };
      return body(api.POST("/api/v1/tasks", { body: { name, ...given } }));
    },
    onSuccess: () => {
      touch(["tasks"]);
      onClose();
      void navigate({ to: "/tasks/$task", params: { task: name }, search: { tab: "code" } });
    },
  });
  const exists = taken.includes(name);
  const wrong =
    (make.error instanceof Refusal ? make.error.field("/name") : undefined) ??
    (exists
      ? "There is a task of this name."
      : name && !NAME.test(name)
        ? `Small letters, digits, - and _, such as ${nameFrom(name) || "nightly-report"}`
        : undefined);
  const submit = () => {
    if (!wrong && name) make.mutate();
  };
  const take = (all: Iterable<File>) => {
    const chosen = [...all];
    setFiles(chosen);
    setStart("files");
    if (!name)
      setName(nameFrom(chosen.find((file) => file.name.endsWith(".py"))?.name ?? chosen[0]?.name ?? ""));
  };
  return (
    <FormDialog
      onClose={onClose}
      title="New task"
      about="A folder in tasks/ with a Python script. All of it can be changed later."
      act="Make the task"
      busy={make.isPending}
      disabled={!name || Boolean(wrong) || (start === "files" && files.length === 0)}
      onSubmit={submit}
    >
      <Field label="Name" help="Its folder, and what it is called everywhere" error={wrong}>
        {(ids) => (
          <Input
            {...ids}
            autoFocus
            placeholder="nightly-report"
            spellCheck={false}
            value={name}
            onChange={(event) => setName(event.target.value)}
            onBlur={() => setName((now) => (NAME.test(now) ? now : nameFrom(now)))}
          />
        )}
      </Field>
      <fieldset>
        <legend className="mb-1 text-dense font-medium">Begin with</legend>
        <div className="grid grid-cols-2 gap-2 sm:grid-cols-4">
          {STARTS.map(({ key, text, about, icon: Icon }) => (
            <label
              key={key}
              className={cn(
                "flex cursor-pointer flex-col gap-1 rounded-xl border p-3 text-dense has-focus-visible:outline-2 has-focus-visible:outline-accent",
                start === key ? "border-accent bg-accent-soft" : "border-line hover:bg-hover",
              )}
            >
              <input
                type="radio"
                name="start"
                className="sr-only"
                checked={start === key}
                onChange={() => setStart(key)}
              />
              <Icon className="size-4 text-muted" aria-hidden />
              <span className="font-medium">{text}</span>
              <span className="text-meta text-subtle">{about}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {start === "files" && <Drop files={files} take={take} />}
      {make.isError && !wrong && <Note family="bad">{say(make.error)}</Note>}
    </FormDialog>
  );
}

function Drop({ files, take }: { files: File[]; take(files: Iterable<File>): void }) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the button does the same
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={cn(
        "flex flex-col items-center gap-2 rounded-xl border border-dashed p-5 text-dense text-muted",
        over ? "border-accent bg-accent-soft" : "border-control",
      )}
    >
      {files.length === 0 ? (
        "Drop files here"
      ) : (
        <span>
          {many(files.length, "file")}, {bytes(files.reduce((sum, file) => sum + file.size, 0))}:{" "}
          {files
            .slice(0, 4)
            .map((file) => file.name)
            .join(", ")}
          {files.length > 4 && " …"}
        </span>
      )}
      <Button size="sm" onClick={() => input.current?.click()}>
        Choose files
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => event.target.files && take(event.target.files)}
      />
    </div>
  );
}
