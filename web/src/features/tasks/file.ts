/** One file of a task while it is edited. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { Refusal, raw } from "@/lib/api/client";
import { touch } from "@/lib/api/queries";
import type { Problem } from "@/lib/api/types";
import { type Draft, loadDraft, saveDraft } from "./drafts";

export const fileAddress = (task: string, path: string) =>
  `/api/v1/tasks/${task}/files/${path.split("/").map(encodeURIComponent).join("/")}`;

interface Kept {
  text: string;
  etag: string;
  /** It is no text, or too much of it. */
  closed: boolean;
}

/** Beyond this an editor is no help, bytes. */
const MOST = 2 * 1024 * 1024;

async function read(task: string, path: string, signal: AbortSignal): Promise<Kept> {
  const response = await raw(fileAddress(task, path), { signal });
  const content = await response.arrayBuffer();
  const etag = (response.headers.get("etag") ?? "").replace(/^W\//, "").replaceAll('"', "");
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
    return { text, etag, closed: content.byteLength > MOST || text.includes("\0") };
  } catch {
    return { text: "", etag, closed: true };
  }
}

/** Somebody else saved the file first. */
export interface Conflict {
  theirs: string;
  etag: string;
}

export interface EditedFile {
  loading: boolean;
  error: unknown;
  closed: boolean;
  text: string;
  dirty: boolean;
  saving: boolean;
  problems: Problem[];
  conflict: Conflict | undefined;
  change(text: string): void;
  /** Resolves to whether it is saved. */
  save(over?: string): Promise<boolean>;
  discard(): void;
  settle(take: "mine" | "theirs" | "later"): void;
}

export function useFile(task: string, path: string): EditedFile {
  const cache = useQueryClient();
  const queryKey = ["task", task, "file", path];
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => read(task, path, signal),
  });
  const [draft, setDraft] = useState<Draft | undefined>(() => loadDraft(task, path));
  const [saving, setSaving] = useState(false);
  const [conflict, setConflict] = useState<Conflict>();
  const [problems, setProblems] = useState<Problem[]>([]);
  const kept = query.data;
  const text = draft?.text ?? kept?.text ?? "";
  const dirty = draft !== undefined && draft.text !== kept?.text;

  const put = useCallback(
    (next: Draft | undefined) => {
      setDraft(next);
      saveDraft(task, path, next);
    },
    [task, path],
  );

  // Nothing but what was saved meanwhile: no draft.
  useEffect(() => {
    if (draft && kept && draft.text === kept.text) put(undefined);
  }, [draft, kept, put]);

  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [dirty]);

  const save = async (over?: string): Promise<boolean> => {
    if (!draft || saving) return !dirty;
    const etag = over ?? draft.etag ?? kept?.etag;
    setSaving(true);
    try {
      const response = await raw(fileAddress(task, path), {
        method: "PUT",
        headers: { "content-type": "application/octet-stream", ...(etag ? { "if-match": `"${etag}"` } : {}) },
        body: draft.text,
      });
      const written = (await response.json()) as { etag: string; problems: Problem[] };
      cache.setQueryData(queryKey, { text: draft.text, etag: written.etag, closed: false } satisfies Kept);
      setProblems(written.problems);
      setConflict(undefined);
      // What was typed while it was being saved is still a draft.
      setDraft((now) => {
        const next = now && now.text !== draft.text ? { ...now, etag: written.etag } : undefined;
        saveDraft(task, path, next);
        return next;
      });
      touch(["task", task], ["tasks"], ["schedules"]);
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.kind === "stale" && typeof error.body.content === "string") {
        setConflict({ theirs: error.body.content, etag: String(error.body.etag ?? "") });
        return false;
      }
      throw error;
    } finally {
      setSaving(false);
    }
  };

  return {
    loading: query.isPending,
    error: query.error,
    closed: kept?.closed ?? false,
    text,
    dirty,
    saving,
    problems,
    conflict,
    change: (next) => put({ text: next, etag: draft?.etag ?? kept?.etag ?? null }),
    save,
    discard: () => put(undefined),
    settle(take) {
      if (!conflict) return;
      if (take === "mine") void save(conflict.etag);
      if (take === "theirs") {
        cache.setQueryData(queryKey, {
          text: conflict.theirs,
          etag: conflict.etag,
          closed: false,
        } satisfies Kept);
        put(undefined);
      }
      setConflict(undefined);
    },
  };
}
