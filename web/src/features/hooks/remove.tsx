import { Confirm } from "@/components/ui/dialog";
import { api, body } from "@/lib/api/client";
import { client, hooksQuery, touch } from "@/lib/api/queries";
import type { Hook } from "@/lib/api/types";
import { many } from "@/lib/format";

export function RemoveHook({ hook, onClose, onDone }: { hook: Hook; onClose(): void; onDone?(): void }) {
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Remove ${hook.name}?`}
      act="Remove"
      onAct={async () => {
        await body(api.DELETE("/api/v1/hooks/{hook}", { params: { path: { hook: hook.name } } }));
        onDone?.();
        // Nothing is asked of it any more, also not by a list that is on its way.
        await client.cancelQueries({ queryKey: ["hooks"] });
        client.setQueryData(hooksQuery.queryKey, (all) => all?.filter((one) => one.name !== hook.name));
        touch(["hooks"], ["secrets"]);
      }}
    >
      {lost(hook)} Its log of what was sent is gone with it. Secrets that it uses stay.
    </Confirm>
  );
}

/** What will not be told when a hook is gone. */
function lost({ waiting, dead }: Hook): string {
  const kept = [
    waiting > 0 && many(waiting, "waiting message"),
    dead > 0 && `${many(dead, "message")} given up`,
  ]
    .filter(Boolean)
    .join(" and ");
  return kept ? `${kept} will not be sent any more.` : "Nothing waits to be sent.";
}
