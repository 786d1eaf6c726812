import { Menu } from "@base-ui/react/menu";
import { Link } from "@tanstack/react-router";
import { CircleUser, LogOut, Monitor, Moon, Settings, Sun } from "lucide-react";
import { IconButton } from "@/components/ui/button";
import { MENU, MENU_ITEM } from "@/components/ui/menu";
import { cn } from "@/lib/cn";
import { useSession } from "@/lib/session";
import { choose, type Theme, useChosenTheme } from "@/lib/theme";

const THEMES: { value: Theme; text: string; icon: typeof Sun }[] = [
  { value: "light", text: "Light", icon: Sun },
  { value: "dark", text: "Dark", icon: Moon },
  { value: "system", text: "As the system", icon: Monitor },
];

/** Open from the start: it is loaded by the click that asks for it. */
export function AccountMenu() {
  const { me, leave } = useSession();
  const chosen = useChosenTheme();
  return (
    <Menu.Root defaultOpen>
      <Menu.Trigger render={<IconButton icon={CircleUser} label="Account" />} />
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="end" className="z-50">
          <Menu.Popup className={MENU}>
            <div className="px-2.5 pt-1.5 pb-2">
              <div className="text-dense font-semibold">
                {me?.name === "local" ? "Owner of this machine" : me?.name}
              </div>
              <div className="text-meta text-subtle">{me?.role}</div>
            </div>
            <Menu.Separator className="my-1 h-px bg-line" />
            {THEMES.map(({ value, text, icon: Icon }) => (
              <Menu.Item
                key={value}
                className={cn(MENU_ITEM, value === chosen && "font-medium text-fg")}
                onClick={() => choose(value)}
              >
                <Icon className="size-4" aria-hidden /> {text}
                {value === chosen && <span className="ml-auto text-accent">✓</span>}
              </Menu.Item>
            ))}
            <Menu.Separator className="my-1 h-px bg-line" />
            <Menu.Item className={MENU_ITEM} render={<Link to="/settings" search={{ tab: "account" }} />}>
              <Settings className="size-4" aria-hidden /> Account and tokens
            </Menu.Item>
            <Menu.Item className={MENU_ITEM} onClick={() => void leave()}>
              <LogOut className="size-4" aria-hidden /> Sign out
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
