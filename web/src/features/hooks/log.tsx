/** One hook: how it stands, and all that it was told, newest first. */
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ArrowLeft, Ellipsis, Inbox, Send } from "lucide-react";
import { useState } from "react";
import { Button, buttonClass, IconButton } from "@/components/ui/button";
import { Segments } from "@/components/ui/field";
import { More } from "@/components/ui/list";
import { ActMenu } from "@/components/ui/menu";
import { Note } from "@/components/ui/note";
import { Card, Empty, Fact, Skeleton, Trouble } from "@/components/ui/page";
import { Ago } from "@/components/ui/time";
import { complain, tell } from "@/components/ui/toast";
import { api, body } from "@/lib/api/client";
import { deliveriesQuery, hooksQuery, touch, triesQuery } from "@/lib/api/queries";
import type { Delivery, DeliveryState, Hook } from "@/lib/api/types";
import { duration, many } from "@/lib/format";
import { shortId } from "@/lib/status";
import { useNow } from "@/lib/time";
import { TrialNote, useEnable, useTrial } from "./acts";
import { HookDialog } from "./form";
import { RemoveHook } from "./remove";
import { about, eventWord, KINDS, tells, where } from "./spec";
import { lastTry, ofDelivery, ofHook } from "./standing";
import { StandingText } from "./standing-text";

export function HookLog({ name }: { name: string }) {
  const query = useQuery(hooksQuery);
  if (query.isPending) return <Skeleton />;
  if (query.isError) return <Trouble error={query.error} retry={() => void query.refetch()} />;
  const hook = query.data.find((one) => one.name === name);
  return (
    <div className="flex flex-col gap-4">
      <Link to="/settings" search={{ tab: "hooks" }} className={buttonClass("ghost", "sm", "self-start")}>
        <ArrowLeft className="size-4" aria-hidden /> All notifications
      </Link>
      {hook ? (
        <Known hook={hook} />
      ) : (
        <Trouble error={new Error(`There is no notification ${name}; somebody may have removed it.`)} />
      )}
    </div>
  );
}

function Known({ hook }: { hook: Hook }) {
  const [state, setState] = useState<DeliveryState>();
  return (
    <>
      <Head hook={hook} />
      {hook.dead > 0 && <Dead hook={hook} />}
      <Card
        title="Deliveries"
        flush
        aside={
          <Segments<DeliveryState | "all">
            label="Which deliveries"
            value={state ?? "all"}
            onChange={(next) => setState(next === "all" ? undefined : next)}
            options={[
              { value: "all", text: "All" },
              { value: "waiting", text: "Waiting" },
              { value: "dead", text: "Given up" },
            ]}
          />
        }
      >
        <Deliveries hook={hook.name} state={state} />
      </Card>
    </>
  );
}

function Head({ hook }: { hook: Hook }) {
  const now = useNow();
  const navigate = useNavigate();
  const trial = useTrial(hook.name);
  const enable = useEnable(hook);
  const [open, setOpen] = useState<"change" | "remove">();
  const close = () => setOpen(undefined);
  const standing = ofHook(hook, now);
  const { spec } = hook;
  return (
    <Card
      title={hook.name}
      aside={
        <>
          <Button size="sm" icon={Send} busy={trial.isPending} onClick={() => trial.mutate()}>
            Test
          </Button>
          <ActMenu
            trigger={<IconButton icon={Ellipsis} label={`More for ${hook.name}`} />}
            items={[
              { text: "Change…", act: () => setOpen("change") },
              { text: spec.enabled ? "Turn off" : "Turn on", act: () => enable.mutate(!spec.enabled) },
              { text: "Remove…", bad: true, act: () => setOpen("remove") },
            ]}
          />
        </>
      }
    >
      <dl className="flex flex-col gap-1.5">
        <Fact name="Stands">
          <StandingText standing={standing} /> <span className="text-muted">{standing.about}</span>
        </Fact>
        <Fact name="Kind">{KINDS[spec.kind]}</Fact>
        <Fact name="To">
          <span className="break-words">{where(hook)}</span>
        </Fact>
        <Fact name="Tells">
          {tells(spec)}
          {spec.every_failure && spec.events.includes("run.failed") && "; each failure of a row"}
        </Fact>
        <Fact name="About">{about(spec)}</Fact>
        {spec.outcomes.length > 0 && (
          <Fact name="Ended as">{spec.outcomes.join(", ").replaceAll("_", " ")}</Fact>
        )}
        {spec.secret && (
          <Fact name={spec.kind === "ntfy" ? "Token" : "Signed by"}>
            <code className="text-meta">{spec.secret}</code>
          </Fact>
        )}
        {hook.reported_at && (
          <Fact name="Reported">
            until <Ago at={hook.reported_at} />
          </Fact>
        )}
      </dl>
      {trial.data && (
        <div className="mt-3">
          <TrialNote trial={trial.data} />
        </div>
      )}
      {open === "change" && <HookDialog hook={hook} onClose={close} />}
      {open === "remove" && (
        <RemoveHook
          hook={hook}
          onClose={close}
          onDone={() => void navigate({ to: "/settings", search: { tab: "hooks" } })}
        />
      )}
    </Card>
  );
}

