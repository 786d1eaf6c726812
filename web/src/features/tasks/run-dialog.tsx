/** Asks for what a run needs: the form is made from what the task declares. */
import { useQuery } from "@tanstack/react-query";
import { Copy, Play } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Area, Field, Input, Select, Switch } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { Skeleton, Trouble } from "@/components/ui/page";
import { complain, tell } from "@/components/ui/toast";
import { Refusal, say } from "@/lib/api/client";
import { taskQuery } from "@/lib/api/queries";
import type { Param, TaskDetail } from "@/lib/api/types";
import { type Start, useStart } from "../runs/actions";
import { asCommand, asCurl, type Filled, initial, values } from "./params";

interface RunDialogProps {
  task: string;
  /** What is tried without being saved. */
  files?: Start["files"] | undefined;
  /** Told of the run, which is shown where this was asked; else on its page. */
  onStarted?(run: string): void;
  onClose(): void;
}

export function RunDialog({ task, onClose, ...how }: RunDialogProps) {
  const query = useQuery(taskQuery(task));
  const detail = query.data?.detail;
  if (detail) return <Asked detail={detail} onClose={onClose} {...how} />;
  return (
    <Dialog open onClose={onClose} title={`Run ${task}`}>
      {query.isPending ? (
        <Skeleton />
      ) : query.isError ? (
        <Trouble error={query.error} />
      ) : (
        <Note family="bad">This task has mistakes; its page lists them.</Note>
      )}
    </Dialog>
  );
}

type AskedProps = Omit<RunDialogProps, "task"> & { detail: TaskDetail };

function Asked({ detail, files, onStarted, onClose }: AskedProps) {
  const { name, params } = detail;
  const [filled, setFilled] = useState<Filled>(() => initial(params, detail.runs[0]?.params));
  const [args, setArgs] = useState("");
  const lacks = new Set(detail.secret_uses.filter((use) => use.lack).map((use) => use.name));
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const start = useStart(name, !onStarted);
  const wrong = start.error instanceof Refusal ? start.error : undefined;
  const given = values(params, filled);
  const at = (param: string) => wrong?.field(`/params/${param}`);
  const known = Object.keys(params).some(at);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const words = args.trim() === "" ? [] : args.trim().split(/\s+/);
    const kept = Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== ""));
    const asked: Start = { params: given, args: words, secrets: kept, ...(files ? { files } : {}) };
    start.mutate(asked, {
      onSuccess: (run) => {
        onStarted?.(run.id);
        onClose();
      },
    });
  };
  const copy = (text: string) =>
    navigator.clipboard?.writeText(text).then(() => tell("Copied"), complain) ??
    complain(new Error("this browser copies only over https"));
  const last = detail.runs[0]?.params;
  return (
    <Dialog
      open
      onClose={onClose}
      title={files ? `Run the unsaved code of ${name}` : `Run ${name}`}
      about={detail.description}
      foot={
        <>
          <div className="mr-auto flex">
            <Button size="sm" look="ghost" icon={Copy} onClick={() => copy(asCommand(name, given))}>
              Command
            </Button>
            <Button
              size="sm"
              look="ghost"
              icon={Copy}
              onClick={() => copy(asCurl(name, given, location.origin))}
            >
              curl
            </Button>
          </div>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="run-form" look="ink" icon={Play} busy={start.isPending}>
            Run
          </Button>
        </>
      }
    >
      <form id="run-form" onSubmit={submit} className="flex flex-col gap-3">
        {start.isError && !known && <Note family="bad">{say(start.error)}</Note>}
        {Object.entries(params).map(([param, about]) => (
          <ParamField
            key={param}
            name={param}
            about={about}
            value={filled[param] ?? ""}
            error={at(param)}
            onChange={(value) => setFilled({ ...filled, [param]: value })}
          />
        ))}
        {detail.secrets.map((secret) => (
          <Field
            key={secret}
            label={secret}
            aside="secret"
            help={
              lacks.has(secret)
                ? "There is no value that this task may have. What is typed here is for this run alone."
                : "Left empty, the kept value is used. What is typed here is for this run alone."
            }
            error={wrong?.field(`/secrets/${secret}`)}
          >
            {(ids) => (
              <Input
                {...ids}
                type="password"
                autoComplete="off"
                value={secrets[secret] ?? ""}
                onChange={(event) => setSecrets({ ...secrets, [secret]: event.target.value })}
              />
            )}
          </Field>
        ))}
        <Field
          label="Arguments"
          aside="optional"
          help={
            detail.args.length > 0
              ? `After those of the task: ${detail.args.join(" ")}`
              : "Given to the script, with spaces between them"
          }
          error={wrong?.field("/args")}
        >
          {(ids) => (
            <Input
              {...ids}
              className="font-mono text-meta"
              value={args}
              onChange={(event) => setArgs(event.target.value)}
            />
          )}
        </Field>
        {last && Object.keys(params).length > 0 && (
          <p className="flex flex-wrap items-center gap-2 text-meta text-subtle">
            Filled in as in the last run.
            <button
              type="button"
              className="font-medium text-accent underline"
              onClick={() => setFilled(initial(params))}
            >
              Use the defaults
            </button>
          </p>
        )}
      </form>
    </Dialog>
  );
}

interface ParamFieldProps {
  name: string;
  about: Param;
  value: string;
  error: string | undefined;
  onChange(value: string): void;
}

export function ParamField({ name, about, value, error, onChange }: ParamFieldProps) {
  const range = [
    about.min !== undefined && about.min !== null && `from ${about.min}`,
    about.max !== undefined && about.max !== null && `to ${about.max}`,
  ]
    .filter(Boolean)
    .join(" ");
  const aside = [about.required && "required", range, about.type === "text" ? "" : about.type]
    .filter(Boolean)
    .join(" · ");
  const bound = (of: unknown) => (typeof of === "number" || typeof of === "string" ? of : undefined);
  if (about.type === "bool") {
    return (
      <div>
        <Switch shown checked={value === "true"} label={name} onChange={(next) => onChange(String(next))} />
        {(error ?? about.help) && (
          <p className={error ? "text-meta text-bad" : "text-meta text-subtle"}>{error ?? about.help}</p>
        )}
      </div>
    );
  }
  return (
    <Field label={name} aside={aside} help={about.help} error={error}>
      {(ids) => {
        if (about.type === "choice") {
          return (
            <Select {...ids} value={value} onChange={(event) => onChange(event.target.value)}>
              {!about.required && <option value="">Not chosen</option>}
              {about.choices?.map((choice) => (
                <option key={choice}>{choice}</option>
              ))}
            </Select>
          );
        }
        if (about.type === "text" && value.includes("\n"))
          return <Area {...ids} value={value} onChange={(event) => onChange(event.target.value)} />;
        const type = about.type === "date" ? "date" : "text";
        const mode = about.type === "int" ? "numeric" : about.type === "float" ? "decimal" : undefined;
        return (
          <Input
            {...ids}
            type={type}
            inputMode={mode}
            min={type === "date" ? bound(about.min) : undefined}
            max={type === "date" ? bound(about.max) : undefined}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        );
      }}
    </Field>
  );
}
