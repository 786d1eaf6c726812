import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card, Skeleton, Trouble } from "@/components/ui/page";
import { storageQuery } from "@/lib/api/queries";
import type { Part } from "@/lib/api/types";
import { bytes, many } from "@/lib/format";

/** What each part of the data folder is, by the names in it. */
const PARTS: { name: string; about: string; has: RegExp }[] = [
  { name: "Database", about: "tasks, runs, schedules, users", has: /^runbay\.db/ },
  { name: "Logs", about: "what runs and builds wrote", has: /^logs/ },
  { name: "Files", about: "what runs left in $RUNBAY_ARTIFACTS", has: /^artifacts$/ },
  { name: "Versions", about: "the code of each run, packed", has: /^versions$/ },
  { name: "Reserve", about: "given up when the disk is full, to end in order", has: /^reserve$/ },
];
const REST = { name: "Other", about: "locks, addresses, what is being worked on", has: /./ };

function grouped(parts: Part[]) {
  const of = (part: Part) => PARTS.find((one) => one.has.test(part.name)) ?? REST;
  return [...PARTS, REST]
    .map((group) => {
      const own = parts.filter((part) => of(part) === group);
      const sum = (key: "bytes" | "files") => own.reduce((total, part) => total + part[key], 0);
      return { ...group, bytes: sum("bytes"), files: sum("files") };
    })
    .filter((group) => group.files > 0)
    .sort((a, b) => b.bytes - a.bytes);
}

/** What the data folder holds. */
export function Storage() {
  const query = useQuery(storageQuery);
  if (query.isPending) return <Skeleton />;
  if (query.isError) return <Trouble error={query.error} />;
  const parts = grouped(query.data.parts);
  const most = Math.max(1, parts[0]?.bytes ?? 1);
  return (
    <Card
      title={`${bytes(query.data.bytes)} in the data folder`}
      aside={
        <Link to="/environments" search={{ tab: "cleanup" }} className="hover:text-fg">
          Clean-up
        </Link>
      }
    >
      <ul className="flex flex-col gap-3">
        {parts.map((part) => (
          <li key={part.name}>
            <div className="flex justify-between text-dense">
              <span className="min-w-0">
                <span className="font-medium">{part.name}</span>
                <span className="text-meta text-subtle max-sm:block sm:ml-2">{part.about}</span>
              </span>
              <span className="tnum shrink-0 text-muted">
                {many(part.files, "file")}, {bytes(part.bytes)}
              </span>
            </div>
            <div className="mt-1 h-1.5 overflow-hidden rounded-full bg-sunk">
              <div
                className="h-full rounded-full bg-off-fill"
                style={{ width: `${(100 * part.bytes) / most}%` }}
              />
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
