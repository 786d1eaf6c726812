/** The part of the form of a schedule that says when: by its kind of rule. */
import { Field, Input, Select } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { type Built, DAYS } from "./builder";

export function Rule({
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
