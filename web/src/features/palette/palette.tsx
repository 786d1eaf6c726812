/** Everything by name: tasks, runs by their id, pages, acts. */
import { Dialog } from "@base-ui/react/dialog";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import {
  Boxes,
  CalendarClock,
  FileCode2,
  Gauge,
  Hash,
  ListTree,
  type LucideIcon,
  Moon,
  Play,
  ScrollText,
  Search,
  Settings,
  Sun,
} from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Keys } from "@/components/ui/button";
import { StatusIcon } from "@/components/ui/status";
import { complain } from "@/components/ui/toast";
import { api, body } from "@/lib/api/client";
import { tasksQuery } from "@/lib/api/queries";
import type { Run } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { useMay } from "@/lib/session";
import { shortId, statusOf } from "@/lib/status";
import { choose, shown } from "@/lib/theme";
import { match } from "./match";

interface Choice {
  key: string;
  group: string;
  text: string;
  about?: string;
  icon: LucideIcon;
  run?: Run;
  act(): void;
}

export function Palette({ onClose }: { onClose(): void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const choices = useChoices(text, onClose);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other words, other choices
  useEffect(() => setAt(0), [text]);
  useEffect(() => {
    list.current?.querySelector(`[data-at="${at}"]`)?.scrollIntoView({ block: "nearest" });
  }, [at]);
  const here = Math.min(at, choices.length - 1);
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/30 dark:bg-black/55" />
        <Dialog.Popup className="arrive fixed top-[max(12px,12vh)] left-1/2 z-50 w-[calc(100vw-24px)] max-w-xl -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-surface shadow-float outline-none">
          <Dialog.Title className="sr-only">Search or run</Dialog.Title>
          <div className="flex items-center gap-2.5 border-b border-line px-4">
            <Search className="size-4 text-subtle" aria-hidden />
            <input
              // biome-ignore lint/a11y/noAutofocus: it was opened to type into
              autoFocus
              role="combobox"
              aria-expanded
              aria-controls="palette"
              aria-activedescendant={choices[here] ? `palette-${here}` : undefined}
              aria-label="Search tasks, runs and pages"
              placeholder="A task, a run's id, a page, an act…"
              className="h-12 min-w-0 flex-1 bg-transparent text-[15px] outline-none placeholder:text-subtle"
              value={text}
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => {
                const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
                if (by) {
                  event.preventDefault();
                  setAt((here + by + choices.length) % Math.max(1, choices.length));
                } else if (event.key === "Enter") {
                  event.preventDefault();
                  choices[here]?.act();
                }
              }}
            />
            <Keys>Esc</Keys>
          </div>
          <div
            ref={list}
            id="palette"
            role="listbox"
            aria-label="Found"
            className="max-h-[52vh] overflow-y-auto p-1.5"
          >
            {choices.length === 0 && (
              <p className="px-3 py-8 text-center text-dense text-muted">Nothing of this name.</p>
            )}
            {choices.map((choice, index) => (
              <div key={choice.key} role="presentation">
                {choice.group !== choices[index - 1]?.group && (
                  <div className="px-2.5 pt-2 pb-1 text-micro font-medium text-subtle">{choice.group}</div>
                )}
                {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys are those of the text above */}
                <div
                  id={`palette-${index}`}
                  data-at={index}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === here}
                  onClick={choice.act}
                  onMouseMove={() => setAt(index)}
                  className={cn(
                    "flex h-9 cursor-pointer items-center gap-2.5 rounded-lg px-2.5 text-dense touch:h-11",
                    index === here && "bg-hover",
                  )}
                >
                  {choice.run ? (
                    <StatusIcon status={statusOf(choice.run)} />
                  ) : (
                    <choice.icon className="size-4 shrink-0 text-muted" aria-hidden />
                  )}
                  <span className="truncate font-medium">{choice.text}</span>
                  {choice.about && (
                    <span className="min-w-0 flex-1 truncate text-subtle">{choice.about}</span>
                  )}
                </div>
              </div>
            ))}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function useChoices(text: string, close: () => void): Choice[] {
  const navigate = useNavigate();
  const tasks = useQuery(tasksQuery);
  const may = useMay("runs_trigger");
  const wanted = text.trim().replace(/^#/, "");
  const asked = /^[0-9a-f-]{4,36}$/i.test(wanted);
  const runs = useQuery({
    queryKey: ["palette", wanted],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/runs", {
          params: { query: { limit: 6, ...(wanted ? { text: wanted } : {}) } },
          signal,
        }),
      ),
    enabled: wanted === "" || asked || wanted.length >= 2,
    staleTime: 2000,
  });
  return useMemo(() => {
    const go = (act: () => void) => () => {
      close();
      act();
    };
    const start = async (task: string) => {
      try {
        const run = (await body(
          api.POST("/api/v1/tasks/{task}/runs", { params: { path: { task } }, body: {} }),
        )) as Run;
        void navigate({ to: "/runs/$run", params: { run: run.id } });
      } catch (error) {
        complain(error);
        void navigate({ to: "/tasks/$task", params: { task }, search: { run: "1" } });
      }
    };
    const page = (
      to: "/" | "/tasks" | "/runs" | "/schedules" | "/environments" | "/settings",
      name: string,
      icon: LucideIcon,
    ): Choice => ({ key: to, group: "Pages", text: name, icon, act: go(() => void navigate({ to })) });
    const all: Choice[] = [
      ...(tasks.data ?? []).flatMap((task): Choice[] => [
        {
          key: `task ${task.name}`,
          group: "Tasks",
          text: task.name,
          about: task.description ?? undefined,
          icon: ListTree,
          act: go(() => void navigate({ to: "/tasks/$task", params: { task: task.name } })),
        } as Choice,
      ]),
      ...(may ? (tasks.data ?? []).filter((task) => task.enabled && task.problems.length === 0) : []).map(
        (task): Choice => ({
          key: `run ${task.name}`,
          group: "Run",
          text: `Run ${task.name}`,
          icon: Play,
          act: go(() => void start(task.name)),
        }),
      ),
      ...(tasks.data ?? []).map(
        (task): Choice => ({
          key: `edit ${task.name}`,
          group: "Edit",
          text: `Edit ${task.name}`,
          icon: FileCode2,
          act: go(
            () => void navigate({ to: "/tasks/$task", params: { task: task.name }, search: { tab: "code" } }),
          ),
        }),
      ),
      page("/", "Dashboard", Gauge),
      page("/tasks", "Tasks", ListTree),
      page("/runs", "Runs", ScrollText),
      page("/schedules", "Schedules", CalendarClock),
      page("/environments", "Environments", Boxes),
      page("/settings", "Settings", Settings),
      {
        key: "failed",
        group: "Pages",
        text: "Failed runs",
        icon: ScrollText,
        act: go(
          () =>
            void navigate({
              to: "/runs",
              search: { outcome: "failed,build_failed,timed_out,out_of_memory,out_of_disk" },
            }),
        ),
      },
      {
        key: "theme",
        group: "Acts",
        text: shown() === "dark" ? "Light theme" : "Dark theme",
        icon: shown() === "dark" ? Sun : Moon,
        act: go(() => choose(shown() === "dark" ? "light" : "dark")),
      },
    ];
    const found = match(all, wanted, (choice) => choice.text);
    const latest = (runs.data?.items ?? []).map(
      (run): Choice => ({
        key: run.id,
        group: wanted ? "Runs" : "Latest runs",
        text: `${run.task} #${shortId(run.id)}`,
        about: statusOf(run).word,
        icon: Hash,
        run,
        act: go(() => void navigate({ to: "/runs/$run", params: { run: run.id } })),
      }),
    );
    if (wanted === "")
      return [...latest, ...found.filter((choice) => choice.group === "Pages" || choice.group === "Acts")];
    const few = new Map<string, number>();
    const some = found.filter((choice) => {
      few.set(choice.group, (few.get(choice.group) ?? 0) + 1);
      return few.get(choice.group)! <= 5;
    });
    const ordered = [...new Set(some.map((choice) => choice.group))].flatMap((group) =>
      some.filter((choice) => choice.group === group),
    );
    return asked ? [...latest, ...ordered] : [...ordered, ...latest];
  }, [tasks.data, runs.data, wanted, asked, may, navigate, close]);
}
