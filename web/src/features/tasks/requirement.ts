/** Adding a package to what a task asks for. Only plain lists are changed here;
 * whatever has a form of its own is opened in the editor instead. */
import { api, body, Refusal, raw } from "@/lib/api/client";
import type { TaskView } from "@/lib/api/types";
import { fileAddress } from "./file";

/** The name of a package in a requirement (PEP 508), as indexes compare it. */
export function nameOf(requirement: string): string {
  const name = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(requirement)?.[1] ?? "";
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/** A list of requirements with one more, in the place of one of the same name. */
export function withRequirement(text: string, requirement: string): string {
  const lines = text.replace(/\n+$/, "").split("\n");
  const name = nameOf(requirement);
  const at = lines.findIndex((line) => !/^\s*(#|-|$)/.test(line) && nameOf(line) === name);
  if (at >= 0) lines[at] = requirement;
  else if (lines.length === 1 && lines[0] === "") lines[0] = requirement;
  else lines.push(requirement);
  return `${lines.join("\n")}\n`;
}

export async function addRequirement(view: TaskView, requirement: string): Promise<void> {
  if (!nameOf(requirement))
    throw new Refusal(0, `“${requirement}” does not begin with the name of a package`);
  const checked = await body(
    api.POST("/api/v1/environments/validate", { body: { requirements: requirement } }),
  );
  if (!checked.ok)
    throw new Refusal(
      0,
      checked.problems.map((problem) => problem.message).join("\n") || "this is not a requirement",
    );
  const from = view.detail?.requirements_from ?? "requirements.txt";
  if (!/\.txt$/.test(from) || from.includes("/")) {
    throw new Refusal(0, `its packages are named in ${from}: change them there, under Code`);
  }
  const response = view.detail?.requirements_from ? await raw(fileAddress(view.name, from)) : undefined;
  const etag = response?.headers.get("etag");
  const text = (await response?.text()) ?? "";
  await raw(fileAddress(view.name, from), {
    method: "PUT",
    headers: {
      "content-type": "application/octet-stream",
      ...(etag ? { "if-match": etag.replace(/^W\//, "") } : { "if-none-match": "*" }),
    },
    body: withRequirement(text, requirement),
  });
}
