/** Makes a hook or changes one: by kind, what that kind takes. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FormDialog } from "@/components/ui/dialog";
import { Area, Field, Input, Select, Switch } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { api, body, Refusal, say } from "@/lib/api/client";
import { hooksQuery, touch } from "@/lib/api/queries";
import type { Hook } from "@/lib/api/types";
import { Address, Daily, Events, Filters } from "./parts";
import { SecretSelect } from "./secret-select";
import {
  blank,
  type Filled,
  type FormKind,
  filled,
  KEYED,
  KINDS,
  mailed,
  spec,
  templated,
  turned,
} from "./spec";

/** What is shown beside its control. */
const PLACED = /^\/(url|url_secret|secret|to|kind|events|template|lines|tags|daily)(\/|$)/;

export function HookDialog({ hook, onClose }: { hook?: Hook; onClose(): void }) {
  const [form, setForm] = useState<Filled>(() =>
    hook ? filled(hook) : blank(Intl.DateTimeFormat().resolvedOptions().timeZone),
  );
  const set = (next: Partial<Filled>) => setForm({ ...form, ...next });
  const others = useQuery(hooksQuery).data ?? [];
  const taken = !hook && others.some((one) => one.name === form.name);
  const save = useMutation({
    mutationFn: () =>
      body(api.PUT("/api/v1/hooks/{hook}", { params: { path: { hook: form.name } }, body: spec(form) })),
    onSuccess: () => {
      touch(["hooks"], ["secrets"]);
      onClose();
    },
  });
  const refused = save.error instanceof Refusal ? save.error : undefined;
  const wrong = (pointer: string) =>
    refused?.fields.find((one) => one.pointer === pointer || one.pointer.startsWith(`${pointer}/`))?.message;
  const elsewhere = refused?.fields.filter((one) => !PLACED.test(one.pointer)) ?? [];
  const about = KEYED[form.kind];
  return (
    <FormDialog
      onClose={onClose}
      title={hook ? `Change ${hook.name}` : "Add a notification"}
      act={hook ? "Save" : "Add"}
      busy={save.isPending}
      disabled={taken}
      onSubmit={() => save.mutate()}
    >
      {!hook && (
        <Field
          label="Name"
          help="Small letters, digits, “_” and “-”"
          error={taken ? `There is a notification ${form.name} already` : undefined}
        >
          {(ids) => (
            <Input
              {...ids}
              autoFocus
              required
              pattern="[a-z0-9][a-z0-9_\-]{0,62}"
              placeholder="ops"
              value={form.name}
              onChange={(event) => set({ name: event.target.value })}
            />
          )}
        </Field>
      )}
      <Field label="Kind" error={wrong("/kind")}>
        {(ids) => (
          <Select
            {...ids}
            value={form.kind}
            onChange={(event) => setForm(turned(form, event.target.value as FormKind))}
          >
            {Object.entries(KINDS).map(([kind, word]) => (
              <option key={kind} value={kind}>
                {word}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {mailed(form.kind) ? (
        <Field label="To" error={wrong("/to")} help="One address a line">
          {(ids) => (
            <Area
              {...ids}
              required
              rows={2}
              placeholder="ann@example.org"
              value={form.to}
              onChange={(event) => set({ to: event.target.value })}
            />
          )}
        </Field>
      ) : (
        <Address form={form} set={set} wrong={wrong} />
      )}
      {about && (
        <SecretSelect
          label={form.kind === "ntfy" ? "Access token" : "Signature"}
          none={form.kind === "ntfy" ? "None" : "Not signed"}
          help={about}
          error={wrong("/secret")}
          value={form.secret}
          onChange={(secret) => set({ secret })}
        />
      )}
      {form.kind !== "report" && <Events form={form} set={set} error={wrong("/events")} />}
      {form.kind === "email" && (
        <>
          <Field label="Lines of the log in a mail" error={wrong("/lines")} help="The last ones; 0 for none">
            {(ids) => (
              <Input
                {...ids}
                type="number"
                min={0}
                max={200}
                className="max-w-28"
                value={form.lines}
                onChange={(event) => set({ lines: event.target.value })}
              />
            )}
          </Field>
          <Switch
            shown
            label="A report every day as well"
            checked={form.daily}
            onChange={(daily) => set({ daily })}
          />
        </>
      )}
      {(form.kind === "report" || (form.kind === "email" && form.daily)) && (
        <Daily form={form} set={set} wrong={wrong} />
      )}
      <Filters form={form} set={set} error={wrong("/tags")} />
      {templated(form.kind) && (
        <Field
          label="Template"
          error={wrong("/template")}
          help="Jinja, with type, timestamp, data, title, detail and link; empty for the usual form"
        >
          {(ids) => (
            <Area
              {...ids}
              rows={3}
              spellCheck={false}
              className="font-mono text-meta"
              value={form.template}
              onChange={(event) => set({ template: event.target.value })}
            />
          )}
        </Field>
      )}
      {save.isError && (!refused?.fields.length || elsewhere.length > 0) && (
        <Note family="bad">
          {elsewhere.length > 0
            ? elsewhere.map((one) => `${one.pointer}: ${one.message}`).join("\n")
            : say(save.error)}
        </Note>
      )}
    </FormDialog>
  );
}
