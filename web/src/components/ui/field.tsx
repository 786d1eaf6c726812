import { ChevronDown, X } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "@/lib/cn";

const CONTROL =
  "w-full min-w-0 rounded-lg border border-control/60 bg-surface text-dense text-fg placeholder:text-subtle " +
  "hover:border-control focus:border-accent focus:outline-2 focus:-outline-offset-1 focus:outline-accent " +
  "disabled:opacity-55 aria-invalid:border-bad touch:text-[16px]";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input autoComplete="off" {...rest} className={cn(CONTROL, "h-8 px-2.5 touch:h-11", className)} />;
}

export function Area({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea {...rest} className={cn(CONTROL, "min-h-20 px-2.5 py-1.5", className)} />;
}

export function Select({ className, children, ...rest }: ComponentProps<"select">) {
  return (
    <span className={cn("relative inline-flex", className)}>
      <select {...rest} className={cn(CONTROL, "h-8 appearance-none pr-7 pl-2.5 touch:h-11")}>
        {children}
      </select>
      <ChevronDown
        className="pointer-events-none absolute top-1/2 right-2 size-3.5 -translate-y-1/2 text-subtle"
        aria-hidden
      />
    </span>
  );
}

interface FieldProps {
  label: ReactNode;
  help?: ReactNode;
  error?: string | undefined;
  /** What is behind the label: a badge, a unit. */
  aside?: ReactNode;
  children(ids: { id: string; "aria-describedby": string; "aria-invalid"?: true }): ReactNode;
}

/** A control with its label, a word of help, and what is wrong with it. */
export function Field({ label, help, error, aside, children }: FieldProps) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-baseline justify-between gap-2">
        <label htmlFor={id} className="text-dense font-medium">
          {label}
        </label>
        {aside && <span className="text-meta text-subtle">{aside}</span>}
      </div>
      {children({
        id,
        "aria-describedby": `${id}-help`,
        ...(error ? { "aria-invalid": true as const } : {}),
      })}
      <div id={`${id}-help`} className={cn("text-meta", error ? "text-bad" : "text-subtle")}>
        {error ?? help}
      </div>
    </div>
  );
}

interface NewPasswordProps {
  label?: string;
  help?: string;
  error: string | undefined;
  value: string;
  onChange(next: string): void;
  autoFocus?: boolean;
}

/** A password that somebody thinks of now. */
export function NewPassword({ label, help, error, value, onChange, autoFocus }: NewPasswordProps) {
  return (
    <Field label={label ?? "Password"} error={error} help={help ?? "12 characters or more"}>
      {(ids) => (
        <Input
          {...ids}
          autoFocus={autoFocus}
          type="password"
          autoComplete="new-password"
          required
          minLength={12}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

interface SwitchProps {
  checked: boolean;
  onChange(next: boolean): void;
  label: string;
  disabled?: boolean;
  /** Shows the label beside. */
  shown?: boolean;
}

export function Switch({ checked, onChange, label, disabled, shown }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      aria-label={label}
      disabled={disabled}
      onClick={() => onChange(!checked)}
      className="inline-flex min-h-6 items-center gap-2 text-dense disabled:opacity-50"
    >
      <span
        className={cn(
          "relative h-[18px] w-8 shrink-0 rounded-full border transition-colors duration-100",
          checked ? "border-ink bg-ink" : "border-control bg-sunk",
        )}
      >
        <span
          className={cn(
            "absolute top-0.5 size-3 rounded-full transition-[left] duration-100",
            checked ? "left-[16px] bg-on-ink" : "left-0.5 bg-control",
          )}
        />
      </span>
      {shown && label}
    </button>
  );
}

interface TickProps {
  checked: boolean;
  onChange(next: boolean): void;
  children: ReactNode;
  /** A word below. */
  about?: ReactNode;
}

/** One of several things to tick. */
export function Tick({ checked, onChange, children, about }: TickProps) {
  return (
    <label className="flex items-start gap-2 text-dense touch:min-h-6">
      <input
        type="checkbox"
        className="mt-1 size-3.5 accent-(--accent)"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className="min-w-0">
        {children}
        {about}
      </span>
    </label>
  );
}

/** A list with something taken out, or put in. */
export const toggled = <T,>(all: T[], one: T): T[] =>
  all.includes(one) ? all.filter((other) => other !== one) : [...all, one];

/** Names that somebody picks, one after another; each can be let go. */
export function Picked(props: {
  label: string;
  names: string[];
  /** What there is to pick from. */
  from: string[];
  /** What the control says while it waits. */
  ask: string;
  onChange(next: string[]): void;
}) {
  const rest = props.from.filter((name) => !props.names.includes(name));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset lays itself out in a way of its own
    <div role="group" aria-label={props.label} className="flex flex-wrap items-center gap-1.5">
      {props.names.map((name) => (
        <button
          key={name}
          type="button"
          aria-label={`Without ${name}`}
          onClick={() => props.onChange(toggled(props.names, name))}
          className="inline-flex h-7 max-w-full items-center gap-1 rounded-md border border-line px-2 text-dense hover:bg-hover touch:h-10"
        >
          <span className="truncate">{name}</span> <X className="size-3.5 text-subtle" aria-hidden />
        </button>
      ))}
      {rest.length > 0 && (
        <Select
          aria-label={props.ask}
          value=""
          onChange={(event) => props.onChange(toggled(props.names, event.target.value))}
        >
          <option value="">{props.ask}</option>
          {rest.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      )}
    </div>
  );
}

/** A choice of a few, all of them in sight. */
export function Segments<T extends string>(props: {
  value: T;
  onChange(next: T): void;
  label: string;
  options: { value: T; text: ReactNode }[];
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset lays itself out in a way of its own
    <div
      role="group"
      aria-label={props.label}
      className="inline-flex self-start rounded-lg border border-line bg-sunk p-0.5"
    >
      {props.options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === props.value}
          onClick={() => props.onChange(option.value)}
          className={cn(
            "h-7 rounded-md px-2.5 text-dense font-medium text-muted touch:h-9",
            option.value === props.value ? "bg-surface text-fg shadow-sm ring-1 ring-line" : "hover:text-fg",
          )}
        >
          {option.text}
        </button>
      ))}
    </div>
  );
}
