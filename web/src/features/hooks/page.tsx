/** Notifications: who is told of what happens, and whether it arrives. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { BellRing, Ellipsis, Plus, Send } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { ListOf } from "@/components/ui/list";
import { ActMenu } from "@/components/ui/menu";
import { Card, Empty, Tag } from "@/components/ui/page";
import { Ago } from "@/components/ui/time";
import { deliveriesQuery, hooksQuery } from "@/lib/api/queries";
import type { Hook } from "@/lib/api/types";
import { useNow } from "@/lib/time";
import { TrialNote, useEnable, useTrial } from "./acts";
import { HookDialog } from "./form";
import { HookLog } from "./log";
import { MailCard } from "./mail";
import { RemoveHook } from "./remove";
import { about, eventWord, KINDS, tells, where } from "./spec";
import { ofDelivery, ofHook } from "./standing";
import { StandingText } from "./standing-text";

const route = getRouteApi("/settings");

export function Notifications() {
  const { hook } = route.useSearch();
  return hook ? <HookLog key={hook} name={hook} /> : <Overview />;
}

function Overview() {
  const query = useQuery(hooksQuery);
  const [form, setForm] = useState<{ hook?: Hook }>();
  const [removing, setRemoving] = useState<Hook>();
  const add = (
    <Button icon={Plus} look={query.data?.length ? "plain" : "ink"} onClick={() => setForm({})}>
      Add a notification
    </Button>
  );
  return (
    <div className="flex flex-col gap-6">
      <Card title="Notifications" aside={Boolean(query.data?.length) && add} flush>
        <ListOf
          query={query}
          empty={
            <Empty icon={BellRing} title="Nobody is told yet" action={add}>
              A notification tells people or machines what happens: a webhook, a chat, a ping or a mail when a
              run fails, when it works again, and more.
            </Empty>
          }
          id={(hook) => hook.name}
        >
          {(hook) => (
            <Row hook={hook} onChange={() => setForm({ hook })} onRemove={() => setRemoving(hook)} />
          )}
        </ListOf>
      </Card>
      <MailCard />
      {form && <HookDialog {...form} onClose={() => setForm(undefined)} />}
      {removing && <RemoveHook hook={removing} onClose={() => setRemoving(undefined)} />}
    </div>
  );
}

function Row({ hook, onChange, onRemove }: { hook: Hook; onChange(): void; onRemove(): void }) {
  const now = useNow();
  const trial = useTrial(hook.name);
  const enable = useEnable(hook);
  const standing = ofHook(hook, now);
  return (
    <li className="px-4 py-2.5 text-dense">
      <div className="flex items-start gap-x-3">
        <div className="flex min-h-8 min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-1">
          <Link
            to="/settings"
            search={{ tab: "hooks", hook: hook.name }}
            className="font-medium hover:underline"
          >
            {hook.name}
          </Link>
          <Tag>{KINDS[hook.spec.kind]}</Tag>
          <StandingText standing={standing} />
          {hook.waiting > 0 && <Tag>{hook.waiting} waiting</Tag>}
          {hook.dead > 0 && <Tag className="text-bad">{hook.dead} given up</Tag>}
        </div>
        <Button size="sm" icon={Send} busy={trial.isPending} onClick={() => trial.mutate()}>
          Test
        </Button>
        <ActMenu
          trigger={<IconButton icon={Ellipsis} label={`More for ${hook.name}`} />}
          items={[
            { text: "Change…", act: onChange },
            {
              text: hook.spec.enabled ? "Turn off" : "Turn on",
              act: () => enable.mutate(!hook.spec.enabled),
            },
            { text: "Remove…", bad: true, act: onRemove },
          ]}
        />
      </div>
      <div className="break-words text-muted">{where(hook)}</div>
      <div className="text-meta text-subtle">
        {tells(hook.spec)} · {about(hook.spec)}
      </div>
      {standing.about && <div className="text-meta text-subtle">{standing.about}</div>}
      <Last hook={hook} />
      {trial.data && (
        <div className="mt-2">
          <TrialNote trial={trial.data} />
        </div>
      )}
    </li>
  );
}

/** The newest delivery of a hook, and what kept it. */
function Last({ hook }: { hook: Hook }) {
  const now = useNow();
  const last = useInfiniteQuery(deliveriesQuery(hook.name, undefined, 1)).data?.pages[0]?.items[0];
  if (!last) return <div className="text-meta text-subtle">Nothing was told yet.</div>;
  return (
    <div className="text-meta break-words text-subtle">
      Last: {eventWord(last.event).toLowerCase()}, <Ago at={last.at} />,{" "}
      {ofDelivery(last, now).word.toLowerCase()}
      {last.state !== "delivered" && last.problem && `: ${last.problem}`}
    </div>
  );
}
