// Writes src/lib/api/schema.d.ts from the snapshot of the API's document. With
// --check it writes nothing and fails when the two differ.

import { readFile, writeFile } from "node:fs/promises";
import openapi, { astToString } from "openapi-typescript";

const document = JSON.parse(
  await readFile(new URL("../../tests/http/openapi.json", import.meta.url), "utf8"),
);
const target = new URL("../src/lib/api/schema.d.ts", import.meta.url);
/** Beside a reference there may be more (JSON Schema 2020-12); types need to be told. */
function whole(node) {
  if (Array.isArray(node)) return node.map(whole);
  if (typeof node !== "object" || node === null) return node;
  const made = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, whole(value)]));
  if (typeof made.$ref !== "string" || !made.properties) return made;
  const { $ref, ...rest } = made;
  return { allOf: [{ $ref }, rest] };
}

const head = "// Made by `npm run gen:api` from tests/http/openapi.json. Do not edit.\n";
const made = head + astToString(await openapi(whole(document), { defaultNonNullable: false }));
if (process.argv.includes("--check")) {
  const present = await readFile(target, "utf8").catch(() => "");
  if (present !== made) {
    console.error("src/lib/api/schema.d.ts is older than the API: run `npm run gen:api` in web/");
    process.exit(1);
  }
} else {
  await writeFile(target, made);
}
