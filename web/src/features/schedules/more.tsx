/** What few schedules need: a name, days to leave out, times between which they run. */
import { ChevronRight } from "lucide-react";
import { Field, Input, Select } from "@/components/ui/field";
import type { Schedule } from "@/lib/api/types";

export function More({
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
