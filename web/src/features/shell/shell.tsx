/** What stands around every page: where one can go, how the service is, and
 * whether what is shown is live. */
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import {
  Boxes,
  CalendarClock,
  Ellipsis,
  Gauge,
  ListTree,
  type LucideIcon,
  ScrollText,
  Search,
  Settings,
} from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { Keys } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/page";
import { useConnection } from "@/lib/api/live";
import { client, systemQuery } from "@/lib/api/queries";
import { chunk } from "@/lib/chunk";
import { cn } from "@/lib/cn";
import { useMay } from "@/lib/session";
import { useShortcuts } from "@/lib/shortcuts";
import { router } from "@/routes";
import { Account } from "./account";
import { Mark } from "./mark";

const Palette = lazy(chunk(() => import("../palette/palette").then((all) => ({ default: all.Palette }))));
const Shortcuts = lazy(
  chunk(() => import("../palette/sheet").then((all) => ({ default: all.ShortcutSheet }))),
);

type Place = "/" | "/tasks" | "/runs" | "/schedules" | "/environments" | "/settings";

const PLACES: { to: Place; text: string; icon: LucideIcon; key: string }[] = [
  { to: "/", text: "Dashboard", icon: Gauge, key: "d" },
  { to: "/tasks", text: "Tasks", icon: ListTree, key: "t" },
  { to: "/runs", text: "Runs", icon: ScrollText, key: "r" },
  { to: "/schedules", text: "Schedules", icon: CalendarClock, key: "s" },
  { to: "/environments", text: "Environments", icon: Boxes, key: "e" },
  { to: "/settings", text: "Settings", icon: Settings, key: "," },
];

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

