import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card, Skeleton, Trouble } from "@/components/ui/page";
import { storageQuery } from "@/lib/api/queries";
import { bytes, many } from "@/lib/format";

/** What the data folder holds. */
export function Storage() {
  const query = useQuery(storageQuery);
  if (query.isPending) return <Skeleton />;
  if (query.isError) return <Trouble error={query.error} />;
  const parts = [...query.data.parts].sort((a, b) => b.bytes - a.bytes);
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
              <span className="font-medium">{part.name}</span>
              <span className="tnum text-muted">
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
