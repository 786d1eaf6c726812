/** The form of a task's parameters: what is filled in, and the values it means. */
import type { Param } from "@/lib/api/types";

/** What stands in the controls, as text. */
export type Filled = Record<string, string>;

export function initial(params: Record<string, Param>, last: Record<string, unknown> = {}): Filled {
  return Object.fromEntries(
    Object.entries(params).map(([name, param]) => [name, text(name in last ? last[name] : param.default)]),
  );
}

function text(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The values of a form. What is empty is left out: the task's own default holds.
 * Numbers that are none are sent as text, and the service says what is wrong. */
export function values(params: Record<string, Param>, filled: Filled): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, param] of Object.entries(params)) {
    const given = filled[name] ?? "";
    if (given === "" && !(param.type === "text" && typeof param.default === "string" && param.default !== ""))
      continue;
    if (param.type === "bool") found[name] = given === "true";
    else if (param.type === "int" || param.type === "float") found[name] = number(given);
    else found[name] = given;
  }
  return found;
}

function number(given: string): number | string {
  const value = Number(given.trim());
  return given.trim() !== "" && Number.isFinite(value) ? value : given;
}

/** The same run, asked for elsewhere. */
export function asCommand(task: string, params: Record<string, unknown>): string {
  const quoted = (value: unknown) => {
    const said = typeof value === "string" ? value : JSON.stringify(value);
    return /^[\w./:@-]+$/.test(said) ? said : `'${said.replaceAll("'", `'\\''`)}'`;
  };
  return [
    "runbay run",
    task,
    ...Object.entries(params).map(([name, value]) => `-p ${name}=${quoted(value)}`),
  ].join(" ");
}

export function asCurl(task: string, params: Record<string, unknown>, origin: string): string {
  const body = JSON.stringify({ params }).replaceAll("'", `'\\''`);
  return `curl -X POST ${origin}/api/v1/tasks/${task}/runs \\\n  -H 'Authorization: Bearer '"$RUNBAY_TOKEN" \\\n  -H 'Content-Type: application/json' -d '${body}'`;
}
