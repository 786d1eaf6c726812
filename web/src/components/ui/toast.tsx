/** Short words about what was just done. */
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { type ReactNode, useSyncExternalStore } from "react";
import { say } from "@/lib/api/client";

interface Toast {
  id: number;
  bad: boolean;
  text: ReactNode;
  action?: { text: string; act(): void };
}

let toasts: Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(all: Toast[]): void {
  toasts = all;
  for (const each of listeners) each();
}

const drop = (id: number) => set(toasts.filter((toast) => toast.id !== id));

function show(toast: Omit<Toast, "id">): void {
  const id = next++;
  set([...toasts.slice(-3), { id, ...toast }]);
  setTimeout(() => drop(id), toast.bad ? 10_000 : 5000);
}

export const tell = (text: ReactNode, action?: Toast["action"]) =>
  show({ bad: false, text, ...(action ? { action } : {}) });
export const complain = (error: unknown) => show({ bad: true, text: say(error) });

function subscribe(then: () => void): () => void {
  listeners.add(then);
  return () => listeners.delete(then);
}

export function Toasts() {
  const all = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div
      aria-live="polite"
      className="pointer-events-none fixed inset-x-3 bottom-20 z-60 flex flex-col items-center gap-2 md:inset-x-auto md:right-5 md:bottom-5 md:items-end"
    >
      {all.map((toast) => (
        <div
          key={toast.id}
          className="arrive pointer-events-auto flex max-w-md items-start gap-2 rounded-xl border border-line bg-surface py-2 pr-2 pl-3 text-dense shadow-float"
        >
          {toast.bad ? (
            <CircleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
          ) : (
            <CircleCheck className="mt-0.5 size-4 shrink-0 text-ok" aria-hidden />
          )}
          <span className="min-w-0 whitespace-pre-wrap">{toast.text}</span>
          {toast.action && (
            <button
              type="button"
              className="shrink-0 font-medium text-accent"
              onClick={() => {
                toast.action?.act();
                drop(toast.id);
              }}
            >
              {toast.action.text}
            </button>
          )}
          <button
            type="button"
            aria-label="Dismiss"
            className="shrink-0 rounded p-0.5 text-subtle hover:text-fg"
            onClick={() => drop(toast.id)}
          >
            <X className="size-3.5" aria-hidden />
          </button>
        </div>
      ))}
    </div>
  );
}
