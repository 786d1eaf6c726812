/** Triggers: addresses at which other services start runs; of one task, or all. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ellipsis, Plus, Webhook } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { ListOf } from "@/components/ui/list";
import { ActMenu } from "@/components/ui/menu";
import { Card, Empty, Tag } from "@/components/ui/page";
import { Ago } from "@/components/ui/time";
import { complain } from "@/components/ui/toast";
import { api, body } from "@/lib/api/client";
import { touch, triggersQuery } from "@/lib/api/queries";
import type { KeptTrigger, TriggerMade } from "@/lib/api/types";
import { many } from "@/lib/format";
import { TriggerDialog } from "./form";
import { Made } from "./made";
import { admits } from "./spec";

export function Triggers({ task }: { task?: string }) {
  const query = useQuery({
    ...triggersQuery,
    select: (all) => (task ? all.filter((one) => one.spec.task === task) : all),
  });
  const [form, setForm] = useState<{ trigger?: KeptTrigger }>();
  const [asking, setAsking] = useState<{ about: "rotate" | "remove"; trigger: KeptTrigger }>();
  const [made, setMade] = useState<TriggerMade>();
  const add = (
    <Button icon={Plus} look={query.data?.length ? "plain" : "ink"} onClick={() => setForm({})}>
      New trigger
    </Button>
  );
  return (
    <>
      <Card title="Triggers" aside={Boolean(query.data?.length) && add} flush>
        <ListOf
          query={query}
          empty={
            <Empty icon={Webhook} title="No triggers" action={add}>
              A trigger is an address at which another service starts runs
              {task ? " of this task" : ""}: a push, a form, a sensor. What it sends is in{" "}
              <code>/inputs/payload.json</code>.
            </Empty>
          }
          id={(trigger) => trigger.name}
        >
          {(trigger) => (
            <Row
              trigger={trigger}
              task={!task}
              onChange={() => setForm({ trigger })}
              onAddress={() => setMade({ trigger, url: address(trigger) })}
              onAsk={(about) => setAsking({ about, trigger })}
            />
          )}
        </ListOf>
      </Card>
      {form && (
        <TriggerDialog
          {...form}
          {...(task ? { task } : {})}
          onClose={() => setForm(undefined)}
          onMade={(next) => {
            setForm(undefined);
            setMade(next);
          }}
        />
      )}
      {made && <Made made={made} onClose={() => setMade(undefined)} />}
      {asking?.about === "rotate" && (
        <Confirm
          open
          onClose={() => setAsking(undefined)}
          title={`A new token for ${asking.trigger.name}?`}
          act="Make a new one"
          onAct={async () => setMade(await rotate(asking.trigger.name))}
        >
          Whoever calls the address of now is let in no longer.
        </Confirm>
      )}
      {asking?.about === "remove" && (
        <Confirm
          open
          onClose={() => setAsking(undefined)}
          title={`Remove ${asking.trigger.name}?`}
          act="Remove"
          onAct={async () => {
            await body(
              api.DELETE("/api/v1/triggers/{trigger}", {
                params: { path: { trigger: asking.trigger.name } },
              }),
            );
            touch(["triggers"], ["secrets"]);
          }}
        >
          Its address starts nothing any more, and cannot be had again. Runs that it started stay.
        </Confirm>
      )}
    </>
  );
}

/** Of one whose callers sign: there is no token in it. */
const address = (trigger: KeptTrigger) => `${location.origin}/api/v1/triggers/${trigger.name}/fire`;

async function rotate(trigger: string): Promise<TriggerMade> {
  const made = await body(api.POST("/api/v1/triggers/{trigger}/rotate", { params: { path: { trigger } } }));
  touch(["triggers"]);
  return made;
}

interface RowProps {
  trigger: KeptTrigger;
  /** Tells of its task. */
  task: boolean;
  onChange(): void;
  onAddress(): void;
  onAsk(about: "rotate" | "remove"): void;
}

function Row({ trigger, task, onChange, onAddress, onAsk }: RowProps) {
  const { name, spec } = trigger;
  const enable = useMutation({
    mutationFn: (enabled: boolean) =>
      body(
        api.PUT("/api/v1/triggers/{trigger}", {
          params: { path: { trigger: name } },
          body: { ...spec, enabled },
        }),
      ),
    onSuccess: () => touch(["triggers"]),
    onError: complain,
  });
  const params = Object.entries(spec.params);
  return (
    <li className="flex items-start gap-x-3 px-4 py-2.5 text-dense">
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium">{name}</span>
          {task && (
            <Link
              to="/tasks/$task"
              params={{ task: spec.task }}
              search={{ tab: "triggers" }}
              className="text-muted hover:underline"
            >
              {spec.task}
            </Link>
          )}
          <Tag>{admits(spec)}</Tag>
          {!spec.enabled && <Tag>off</Tag>}
        </div>
        <div className="mt-0.5 text-meta break-words text-subtle">
          {many(spec.per_minute, "run")} a minute at most
          {params.map(([param, place]) => (
            <span key={param}>
              {" · "}
              {param} from <code>{place || "all that is sent"}</code>
            </span>
          ))}
        </div>
      </div>
      <span className="shrink-0 text-meta leading-8 text-subtle">
        {trigger.used_at ? (
          <>
            used <Ago at={trigger.used_at} />
          </>
        ) : (
          "never used"
        )}
      </span>
      <ActMenu
        trigger={<IconButton icon={Ellipsis} label={`More for ${name}`} />}
        items={[
          { text: "Change…", act: onChange },
          spec.auth === "token"
            ? { text: "New token…", act: () => onAsk("rotate") }
            : { text: "Its address…", act: onAddress },
          { text: spec.enabled ? "Turn off" : "Turn on", act: () => enable.mutate(!spec.enabled) },
          { text: "Remove…", bad: true, act: () => onAsk("remove") },
        ]}
      />
    </li>
  );
}
