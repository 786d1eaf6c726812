/** Keys. Single letters are off while somebody types, and can be turned off for
 * good (WCAG 2.1.4). */
import { useEffect, useRef } from "react";
import { load, save } from "./theme";

const KEY = "runbay.letters";

export const lettersOn = () => load(KEY) !== "off";
export const turnLetters = (on: boolean) => save(KEY, on ? null : "off");

/** Whether keys are text here. */
export function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** `mod+k`, `g t`, `?`: what was pressed, after `before`. */
export function nameOf(event: KeyboardEvent, before = ""): string {
  const mod = event.ctrlKey || event.metaKey ? "mod+" : "";
  const alt = event.altKey ? "alt+" : "";
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const shift = event.shiftKey && event.key.length > 1 ? "shift+" : "";
  return before && !mod && !alt ? `${before} ${key}` : `${mod}${alt}${shift}${key}`;
}

/** Does something for each of these keys while the component is there. */
export function useShortcuts(map: Record<string, (event: KeyboardEvent) => void>): void {
  const current = useRef(map);
  current.current = map;
  useEffect(() => {
    let before = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const pressed = (event: KeyboardEvent) => {
      if (event.key === "Shift") return;
      const first = before;
      clearTimeout(timer);
      before = "";
      if (event.defaultPrevented || event.isComposing) return;
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (plain && (typing(event.target) || !lettersOn() || inDialog(event.target))) return;
      // After a `g` a letter is the second half of something, if not of ours: `g r`
      // goes to the runs, and does not run the task that is looked at.
      const act = current.current[nameOf(event, first)];
      if (act) {
        event.preventDefault();
        act(event);
        return;
      }
      if (plain && event.key === "g") {
        before = "g";
        timer = setTimeout(() => {
          before = "";
        }, 900);
      }
    };
    addEventListener("keydown", pressed);
    return () => {
      clearTimeout(timer);
      removeEventListener("keydown", pressed);
    };
  }, []);
}

const inDialog = (target: EventTarget | null) =>
  target instanceof Element && target.closest("[role=dialog],[role=alertdialog],[role=menu]") !== null;
