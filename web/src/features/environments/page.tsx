/** What is installed where, what it weighs, and what can go. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Boxes, Layers, Pin, PinOff, Recycle } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { Segments } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { Card, Empty, Fact, Page, Skeleton, Tag, Trouble } from "@/components/ui/page";
import { Ago } from "@/components/ui/time";
import { complain, tell } from "@/components/ui/toast";
import { api, body } from "@/lib/api/client";
import { environmentQuery, environmentsQuery, imagesQuery, pruneQuery, touch } from "@/lib/api/queries";
import type { Environment, ImageItem, Plan } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { bytes, many } from "@/lib/format";
import { useMay } from "@/lib/session";

const route = getRouteApi("/environments");

type Tab = "environments" | "images" | "cleanup";

export function EnvironmentsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay("system_read");
  const tab = (search.tab as Tab | undefined) ?? "environments";
  return (
    <Page
      title="Environments"
      name="Environments"
      about="Packages are resolved once, locked, and installed into an image that tasks with the same needs share."
      actions={
        may && (
          <Segments
            label="What to show"
            value={tab}
            onChange={(next) =>
              void navigate({
                search: { tab: next === "environments" ? undefined : next },
                replace: true,
              })
            }
            options={[
              { value: "environments", text: "Environments" },
              { value: "images", text: "Images" },
              { value: "cleanup", text: "Clean-up" },
            ]}
          />
        )
      }
    >
      {tab === "images" ? <Images /> : tab === "cleanup" ? <CleanUp /> : <Environments chosen={search.key} />}
    </Page>
  );
}

function Environments({ chosen }: { chosen: string | undefined }) {
  const query = useQuery(environmentsQuery);
  const navigate = route.useNavigate();
  if (query.isPending) return <Skeleton rows={6} />;
  if (query.isError) return <Trouble error={query.error} retry={() => void query.refetch()} />;
  if (query.data.length === 0) {
    return (
      <div className="card">
        <Empty icon={Boxes} title="No environment was built yet">
          The first run of a task builds the one it needs.
        </Empty>
      </div>
    );
  }
  const here = query.data.find((one) => one.key === chosen) ?? query.data[0]!;
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_380px]">
      <div className="card divide-y divide-line overflow-hidden">
        {query.data.map((one) => (
          <button
            key={one.key}
            type="button"
            aria-current={one.key === here.key ? "true" : undefined}
            onClick={() => void navigate({ search: { key: one.key }, replace: true })}
            className={cn(
              "flex w-full flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-left text-dense hover:bg-hover",
              one.key === here.key && "bg-hover",
            )}
          >
            <span className="min-w-0 flex-1 basis-48">
              <span className="font-medium">{nameOf(one)}</span>
              <span className="block truncate text-meta text-subtle">
                {one.tasks.length > 0 ? one.tasks.join(", ") : "no task needs it now"}
              </span>
            </span>
            <span className="tnum w-24 text-right text-muted">
              {one.lock ? many(one.lock.packages, "package") : "not built"}
            </span>
            <span className="tnum w-20 text-right text-muted">
              {one.image_bytes === null ? "—" : bytes(one.image_bytes)}
            </span>
            <span className="tnum w-24 text-right text-subtle">
              {one.used_at ? <Ago at={one.used_at} /> : "never used"}
            </span>
          </button>
        ))}
      </div>
      <EnvironmentCard environment={here} />
    </div>
  );
}

const nameOf = (one: Environment) => `Python ${one.python}${one.template ? ` · ${one.template}` : ""}`;

function EnvironmentCard({ environment }: { environment: Environment }) {
  const query = useQuery(environmentQuery(environment.key));
  return (
    <Card title={nameOf(environment)} aside={<code>{environment.key.slice(0, 12)}</code>}>
      <dl className="mb-3 flex flex-col gap-1.5">
        <Fact name="Used by">
          {environment.tasks.length === 0
            ? "no task now"
            : environment.tasks.map((task) => (
                <Link
                  key={task}
                  to="/tasks/$task"
                  params={{ task }}
                  search={{ tab: "packages" }}
                  className="mr-2 inline-block text-accent hover:underline"
                >
                  {task}
                </Link>
              ))}
        </Fact>
        <Fact name="Policy">{environment.policy}</Fact>
        {environment.lock && (
          <Fact name="Locked">
            <Ago at={environment.lock.resolved_at} />
          </Fact>
        )}
      </dl>
      {query.isPending ? (
        <Skeleton className="p-0" />
      ) : query.isError ? (
        <Trouble error={query.error} />
      ) : query.data.packages.length === 0 ? (
        <p className="text-dense text-muted">Nothing beyond Python itself.</p>
      ) : (
        <ul className="max-h-[52vh] overflow-y-auto border-t border-line pt-2">
          {query.data.packages.map((one) => (
            <li key={one.name} className="flex justify-between gap-3 py-0.5 text-dense">
              <span className={one.requested === null ? "text-muted" : "font-medium"}>{one.name}</span>
              <span className="tnum font-mono text-meta text-muted">{one.locked}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Images() {
  const query = useQuery(imagesQuery);
  const mayWrite = useMay("system_write");
  const pin = useMutation({
    mutationFn: ({ image, pinned }: { image: string; pinned: boolean }) =>
      body(api.PATCH("/api/v1/images/{image}", { params: { path: { image } }, body: { pinned } })),
    onSuccess: () => touch(["images"], ["prune"]),
    onError: complain,
  });
  if (query.isPending) return <Skeleton rows={6} />;
  if (query.isError) return <Trouble error={query.error} retry={() => void query.refetch()} />;
  if (query.data.length === 0) {
    return (
      <div className="card">
        <Empty icon={Layers} title="No image was built yet">
          Images come with the first run of a task.
        </Empty>
      </div>
    );
  }
  const order: ImageItem["kind"][] = ["base", "environment", "task"];
  const sorted = [...query.data].sort(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || b.created_at.localeCompare(a.created_at),
  );
  return (
    <div className="card overflow-x-auto">
      <table className="w-full text-dense">
        <thead className="border-b border-line text-left text-meta text-subtle">
          <tr className="h-9 *:px-4 *:font-medium">
            <th>Image</th>
            <th className="hidden sm:table-cell">Kind</th>
            <th>Tasks</th>
            <th className="text-right">Size</th>
            <th className="hidden text-right sm:table-cell">Made</th>
            <th className="w-12">
              <span className="sr-only">Pin</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((image) => (
            <tr key={image.id} className="h-10 border-b border-line last:border-0 *:px-4">
              <td className="whitespace-nowrap">
                <code className="text-meta">{image.id.replace("sha256:", "").slice(0, 12)}</code>
                {image.pinned && <Tag className="ml-2">pinned</Tag>}
              </td>
              <td className="hidden text-muted sm:table-cell">{image.kind}</td>
              <td className="max-w-30 truncate text-muted sm:max-w-64">
                {image.tasks.join(", ") || <span className="sm:hidden">{image.kind}</span>}
              </td>
              <td className="tnum text-right whitespace-nowrap">{bytes(image.bytes)}</td>
              <td className="tnum hidden text-right text-muted sm:table-cell">
                <Ago at={image.created_at} />
              </td>
              <td>
                {mayWrite && (
                  <IconButton
                    icon={image.pinned ? PinOff : Pin}
                    label={image.pinned ? "Let clean-up take it" : "Keep it"}
                    onClick={() => pin.mutate({ image: image.id, pinned: !image.pinned })}
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function CleanUp() {
  const query = useQuery(pruneQuery);
  const may = useMay("system_write");
  const [asking, setAsking] = useState(false);
  if (query.isPending) return <Skeleton rows={6} />;
  if (query.isError) return <Trouble error={query.error} retry={() => void query.refetch()} />;
  const plan = query.data;
  return (
    <div className="flex flex-col gap-5">
      <Card
        title="What would go now"
        flush
        aside={
          may &&
          plan.remove.length > 0 && (
            <Button size="sm" icon={Recycle} onClick={() => setAsking(true)}>
              Clean up
            </Button>
          )
        }
      >
        {plan.remove.length === 0 ? (
          <Empty icon={Recycle} title="Nothing can go">
            Everything that is there is needed, or was used lately.
          </Empty>
        ) : (
          <>
            <p className="border-b border-line px-4 py-3 text-dense">
              {plan.bytes === 0 ? (
                "Nothing that takes room: only what is left of runs and builds that are over."
              ) : (
                <>
                  {plan.exact ? "" : "About "}
                  <b className="tnum font-semibold">{bytes(plan.bytes)}</b> would be free.
                </>
              )}
            </p>
            <Rows rows={plan.remove} />
          </>
        )}
      </Card>
      {plan.notes.map((note) => (
        <Note key={note} family="idle">
          {note}
        </Note>
      ))}
      {plan.keep.length > 0 && (
        <Card title="What stays, and why" flush>
          <Rows rows={plan.keep} />
        </Card>
      )}
      {asking && (
        <Confirm
          open
          onClose={() => setAsking(false)}
          title={`Remove ${many(plan.remove.length, "thing")}?`}
          act={`Free ${bytes(plan.bytes)}`}
          onAct={async () => {
            const swept = await body(api.POST("/api/v1/prune", { body: {} }));
            touch(["prune"], ["images"], ["environments"], ["storage"]);
            tell(`${many(swept.removed, "thing")} removed, ${bytes(swept.bytes)} free`);
          }}
        >
          Exactly what is listed, and only what Runbay made itself. Images that are needed again are built
          again.
        </Confirm>
      )}
    </div>
  );
}

function Rows({ rows }: { rows: (Plan["remove"][number] | Plan["keep"][number])[] }) {
  return (
    <ul className="divide-y divide-line">
      {rows.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: groups of small things have no id
        <li key={at} className="flex min-h-9 flex-wrap items-baseline gap-x-4 px-4 py-1.5 text-dense">
          <span className="min-w-0 flex-1 basis-60 truncate font-medium">{row.what}</span>
          <span className="min-w-0 flex-1 basis-60 text-muted">{row.reason}</span>
          <span className="tnum w-20 text-right text-muted">{row.bytes > 0 ? bytes(row.bytes) : ""}</span>
        </li>
      ))}
    </ul>
  );
}
