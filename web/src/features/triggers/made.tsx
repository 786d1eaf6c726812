/** Where others call a trigger, and how. */
import { useQuery } from "@tanstack/react-query";
import { CopyLine, Once } from "@/components/ui/once";
import { settingsQuery } from "@/lib/api/queries";
import type { TriggerMade } from "@/lib/api/types";
import { asCurl, callable } from "./spec";

export function Made({ made, onClose }: { made: TriggerMade; onClose(): void }) {
  const settings = useQuery(settingsQuery);
  // The address would change under whoever copies it.
  if (settings.isPending) return null;
  const { name, spec } = made.trigger;
  const external = settings.data?.some((one) => one.key === "server.external_url" && one.value) ?? false;
  const url = callable(made.url, external, location.origin);
  const curl = asCurl(url, spec);
  const token = spec.auth === "token";
  return (
    <Once
      title={`The address of ${name}`}
      about={
        token
          ? "There is a token in it, which is shown this once. Keep it where passwords are kept."
          : `It lets in whoever signs with ${spec.secret}.`
      }
      label="Address"
      text={url}
      onClose={onClose}
    >
      {curl && (
        <div className="flex flex-col gap-1">
          <span className="text-dense font-medium">From a shell</span>
          <CopyLine label="Command" text={curl} />
          <span className="text-meta text-subtle">
            With <code>{token ? "&wait=60" : "?wait=60"}</code> behind the address it answers when the run is
            over, after 60 seconds at the latest.
          </span>
        </div>
      )}
      {spec.auth === "github" && (
        <p className="text-dense text-muted">
          In GitHub: Settings, Webhooks, Add webhook; content type application/json, and as secret the value
          of <code>{spec.secret}</code>.
        </p>
      )}
      {spec.auth === "standard" && (
        <p className="text-dense text-muted">
          The caller posts JSON with <code>webhook-id</code>, <code>webhook-timestamp</code> and{" "}
          <code>webhook-signature</code>, signed with the value of <code>{spec.secret}</code>.
        </p>
      )}
    </Once>
  );
}
