/** The form of a trigger, and what is told to those who are to call it. */
import type { KeptTrigger, Param, TriggerSpec } from "@/lib/api/types";

export type Auth = TriggerSpec["auth"];

export const AUTHS: Record<Auth, [string, string]> = {
  token: ["A token in the address", "Whoever knows the address may start runs; it is shown once"],
  github: ["A signature as GitHub makes it", "X-Hub-Signature-256, made with a secret"],
  standard: [
    "A signature as Standard Webhooks has it",
    "webhook-signature, made with a secret that holds whsec_…",
  ],
};

/** What stands in the controls. */
export interface Filled {
  name: string;
  task: string;
  auth: Auth;
  secret: string;
  /** Places in the payload, by parameter; empty for none. */
  params: Record<string, string>;
  perMinute: string;
  enabled: boolean;
}

export const blank = (task: string): Filled => ({
  name: "",
  task,
  auth: "token",
  secret: "",
  params: {},
  perMinute: "60",
  enabled: true,
});

export const filled = ({ name, spec }: KeptTrigger): Filled => ({
  name,
  task: spec.task,
  auth: spec.auth,
  secret: spec.secret ?? "",
  params: spec.params,
  perMinute: `${spec.per_minute}`,
  enabled: spec.enabled,
});

export const spec = (form: Filled): TriggerSpec => ({
  task: form.task,
  auth: form.auth,
  secret: form.auth === "token" ? null : form.secret || null,
  params: Object.fromEntries(
    Object.entries(form.params)
      .map(([name, place]) => [name, place.trim()])
      .filter(([, place]) => place !== ""),
  ),
  per_minute: Number(form.perMinute),
  enabled: form.enabled,
});

/** The parameters that a caller may give: not files, which are paths on the
 * machine of the service; and those that are named although nobody declares them. */
export function givable(declared: Record<string, Param>, named: Record<string, string>): string[] {
  const open = Object.entries(declared).filter(([, param]) => param.type !== "file");
  return [...new Set([...open.map(([name]) => name), ...Object.keys(named)])];
}

/** How a caller is admitted, in words. */
export function admits({ auth, secret }: Pick<TriggerSpec, "auth" | "secret">): string {
  if (auth === "token") return "token";
  return `signed with ${secret}, as ${auth === "github" ? "GitHub does" : "Standard Webhooks has it"}`;
}

/** Where others call it. Unless the service is told by what address it is reached
 * (`external`), the one that this browser reached it by is the best that is known. */
export function callable(url: string, external: boolean, origin: string): string {
  const { pathname, search } = new URL(url);
  return external ? url : `${origin}${pathname}${search}`;
}

/** A payload that holds something at each of these places (RFC 6901). */
export function sample(params: Record<string, string>): unknown {
  let whole: unknown = {};
  for (const place of Object.values(params)) {
    const keys = place
      .split("/")
      .slice(1)
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    whole = put(whole, keys);
  }
  return whole;
}

function put(into: unknown, [key, ...rest]: string[]): unknown {
  if (key === undefined) return "…";
  const known = typeof into === "object" && into !== null ? into : undefined;
  // The first of a list is the only one that can be shown by itself.
  if (key === "0" && (known === undefined || Array.isArray(known))) return [put(known?.[0], rest)];
  const kept = known && !Array.isArray(known) ? (known as Record<string, unknown>) : {};
  return Object.fromEntries([
    ...Object.entries(kept).filter(([name]) => name !== key),
    [key, put(kept[key], rest)],
  ]);
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** What calls it from a shell; of one that is signed to, with the signature made there. */
export function asCurl(url: string, { auth, params, secret }: TriggerSpec): string {
  const json = quoted(JSON.stringify(sample(params)));
  const type = "-H 'Content-Type: application/json'";
  if (auth === "token") return `curl ${type} -d ${json} ${quoted(url)}`;
  if (auth === "github") {
    const sign = `openssl dgst -sha256 -hmac "$${secret}" -r | cut -d' ' -f1`;
    return `body=${json}; curl ${type} -H "X-Hub-Signature-256: sha256=$(printf %s "$body" | ${sign})" -d "$body" ${quoted(url)}`;
  }
  return "";
}
