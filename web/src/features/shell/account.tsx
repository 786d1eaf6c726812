import { CircleUser, Moon, Sun } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { IconButton } from "@/components/ui/button";
import { chunk } from "@/lib/chunk";
import { choose, useTheme } from "@/lib/theme";

const load = chunk(() => import("./account-menu"));
const Menu = lazy(() => load().then((all) => ({ default: all.AccountMenu })));

/** The theme, and who is signed in. The menu itself comes when it is asked for. */
export function Account() {
  const shown = useTheme();
  const [asked, setAsked] = useState(false);
  const button = (
    <IconButton
      icon={CircleUser}
      label="Account"
      aria-haspopup="menu"
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={() => setAsked(true)}
    />
  );
  return (
    <>
      <IconButton
        icon={shown === "dark" ? Sun : Moon}
        label={shown === "dark" ? "Light theme" : "Dark theme"}
        onClick={() => choose(shown === "dark" ? "light" : "dark")}
      />
      {asked ? (
        <Suspense fallback={button}>
          <Menu />
        </Suspense>
      ) : (
        button
      )}
    </>
  );
}
