/** The files a run left. What they hold is shown as text or as pictures, never
 * as pages: whoever wrote them is not us. */
import { useQuery } from "@tanstack/react-query";
import { Download, Eye, FileQuestion } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, buttonClass } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Empty, Skeleton, Trouble } from "@/components/ui/page";
import { raw } from "@/lib/api/client";
import type { Artifact, RunDetail } from "@/lib/api/types";
import { bytes } from "@/lib/format";
import { plain } from "../log/ansi";

const PICTURE = /\.(png|jpe?g|gif|webp|avif|bmp|ico)$/i;
const TEXT = /\.(txt|log|md|csv|tsv|json|jsonl|ya?ml|toml|ini|xml|html?|svg|py|sql|sh|css|js)$/i;
const TYPES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  bmp: "image/bmp",
  ico: "image/x-icon",
};
/** Previews are for looking, bytes. */
const MOST = 8 * 1024 * 1024;

const address = (run: string, path: string) =>
  `/api/v1/runs/${run}/artifacts/${path.split("/").map(encodeURIComponent).join("/")}`;

export function Artifacts({ detail }: { detail: RunDetail }) {
  const [shown, setShown] = useState<Artifact>();
  const { artifacts, run } = detail;
  if (artifacts.length === 0) {
    return (
      <div className="card">
        <Empty icon={FileQuestion} title="No files were kept">
          A script keeps files by writing them into the folder <code>$RUNBAY_ARTIFACTS</code>, or the task
          names patterns under <code>artifacts</code> in its task.toml.
        </Empty>
      </div>
    );
  }
  return (
    <div className="card divide-y divide-line">
      {artifacts.map((artifact) => {
        const seen = artifact.bytes <= MOST && (PICTURE.test(artifact.path) || TEXT.test(artifact.path));
        return (
          <div key={artifact.path} className="flex min-h-11 items-center gap-3 px-4 py-1.5 text-dense">
            <span className="min-w-0 flex-1 truncate font-medium">{plain(artifact.path)}</span>
            <span className="tnum text-muted">{bytes(artifact.bytes)}</span>
            {seen && (
              <Button size="sm" look="ghost" icon={Eye} onClick={() => setShown(artifact)}>
                Show
              </Button>
            )}
            <a
              href={address(run.id, artifact.path)}
              download
              className={buttonClass("ghost", "sm")}
              aria-label={`Download ${plain(artifact.path)}`}
            >
              <Download className="size-4" aria-hidden />
            </a>
          </div>
        );
      })}
      {shown && <Preview run={run.id} artifact={shown} onClose={() => setShown(undefined)} />}
    </div>
  );
}

function Preview({ run, artifact, onClose }: { run: string; artifact: Artifact; onClose(): void }) {
  const query = useQuery({
    queryKey: ["artifact", run, artifact.path, artifact.digest],
    queryFn: async ({ signal }) => (await raw(address(run, artifact.path), { signal })).arrayBuffer(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Dialog open onClose={onClose} wide title={plain(artifact.path)} about={bytes(artifact.bytes)}>
      {query.isPending ? (
        <Skeleton />
      ) : query.isError ? (
        <Trouble error={query.error} />
      ) : (
        <Content path={artifact.path} content={query.data} />
      )}
    </Dialog>
  );
}

function Content({ path, content }: { path: string; content: ArrayBuffer }) {
  const [url, setUrl] = useState<string>();
  const picture = PICTURE.test(path);
  useEffect(() => {
    if (!picture) return;
    const type = TYPES[path.split(".").at(-1)!.toLowerCase()] ?? "image/png";
    const made = URL.createObjectURL(new Blob([content], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [picture, path, content]);
  if (picture)
    return url ? (
      <img
        src={url}
        alt={`Preview of ${plain(path)}`}
        className="mx-auto max-h-[64vh] max-w-full rounded-lg border border-line bg-white"
      />
    ) : null;
  const text = new TextDecoder().decode(content.slice(0, 400_000));
  if (/\.csv$/i.test(path)) return <Table text={text} />;
  return <pre className="overflow-x-auto text-meta leading-5">{pretty(path, text)}</pre>;
}

function pretty(path: string, text: string): string {
  if (!/\.json$/i.test(path)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Table({ text }: { text: string }) {
  const rows = csv(text).slice(0, 500);
  const [head, ...rest] = rows;
  return (
    <div className="overflow-x-auto">
      <table className="tnum text-meta">
        <thead>
          <tr>
            {head?.map((cell, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: cells have no names
              <th key={at} className="border-b border-line px-2 py-1 text-left font-medium">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rest.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no names
            <tr key={index}>
              {row.map((cell, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells have no names
                <td key={at} className="border-b border-line px-2 py-1 whitespace-nowrap">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Rows and cells of comma-separated values (RFC 4180). */
export function csv(text: string): string[][] {
  const rows: string[][] = [[]];
  let [cell, quoted] = ["", false];
  for (let at = 0; at < text.length; at += 1) {
    const c = text[at]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (c === '"' && cell === "") quoted = true;
    else if (c === "," || c === "\n") {
      rows.at(-1)!.push(cell.replace(/\r$/, ""));
      cell = "";
      if (c === "\n") rows.push([]);
    } else cell += c;
  }
  if (cell !== "") rows.at(-1)!.push(cell);
  return rows.filter((row) => row.length > 0);
}
