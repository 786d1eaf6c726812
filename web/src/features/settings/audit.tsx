import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { ScrollText, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/field";
import { More } from "@/components/ui/list";
import { Note } from "@/components/ui/note";
import { Card, Empty, Skeleton, Trouble } from "@/components/ui/page";
import { Ago } from "@/components/ui/time";
import { complain } from "@/components/ui/toast";
import { api, body } from "@/lib/api/client";
import { cn } from "@/lib/cn";
import { count } from "@/lib/format";

/** Who did what, when and from where. */
export function Audit() {
  const [actor, setActor] = useState("");
  const query = useInfiniteQuery({
    queryKey: ["audit", actor],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET("/api/v1/audit", {
          params: { query: { limit: 100, cursor: pageParam, ...(actor ? { actor } : {}) } },
          signal,
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => (page.next == null ? undefined : Number(page.next)),
  });
  const verify = useMutation({ mutationFn: () => body(api.GET("/api/v1/audit/verify")), onError: complain });
  const entries = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <Input
          type="search"
          aria-label="Who"
          placeholder="Who: user:ann, token:4f3a…, local"
          className="max-w-72"
          value={actor}
          onChange={(event) => setActor(event.target.value)}
        />
        <Button icon={ShieldCheck} busy={verify.isPending} onClick={() => verify.mutate()}>
          Verify
        </Button>
      </div>
      {verify.data && (
        <Note family={verify.data.fault ? "bad" : "idle"} className="mb-3">
          {verify.data.fault
            ? `Entry ${verify.data.broken} is not sound: ${verify.data.fault}`
            : `All ${count(verify.data.sound)} entries are sound: none was changed, removed or put in between.`}
        </Note>
      )}
      <Card flush>
        {query.isPending ? (
          <Skeleton />
        ) : query.isError ? (
          <Trouble error={query.error} />
        ) : entries.length === 0 ? (
          <Empty icon={ScrollText} title="Nothing was noted">
            Sign-ins, changes of users, tokens and settings, and refusals are noted here.
          </Empty>
        ) : (
          <>
            <ul className="divide-y divide-line">
              {entries.map((entry) => (
                <li key={entry.seq} className="flex flex-wrap items-baseline gap-x-4 px-4 py-2 text-dense">
                  <span className="shrink-0 text-meta text-subtle max-sm:order-last max-sm:ml-auto sm:w-24">
                    <Ago at={entry.at} />
                  </span>
                  <span className="shrink-0 truncate font-medium sm:w-32">{entry.actor}</span>
                  <span className={cn("shrink-0 sm:w-44", entry.verdict !== "done" && "text-bad")}>
                    {entry.action.replaceAll(/[._]/g, " ")}
                  </span>
                  <span className="min-w-0 flex-1 basis-full truncate text-muted sm:basis-0">
                    {entry.object} {entry.detail}
                  </span>
                  <span className="text-meta text-subtle">{entry.address}</span>
                </li>
              ))}
            </ul>
            {query.hasNextPage && (
              <More busy={query.isFetchingNextPage} more={() => void query.fetchNextPage()} />
            )}
          </>
        )}
      </Card>
    </>
  );
}
