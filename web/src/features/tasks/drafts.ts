/** What somebody has typed and not saved. It is kept in this browser until it is
 * saved or thrown away, so that neither a closed tab nor a session that ran out
 * loses it. */
import { load, save } from "@/lib/theme";

export interface Draft {
  text: string;
  /** The version of the file that it began with; null for a file that is new. */
  etag: string | null;
}

const key = (task: string, path: string) => `runbay.draft.${task}/${path}`;

export function loadDraft(task: string, path: string): Draft | undefined {
  const kept = load(key(task, path));
  if (kept === null) return undefined;
  try {
    const draft = JSON.parse(kept) as Partial<Draft>;
    return typeof draft.text === "string" ? { text: draft.text, etag: draft.etag ?? null } : undefined;
  } catch {
    return undefined;
  }
}

export function saveDraft(task: string, path: string, draft: Draft | undefined): void {
  save(key(task, path), draft ? JSON.stringify(draft) : null);
}

/** What has not been saved of a task, for a run that tries it. */
export function unsaved(task: string): Record<string, { text: string }> {
  const files: Record<string, { text: string }> = {};
  for (const path of drafted(task)) {
    const draft = loadDraft(task, path);
    if (draft) files[path] = { text: draft.text };
  }
  return files;
}

/** The files of a task that have a draft. */
export function drafted(task: string): string[] {
  const begin = key(task, "");
  try {
    return Object.keys(localStorage)
      .filter((each) => each.startsWith(begin))
      .map((each) => each.slice(begin.length));
  } catch {
    return [];
  }
}
