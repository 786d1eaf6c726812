import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Confirm, FormDialog } from "@/components/ui/dialog";
import { Field, Input, Select, Tick, toggled } from "@/components/ui/field";
import { ListOf } from "@/components/ui/list";
import { Note } from "@/components/ui/note";
import { Once } from "@/components/ui/once";
import { Card, Empty, Tag } from "@/components/ui/page";
import { Ago } from "@/components/ui/time";
import { api, body, say } from "@/lib/api/client";
import { tasksQuery } from "@/lib/api/queries";
import type { ApiToken, Scope } from "@/lib/api/types";
import { useMay } from "@/lib/session";
import { StepUp, useStepUp } from "./step-up";

const SCOPES: [Scope, string][] = [
  ["runs:read", "Look at runs"],
  ["runs:trigger", "Start runs"],
  ["runs:cancel", "Stop runs"],
  ["runs:pin", "Pin runs, so that they are kept"],
  ["logs:read", "Read logs, results and files of runs"],
  ["tasks:read", "Look at tasks and their code"],
  ["tasks:write", "Change tasks and their code"],
  ["schedules:write", "Change and pause schedules"],
  ["secrets:write", "Set secrets"],
  ["admin", "Everything else"],
];

export function Tokens() {
  return (
    <StepUp>
      <Own />
    </StepUp>
  );
}

function Own() {
  const cache = useQueryClient();
  const may = useMay("tokens");
  const query = useQuery({ queryKey: ["tokens"], queryFn: () => body(api.GET("/api/v1/tokens")) });
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<string>();
  const [revoking, setRevoking] = useState<ApiToken>();
  const done = () => void cache.invalidateQueries({ queryKey: ["tokens"] });
  const make = may && (
    <Button icon={Plus} look={query.data?.length ? "plain" : "ink"} onClick={() => setMaking(true)}>
      New token
    </Button>
  );
  return (
    <>
      <Card title="Tokens" aside={Boolean(query.data?.length) && make} flush>
        <ListOf
          query={query}
          empty={
            <Empty icon={KeyRound} title="No tokens" action={make}>
              A token lets a program in instead of you, for as much as you allow it: CI that starts a run, a
              script that reads a log.
            </Empty>
          }
          id={(token) => token.id}
        >
          {(token) => (
            <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-dense">
              <div className="min-w-0 flex-1 basis-60">
                <span className="font-medium">{token.name}</span>{" "}
                <code className="text-meta text-subtle">runbay_{token.id}_…</code>
                <div className="mt-1 flex flex-wrap gap-1">
                  {token.scopes.map((scope) => (
                    <Tag key={scope}>{scope}</Tag>
                  ))}
                  {token.tasks && <Tag>only {token.tasks.join(", ")}</Tag>}
                </div>
              </div>
              <span className="text-meta text-subtle">
                {token.used_at ? (
                  <>
                    used <Ago at={token.used_at} />
                  </>
                ) : (
                  "never used"
                )}
                {token.expires_at && (
                  <>
                    {" · ends "}
                    <Ago at={token.expires_at} />
                  </>
                )}
              </span>
              <Button size="sm" look="ghost" onClick={() => setRevoking(token)}>
                Revoke
              </Button>
            </li>
          )}
        </ListOf>
      </Card>
      {making && (
        <Making
          onClose={() => setMaking(false)}
          onMade={(made) => {
            setMaking(false);
            setSecret(made);
            done();
          }}
        />
      )}
      {secret && (
        <Once
          title="Your new token"
          about="It is shown this once. Keep it where passwords are kept."
          label="Token"
          text={secret}
          onClose={() => setSecret(undefined)}
        />
      )}
      {revoking && (
        <Confirm
          open
          onClose={() => setRevoking(undefined)}
          title={`Revoke ${revoking.name}?`}
          act="Revoke"
          onAct={async () => {
            await body(api.DELETE("/api/v1/tokens/{token}", { params: { path: { token: revoking.id } } }));
            done();
          }}
        >
          Whatever uses it is let in no longer, from now on and for good.
        </Confirm>
      )}
    </>
  );
}

function Making({ onClose, onMade }: { onClose(): void; onMade(secret: string): void }) {
  const stepUp = useStepUp();
  const tasks = useQuery(tasksQuery);
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["runs:read", "runs:trigger", "logs:read"]);
  const [days, setDays] = useState("90");
  const [task, setTask] = useState("");
  const make = useMutation({
    mutationFn: () =>
      stepUp(() =>
        body(
          api.POST("/api/v1/tokens", {
            body: {
              name,
              scopes,
              expires_in_days: Number(days),
              ...(task ? { tasks: [task] } : {}),
            },
          }),
        ),
      ),
    onSuccess: (made) => onMade((made as { secret: string }).secret),
  });
  return (
    <FormDialog
      onClose={onClose}
      title="New token"
      about="It can never do more than you can."
      act="Make the token"
      busy={make.isPending}
      disabled={!name || scopes.length === 0}
      onSubmit={() => make.mutate()}
    >
      <Field label="Name" help="What it is for">
        {(ids) => (
          <Input
            {...ids}
            autoFocus
            placeholder="ci"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <fieldset>
        <legend className="mb-1.5 text-dense font-medium">It may</legend>
        <div className="grid gap-1.5 sm:grid-cols-2">
          {SCOPES.map(([scope, text]) => (
            <Tick
              key={scope}
              checked={scopes.includes(scope)}
              onChange={() => setScopes(toggled(scopes, scope))}
              about={<code className="block text-micro text-subtle">{scope}</code>}
            >
              {text}
            </Tick>
          ))}
        </div>
      </fieldset>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="For">
          {(ids) => (
            <Select {...ids} value={task} onChange={(event) => setTask(event.target.value)}>
              <option value="">All tasks</option>
              {tasks.data?.map((one) => (
                <option key={one.name} value={one.name}>
                  Only {one.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="It ends after">
          {(ids) => (
            <Select {...ids} value={days} onChange={(event) => setDays(event.target.value)}>
              <option value="7">7 days</option>
              <option value="30">30 days</option>
              <option value="90">90 days</option>
              <option value="365">a year</option>
            </Select>
          )}
        </Field>
      </div>
      {make.isError && <Note family="bad">{say(make.error)}</Note>}
    </FormDialog>
  );
}
