/** Makes a trigger or changes one. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FormDialog } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { api, body, Refusal, say } from "@/lib/api/client";
import { taskQuery, tasksQuery, touch, triggersQuery } from "@/lib/api/queries";
import type { KeptTrigger, TriggerMade } from "@/lib/api/types";
import { SecretSelect } from "../hooks/secret-select";
import { AUTHS, type Auth, blank, type Filled, filled, givable, spec } from "./spec";

interface TriggerDialogProps {
  /** The one to change. */
  trigger?: KeptTrigger;
  /** The task it is for, where that is known. */
  task?: string;
  onClose(): void;
  /** There is an address to show. */
  onMade(made: TriggerMade): void;
}

export function TriggerDialog({ trigger, task, onClose, onMade }: TriggerDialogProps) {
  const [form, setForm] = useState<Filled>(() => (trigger ? filled(trigger) : blank(task ?? "")));
  const set = (next: Partial<Filled>) => setForm({ ...form, ...next });
  const known = useQuery(triggersQuery).data ?? [];
  const taken = !trigger && known.some((one) => one.name === form.name);
  const save = useMutation({
    mutationFn: () =>
      body(
        api.PUT("/api/v1/triggers/{trigger}", {
          params: { path: { trigger: form.name } },
          body: spec(form),
        }),
      ),
    onSuccess: (made) => {
      touch(["triggers"], ["secrets"]);
      // A token that was there already is not told again.
      if (!trigger || new URL(made.url).searchParams.has("token")) onMade(made);
      else onClose();
    },
  });
  const wrong = save.error instanceof Refusal ? save.error : undefined;
  return (
    <FormDialog
      onClose={onClose}
      title={trigger ? `Change ${trigger.name}` : "New trigger"}
      act={trigger ? "Save" : "Make the trigger"}
      busy={save.isPending}
      disabled={taken}
      onSubmit={() => save.mutate()}
    >
      {!trigger && (
        <Field
          label="Name"
          help="Small letters, digits, “_” and “-”; it is part of the address"
          error={taken ? `There is a trigger ${form.name} already` : undefined}
        >
          {(ids) => (
            <Input
              {...ids}
              autoFocus
              required
              pattern="[a-z0-9][a-z0-9_\-]{0,62}"
              placeholder="deploy"
              value={form.name}
              onChange={(event) => set({ name: event.target.value })}
            />
          )}
        </Field>
      )}
      {!task && <TaskSelect value={form.task} onChange={(next) => set({ task: next, params: {} })} />}
      <Field label="Who calls proves it by" help={AUTHS[form.auth][1]} error={wrong?.field("/auth")}>
        {(ids) => (
          <Select {...ids} value={form.auth} onChange={(event) => set({ auth: event.target.value as Auth })}>
            {Object.entries(AUTHS).map(([auth, [word]]) => (
              <option key={auth} value={auth}>
                {word}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {form.auth !== "token" && (
        <SecretSelect
          label="Secret that callers sign with"
          help="Both sides know its value"
          error={wrong?.field("/secret")}
          value={form.secret}
          onChange={(secret) => set({ secret })}
        />
      )}
      {form.task && <Params form={form} set={set} wrong={wrong} />}
      <Field label="Runs in a minute, at most" error={wrong?.field("/per_minute")}>
        {(ids) => (
          <Input
            {...ids}
            type="number"
            required
            min={1}
            max={6000}
            className="max-w-28"
            value={form.perMinute}
            onChange={(event) => set({ perMinute: event.target.value })}
          />
        )}
      </Field>
      {save.isError && !wrong?.fields.length && <Note family="bad">{say(save.error)}</Note>}
    </FormDialog>
  );
}

function TaskSelect({ value, onChange }: { value: string; onChange(next: string): void }) {
  const tasks = useQuery(tasksQuery).data ?? [];
  return (
    <Field label="Task">
      {(ids) => (
        <Select {...ids} required value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">Choose a task</option>
          {tasks.map((one) => (
            <option key={one.name}>{one.name}</option>
          ))}
        </Select>
      )}
    </Field>
  );
}

interface ParamsProps {
  form: Filled;
  set(next: Partial<Filled>): void;
  wrong: Refusal | undefined;
}

/** Where in the payload values of parameters are. */
function Params({ form, set, wrong }: ParamsProps) {
  const detail = useQuery(taskQuery(form.task)).data?.detail;
  const names = givable(detail?.params ?? {}, form.params);
  if (names.length === 0) return null;
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-dense font-medium">Parameters from what is sent</legend>
      <p className="text-meta text-subtle">
        For each its place in the JSON, such as <code>/ref</code> or <code>/commits/0/id</code>; empty for the
        default.
      </p>
      {names.map((name) => (
        <Field key={name} label={name} error={wrong?.field(`/params/${escaped(name)}`)}>
          {(ids) => (
            <Input
              {...ids}
              className="font-mono"
              placeholder={`/${name}`}
              value={form.params[name] ?? ""}
              onChange={(event) => set({ params: { ...form.params, [name]: event.target.value } })}
            />
          )}
        </Field>
      ))}
    </fieldset>
  );
}

/** As a part of a JSON pointer. */
const escaped = (name: string) => name.replaceAll("~", "~0").replaceAll("/", "~1");
