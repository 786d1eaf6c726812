/** When a task runs by itself: put together or written, with what it means and
 * its next five times, which the service works out. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input, Segments, Select } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { api, body, Refusal, say } from "@/lib/api/client";
import { taskQuery, touch } from "@/lib/api/queries";
import type { ScheduleView } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { initial, values } from "../tasks/params";
import { ParamField } from "../tasks/run-dialog";
import { as, type Built, DAYS, taken, written } from "./builder";
import { Upcoming } from "./upcoming";

type Schedule = ScheduleView["schedule"];

const OVERLAPS = [
  ["skip", "Skip it"],
  ["queue", "Wait for them"],
  ["replace", "Stop them"],
  ["allow", "Run beside them"],
] as const;

export function ScheduleDialog({
  task,
  present,
  onClose,
}: {
  task: string;
  present?: ScheduleView;
  onClose(): void;
}) {
  const [schedule, setSchedule] = useState<Schedule>(
    present?.schedule ?? { when: "06:00", timezone: Intl.DateTimeFormat().resolvedOptions().timeZone },
  );
  const [built, setBuilt] = useState<Built>(() => taken(schedule.when));
  const detail = useQuery(taskQuery(task)).data?.detail;
  const [filled, setFilled] = useState<Record<string, string>>();
  const params = detail?.params ?? {};
  const asked = filled ?? initial(params, schedule.params);
  const set = (next: Partial<Schedule>) => setSchedule({ ...schedule, ...next });
  const whole: Schedule = clean({
    ...schedule,
    when: written(built),
    params: filled ? values(params, filled) : schedule.params,
  });
  const preview = usePreview(whole);
  const save = useMutation({
    mutationFn: () =>
      present
        ? body(
            api.PUT("/api/v1/tasks/{task}/schedules/{schedule}", {
              params: { path: { task, schedule: present.key } },
              body: whole,
            }),
          )
        : body(api.POST("/api/v1/tasks/{task}/schedules", { params: { path: { task } }, body: whole })),
    onSuccess: () => {
      touch(["schedules"], ["task", task], ["overview"], ["slots"]);
      onClose();
    },
  });
  const refused = [save.error, preview.error].find((error) => error instanceof Refusal) as
    | Refusal
    | undefined;
  const wrong = (pointer: string) => refused?.field(pointer) ?? refused?.field(`/schedule${pointer}`);
  const zones = useId();
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title={present ? `When ${task} runs` : `A schedule for ${task}`}
      about="Written into task.toml, where it can be read and changed as well."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="ink" busy={save.isPending} disabled={preview.isError} onClick={() => save.mutate()}>
            {present ? "Save" : "Add the schedule"}
          </Button>
        </>
      }
    >
      <div className="grid gap-6 md:grid-cols-[minmax(0,1fr)_280px]">
        <div className="flex flex-col gap-4">
          <div className="overflow-x-auto">
            <Segments
              label="Kind of rule"
              value={built.kind}
              onChange={(kind) => setBuilt(as(kind, built))}
              options={[
                { value: "every", text: "Every" },
                { value: "daily", text: "Daily" },
                { value: "weekly", text: "Weekly" },
                { value: "monthly", text: "Monthly" },
                { value: "expression", text: "Expression" },
              ]}
            />
          </div>
          <Rule built={built} onChange={setBuilt} error={wrong("/when")} />
          <Field
            label="Time zone"
            error={wrong("/timezone")}
            help={schedule.timezone ? undefined : "That of the service"}
          >
            {(ids) => (
              <>
                <Input
                  {...ids}
                  list={zones}
                  placeholder="Europe/Berlin"
                  value={schedule.timezone ?? ""}
                  onChange={(event) => set({ timezone: event.target.value || null })}
                />
                <datalist id={zones}>
                  {["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => (
                    <option key={zone} value={zone} />
                  ))}
                </datalist>
              </>
            )}
          </Field>
          <Field label="While runs of it go on" error={wrong("/overlap")}>
            {(ids) => (
              <Select
                {...ids}
                value={schedule.overlap ?? "skip"}
                onChange={(event) => set({ overlap: event.target.value as Schedule["overlap"] })}
              >
                {OVERLAPS.map(([value, text]) => (
                  <option key={value} value={value}>
                    {text}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {Object.keys(params).length > 0 && (
            <fieldset className="flex flex-col gap-3 rounded-xl border border-line p-3">
              <legend className="px-1 text-dense font-medium">Parameters</legend>
              {Object.entries(params).map(([name, about]) => (
                <ParamField
                  key={name}
                  name={name}
                  about={about}
                  value={asked[name] ?? ""}
                  error={wrong(`/params/${name}`)}
                  onChange={(value) => setFilled({ ...asked, [name]: value })}
                />
              ))}
            </fieldset>
          )}
          <More schedule={schedule} set={set} wrong={wrong} />
          {save.isError && !refused?.fields.length && <Note family="bad">{say(save.error)}</Note>}
        </div>
        <aside aria-label="What it means" className="min-w-0 rounded-xl border border-line bg-sunk p-4">
          {preview.data ? (
            <>
              <p className="text-dense font-medium">{preview.data.description}</p>
              <h3 className="mt-4 mb-1 text-meta text-subtle">Next times</h3>
              <Upcoming slots={preview.data.next} />
              {preview.data.notes.map((note) => (
                <Note key={note} family="warn" className="mt-3">
                  {note}
                </Note>
              ))}
            </>
          ) : preview.isError ? (
            <p className="text-dense text-bad">{wrong("/when") ?? say(preview.error)}</p>
          ) : (
            <div className="skeleton h-24" />
          )}
        </aside>
      </div>
    </Dialog>
  );
}

/** Without what says nothing. */
function clean(schedule: Schedule): Schedule {
  const said = Object.entries(schedule).filter(
    ([key, value]) =>
      key === "when" ||
      (value !== null &&
        value !== "" &&
        value !== undefined &&
        !(Array.isArray(value) && value.length === 0)),
  );
  return Object.fromEntries(said) as unknown as Schedule;
}

