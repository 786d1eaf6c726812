/** Plain values that runs are given: of all tasks, of a tag, of one task. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2, Variable as VariableIcon } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { FormDialog } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { ListOf } from "@/components/ui/list";
import { Note } from "@/components/ui/note";
import { Card, Empty, Tag } from "@/components/ui/page";
import { complain } from "@/components/ui/toast";
import { api, body, Refusal, say } from "@/lib/api/client";
import type { Variable } from "@/lib/api/types";
import { useMay } from "@/lib/session";

/** Whose a variable is, in words. */
const whose = (variable: Variable) =>
  variable.level === "global" ? "all tasks" : `${variable.level} ${variable.of}`;

const query = (variable: Variable) => (variable.level === "global" ? {} : { [variable.level]: variable.of });

export function Variables() {
  const cache = useQueryClient();
  const may = useMay("system_write");
  const list = useQuery({ queryKey: ["variables"], queryFn: () => body(api.GET("/api/v1/variables")) });
  const [adding, setAdding] = useState(false);
  const done = () => void cache.invalidateQueries({ queryKey: ["variables"] });
  const remove = useMutation({
    mutationFn: (variable: Variable) =>
      body(
        api.DELETE("/api/v1/variables/{variable}", {
          params: { path: { variable: variable.name }, query: query(variable) },
        }),
      ),
    onSuccess: done,
    onError: complain,
  });
  const add = may && (
    <Button icon={Plus} look="plain" onClick={() => setAdding(true)}>
      Add a variable
    </Button>
  );
  return (
    <>
      <Card title="Variables" aside={Boolean(list.data?.length) && add} flush>
        <ListOf
          query={list}
          id={(variable) => `${whose(variable)} ${variable.name}`}
          empty={
            <Empty icon={VariableIcon} title="No variables yet" action={add}>
              Plain values that runs find in their environment. The one of a task wins over its task.toml,
              that over its tags, those over all tasks.
            </Empty>
          }
        >
          {(variable) => (
            <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 text-dense">
              <span className="min-w-0 flex-1 basis-60 font-mono break-all">
                <span className="font-medium">{variable.name}</span>={variable.value}
              </span>
              <Tag>{whose(variable)}</Tag>
              {may && (
                <IconButton
                  icon={Trash2}
                  label={`Remove ${variable.name} of ${whose(variable)}`}
                  onClick={() => remove.mutate(variable)}
                />
              )}
            </li>
          )}
        </ListOf>
      </Card>
      {adding && <Adding onClose={() => setAdding(false)} onDone={done} />}
    </>
  );
}

function Adding({ onClose, onDone }: { onClose(): void; onDone(): void }) {
  const [name, setName] = useState("");
  const [value, setValue] = useState("");
  const [level, setLevel] = useState("global");
  const [of, setOf] = useState("");
  const set = useMutation({
    mutationFn: () => {
      const target = level === "global" ? {} : { [level]: of };
      return body(
        api.PUT("/api/v1/variables/{variable}", {
          params: { path: { variable: name } },
          body: { value, ...target },
        }),
      );
    },
    onSuccess: () => {
      onDone();
      onClose();
    },
  });
  const wrong = set.error instanceof Refusal ? set.error : undefined;
  return (
    <FormDialog
      onClose={onClose}
      title="Add a variable"
      act="Set"
      busy={set.isPending}
      onSubmit={() => set.mutate()}
    >
      <Field label="Name" error={wrong?.field("/variable")}>
        {(ids) => (
          <Input
            {...ids}
            autoFocus
            autoComplete="off"
            required
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label="Value" error={wrong?.field("/value")} help="Everybody who may look at tasks sees it">
        {(ids) => (
          <Input
            {...ids}
            autoComplete="off"
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        )}
      </Field>
      <Field label="For">
        {(ids) => (
          <Select {...ids} value={level} onChange={(event) => setLevel(event.target.value)}>
            <option value="global">all tasks</option>
            <option value="tag">tasks with a tag</option>
            <option value="task">one task</option>
          </Select>
        )}
      </Field>
      {level !== "global" && (
        <Field label={level === "tag" ? "Tag" : "Task"} error={wrong?.field(`/${level}`)}>
          {(ids) => <Input {...ids} required value={of} onChange={(event) => setOf(event.target.value)} />}
        </Field>
      )}
      {set.isError && !wrong?.fields.length && <Note family="bad">{say(set.error)}</Note>}
    </FormDialog>
  );
}
