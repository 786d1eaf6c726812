// Puts a .br and a .gz beside every text file of dist/, once, as small as they
// get, so that the service compresses nothing while it serves.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import zlib from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);
const quality = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } };

for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(js|css|html|svg|json|webmanifest|txt|ttf)$/.test(entry.name)) continue;
  const path = `${entry.parentPath}/${entry.name}`;
  const bytes = await readFile(path);
  await writeFile(`${path}.br`, await brotli(bytes, quality));
  await writeFile(`${path}.gz`, await gzip(bytes, { level: 9 }));
}
