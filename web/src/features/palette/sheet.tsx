import { useState } from "react";
import { Keys } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Switch } from "@/components/ui/field";
import { lettersOn, turnLetters } from "@/lib/shortcuts";

const GROUPS: [string, [string, string][]][] = [
  [
    "Anywhere",
    [
      ["Ctrl K", "Search or run"],
      ["g d · t · r · s · e", "Dashboard, tasks, runs, schedules, environments"],
      ["?", "This sheet"],
    ],
  ],
  [
    "Lists",
    [
      ["/", "Search the list"],
      ["j · k", "Down, up"],
      ["Enter", "Open"],
      ["x", "Choose a run"],
      ["n", "New task"],
    ],
  ],
  [
    "A task or a run",
    [
      ["r", "Run, or run again"],
      ["Ctrl S", "Save the file"],
      ["Ctrl Enter", "Save and run"],
      ["Ctrl Shift Enter", "Run what is not saved"],
    ],
  ],
  [
    "A log",
    [
      ["Ctrl F", "Search it; twice for the browser's own search"],
      ["Enter · Shift Enter", "Next hit, previous hit"],
      ["w · t · e · f", "Wrap, times, only errors, full screen"],
      ["Home · End", "Beginning, and follow the end"],
      ["Ctrl A, Ctrl C", "Copy all of it"],
    ],
  ],
];

export function ShortcutSheet({ onClose }: { onClose(): void }) {
  const [on, setOn] = useState(lettersOn);
  return (
    <Dialog open onClose={onClose} title="Keys" wide>
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        {GROUPS.map(([group, keys]) => (
          <section key={group}>
            <h3 className="mb-1.5 text-meta font-medium text-subtle">{group}</h3>
            <dl className="flex flex-col gap-1.5">
              {keys.map(([key, text]) => (
                <div key={key} className="flex items-baseline gap-3 text-dense">
                  <dt className="w-32 shrink-0">
                    <Keys>{key}</Keys>
                  </dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className="mt-5 border-t border-line pt-3">
        <Switch
          shown
          checked={on}
          label="Single letters do something"
          onChange={(next) => {
            turnLetters(next);
            setOn(next);
          }}
        />
      </div>
    </Dialog>
  );
}
