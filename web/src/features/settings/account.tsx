import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field, Input, NewPassword, Segments } from "@/components/ui/field";
import { ListOf } from "@/components/ui/list";
import { Card, Fact, Tag } from "@/components/ui/page";
import { Ago } from "@/components/ui/time";
import { complain, tell } from "@/components/ui/toast";
import { api, body, Refusal, say } from "@/lib/api/client";
import { type Me, useMay, useSession } from "@/lib/session";
import { choose, useChosenTheme } from "@/lib/theme";

export function Account() {
  const { me } = useSession();
  const own = useMay("account") && me?.name !== "local";
  const theme = useChosenTheme();
  return (
    <div className="flex max-w-2xl flex-col gap-5">
      <Card title={me?.name === "local" ? "Owner of this machine" : me?.name}>
        <dl className="flex flex-col gap-1.5">
          <Fact name="Role">{me?.role}</Fact>
          <Fact name="Signed in by">
            {me?.name === "local" ? "the link that the service printed" : "password"}
          </Fact>
        </dl>
        <div className="mt-4 flex flex-wrap items-center justify-between gap-2 border-t border-line pt-3 text-dense">
          <span className="font-medium">Theme</span>
          <Segments
            label="Theme"
            value={theme}
            onChange={choose}
            options={[
              { value: "light", text: "Light" },
              { value: "dark", text: "Dark" },
              { value: "system", text: "System" },
            ]}
          />
        </div>
      </Card>
      {own && <Password />}
      <Sessions />
    </div>
  );
}

function Password() {
  const { enter } = useSession();
  const [present, setPresent] = useState("");
  const [next, setNext] = useState("");
  const change = useMutation({
    mutationFn: async () =>
      (await body(api.PUT("/api/v1/me/password", { body: { present, new: next } }))) as Me,
    onSuccess: (me) => {
      enter(me);
      setPresent("");
      setNext("");
      tell("The password is changed; all other sessions have ended");
    },
  });
  const wrong = change.error instanceof Refusal ? change.error : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Card title="Password">
      <form onSubmit={submit} className="flex flex-col gap-2">
        <Field
          label="Present password"
          error={wrong?.field("/present") ?? (wrong && !wrong.field("/new") ? say(wrong) : undefined)}
        >
          {(ids) => (
            <Input
              {...ids}
              type="password"
              autoComplete="current-password"
              required
              value={present}
              onChange={(event) => setPresent(event.target.value)}
            />
          )}
        </Field>
        <NewPassword label="New password" error={wrong?.field("/new")} value={next} onChange={setNext} />
        <div>
          <Button type="submit" look="ink" busy={change.isPending} disabled={!present || !next}>
            Change the password
          </Button>
        </div>
      </form>
    </Card>
  );
}

function Sessions() {
  const cache = useQueryClient();
  const may = useMay("account");
  const query = useQuery({
    queryKey: ["sessions"],
    queryFn: () => body(api.GET("/api/v1/me/sessions")),
    enabled: may,
  });
  const done = () => void cache.invalidateQueries({ queryKey: ["sessions"] });
  const end = useMutation({
    mutationFn: (session: string) =>
      body(api.DELETE("/api/v1/me/sessions/{session}", { params: { path: { session } } })),
    onSuccess: done,
    onError: complain,
  });
  const others = useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/me/sessions")),
    onSuccess: done,
    onError: complain,
  });
  if (!may) return null;
  return (
    <Card
      title="Where you are signed in"
      flush
      aside={
        (query.data?.length ?? 0) > 1 && (
          <Button size="sm" busy={others.isPending} onClick={() => others.mutate()}>
            End all others
          </Button>
        )
      }
    >
      <ListOf query={query} id={(session) => session.id} empty={null}>
        {(session) => (
          <li className="flex items-center gap-3 px-4 py-2 text-dense">
            <div className="min-w-0 flex-1">
              <div className="truncate">{browser(session.agent)}</div>
              <div className="text-meta text-subtle">
                seen <Ago at={session.seen_at} />
              </div>
            </div>
            {session.this ? (
              <Tag>this one</Tag>
            ) : (
              <Button size="sm" look="ghost" onClick={() => end.mutate(session.id)}>
                End
              </Button>
            )}
          </li>
        )}
      </ListOf>
    </Card>
  );
}

/** What a browser calls itself, in a few words. */
function browser(agent: string | null | undefined): string {
  if (!agent) return "Unknown browser";
  const name = /(Firefox|Edg|Chrome|Safari|curl)\/?([\d]+)?/.exec(agent);
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(agent)?.[1];
  return [name?.[1]?.replace("Edg", "Edge") ?? agent.slice(0, 40), name?.[2], system && `on ${system}`]
    .filter(Boolean)
    .join(" ");
}
