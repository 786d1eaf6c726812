import { useEffect } from "react";
import type { Family } from "@/lib/status";

const COLOURS: Record<Family, string> = {
  ok: "#35bf8b",
  bad: "#e0262b",
  run: "#2f8ce6",
  warn: "#f0b135",
  idle: "#9a9fa6",
  off: "#6d7279",
};

/** Lets the tab of the browser say how the run is. */
export function useFavicon(family: Family): void {
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    if (!link) return;
    const before = link.href;
    const mark =
      family === "ok"
        ? '<path d="M10 16.5l4 4 8-9" fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round"/>'
        : family === "bad"
          ? '<path d="M11 11l10 10M21 11L11 21" stroke="#fff" stroke-width="3.4" stroke-linecap="round"/>'
          : '<circle cx="16" cy="16" r="5" fill="#fff"/>';
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="${COLOURS[family]}"/>${mark}</svg>`;
    link.href = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    return () => {
      link.href = before;
    };
  }, [family]);
}
