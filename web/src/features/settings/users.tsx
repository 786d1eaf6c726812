import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, UserPlus, Users as UsersIcon } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { Confirm, FormDialog } from "@/components/ui/dialog";
import { Field, Input, NewPassword, Select, Switch } from "@/components/ui/field";
import { ListOf } from "@/components/ui/list";
import { ActMenu } from "@/components/ui/menu";
import { Note } from "@/components/ui/note";
import { Card, Empty, Tag } from "@/components/ui/page";
import { complain, tell } from "@/components/ui/toast";
import { api, body, Refusal, say } from "@/lib/api/client";
import type { Role, User } from "@/lib/api/types";
import { useMay } from "@/lib/session";
import { dayOnly } from "@/lib/time";
import { StepUp, useStepUp } from "./step-up";

const ROLES: [Role, string][] = [
  ["viewer", "Looks at tasks and runs"],
  ["operator", "Also starts, stops and pauses"],
  ["admin", "Everything, also code and users"],
];

export function Users() {
  return (
    <StepUp>
      <List />
    </StepUp>
  );
}

function List() {
  const cache = useQueryClient();
  const stepUp = useStepUp();
  const may = useMay("users");
  const query = useQuery({ queryKey: ["users"], queryFn: () => body(api.GET("/api/v1/users")) });
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<User>();
  const [naming, setNaming] = useState<User>();
  const done = () => void cache.invalidateQueries({ queryKey: ["users"] });
  const change = useMutation({
    mutationFn: ({ user, patch }: { user: string; patch: Record<string, unknown> }) =>
      stepUp(() => body(api.PATCH("/api/v1/users/{user}", { params: { path: { user } }, body: patch }))),
    onSuccess: done,
    onError: complain,
  });
  const add = may && (
    <Button icon={UserPlus} look={query.data?.length ? "plain" : "ink"} onClick={() => setAdding(true)}>
      Add somebody
    </Button>
  );
  return (
    <>
      <Card title="Users" aside={Boolean(query.data?.length) && add} flush>
        <ListOf
          query={query}
          empty={
            <Empty icon={UsersIcon} title="Nobody has an account" action={add}>
              The owner of this machine gets in by the link that the service prints. Others need an account,
              with a role that says what they may do.
            </Empty>
          }
          id={(user) => user.id}
        >
          {(user) => (
            <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5 text-dense">
              <div className="min-w-0 flex-1 basis-40">
                <span className="font-medium">{user.name}</span> {user.disabled_at && <Tag>disabled</Tag>}
                <div className="text-meta text-subtle">since {dayOnly(Date.parse(user.created_at))}</div>
              </div>
              <Select
                aria-label={`Role of ${user.name}`}
                disabled={!may || change.isPending}
                value={user.role}
                onChange={(event) => change.mutate({ user: user.name, patch: { role: event.target.value } })}
              >
                {ROLES.map(([role]) => (
                  <option key={role}>{role}</option>
                ))}
              </Select>
              {user.role === "viewer" && (
                <Switch
                  shown
                  label="Reads logs"
                  checked={user.reads_logs}
                  disabled={!may}
                  onChange={(next) => change.mutate({ user: user.name, patch: { reads_logs: next } })}
                />
              )}
              {may && (
                <ActMenu
                  trigger={<IconButton icon={Ellipsis} label={`More for ${user.name}`} />}
                  items={[
                    {
                      text: user.disabled_at ? "Let in again" : "Let in no longer",
                      act: () => change.mutate({ user: user.name, patch: { disabled: !user.disabled_at } }),
                    },
                    { text: "Set a password…", act: () => setNaming(user) },
                    { text: "Remove…", bad: true, act: () => setRemoving(user) },
                  ]}
                />
              )}
            </li>
          )}
        </ListOf>
      </Card>
      {adding && <Adding onClose={() => setAdding(false)} onDone={done} />}
      {naming && <SetPassword user={naming.name} onClose={() => setNaming(undefined)} />}
      {removing && (
        <Confirm
          open
          onClose={() => setRemoving(undefined)}
          title={`Remove ${removing.name}?`}
          act="Remove"
          onAct={async () => {
            await stepUp(() =>
              body(api.DELETE("/api/v1/users/{user}", { params: { path: { user: removing.name } } })),
            );
            done();
          }}
        >
          Their sessions and tokens end. What they did stays in the audit log and with their runs.
        </Confirm>
      )}
    </>
  );
}

function Adding({ onClose, onDone }: { onClose(): void; onDone(): void }) {
  const stepUp = useStepUp();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const add = useMutation({
    mutationFn: () => stepUp(() => body(api.POST("/api/v1/users", { body: { name, password, role } }))),
    onSuccess: () => {
      onDone();
      onClose();
      tell(`${name} can sign in`);
    },
  });
  const wrong = add.error instanceof Refusal ? add.error : undefined;
  return (
    <FormDialog
      onClose={onClose}
      title="Add somebody"
      act="Add"
      busy={add.isPending}
      onSubmit={() => add.mutate()}
    >
      <Field label="Name" error={wrong?.field("/name")} help="Small letters, digits, dots and dashes">
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
      <NewPassword
        help="12 characters or more; they can change it themselves"
        error={wrong?.field("/password")}
        value={password}
        onChange={setPassword}
      />
      <fieldset>
        <legend className="mb-1 text-dense font-medium">Role</legend>
        {ROLES.map(([each, about]) => (
          <label key={each} className="flex items-center gap-2 py-0.5 text-dense">
            <input
              type="radio"
              name="role"
              className="accent-(--accent)"
              checked={role === each}
              onChange={() => setRole(each)}
            />
            <span className="w-20 font-medium">{each}</span>
            <span className="text-muted">{about}</span>
          </label>
        ))}
      </fieldset>
      {wrong && wrong.fields.length === 0 && <Note family="bad">{say(wrong)}</Note>}
    </FormDialog>
  );
}

function SetPassword({ user, onClose }: { user: string; onClose(): void }) {
  const stepUp = useStepUp();
  const [password, setPassword] = useState("");
  const set = useMutation({
    mutationFn: () =>
      stepUp(() =>
        body(api.PUT("/api/v1/users/{user}/password", { params: { path: { user } }, body: { password } })),
      ),
    onSuccess: () => {
      onClose();
      tell(`${user} has a new password; their sessions have ended`);
    },
  });
  return (
    <FormDialog
      onClose={onClose}
      title={`A password for ${user}`}
      act="Set"
      busy={set.isPending}
      onSubmit={() => set.mutate()}
    >
      <NewPassword
        error={set.isError ? say(set.error) : undefined}
        value={password}
        onChange={setPassword}
        autoFocus
      />
    </FormDialog>
  );
}
