/** Secrets and variables: what runs are given, and who may have it. A value of
 * a secret goes in here and never comes out. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ellipsis, KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { Confirm, Dialog, FormDialog } from "@/components/ui/dialog";
import { Area, Field, Input } from "@/components/ui/field";
import { ListOf } from "@/components/ui/list";
import { ActMenu } from "@/components/ui/menu";
import { Note } from "@/components/ui/note";
import { Card, Empty, Skeleton, Tag, Trouble } from "@/components/ui/page";
import { complain, tell } from "@/components/ui/toast";
import { api, body, Refusal, say } from "@/lib/api/client";
import { secretsQuery } from "@/lib/api/queries";
import type { SecretView } from "@/lib/api/types";
import { useMay } from "@/lib/session";
import { fromNow, useNow } from "@/lib/time";
import { StepUp, useStepUp } from "./step-up";
import { Variables } from "./variables";

export function Secrets() {
  return (
    <StepUp>
      <div className="flex flex-col gap-6">
        <List />
        <Variables />
      </div>
    </StepUp>
  );
}

function List() {
  const cache = useQueryClient();
  const stepUp = useStepUp();
  const may = useMay("secrets_write");
  const now = useNow();
  const query = useQuery(secretsQuery);
  const [setting, setSetting] = useState<string>();
  const [removing, setRemoving] = useState<string>();
  const [looking, setLooking] = useState<string>();
  const done = () => void cache.invalidateQueries({ queryKey: ["secrets"] });
  const grant = useMutation({
    mutationFn: ({ secret, task, granted }: { secret: string; task: string; granted: boolean }) => {
      const params = { params: { path: { secret, task } } };
      return stepUp(() =>
        body(
          granted
            ? api.PUT("/api/v1/secrets/{secret}/tasks/{task}", params)
            : api.DELETE("/api/v1/secrets/{secret}/tasks/{task}", params),
        ),
      );
    },
    onSuccess: done,
    onError: complain,
  });
  const add = may && (
    <Button icon={Plus} look={query.data?.length ? "plain" : "ink"} onClick={() => setSetting("")}>
      Add a secret
    </Button>
  );
  return (
    <>
      <Card title="Secrets" aside={Boolean(query.data?.length) && add} flush>
        <ListOf
          query={query}
          empty={
            <Empty icon={KeyRound} title="No secrets yet" action={add}>
              A secret is given to runs of tasks that name it and that may have it. Nobody can read it here
              again.
            </Empty>
          }
          id={(secret) => secret.name}
        >
          {(secret) => (
            <li className="flex items-start gap-x-4 px-4 py-2.5 text-dense">
              <div className="min-w-0 flex-1">
                <span className="font-mono font-medium">{secret.name}</span>{" "}
                {secret.version === null && <Tag>no value</Tag>}
                <div className="text-meta text-subtle">
                  {secret.set_at &&
                    `Version ${secret.version}, set ${fromNow(Date.parse(secret.set_at), now)}`}
                  {secret.set_by && ` by ${secret.set_by}`}
                </div>
                <Elsewhere secret={secret} />
                <Users
                  secret={secret}
                  may={may}
                  onGrant={(task, granted) => grant.mutate({ secret: secret.name, task, granted })}
                />
              </div>
              <ActMenu
                trigger={<IconButton icon={Ellipsis} label={`More for ${secret.name}`} />}
                items={[
                  { text: "Runs that were given it…", act: () => setLooking(secret.name) },
                  ...(may
                    ? [
                        { text: "Set a new value…", act: () => setSetting(secret.name) },
                        { text: "Remove…", bad: true, act: () => setRemoving(secret.name) },
                      ]
                    : []),
                ]}
              />
            </li>
          )}
        </ListOf>
      </Card>
      {setting !== undefined && (
        <Setting name={setting} onClose={() => setSetting(undefined)} onDone={done} />
      )}
      {looking && <Received secret={looking} onClose={() => setLooking(undefined)} />}
      {removing && (
        <Confirm
          open
          onClose={() => setRemoving(undefined)}
          title={`Remove ${removing}?`}
          act="Remove"
          onAct={async () => {
            await stepUp(() =>
              body(api.DELETE("/api/v1/secrets/{secret}", { params: { path: { secret: removing } } })),
            );
            done();
          }}
        >
          Tasks that name it cannot run until it is there again. Which runs were given it stays with them.
        </Confirm>
      )}
    </>
  );
}

/** What else uses a secret: notifications, and those who sign what they send here. */
function Elsewhere({ secret }: { secret: SecretView }) {
  return (
    <>
      {secret.hooks.length > 0 && (
        <div className="mt-1 flex flex-wrap gap-x-2 text-meta text-subtle">
          Used by
          {secret.hooks.map((hook) => (
            <Link
              key={hook}
              to="/settings"
              search={{ tab: "hooks", hook }}
              className="text-fg hover:underline"
            >
              the notification {hook}
            </Link>
          ))}
        </div>
      )}
      {secret.triggers.length > 0 && (
        <div className="mt-1 flex flex-wrap gap-x-2 text-meta text-subtle">
          Opens
          {secret.triggers.map((trigger) => (
            <Link
              key={trigger}
              to="/settings"
              search={{ tab: "triggers" }}
              className="text-fg hover:underline"
            >
              the trigger {trigger}
            </Link>
          ))}
        </div>
      )}
    </>
  );
}

