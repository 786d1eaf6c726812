import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { Confirm, FormDialog } from "@/components/ui/dialog";
import { Field, Input, Switch } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { Card } from "@/components/ui/page";
import { complain, tell } from "@/components/ui/toast";
import { api, body, say } from "@/lib/api/client";
import { touch } from "@/lib/api/queries";
import type { TaskView } from "@/lib/api/types";
import { bytes, many } from "@/lib/format";
import { useMay } from "@/lib/session";
import { nameFrom } from "./new";

export function TaskSettings({ view }: { view: TaskView }) {
  const may = useMay("tasks_write") && !view.read_only;
  const navigate = useNavigate();
  const [naming, setNaming] = useState<"rename" | "duplicate">();
  const [deleting, setDeleting] = useState(false);
  const [description, setDescription] = useState(view.detail?.description ?? "");
  const [tags, setTags] = useState(view.detail?.tags.join(", ") ?? "");
  const path = { params: { path: { task: view.name } } };
  const change = useMutation({
    mutationFn: (patch: Record<string, unknown>) =>
      body(api.PATCH("/api/v1/tasks/{task}", { ...path, body: patch })),
    onSuccess: () => touch(["task", view.name], ["tasks"]),
    onError: complain,
  });
  const words = tags
    .split(",")
    .map((tag) => tag.trim())
    .filter(Boolean);
  const dirty =
    description !== (view.detail?.description ?? "") || words.join() !== (view.detail?.tags.join() ?? "");
  const save = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ description, tags: words }, { onSuccess: () => tell("Saved to task.toml") });
  };
  if (!view.detail)
    return <Note family="idle">Settings can be changed here once its mistakes are gone.</Note>;
  const enabled = view.detail.enabled;
  return (
    <div className="flex max-w-2xl flex-col gap-5">
      {view.read_only && (
        <Note family="idle">
          The folder of this task can only be read, so nothing of it can be changed here.
        </Note>
      )}
      <Card title="About">
        <form onSubmit={save} className="flex flex-col gap-3">
          <Field label="Description" help="One line for people">
            {(ids) => (
              <Input
                {...ids}
                disabled={!may}
                value={description}
                onChange={(event) => setDescription(event.target.value)}
              />
            )}
          </Field>
          <Field label="Tags" help="With commas between them">
            {(ids) => (
              <Input
                {...ids}
                disabled={!may}
                value={tags}
                onChange={(event) => setTags(event.target.value)}
              />
            )}
          </Field>
          {dirty && (
            <div className="flex gap-2">
              <Button type="submit" look="ink" busy={change.isPending}>
                Save
              </Button>
              <Button
                onClick={() => {
                  setDescription(view.detail?.description ?? "");
                  setTags(view.detail?.tags.join(", ") ?? "");
                }}
              >
                Put back
              </Button>
            </div>
          )}
        </form>
      </Card>
      <Card title="Runs">
        <Row
          title={enabled ? "New runs are allowed" : "New runs are refused"}
          about="Also those of schedules. Runs that go on are not touched."
        >
          <Switch
            checked={enabled}
            label="New runs are allowed"
            disabled={!may || change.isPending}
            onChange={(next) =>
              change.mutate(
                { enabled: next },
                {
                  onSuccess: () =>
                    tell(next ? "Runs are allowed" : "New runs are refused", {
                      text: "Undo",
                      act: () => change.mutate({ enabled: !next }),
                    }),
                },
              )
            }
          />
        </Row>
        <p className="mt-3 border-t border-line pt-3 text-meta text-subtle">
          Limits, retries, parameters, network and all else are written in{" "}
          <code className="text-fg">task.toml</code>, under Code.
        </p>
      </Card>
      {may && (
        <Card title="The task itself">
          <div className="flex flex-col gap-4">
            <Row title="Give it another name" about="Its runs, logs and schedules come along.">
              <Button onClick={() => setNaming("rename")}>Rename…</Button>
            </Row>
            <Row title="Make a copy" about="A new task with the same code, without its history.">
              <Button onClick={() => setNaming("duplicate")}>Duplicate…</Button>
            </Row>
            <Row title="Delete it" about="The folder goes; its runs, logs and versions are kept.">
              <Button look="bad" onClick={() => setDeleting(true)}>
                Delete…
              </Button>
            </Row>
          </div>
        </Card>
      )}
      {naming && <Naming act={naming} task={view.name} onClose={() => setNaming(undefined)} />}
      {deleting && (
        <Deleting
          task={view.name}
          onClose={() => setDeleting(false)}
          onDone={() => {
            touch(["tasks"], ["runs"]);
            void navigate({ to: "/tasks" });
          }}
        />
      )}
    </div>
  );
}

