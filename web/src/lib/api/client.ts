/** Asks the service. What goes wrong is thrown as a {@link Refusal}, whose
 * message is for people and whose fields say where. */
import createClient from "openapi-fetch";
import type { paths } from "./schema";
import type { Field } from "./types";

/** An answer that is not what was asked for (RFC 9457), or none. */
export class Refusal extends Error {
  override name = "Refusal";

  constructor(
    /** The status; 0 when nothing answered. */
    readonly status: number,
    message: string,
    /** The kind of problem: the fragment of its `type`. */
    readonly kind: string = "",
    readonly fields: Field[] = [],
    /** The problem as it came, for what it holds beside. */
    readonly body: Record<string, unknown> = {},
  ) {
    super(message);
  }

  /** What is wrong with the field at this JSON pointer. */
  field(pointer: string): string | undefined {
    return this.fields.find((field) => field.pointer === pointer)?.message;
  }
}

/** Told when an answer says that nobody is signed in. */
const signedOut = new Set<() => void>();

export function onSignedOut(then: () => void): () => void {
  signedOut.add(then);
  return () => signedOut.delete(then);
}

/** The refusal that a response is. */
export async function refusal(response: Response): Promise<Refusal> {
  const body = await response.json().catch(() => ({}));
  const problem = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const kind = String(problem.type ?? "").split("#")[1] ?? "";
  const fields = Array.isArray(problem.errors) ? (problem.errors as Field[]) : [];
  const said = String(problem.detail ?? problem.title ?? `the service answered ${response.status}`);
  const message = fields.length === 1 && fields[0] ? fields[0].message : said;
  return new Refusal(response.status, message, kind, fields, problem);
}

async function ask(request: Request): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new Refusal(0, "the service does not answer; it may be restarting", "offline");
  }
  if (response.ok || response.status === 304) return response;
  const refused = await refusal(response);
  if (refused.status === 401 && !new URL(request.url).pathname.startsWith("/api/v1/session")) {
    for (const each of signedOut) each();
  }
  throw refused;
}

/** The client, typed by the document of the API. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: ask });

/** The body of an answer; a refusal has been thrown before. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

/** What no route of the document takes as it is: files. */
export function raw(path: string, init?: RequestInit): Promise<Response> {
  return ask(new Request(new URL(path, location.origin), init));
}

/** A text for people of whatever was thrown. */
export function say(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