/** The tasks that may have a secret, and those that ask in vain. */
function Users({
  secret,
  may,
  onGrant,
}: {
  secret: SecretView;
  may: boolean;
  onGrant(task: string, granted: boolean): void;
}) {
  if (secret.tasks.length === 0) {
    const used = secret.hooks.length + secret.triggers.length > 0;
    return used ? null : <div className="mt-1 text-meta text-subtle">Nothing uses it</div>;
  }
  return (
    <ul className="mt-1 flex flex-col gap-1" aria-label={`Tasks and ${secret.name}`}>
      {secret.tasks.map((of) => (
        <li key={of.task} className="flex flex-wrap items-center gap-2">
          <Link to="/tasks/$task" params={{ task: of.task }} className="hover:underline">
            {of.task}
          </Link>
          <Tag>{of.granted ? (of.named ? "has it" : "may have it") : "asks for it"}</Tag>
          {may && (
            <Button look="ghost" size="sm" onClick={() => onGrant(of.task, !of.granted)}>
              {of.granted ? "Revoke" : "Grant"}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Setting({ name, onClose, onDone }: { name: string; onClose(): void; onDone(): void }) {
  const stepUp = useStepUp();
  const [secret, setSecret] = useState(name);
  const [value, setValue] = useState("");
  const set = useMutation({
    mutationFn: () =>
      stepUp(() =>
        body(api.PUT("/api/v1/secrets/{secret}", { params: { path: { secret } }, body: { value } })),
      ),
    onSuccess: (made) => {
      onDone();
      onClose();
      tell(made.warning ?? `${made.name} is set`);
    },
  });
  const wrong = set.error instanceof Refusal ? set.error : undefined;
  return (
    <FormDialog
      onClose={onClose}
      title={name ? `A new value for ${name}` : "Add a secret"}
      act="Set"
      busy={set.isPending}
      onSubmit={() => set.mutate()}
    >
      {!name && (
        <Field
          label="Name"
          error={wrong?.field("/secret")}
          help="Capitals, digits and underscores: API_TOKEN"
        >
          {(ids) => (
            <Input
              {...ids}
              autoFocus
              autoComplete="off"
              required
              pattern="[A-Z][A-Z0-9_]*"
              value={secret}
              onChange={(event) => setSecret(event.target.value)}
            />
          )}
        </Field>
      )}
      <Field
        label="Value"
        error={wrong?.field("/value")}
        help={
          name
            ? "Runs that have begun keep the value before. Nobody can read it again."
            : "Nobody can read it again."
        }
      >
        {(ids) => (
          <Area
            {...ids}
            autoComplete="off"
            spellCheck={false}
            required
            rows={4}
            className="font-mono"
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        )}
      </Field>
      {set.isError && !wrong?.fields.length && <Note family="bad">{say(set.error)}</Note>}
    </FormDialog>
  );
}

function Received({ secret, onClose }: { secret: string; onClose(): void }) {
  const now = useNow();
  const query = useQuery({
    queryKey: ["secrets", secret, "runs"],
    queryFn: () => body(api.GET("/api/v1/secrets/{secret}/runs", { params: { path: { secret } } })),
  });
  return (
    <Dialog open onClose={onClose} title={`Runs that were given ${secret}`}>
      {query.isPending ? (
        <Skeleton />
      ) : query.isError ? (
        <Trouble error={query.error} />
      ) : query.data.items.length === 0 ? (
        <p className="text-dense text-muted">None yet.</p>
      ) : (
        <ul className="flex flex-col gap-1 text-dense">
          {query.data.items.map((run) => (
            <li key={run.run} className="flex flex-wrap gap-x-3">
              <Link to="/runs/$run" params={{ run: run.run }} className="font-mono hover:underline">
                {run.run.slice(-8)}
              </Link>
              <span>{run.task}</span>
              <span className="text-subtle">
                version {run.version}, {fromNow(Date.parse(run.given_at), now)}, {run.outcome ?? "not over"}
              </span>
            </li>
          ))}
          {query.data.next && <li className="text-subtle">Older ones: runbay secret runs {secret}</li>}
        </ul>
      )}
    </Dialog>
  );
}
