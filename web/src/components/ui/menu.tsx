import { Menu } from "@base-ui/react/menu";
import type { LucideIcon } from "lucide-react";
import type { ReactElement } from "react";
import { cn } from "@/lib/cn";

export const MENU = "arrive min-w-48 rounded-xl border border-line bg-surface p-1 shadow-float outline-none";
export const MENU_ITEM =
  "flex h-8 w-full cursor-default items-center gap-2.5 rounded-lg px-2.5 text-dense text-muted outline-none select-none data-[highlighted]:bg-hover data-[highlighted]:text-fg data-[disabled]:opacity-45 touch:h-11";

export interface Item {
  text: string;
  icon?: LucideIcon;
  bad?: boolean;
  disabled?: boolean;
  act(): void;
}

/** A button that opens a list of acts. */
export function ActMenu({ trigger, items }: { trigger: ReactElement; items: (Item | null)[] }) {
  return (
    <Menu.Root>
      <Menu.Trigger render={trigger} />
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="end" className="z-50">
          <Menu.Popup className={MENU}>
            {items.map((item, at) =>
              item ? (
                <Menu.Item
                  key={item.text}
                  disabled={item.disabled}
                  onClick={item.act}
                  className={cn(
                    MENU_ITEM,
                    item.bad && "text-bad data-[highlighted]:bg-bad-soft data-[highlighted]:text-bad",
                  )}
                >
                  {item.icon && <item.icon className="size-4" aria-hidden />} {item.text}
                </Menu.Item>
              ) : (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines between groups have nothing else
                <Menu.Separator key={at} className="my-1 h-px bg-line" />
              ),
            )}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
