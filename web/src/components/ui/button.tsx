import { LoaderCircle, type LucideIcon } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Tip } from "./tip";

type Look = "ink" | "plain" | "ghost" | "bad";
type Size = "md" | "sm";

const LOOKS: Record<Look, string> = {
  ink: "bg-ink text-on-ink hover:opacity-88 border-transparent",
  plain: "bg-surface text-fg border-line hover:bg-hover",
  ghost: "border-transparent text-muted hover:text-fg hover:bg-hover",
  bad: "bg-surface text-bad border-[color-mix(in_oklab,var(--bad)_40%,var(--line))] hover:bg-bad-soft",
};

const SIZES: Record<Size, string> = {
  md: "h-8 px-3 touch:h-11 touch:px-4",
  sm: "h-7 px-2.5 touch:h-10",
};

export interface ButtonProps extends ComponentProps<"button"> {
  look?: Look;
  size?: Size;
  icon?: LucideIcon;
  busy?: boolean;
}

/** The classes of a button, for links that look like one. */
export function buttonClass(look: Look = "plain", size: Size = "md", extra?: string): string {
  return cn(
    "inline-flex shrink-0 items-center justify-center gap-1.5 whitespace-nowrap rounded-lg border text-dense font-medium select-none",
    "transition-colors duration-100 disabled:pointer-events-none disabled:opacity-45",
    LOOKS[look],
    SIZES[size],
    extra,
  );
}

export function Button({
  look,
  size,
  icon: Icon,
  busy,
  className,
  children,
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={buttonClass(look, size, className)}
    >
      {busy ? (
        <LoaderCircle className="size-4 animate-spin" aria-hidden />
      ) : (
        Icon && <Icon className="size-4" aria-hidden />
      )}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ComponentProps<"button">, "children"> {
  icon: LucideIcon;
  label: string;
  /** The keys that do the same. */
  keys?: string;
  pressed?: boolean;
  iconClass?: string;
}

/** A button with an icon alone; its label is told by a tip and to readers. */
export function IconButton({
  icon: Icon,
  label,
  keys,
  pressed,
  className,
  iconClass,
  ...rest
}: IconButtonProps) {
  return (
    <Tip text={label} keys={keys}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={pressed}
        {...rest}
        className={cn(
          "inline-flex size-8 shrink-0 items-center justify-center rounded-lg text-muted transition-colors duration-100",
          "hover:bg-hover hover:text-fg disabled:pointer-events-none disabled:opacity-40 touch:size-11",
          pressed && "bg-hover text-fg",
          className,
        )}
      >
        <Icon className={cn("size-4", iconClass)} aria-hidden />
      </button>
    </Tip>
  );
}

/** Keys, as they are printed on a keyboard. */
export function Keys({ children }: { children: ReactNode }) {
  return (
    <kbd className="rounded border border-line bg-sunk px-1 py-px font-sans text-micro text-subtle">
      {children}
    </kbd>
  );
}