function usePreview(schedule: Schedule) {
  const [settled, setSettled] = useState(schedule);
  const key = JSON.stringify(schedule);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says what it is
  useEffect(() => {
    const timer = setTimeout(() => setSettled(schedule), 150);
    return () => clearTimeout(timer);
  }, [key]);
  return useQuery({
    queryKey: ["preview", settled],
    queryFn: ({ signal }) =>
      body(api.POST("/api/v1/schedules/preview", { body: { schedule: settled, count: 5 }, signal })),
    placeholderData: (before) => before,
    retry: false,
    staleTime: 30_000,
  });
}

function Rule({
  built,
  onChange,
  error,
}: {
  built: Built;
  onChange(next: Built): void;
  error: string | undefined;
}) {
  const time = (value: string, then: (time: string) => void) => (
    <Field label="At" error={error}>
      {(ids) => (
        <Input
          {...ids}
          type="time"
          className="w-32"
          required
          value={value}
          onChange={(event) => event.target.value && then(event.target.value)}
        />
      )}
    </Field>
  );
  switch (built.kind) {
    case "every":
      return (
        <Field label="Every" error={error}>
          {(ids) => (
            <div className="flex gap-2">
              <Input
                {...ids}
                type="number"
                min={1}
                className="w-24"
                value={built.count}
                onChange={(event) =>
                  onChange({ ...built, count: Math.max(1, Math.floor(Number(event.target.value) || 1)) })
                }
              />
              <Select
                aria-label="Unit"
                value={built.unit}
                onChange={(event) => onChange({ ...built, unit: event.target.value as "m" | "h" })}
              >
                <option value="m">minutes</option>
                <option value="h">hours</option>
              </Select>
            </div>
          )}
        </Field>
      );
    case "daily":
      return time(built.time, (at) => onChange({ ...built, time: at }));
    case "weekly":
      return (
        <>
          <fieldset>
            <legend className="mb-1 text-dense font-medium">On</legend>
            <div className="flex flex-wrap gap-1">
              {DAYS.map((day) => {
                const here = built.days.includes(day);
                return (
                  <button
                    key={day}
                    type="button"
                    aria-pressed={here}
                    onClick={() => {
                      const days = DAYS.filter((one) => (one === day ? !here : built.days.includes(one)));
                      if (days.length > 0) onChange({ ...built, days });
                    }}
                    className={cn(
                      "h-8 rounded-lg border px-2.5 text-dense font-medium touch:h-11",
                      here
                        ? "border-accent bg-accent-soft text-accent"
                        : "border-line text-muted hover:text-fg",
                    )}
                  >
                    {day[0] + day.slice(1).toLowerCase()}
                  </button>
                );
              })}
            </div>
          </fieldset>
          {time(built.time, (at) => onChange({ ...built, time: at }))}
        </>
      );
    case "monthly":
      return (
        <div className="flex gap-3">
          <Field
            label="On day"
            error={undefined}
            help={built.day > 28 ? "Months without it are left out" : undefined}
          >
            {(ids) => (
              <Input
                {...ids}
                type="number"
                min={1}
                max={31}
                className="w-20"
                value={built.day}
                onChange={(event) =>
                  onChange({ ...built, day: Math.min(31, Math.max(1, Number(event.target.value) || 1)) })
                }
              />
            )}
          </Field>
          {time(built.time, (at) => onChange({ ...built, time: at }))}
        </div>
      );
    default:
      return (
        <Field
          label="Expression"
          error={error}
          help="Cron with 5 or 6 fields, @daily, @every 15m, 06:00, MON 08:00, 15 09:30"
        >
          {(ids) => (
            <Input
              {...ids}
              spellCheck={false}
              className="font-mono"
              value={built.text}
              onChange={(event) => onChange({ kind: "expression", text: event.target.value })}
            />
          )}
        </Field>
      );
  }
}