export function Shell() {
  const [open, setOpen] = useState<"palette" | "keys" | "more" | null>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: every move closes it
  useEffect(() => setOpen(null), [path]);
  useShortcuts({
    "mod+k": () => setOpen((now) => (now === "palette" ? null : "palette")),
    "?": () => setOpen("keys"),
    ...Object.fromEntries(
      PLACES.map((place) => [`g ${place.key}`, () => void router.navigate({ to: place.to })]),
    ),
  });
  return (
    <div className="flex min-h-dvh">
      <a
        href="#main"
        className="absolute -top-20 left-3 z-70 rounded-lg bg-ink px-3 py-1.5 text-on-ink focus:top-3"
      >
        Skip to content
      </a>
      <aside className="sticky top-0 hidden h-dvh w-14 shrink-0 flex-col border-r border-line bg-bg md:flex lg:w-56">
        <Link to="/" className="flex h-14 items-center gap-2.5 px-3.5 text-[15px] font-semibold lg:px-4">
          <Mark className="size-7" /> <span className="hidden lg:inline">Runbay</span>
        </Link>
        <div className="px-2 lg:px-3">
          <button
            type="button"
            onClick={() => setOpen("palette")}
            className="flex h-8 w-full items-center gap-2 rounded-lg border border-line bg-surface px-2 text-dense text-subtle hover:border-control"
          >
            <Search className="size-4 shrink-0" aria-hidden />
            <span className="sr-only flex-1 text-left lg:not-sr-only lg:whitespace-nowrap">
              Search or run…
            </span>
            <span aria-hidden className="hidden shrink-0 whitespace-nowrap lg:inline">
              <Keys>{isMac ? "⌘K" : "Ctrl K"}</Keys>
            </span>
          </button>
        </div>
        <nav aria-label="Main" className="mt-3 flex flex-col gap-0.5 px-2 lg:px-3">
          {PLACES.map((place) => (
            <SideLink key={place.to} place={place} here={isHere(path, place.to)} />
          ))}
        </nav>
        <div className="mt-auto border-t border-line">
          <Health />
        </div>
      </aside>
      <div className="flex min-w-0 flex-1 flex-col pb-16 md:pb-0">
        <Bar onSearch={() => setOpen("palette")} path={path} />
        <LiveBanner />
        <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
          <Suspense fallback={<Skeleton className="mx-auto w-full max-w-[1400px] p-6" />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <BottomBar path={path} more={open === "more"} onMore={() => setOpen(open === "more" ? null : "more")} />
      <Suspense>
        {open === "palette" && <Palette onClose={() => setOpen(null)} />}
        {open === "keys" && <Shortcuts onClose={() => setOpen(null)} />}
      </Suspense>
    </div>
  );
}

const isHere = (path: string, to: Place) => (to === "/" ? path === "/" : path.startsWith(to));

function SideLink({
  place: { to, text, icon: Icon },
  here,
}: {
  place: (typeof PLACES)[number];
  here: boolean;
}) {
  return (
    <Link
      to={to}
      title={text}
      aria-current={here ? "page" : undefined}
      className={cn(
        "flex h-8 items-center gap-2.5 rounded-lg px-2.5 text-dense font-medium",
        here ? "bg-hover text-fg" : "text-muted hover:bg-hover hover:text-fg",
      )}
    >
      <Icon className="size-4 shrink-0" aria-hidden /> <span className="hidden lg:inline">{text}</span>
    </Link>
  );
}

function Bar({ onSearch, path }: { onSearch(): void; path: string }) {
  const parts = path.split("/").filter(Boolean);
  const top = PLACES.find((place) => place.to !== "/" && isHere(path, place.to));
  return (
    <header className="sticky top-0 z-30 flex h-12 items-center gap-2 border-b border-line bg-bg/90 px-4 backdrop-blur-md md:px-6">
      <Link to="/" className="md:hidden" aria-label="Dashboard">
        <Mark className="size-7" />
      </Link>
      <nav aria-label="Breadcrumb" className="min-w-0 flex-1 truncate text-dense text-muted">
        {top ? (
          <>
            <Link to={top.to} className={parts.length > 1 ? "hover:text-fg" : "text-fg"}>
              {top.text}
            </Link>
            {parts.length > 1 && (
              <>
                <span className="mx-1.5 text-subtle">/</span>
                <span className="text-fg">{parts[0] === "runs" ? `#${parts[1]?.slice(-8)}` : parts[1]}</span>
              </>
            )}
          </>
        ) : (
          <span className="text-fg">{elsewhere(parts[0])}</span>
        )}
      </nav>
      <button
        type="button"
        aria-label="Search or run"
        onClick={onSearch}
        className="flex size-11 items-center justify-center rounded-lg text-muted md:hidden"
      >
        <Search className="size-5" aria-hidden />
      </button>
      <Account />
    </header>
  );
}

/** What a page is called that is in no list. */
const elsewhere = (part = "") => (part === "" ? "Dashboard" : part === "compare" ? "Two runs" : "");

/** How the engine is, and what goes on. */
function Health() {
  const may = useMay("system_read");
  const { data } = useQuery({ ...systemQuery, enabled: may });
  const connection = useConnection();
  if (!data) return <div className="h-10" />;
  const ready = data.engine.ready;
  return (
    <div
      className="flex min-h-10 items-center gap-2 px-4 py-2 text-meta text-muted lg:px-4"
      title={data.engine.about}
    >
      <span
        className={cn(
          "size-2 shrink-0 rounded-full",
          ready ? "bg-ok-fill" : "bg-bad-fill",
          connection !== "open" && "opacity-50",
        )}
      />
      <span className="hidden min-w-0 truncate lg:inline">
        {ready ? "Docker ready" : "Docker does not answer"}
        {data.active_runs > 0 && ` · ${data.active_runs} active`}
      </span>
      <span className="sr-only">{data.engine.about}</span>
    </div>
  );
}

/** Says that what is shown may be old, and keeps it from getting very old. */
function LiveBanner() {
  const connection = useConnection();
  const [late, setLate] = useState(false);
  // Trying and waiting in turn are one trouble.
  const fine = connection === "open" || connection === "closed";
  useEffect(() => {
    setLate(false);
    if (fine) return;
    const show = setTimeout(() => setLate(true), 1500);
    const ask = setInterval(() => void client.invalidateQueries(), 5000);
    return () => {
      clearTimeout(show);
      clearInterval(ask);
    };
  }, [fine]);
  if (!late) return null;
  return (
    <div
      role="status"
      className="flex items-center gap-2 border-b border-warn/30 bg-warn-soft px-4 py-1.5 text-dense text-warn md:px-6"
    >
      <span className="pulse-soft size-2 rounded-full bg-warn-fill" aria-hidden />
      Live updates are off. Connecting again…
    </div>
  );
}

function BottomBar({ path, more, onMore }: { path: string; more: boolean; onMore(): void }) {
  const rest = PLACES.slice(4);
  const item = "flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-micro font-medium";
  return (
    <div className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-bg/95 pb-[env(safe-area-inset-bottom)] backdrop-blur-md md:hidden">
      {more && (
        <div className="arrive absolute right-2 bottom-full mb-2 w-52 rounded-xl border border-line bg-surface p-1.5 shadow-float">
          {rest.map(({ to, text, icon: Icon }) => (
            <Link
              key={to}
              to={to}
              className="flex h-11 items-center gap-3 rounded-lg px-3 text-body hover:bg-hover"
            >
              <Icon className="size-4.5 text-muted" aria-hidden /> {text}
            </Link>
          ))}
        </div>
      )}
      <nav aria-label="Main" className="flex">
        {PLACES.slice(0, 4).map(({ to, text, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            aria-current={isHere(path, to) ? "page" : undefined}
            className={cn(item, isHere(path, to) ? "text-fg" : "text-subtle")}
          >
            <Icon className="size-5" aria-hidden /> {text}
          </Link>
        ))}
        <button
          type="button"
          aria-expanded={more}
          onClick={onMore}
          className={cn(item, rest.some((place) => isHere(path, place.to)) ? "text-fg" : "text-subtle")}
        >
          <Ellipsis className="size-5" aria-hidden /> More
        </button>
      </nav>
    </div>
  );
}
