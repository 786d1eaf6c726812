import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { buttonClass } from "@/components/ui/button";
import { Empty, useTitle } from "@/components/ui/page";

export function NotFound() {
  useTitle("Not found");
  return (
    <Empty
      whole
      icon={Compass}
      title="There is no such page"
      action={
        <Link to="/" className={buttonClass("ink")}>
          Go to the dashboard
        </Link>
      }
    >
      The address may be mistyped, or what it showed was removed.
    </Empty>
  );
}
