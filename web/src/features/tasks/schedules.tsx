import { useQuery } from "@tanstack/react-query";
import { CalendarClock, Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Card, Empty, Skeleton, Trouble } from "@/components/ui/page";
import { schedulesQuery, slotsQuery } from "@/lib/api/queries";
import { useMay } from "@/lib/session";
import { ScheduleRow } from "../schedules/card";
import { ScheduleDialog } from "../schedules/form";
import { Slot } from "../schedules/slot";

/** When a task runs by itself, and what became of each time. */
export function TaskSchedules({ task, readOnly }: { task: string; readOnly: boolean }) {
  const query = useQuery(schedulesQuery);
  const slots = useQuery(slotsQuery({ task }));
  const may = useMay("schedules_write") && !readOnly;
  const [adding, setAdding] = useState(false);
  const own = query.data?.filter((one) => one.task === task) ?? [];
  const add = may && (
    <Button look={own.length > 0 ? "plain" : "ink"} icon={Plus} onClick={() => setAdding(true)}>
      Add a schedule
    </Button>
  );
  if (query.isPending) return <Skeleton />;
  if (query.isError) return <Trouble error={query.error} />;
  return (
    <div className="flex flex-col gap-5">
      <Card title="Schedules" aside={own.length > 0 && add} flush>
        {own.length === 0 ? (
          <Empty icon={CalendarClock} title="It runs only when somebody asks" action={add}>
            A schedule runs it by itself: every so often, at a time of day, on some days of the week, or by a
            cron expression, in a time zone of its own.
          </Empty>
        ) : (
          <div className="divide-y divide-line">
            {own.map((view) => (
              <ScheduleRow key={view.key} view={view} withTask={false} />
            ))}
          </div>
        )}
      </Card>
      {(slots.data?.length ?? 0) > 0 && (
        <Card title="What became of each time" flush>
          <ul className="divide-y divide-line">
            {slots.data?.map((entry) => (
              <li
                key={`${entry.schedule} ${entry.slot} ${entry.decision}`}
                className="flex min-h-9 items-center px-4"
              >
                <Slot entry={entry} />
              </li>
            ))}
          </ul>
        </Card>
      )}
      {adding && <ScheduleDialog task={task} onClose={() => setAdding(false)} />}
    </div>
  );
}
