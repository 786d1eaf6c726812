/** The pages and their addresses. Each page is a chunk of its own, loaded when a
 * link to it is pointed at. Filters, tabs and chosen lines are in the address. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { NotFound } from "./features/shell/not-found";
import { Shell } from "./features/shell/shell";
import type { RunsFilter } from "./lib/api/queries";
import { chunk } from "./lib/chunk";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

/** The texts of an address among these keys; whatever else is there is dropped. */
function texts<K extends string>(...keys: K[]) {
  return (search: Record<string, unknown>): { [key in K]?: string } => {
    const found: { [key in K]?: string } = {};
    for (const key of keys) {
      const value = search[key];
      if (typeof value === "string" && value !== "") found[key] = value;
      else if (typeof value === "number" || typeof value === "boolean") found[key] = String(value);
    }
    return found;
  };
}

const page = <P extends string>(path: P) => ({ getParentRoute: () => root, path });

const dashboard = createRoute({
  ...page("/"),
  component: lazyRouteComponent(
    chunk(() => import("./features/dashboard/page")),
    "DashboardPage",
  ),
});

const tasks = createRoute({
  ...page("/tasks"),
  validateSearch: texts("text", "tag", "status", "new"),
  component: lazyRouteComponent(
    chunk(() => import("./features/tasks/list")),
    "TasksPage",
  ),
});

const task = createRoute({
  ...page("/tasks/$task"),
  validateSearch: texts("tab", "file", "line", "run"),
  component: lazyRouteComponent(
    chunk(() => import("./features/tasks/page")),
    "TaskPage",
  ),
});

const runs = createRoute({
  ...page("/runs"),
  validateSearch: texts("task", "tag", "state", "outcome", "trigger", "pinned", "from", "text") as (
    search: Record<string, unknown>,
  ) => RunsFilter,
  component: lazyRouteComponent(
    chunk(() => import("./features/runs/list")),
    "RunsPage",
  ),
});

const run = createRoute({
  ...page("/runs/$run"),
  validateSearch: texts("attempt", "tab"),
  component: lazyRouteComponent(
    chunk(() => import("./features/runs/page")),
    "RunPage",
  ),
});

const compare = createRoute({
  ...page("/compare/$before/$after"),
  component: lazyRouteComponent(
    chunk(() => import("./features/runs/compare")),
    "ComparePage",
  ),
});

const schedules = createRoute({
  ...page("/schedules"),
  validateSearch: texts("view", "day", "task"),
  component: lazyRouteComponent(
    chunk(() => import("./features/schedules/page")),
    "SchedulesPage",
  ),
});

const environments = createRoute({
  ...page("/environments"),
  validateSearch: texts("tab", "key"),
  component: lazyRouteComponent(
    chunk(() => import("./features/environments/page")),
    "EnvironmentsPage",
  ),
});

const settings = createRoute({
  ...page("/settings"),
  validateSearch: texts("tab", "text", "hook"),
  component: lazyRouteComponent(
    chunk(() => import("./features/settings/page")),
    "SettingsPage",
  ),
});

export const router = createRouter({
  routeTree: root.addChildren([
    dashboard,
    tasks,
    task,
    runs,
    run,
    compare,
    schedules,
    environments,
    settings,
  ]),
  defaultPreload: "intent",
  defaultPreloadDelay: 40,
  scrollRestoration: true,
  defaultStructuralSharing: true,
  // Plain text in addresses: `?task=hello`, not `?task="hello"`.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
    const text = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
    return text ? `?${text}` : "";
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