function More({
  schedule,
  set,
  wrong,
}: {
  schedule: Schedule;
  set(next: Partial<Schedule>): void;
  wrong(pointer: string): string | undefined;
}) {
  const text = (value: unknown) =>
    value === null || value === undefined ? "" : typeof value === "number" ? `${value}s` : String(value);
  return (
    <details className="group">
      <summary className="flex cursor-pointer list-none items-center gap-1 text-dense font-medium text-muted hover:text-fg">
        <ChevronRight className="size-4 transition-transform group-open:rotate-90" aria-hidden /> More
      </summary>
      <div className="mt-3 flex flex-col gap-3 pl-5">
        <Field
          label="Name"
          help="Where the rule alone does not tell it from others of the task"
          error={wrong("/name")}
        >
          {(ids) => (
            <Input
              {...ids}
              value={schedule.name ?? ""}
              onChange={(event) => set({ name: event.target.value || null })}
            />
          )}
        </Field>
        <Field label="After a time without the service" error={wrong("/catch_up")}>
          {(ids) => (
            <Select
              {...ids}
              value={schedule.catch_up ?? "latest"}
              onChange={(event) => set({ catch_up: event.target.value as Schedule["catch_up"] })}
            >
              <option value="latest">Run the latest it missed</option>
              <option value="all">Run all it missed, at most {schedule.catch_up_max ?? 10}</option>
              <option value="none">Run none of them</option>
            </Select>
          )}
        </Field>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field
            label="Jitter"
            help="Each run begins up to so much later, by chance: 5m"
            error={wrong("/jitter")}
          >
            {(ids) => (
              <Input
                {...ids}
                value={text(schedule.jitter)}
                onChange={(event) => set({ jitter: (event.target.value || null) as never })}
              />
            )}
          </Field>
          <Field
            label="Not on"
            help="Days, ranges, weekends, or the name of a calendar"
            error={wrong("/exclude")}
          >
            {(ids) => (
              <Input
                {...ids}
                value={schedule.exclude?.join(", ") ?? ""}
                onChange={(event) =>
                  set({
                    exclude: event.target.value
                      .split(",")
                      .map((one) => one.trim())
                      .filter(Boolean),
                  })
                }
              />
            )}
          </Field>
          <Field label="Not before" help="2026-12-01, or 2026-12-01T06:00" error={wrong("/start")}>
            {(ids) => (
              <Input
                {...ids}
                value={schedule.start ?? ""}
                onChange={(event) => set({ start: event.target.value || null })}
              />
            )}
          </Field>
          <Field label="Not after" help="A day is included" error={wrong("/end")}>
            {(ids) => (
              <Input
                {...ids}
                value={schedule.end ?? ""}
                onChange={(event) => set({ end: event.target.value || null })}
              />
            )}
          </Field>
        </div>
      </div>
    </details>
  );
}
