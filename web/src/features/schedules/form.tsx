/** When a task runs by itself: put together or written, with what it means and
 * its next five times, which the service works out. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Segments, Select } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { Zone } from "@/components/ui/zone";
import { api, body, Refusal, say } from "@/lib/api/client";
import { taskQuery, touch } from "@/lib/api/queries";
import type { Schedule, ScheduleView } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { initial, values } from "../tasks/params";
import { ParamField } from "../tasks/run-dialog";
import { as, type Built, taken, written } from "./builder";
import { More } from "./more";
import { Rule } from "./rule";
import { Upcoming } from "./upcoming";

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
              <Zone
                {...ids}
                value={schedule.timezone ?? ""}
                onChange={(event) => set({ timezone: event.target.value || null })}
              />
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
        <aside
          aria-label="What it means"
          aria-busy={preview.late}
          className={cn(
            "min-w-0 rounded-xl border border-line bg-sunk p-4 transition-opacity",
            preview.late && "opacity-50",
          )}
        >
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
  const query = useQuery({
    queryKey: ["preview", settled],
    queryFn: ({ signal }) =>
      body(api.POST("/api/v1/schedules/preview", { body: { schedule: settled, count: 5 }, signal })),
    placeholderData: (before) => before,
    retry: false,
    staleTime: 30_000,
  });
  // What is shown is of the rule before.
  const late = query.isPlaceholderData || JSON.stringify(settled) !== key;
  return { ...query, late };
}