/** What was given up, and a way to have it sent after all. */
function Dead({ hook }: { hook: Hook }) {
  const again = useMutation({
    mutationFn: () =>
      body(api.POST("/api/v1/hooks/{hook}/redeliver", { params: { path: { hook: hook.name } } })),
    onSuccess: ({ redelivered }) => {
      touch(["hooks"]);
      tell(`${many(redelivered, "message")} will be sent again`);
    },
    onError: complain,
  });
  return (
    <Note
      family="warn"
      action={
        <Button size="sm" busy={again.isPending} onClick={() => again.mutate()}>
          Send all again
        </Button>
      }
    >
      {many(hook.dead, "message")} did not arrive, and {hook.dead === 1 ? "is" : "are"} not tried any more.
    </Note>
  );
}

function Deliveries({ hook, state }: { hook: string; state: DeliveryState | undefined }) {
  const query = useInfiniteQuery(deliveriesQuery(hook, state));
  if (query.isPending) return <Skeleton />;
  if (query.isError) return <Trouble error={query.error} retry={() => void query.refetch()} />;
  const all = query.data.pages.flatMap((page) => page.items);
  if (all.length === 0) {
    return (
      <Empty icon={Inbox} title={state ? "None" : "Nothing was told yet"}>
        {state ? "No delivery stands so." : "What it is told is listed here, with what became of it."}
      </Empty>
    );
  }
  return (
    <>
      <ul className="divide-y divide-line">
        {all.map((delivery) => (
          <Row key={delivery.id} hook={hook} delivery={delivery} />
        ))}
      </ul>
      {query.hasNextPage && <More busy={query.isFetchingNextPage} more={() => void query.fetchNextPage()} />}
    </>
  );
}

function Row({ hook, delivery }: { hook: string; delivery: Delivery }) {
  const now = useNow();
  const standing = ofDelivery(delivery, now);
  const again = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/hooks/{hook}/deliveries/{delivery}/redeliver", {
          params: { path: { hook, delivery: delivery.id } },
        }),
      ),
    onSuccess: () => touch(["hooks"]),
    onError: complain,
  });
  const known = lastTry(delivery);
  return (
    <li className="px-4 py-2.5 text-dense">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StandingText standing={standing} />
        <span className="min-w-0">
          {eventWord(delivery.event)}
          {delivery.task && (
            <>
              {": "}
              <Link
                to="/tasks/$task"
                params={{ task: delivery.task }}
                className="font-medium hover:underline"
              >
                {delivery.task}
              </Link>
            </>
          )}{" "}
          {delivery.run && (
            <Link
              to="/runs/$run"
              params={{ run: delivery.run }}
              className="font-mono text-meta text-subtle hover:underline"
            >
              #{shortId(delivery.run)}
            </Link>
          )}
        </span>
        <Ago at={delivery.at} className="ml-auto text-meta text-subtle" />
        <Button size="sm" look="ghost" busy={again.isPending} onClick={() => again.mutate()}>
          {delivery.state === "waiting" ? "Send now" : "Send again"}
        </Button>
      </div>
      {(known || standing.about) && (
        <div className="text-meta break-words text-muted">
          {[known, standing.about].filter(Boolean).join("; ")}
        </div>
      )}
      {delivery.tries > 0 && <Tries hook={hook} delivery={delivery} />}
      <details>
        <summary className="w-fit cursor-pointer py-1.5 text-meta text-subtle hover:text-fg">
          What it says
        </summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
        <pre tabIndex={0} className="mt-1 max-h-80 overflow-auto rounded-lg bg-sunk p-3 text-meta leading-5">
          {JSON.stringify(
            { id: delivery.id, type: delivery.event, timestamp: delivery.at, data: delivery.data },
            null,
            2,
          )}
        </pre>
      </details>
    </li>
  );
}

/** Each time that a delivery was sent: what became of it, and what was answered. */
function Tries({ hook, delivery }: { hook: string; delivery: Delivery }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit cursor-pointer py-1.5 text-meta text-subtle hover:text-fg">Each try</summary>
      {open && <History hook={hook} delivery={delivery} />}
    </details>
  );
}

function History({ hook, delivery }: { hook: string; delivery: Delivery }) {
  const query = useQuery(triesQuery(hook, delivery.id, delivery.tries));
  if (query.isPending) return <Skeleton />;
  if (query.isError) return <Trouble error={query.error} retry={() => void query.refetch()} />;
  const { history } = query.data;
  return (
    <ol className="mt-1 flex flex-col gap-1.5 rounded-lg bg-sunk p-3 text-meta">
      {history.map((one) => (
        <li key={`${one.at} ${one.took_ms}`} className="min-w-0">
          <Ago at={one.at} className="text-subtle" />
          {" · "}
          {[
            one.status !== null ? `HTTP ${one.status}` : "no answer",
            `after ${duration(one.took_ms)}`,
            one.problem ?? "taken",
          ].join(" · ")}
          {one.answer && <div className="font-mono break-words text-muted">{one.answer}</div>}
        </li>
      ))}
      {delivery.tries > history.length && (
        <li className="text-subtle">
          {many(delivery.tries - history.length, "earlier try", "earlier tries")}
        </li>
      )}
    </ol>
  );
}
