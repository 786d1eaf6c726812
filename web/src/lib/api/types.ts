/** The words of the API, by the names that this code uses. All of them come
 * from the document of the service; none is written by hand. */
import type { components, paths } from "./schema";

type Schemas = components["schemas"];
type Answer<Path extends keyof paths, Method extends "get" | "post" = "get"> = paths[Path] extends {
  [M in Method]: { responses: { 200: { content: { "application/json": infer Body } } } };
}
  ? Body
  : never;

export type Run = Schemas["Run"];
export type RunDetail = Schemas["RunDetail"];
export type Attempt = Schemas["Attempt"];
export type Artifact = Schemas["Artifact"];
export type Outcome = Schemas["Outcome"];
export type RunState = Schemas["RunState"];
export type Trigger = Schemas["Trigger"];
export type Change = Schemas["Change"];
export type Since = Schemas["Since"];
export type Line = Schemas["Line"];
export type Stream = Schemas["Stream"];
export type Limits = Schemas["Limits"];
export type Param = Schemas["Param"];
export type Measurements = Schemas["Measurements"];
export type Sample = Schemas["Sample"];
export type TaskItem = Schemas["TaskItem"];
export type TaskView = Schemas["TaskView"];
export type TaskDetail = Schemas["TaskDetail"];
export type Manifest = Schemas["Manifest"];
export type Entry = Schemas["Entry"];
export type Need = Schemas["Need"];
export type Problem = Schemas["TaskProblem"];
export type Field = Schemas["Field"];
export type VersionItem = Schemas["VersionItem"];
export type FileDiff = Schemas["FileDiff"];
export type PackageDiff = Schemas["PackageDiff"];
export type ImageItem = Schemas["ImageItem"];
export type Plan = Schemas["Plan"];
export type Work = Schemas["Work"];
export type Setting = Schemas["Setting"];
export type SecretView = Schemas["SecretView"];
export type Variable = Schemas["Variable"];
export type Hook = Schemas["Hook"];
export type HookSpec = Schemas["HookSpec"];
export type HookKind = Schemas["HookKind"];
export type HookEvent = Schemas["HookEvent"];
export type Delivery = Schemas["Delivery"];
export type DeliveryState = Schemas["DeliveryState"];
export type HookTrial = Schemas["Trial"];
/** A trigger as it is kept; {@link Trigger} is why a run exists. */
export type KeptTrigger = Schemas["Trigger2"];
export type TriggerSpec = Schemas["TriggerSpec"];
export type TriggerMade = Schemas["TriggerMade"];
export type Part = Schemas["Part"];
export type System = Schemas["System"];
export type RunsPage = Answer<"/api/v1/runs">;
export type TasksPage = Answer<"/api/v1/tasks">;
export type Environment = Answer<"/api/v1/environments">[number];
export type EnvironmentDetail = Answer<"/api/v1/environments/{environment}">;
export type Overview = Answer<"/api/v1/overview">;
export type Schedules = Answer<"/api/v1/schedules">;
export type ScheduleView = Schedules[number];
export type Schedule = ScheduleView["schedule"];
export type LedgerEntry = Schemas["LedgerEntry"];
export type Preview = Schemas["Preview"];
export type User = Schemas["User"];
export type ApiToken = Schemas["ApiToken"];
export type Scope = Schemas["Scope"];
export type Role = Schemas["Role"];
export type AuditEntry = Schemas["AuditEntry"];
