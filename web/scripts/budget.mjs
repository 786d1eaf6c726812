// Fails the build when a page has become heavy. Sizes are those of gzip, which
// is what browsers ask for over plain HTTP.
import { readdir, readFile, stat } from "node:fs/promises";

const dist = new URL("../dist/", import.meta.url);
const index = await readFile(new URL("index.html", dist), "utf8");
const size = async (name) => (await stat(new URL(`${name}.gz`, dist))).size / 1000;
const entry = [...index.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map((hit) => hit[1]);

const rows = [];
let [js, css] = [0, 0];
for (const name of entry) {
  if (name.endsWith(".js")) js += await size(name);
  else css += await size(name);
}
rows.push(["entry scripts", js, 170], ["entry styles", css, 15]);
for (const name of await readdir(new URL("assets/", dist))) {
  if (!name.endsWith(".js") || entry.includes(`assets/${name}`)) continue;
  const kB = await size(`assets/${name}`);
  const lazy = /^(monaco|codemirror|editor\.worker)/.exec(name)?.[1];
  const most = lazy === "monaco" ? 900 : lazy === "codemirror" ? 160 : lazy ? 120 : 45;
  if (kB > 5) rows.push([name, kB, most]);
}
let over = false;
for (const [name, kB, most] of rows) {
  const bad = kB > most;
  over ||= bad;
  console.log(
    `${bad ? "OVER" : "  ok"} ${kB.toFixed(1).padStart(7)} kB of ${String(most).padStart(3)}  ${name}`,
  );
}
if (over) process.exit(1);
