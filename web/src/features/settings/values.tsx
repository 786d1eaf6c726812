import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Input } from "@/components/ui/field";
import { Skeleton, Tag, Trouble } from "@/components/ui/page";
import { settingsQuery } from "@/lib/api/queries";
import type { Setting } from "@/lib/api/types";
import { bytes, duration } from "@/lib/format";

const route = getRouteApi("/settings");

/** Sizes come as bytes and spans as seconds; people write neither so. */
const SIZE = /(^|\.)(memory|log|scratch|free_space)$/;
const SPAN = /(^|[._])(timeout|ttl|grace|patience|every|after)$/;

function text({ key, value }: Pick<Setting, "key" | "value">): string {
  if (value === null || value === undefined) return "—";
  if (typeof value === "number" && SIZE.test(key)) return bytes(value);
  if (typeof value === "number" && SPAN.test(key)) return duration(value * 1000);
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Every setting as it came to be, and from where. */
export function Values() {
  const query = useQuery(settingsQuery);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  if (query.isPending) return <Skeleton rows={10} />;
  if (query.isError) return <Trouble error={query.error} />;
  const wanted = (search.text ?? "").toLowerCase();
  const shown = query.data.filter((one) => `${one.key} ${text(one)}`.toLowerCase().includes(wanted));
  return (
    <>
      <p className="mb-3 text-dense text-muted">
        From <code className="text-fg">runbay.toml</code>, variables <code className="text-fg">RUNBAY_…</code>{" "}
        and flags; a change there takes effect when the service starts.
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
      <div className="card divide-y divide-line">
        {shown.map((one) => (
          <div key={one.key} className="flex flex-wrap items-baseline gap-x-4 px-4 py-2 text-dense">
            <code className="w-64 shrink-0 text-meta text-muted">{one.key}</code>
            <code className="min-w-0 flex-1 text-meta">{text(one)}</code>
            {one.source === "default" ? (
              <span className="text-meta text-subtle">default</span>
            ) : (
              <Tag>{one.source}</Tag>
            )}
          </div>
        ))}
        {shown.length === 0 && (
          <p className="px-4 py-6 text-center text-dense text-muted">No setting of this name.</p>
        )}
      </div>
    </>
  );
}
