/** What is copied from a log: its lines as they are, whole ones also where they
 * wrap, without numbers and times. */
import type { LogStore } from "./store";

/** Copies all known lines, from memory: most of them are on no page. */
export function copyAll(event: ClipboardEvent, store: LogStore): void {
  const lines: string[] = [];
  for (let number = 1; number <= store.total; number += 1) lines.push(store.plain(number) ?? "");
  event.clipboardData?.setData("text/plain", lines.join("\n"));
  event.preventDefault();
}

/** Copies what is selected in the rows. */
export function copySelected(event: ClipboardEvent, box: HTMLElement): void {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return;
  const range = selection.getRangeAt(0);
  if (!box.contains(range.commonAncestorContainer)) return;
  let text = "";
  let before = "";
  for (const row of box.querySelectorAll<HTMLElement>("[data-line]")) {
    const content = row.querySelector("[data-text]");
    if (!content || !range.intersectsNode(content)) continue;
    const part = document.createRange();
    part.selectNodeContents(content);
    if (content.contains(range.startContainer)) part.setStart(range.startContainer, range.startOffset);
    if (content.contains(range.endContainer)) part.setEnd(range.endContainer, range.endOffset);
    if (before !== "" && row.dataset.line !== before) text += "\n";
    text += part.toString();
    before = row.dataset.line ?? "";
  }
  if (text === "") return;
  event.clipboardData?.setData("text/plain", text);
  event.preventDefault();
}
