/** Every setting: what it is, where it is from, and a way to change those that may
 * be changed while the service runs. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Lock, Pencil } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { FormDialog } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { Skeleton, Tag, Trouble } from "@/components/ui/page";
import { complain } from "@/components/ui/toast";
import { api, body, Refusal, say } from "@/lib/api/client";
import { settingsFileQuery } from "@/lib/api/queries";
import type { Setting } from "@/lib/api/types";
import { bytes, duration } from "@/lib/format";
import { useMay } from "@/lib/session";

const route = getRouteApi("/settings");

/** Sizes come as bytes and spans as seconds; people write neither so. */
const SIZE = /(^|\.)(memory|scratch|(free|low|enough)_space)$|^limits\.log$/;
const SPAN = /(^|[._])(timeout|ttl|grace|patience|every|after|unused|age|cache)$|^keep\.(logs|artifacts)$/;
/** What has no value unless somebody gives it one, and what follows then. */
const ABSENT: Record<string, string> = {
  "queue.slots": "twice the processors of the engine",
  "queue.memory": "four fifths of the engine's memory",
  "keep.logs": "as long as their run",
  "keep.artifacts": "as long as their run",
  "keep.low_space": "twice free_space",
  "keep.enough_space": "four times free_space",
};

function text({ key, value }: Pick<Setting, "key" | "value">): string {
  if (value === null || value === undefined) return ABSENT[key] ?? "—";
  if (typeof value === "number" && SIZE.test(key)) return bytes(value);
  if (typeof value === "number" && SPAN.test(key)) return duration(value * 1000);
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A value as people write it in the file: `512M`, `30d`, 5. */
function written({ key, value }: Setting): string {
  const units: [string, number][] = SIZE.test(key)
    ? [
        ["T", 2 ** 40],
        ["G", 2 ** 30],
        ["M", 2 ** 20],
        ["K", 2 ** 10],
      ]
    : SPAN.test(key)
      ? [
          ["d", 86_400],
          ["h", 3600],
          ["m", 60],
          ["s", 1],
        ]
      : [];
  if (value === null || value === undefined) return "";
  const unit = units.find(([, size]) => typeof value === "number" && value > 0 && value % size === 0);
  return unit ? `${Number(value) / unit[1]}${unit[0]}` : String(value);
}

/** Whether somebody may change it, or what stands against that. */
function held(setting: Setting): string | undefined {
  if (!setting.live) return "It is read when the service starts";
  if (setting.source !== "default" && setting.source !== "runbay.toml")
    return `${setting.source} sets it, and wins over runbay.toml`;
}

/** Every setting as it came to be, and from where. */
export function Values() {
  const query = useQuery(settingsFileQuery);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay("system_write");
  const [changing, setChanging] = useState<Setting>();
  if (query.isPending) return <Skeleton rows={10} />;
  if (query.isError) return <Trouble error={query.error} />;
  const wanted = (search.text ?? "").toLowerCase();
  const { settings, etag } = query.data;
  const shown = settings.filter((one) => `${one.key} ${text(one)}`.toLowerCase().includes(wanted));
  return (
    <>
      <p className="mb-3 text-dense text-muted">
        From <code className="text-fg">runbay.toml</code>, variables <code className="text-fg">RUNBAY_…</code>{" "}
        and flags. What is changed here is written in <code className="text-fg">runbay.toml</code> and counts
        at once; the rest takes effect when the service starts.
      </p>
      <Input
        type="search"
        aria-label="Search settings"
        placeholder="Search settings"
        className="mb-3 max-w-72"
        value={search.text ?? ""}
        onChange={(event) =>
          void navigate({ search: { ...search, text: event.target.value }, replace: true })
        }
      />
      <ul aria-label="Settings" className="card divide-y divide-line">
        {shown.map((one) => (
          <li
            key={one.key}
            className="grid min-h-10 grid-cols-[1fr_auto_auto] items-center gap-x-3 px-4 py-1 text-dense sm:grid-cols-[16rem_1fr_auto_auto] sm:gap-x-4 touch:min-h-12"
          >
            <code className="max-sm:col-span-3 text-meta text-muted">{one.key}</code>
            <code className="min-w-0 text-meta break-all">{text(one)}</code>
            {one.source === "default" ? (
              <span className="text-meta text-subtle">default</span>
            ) : (
              <Tag>{one.source}</Tag>
            )}
            {may &&
              (held(one) ? (
                <span className="inline-flex size-8 items-center justify-center" title={held(one)}>
                  <Lock className="size-3.5 text-subtle" aria-hidden />
                  <span className="sr-only">{held(one)}</span>
                </span>
              ) : (
                <IconButton icon={Pencil} label={`Change ${one.key}`} onClick={() => setChanging(one)} />
              ))}
          </li>
        ))}
        {shown.length === 0 && (
          <li className="px-4 py-6 text-center text-dense text-muted">No setting of this name.</li>
        )}
      </ul>
      {changing && <Changing setting={changing} etag={etag} onClose={() => setChanging(undefined)} />}
    </>
  );
}

function Changing({ setting, etag, onClose }: { setting: Setting; etag: string; onClose(): void }) {
  const cache = useQueryClient();
  const [value, setValue] = useState(written(setting));
  const set = useMutation({
    mutationFn: (next: string | number | boolean | null) =>
      body(
        api.PATCH("/api/v1/settings", {
          params: { header: { "If-Match": etag } },
          body: { [setting.key]: next },
        }),
      ),
    onSuccess: onClose,
    onSettled: () => void cache.invalidateQueries({ queryKey: ["settings"] }),
  });
  const refused = set.error instanceof Refusal ? set.error : undefined;
  const wrong = refused?.fields.find((field) => field.pointer !== "")?.message;
  const flag = typeof setting.value === "boolean";
  const read = () => {
    if (flag) return value === "true";
    const plain = value.trim();
    return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : plain;
  };
  return (
    <FormDialog
      onClose={onClose}
      title={setting.key}
      act="Save"
      busy={set.isPending}
      disabled={value.trim() === ""}
      onSubmit={() => set.mutate(read())}
    >
      <Field
        label="Value"
        error={wrong}
        help={
          SIZE.test(setting.key)
            ? "A size: 512M, 2G"
            : SPAN.test(setting.key)
              ? "A time: 90s, 12h, 30d"
              : undefined
        }
      >
        {(ids) =>
          flag ? (
            <Select {...ids} value={value} onChange={(event) => setValue(event.target.value)}>
              <option value="true">yes</option>
              <option value="false">no</option>
            </Select>
          ) : (
            <Input
              {...ids}
              autoFocus
              className="font-mono"
              value={value}
              onChange={(event) => setValue(event.target.value)}
            />
          )
        }
      </Field>
      {setting.source !== "default" && (
        <Button
          className="self-start"
          disabled={set.isPending}
          onClick={() => set.mutate(null, { onError: complain })}
        >
          Back to its default
        </Button>
      )}
      {set.isError && !wrong && <Note family="bad">{say(set.error)}</Note>}
    </FormDialog>
  );
}
