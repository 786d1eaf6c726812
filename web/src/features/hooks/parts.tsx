/** Parts of the form of a hook. */
import { useQuery } from "@tanstack/react-query";
import { Field, Input, Picked, Segments, Switch, Tick, toggled } from "@/components/ui/field";
import { Zone } from "@/components/ui/zone";
import { tasksQuery } from "@/lib/api/queries";
import { OUTCOME_NAMES } from "@/lib/status";
import { SecretSelect } from "./secret-select";
import { EVENTS, type Filled, type FormKind, WHERE } from "./spec";

interface PartProps {
  form: Filled;
  set(next: Partial<Filled>): void;
  wrong(pointer: string): string | undefined;
}

/** Where it is sent: an address that everybody who sees hooks may see, or a secret. */
export function Address({ form, set, wrong }: PartProps) {
  const { about, like } = WHERE[form.kind as Exclude<FormKind, "email" | "report">];
  return (
    <div className="flex flex-col gap-2">
      <Segments
        label="Where the address is"
        value={form.hidden ? "secret" : "url"}
        onChange={(next) => set({ hidden: next === "secret" })}
        options={[
          { value: "url", text: "Address" },
          { value: "secret", text: "Address in a secret" },
        ]}
      />
      {form.hidden ? (
        <SecretSelect
          label="Secret with the address"
          help={`${about}. Whoever knows such an address may write there, so it is kept as a secret.`}
          error={wrong("/url_secret")}
          value={form.urlSecret}
          onChange={(urlSecret) => set({ urlSecret })}
        />
      ) : (
        <Field label="Address" help={about} error={wrong("/url")}>
          {(ids) => (
            <Input
              {...ids}
              required
              inputMode="url"
              placeholder={like}
              value={form.url}
              onChange={(event) => set({ url: event.target.value })}
            />
          )}
        </Field>
      )}
    </div>
  );
}

export function Events({ form, set, error }: Omit<PartProps, "wrong"> & { error: string | undefined }) {
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 text-dense font-medium">Tells that</legend>
      <div className="grid gap-1.5 sm:grid-cols-2">
        {EVENTS.map(([event, word, about]) => (
          <Tick
            key={event}
            checked={form.events.includes(event)}
            onChange={() => set({ events: toggled(form.events, event) })}
            about={<span className="block text-meta text-subtle">{about}</span>}
          >
            {word}
          </Tick>
        ))}
      </div>
      {error && <p className="text-meta text-bad">{error}</p>}
      {form.events.includes("run.failed") && (
        <Switch
          shown
          label="Each failure of a row, not only the 1st, 10th, 100th …"
          checked={form.everyFailure}
          onChange={(everyFailure) => set({ everyFailure })}
        />
      )}
    </fieldset>
  );
}

/** What it is told of: tasks, tags, outcomes. */
export function Filters({ form, set, error }: Omit<PartProps, "wrong"> & { error: string | undefined }) {
  const tasks = useQuery(tasksQuery).data?.map((task) => task.name) ?? [];
  return (
    <>
      <div className="flex flex-col gap-1">
        <span className="text-dense font-medium">Only of these tasks</span>
        <Picked
          label="Tasks"
          ask={form.tasks.length === 0 ? "All tasks" : "And…"}
          names={form.tasks}
          from={tasks}
          onChange={(next) => set({ tasks: next })}
        />
      </div>
      <Field
        label="And of tasks with one of these tags"
        help="With commas between them; without tasks and tags it is about all"
        error={error}
      >
        {(ids) => (
          <Input {...ids} value={form.tags} onChange={(event) => set({ tags: event.target.value })} />
        )}
      </Field>
      {form.kind !== "report" && (
        <div className="flex flex-col gap-1">
          <span className="text-dense font-medium">Only of runs that ended so</span>
          <Picked
            label="Outcomes"
            ask={form.outcomes.length === 0 ? "However they ended" : "And…"}
            names={OUTCOME_NAMES.filter(({ key }) => form.outcomes.includes(key)).map(({ word }) => word)}
            from={OUTCOME_NAMES.map(({ word }) => word)}
            onChange={(names) =>
              set({
                outcomes: OUTCOME_NAMES.filter(({ word }) => names.includes(word)).map(({ key }) => key),
              })
            }
          />
        </div>
      )}
    </>
  );
}

/** When the report of a day is mailed. */
export function Daily({ form, set, wrong }: PartProps) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field label="Each day at" error={wrong("/daily/at")}>
        {(ids) => (
          <Input
            {...ids}
            type="time"
            required
            value={form.at}
            onChange={(event) => set({ at: event.target.value })}
          />
        )}
      </Field>
      <Field label="Time zone" help="Empty for that of the service" error={wrong("/daily/timezone")}>
        {(ids) => (
          <Zone {...ids} value={form.timezone} onChange={(event) => set({ timezone: event.target.value })} />
        )}
      </Field>
    </div>
  );
}
