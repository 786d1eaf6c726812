/** Light or dark: as the system says, until somebody chooses. */
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const KEY = "runbay.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

/** What somebody chose on this machine. */
export function chosen(): Theme {
  const kept = load(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** What is shown. */
export function shown(): "light" | "dark" {
  const theme = chosen();
  if (theme !== "system") return theme;
  return system.matches ? "dark" : "light";
}

function apply(): void {
  document.documentElement.dataset.theme = shown();
  for (const each of listeners) each();
}

export function choose(theme: Theme): void {
  save(KEY, theme === "system" ? null : theme);
  apply();
}

system.addEventListener("change", apply);
addEventListener("storage", (event) => event.key === KEY && apply());

function subscribe(then: () => void): () => void {
  listeners.add(then);
  return () => listeners.delete(then);
}

export const useTheme = () => useSyncExternalStore(subscribe, shown);
export const useChosenTheme = () => useSyncExternalStore(subscribe, chosen);

/** What this browser remembers; nothing where storage is closed. */
export function load(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Remembers, or with null forgets. */
export function save(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Nothing is lost but the memory of it.
  }
}
