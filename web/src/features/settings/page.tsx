/** The service and who may do what. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { Page } from "@/components/ui/page";
import { cn } from "@/lib/cn";
import { useInSight } from "@/lib/in-sight";
import { type Permission, useSession } from "@/lib/session";
import { Notifications } from "../hooks/page";
import { Triggers } from "../triggers/list";
import { Account } from "./account";
import { Audit } from "./audit";
import { Secrets } from "./secrets";
import { Service } from "./service";
import { Storage } from "./storage";
import { Tokens } from "./tokens";
import { Users } from "./users";
import { Values } from "./values";

const route = getRouteApi("/settings");

const TABS: { key: string; text: string; needs: Permission; page: () => React.ReactNode }[] = [
  { key: "service", text: "Service", needs: "system_read", page: () => <Service /> },
  { key: "values", text: "Configuration", needs: "system_read", page: () => <Values /> },
  { key: "storage", text: "Storage", needs: "system_read", page: () => <Storage /> },
  { key: "hooks", text: "Notifications", needs: "system_write", page: () => <Notifications /> },
  { key: "triggers", text: "Triggers", needs: "system_write", page: () => <Triggers /> },
  { key: "secrets", text: "Secrets & variables", needs: "secrets_read", page: () => <Secrets /> },
  { key: "account", text: "My account", needs: "signed_in", page: () => <Account /> },
  { key: "tokens", text: "Tokens", needs: "account", page: () => <Tokens /> },
  { key: "users", text: "Users", needs: "access_read", page: () => <Users /> },
  { key: "audit", text: "Audit log", needs: "access_read", page: () => <Audit /> },
];

export function SettingsPage() {
  const search = route.useSearch();
  const { me } = useSession();
  const tabs = TABS.filter((tab) => me?.permissions.includes(tab.needs));
  const here = tabs.find((tab) => tab.key === search.tab) ?? tabs[0];
  const row = useInSight(here?.key);
  return (
    <Page title="Settings" name="Settings">
      <div className="grid items-start gap-6 md:grid-cols-[180px_minmax(0,1fr)]">
        <nav
          ref={row}
          aria-label="Settings"
          className="flex gap-1 overflow-x-auto md:sticky md:top-16 md:flex-col"
        >
          {tabs.map((tab) => (
            <Link
              key={tab.key}
              to="/settings"
              search={{ tab: tab.key }}
              activeOptions={{ exact: true, includeSearch: true }}
              aria-current={tab === here ? "page" : undefined}
              className={cn(
                "flex h-8 shrink-0 items-center rounded-lg px-2.5 text-dense font-medium touch:h-11",
                tab === here ? "bg-hover text-fg" : "text-muted hover:bg-hover hover:text-fg",
              )}
            >
              {tab.text}
            </Link>
          ))}
        </nav>
        <div className="min-w-0">{here?.page()}</div>
      </div>
    </Page>
  );
}
