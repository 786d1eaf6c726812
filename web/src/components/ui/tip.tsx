import { Tooltip } from "@base-ui/react/tooltip";
import type { ReactElement, ReactNode } from "react";

/** A word about what is under the pointer or has the focus. */
export function Tip({ text, keys, children }: { text: ReactNode; keys?: string; children: ReactElement }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children} />
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6} className="z-70">
          <Tooltip.Popup className="max-w-80 rounded-md bg-ink px-2 py-1 text-meta text-on-ink shadow-float">
            {text}
            {keys && <span className="ml-2 opacity-65">{keys}</span>}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

export const TipProvider = Tooltip.Provider;
