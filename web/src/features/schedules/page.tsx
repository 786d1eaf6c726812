/** Everything that runs by itself: what is set, when it is due, what became of it. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { CalendarClock, Pause, Play } from "lucide-react";
import { useState } from "react";
import { Button, buttonClass } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { Segments, Select } from "@/components/ui/field";
import { Card, Empty, Page, Skeleton, Trouble } from "@/components/ui/page";
import { complain, tell } from "@/components/ui/toast";
import { api, body } from "@/lib/api/client";
import { schedulesQuery, slotsQuery, touch } from "@/lib/api/queries";
import type { ScheduleView } from "@/lib/api/types";
import { many } from "@/lib/format";
import { useMay } from "@/lib/session";
import { Calendar } from "./calendar";
import { ScheduleRow } from "./card";
import { Day } from "./day";
import { Slot } from "./slot";
import { Week } from "./week";

const route = getRouteApi("/schedules");

type View = "list" | "day" | "week" | "calendar" | "past";

export function SchedulesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(schedulesQuery);
  const view = (search.view as View | undefined) ?? "list";
  const mayPause = useMay("schedules_pause");
  const [pausing, setPausing] = useState(false);
  const all = query.data ?? [];
  const set = (next: Partial<typeof search>) =>
    void navigate({ search: { ...search, ...next }, replace: true });
  const goOn = useMutation({
    mutationFn: () => body(api.POST("/api/v1/schedules/pause", { body: { paused: false } })),
    onSuccess: () => {
      touch(["schedules"], ["overview"]);
      tell("Schedules go on");
    },
    onError: complain,
  });
  return (
    <Page
      title="Schedules"
      name="Schedules"
      about={
        query.data &&
        all.length > 0 &&
        `${many(all.length, "schedule")} of ${many(new Set(all.map((one) => one.task)).size, "task")}.`
      }
      actions={
        all.length > 0 && (
          <>
            <Segments
              label="View"
              value={view}
              onChange={(next) => set({ view: next === "list" ? "" : next })}
              options={[
                { value: "list", text: "List" },
                { value: "day", text: "Day" },
                { value: "week", text: "Week" },
                { value: "calendar", text: "Month" },
                { value: "past", text: "Past" },
              ]}
            />
            {mayPause && (
              <>
                {all.some((one) => !one.paused_at) && (
                  <Button icon={Pause} onClick={() => setPausing(true)}>
                    Pause all
                  </Button>
                )}
                {all.some((one) => one.paused_at) && (
                  <Button icon={Play} busy={goOn.isPending} onClick={() => goOn.mutate()}>
                    Let all go on
                  </Button>
                )}
              </>
            )}
          </>
        )
      }
    >
      {query.isPending ? (
        <Skeleton rows={8} />
      ) : query.isError ? (
        <Trouble error={query.error} retry={() => void query.refetch()} />
      ) : all.length === 0 ? (
        <div className="card">
          <Empty
            icon={CalendarClock}
            title="Nothing runs by itself yet"
            action={
              <Link to="/tasks" className={buttonClass("ink")}>
                Choose a task
              </Link>
            }
          >
            A task's page has a tab for its schedules. All of them come together here, with what became of
            every time.
          </Empty>
        </div>
      ) : view === "calendar" ? (
        <Calendar schedules={all} day={search.day} onDay={(day) => set({ day })} />
      ) : view === "day" ? (
        <Day schedules={all} day={search.day} onDay={(day) => set({ day })} />
      ) : view === "week" ? (
        <Week schedules={all} day={search.day} onDay={(day) => set({ day })} />
      ) : view === "past" ? (
        <Past schedules={all} task={search.task} onTask={(task) => set({ task })} />
      ) : (
        <div className="card divide-y divide-line">
          {bySoonest(all).map((one) => (
            <ScheduleRow key={`${one.task} ${one.key}`} view={one} withTask />
          ))}
        </div>
      )}
      {pausing && (
        <Confirm
          open
          onClose={() => setPausing(false)}
          title="Pause all schedules?"
          act="Pause all"
          onAct={async () => {
            await body(api.POST("/api/v1/schedules/pause", { body: { paused: true } }));
            touch(["schedules"], ["overview"]);
            tell("All schedules are paused", { text: "Go on", act: () => goOn.mutate() });
          }}
        >
          Whatever comes due until they go on is skipped, and noted as skipped. Runs that go on are not
          touched.
        </Confirm>
      )}
    </Page>
  );
}

function bySoonest(all: ScheduleView[]): ScheduleView[] {
  const at = (one: ScheduleView) =>
    one.next && !one.paused_at ? Date.parse(one.next.at) : Number.POSITIVE_INFINITY;
  return [...all].sort((a, b) => at(a) - at(b) || a.task.localeCompare(b.task));
}

function Past({
  schedules,
  task,
  onTask,
}: {
  schedules: ScheduleView[];
  task: string | undefined;
  onTask(task: string): void;
}) {
  const [decision, setDecision] = useState("");
  const query = useQuery(
    slotsQuery({ ...(task ? { task } : {}), ...(decision ? { decision } : {}), limit: 300 }),
  );
  return (
    <>
      <div className="mb-3 flex flex-wrap gap-2">
        <Select aria-label="Task" value={task ?? ""} onChange={(event) => onTask(event.target.value)}>
          <option value="">Any task</option>
          {[...new Set(schedules.map((one) => one.task))].map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Select>
        <Select
          aria-label="What became of it"
          value={decision}
          onChange={(event) => setDecision(event.target.value)}
        >
          <option value="">Ran or not</option>
          <option value="ran">Ran</option>
          <option value="skipped">Skipped</option>
          <option value="missed">Missed</option>
        </Select>
      </div>
      <Card flush>
        {query.isPending ? (
          <Skeleton />
        ) : query.isError ? (
          <Trouble error={query.error} />
        ) : query.data.length === 0 ? (
          <Empty icon={CalendarClock} title="No time has come yet">
            Every time at which a schedule is due gets a line here: that it ran, or why not.
          </Empty>
        ) : (
          <ul className="divide-y divide-line">
            {query.data.map((entry) => (
              <li
                key={`${entry.task} ${entry.schedule} ${entry.slot} ${entry.decision}`}
                className="flex min-h-9 flex-wrap items-center gap-x-4 px-4 py-1"
              >
                <Link
                  to="/tasks/$task"
                  params={{ task: entry.task }}
                  search={{ tab: "schedules" }}
                  className="w-44 truncate text-dense font-medium hover:underline"
                >
                  {entry.task}
                </Link>
                <Slot entry={entry} />
              </li>
            ))}
          </ul>
        )}
      </Card>
    </>
  );
}