function Row({ title, about, children }: { title: string; about: string; children: ReactNode }) {
  return (
    <div className="flex items-center justify-between gap-4">
      <div className="min-w-0">
        <div className="text-dense font-medium">{title}</div>
        <div className="text-meta text-subtle">{about}</div>
      </div>
      {children}
    </div>
  );
}

function Naming({ act, task, onClose }: { act: "rename" | "duplicate"; task: string; onClose(): void }) {
  const navigate = useNavigate();
  const [name, setName] = useState(act === "rename" ? task : `${task}-copy`);
  const go = useMutation({
    mutationFn: () => {
      const asked = { params: { path: { task } }, body: { name } };
      return act === "rename"
        ? body(api.POST("/api/v1/tasks/{task}/rename", asked))
        : body(api.POST("/api/v1/tasks/{task}/duplicate", asked));
    },
    onSuccess: () => {
      touch(["tasks"], ["runs"], ["schedules"]);
      onClose();
      void navigate({ to: "/tasks/$task", params: { task: name } });
    },
  });
  return (
    <FormDialog
      onClose={onClose}
      title={act === "rename" ? `Rename ${task}` : `Duplicate ${task}`}
      act={act === "rename" ? "Rename" : "Duplicate"}
      busy={go.isPending}
      disabled={!name || name === task}
      onSubmit={() => go.mutate()}
    >
      <Field
        label="Name"
        help="Small letters, digits, - and _"
        error={go.isError ? say(go.error) : undefined}
      >
        {(ids) => (
          <Input
            {...ids}
            autoFocus
            spellCheck={false}
            value={name}
            onChange={(event) => setName(event.target.value)}
            onBlur={() => setName(nameFrom)}
          />
        )}
      </Field>
    </FormDialog>
  );
}

function Deleting({ task, onClose, onDone }: { task: string; onClose(): void; onDone(): void }) {
  const path = { params: { path: { task } } };
  const loss = useQuery({
    queryKey: ["task", task, "loss"],
    queryFn: () => body(api.GET("/api/v1/tasks/{task}/loss", path)),
    staleTime: 0,
  });
  const active = loss.data?.active_runs.length ?? 0;
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Delete ${task}?`}
      act={active > 0 ? `Stop ${many(active, "run")} and delete` : "Delete"}
      onAct={async () => {
        await body(
          api.DELETE("/api/v1/tasks/{task}", {
            params: { ...path.params, query: { cancel_runs: active > 0 } },
          }),
        );
        onDone();
      }}
    >
      {loss.data ? (
        <>
          <p>
            Its folder goes: {many(loss.data.files, "file")}, {bytes(loss.data.bytes)}. Runs, logs and
            versions of its code are kept.
          </p>
          {loss.data.unkept.length > 0 && (
            <p className="mt-2 text-bad">
              Kept nowhere else and lost for good: {loss.data.unkept.slice(0, 6).join(", ")}
              {loss.data.unkept.length > 6 && ` and ${loss.data.unkept.length - 6} more`}.
            </p>
          )}
          {active > 0 && <p className="mt-2 text-bad">{many(active, "run")} will be stopped.</p>}
        </>
      ) : (
        "Looking at what would be lost…"
      )}
    </Confirm>
  );
}
