/** How a hook and a delivery stand: one word, one family of colours. */
import { CircleCheck, CircleX, Clock, Hourglass, type LucideIcon, PauseCircle, RotateCw } from "lucide-react";
import type { Delivery, Hook } from "@/lib/api/types";
import { many } from "@/lib/format";
import type { Family } from "@/lib/status";
import { fromNow } from "@/lib/time";

export interface Standing {
  word: string;
  family: Family;
  icon: LucideIcon;
  /** What there is to know beside the word. */
  about?: string;
}

type HookFacts = Pick<Hook, "failures" | "resting_until" | "dead"> & { spec: Pick<Hook["spec"], "enabled"> };

export function ofHook(hook: HookFacts, now: number): Standing {
  if (!hook.spec.enabled)
    return { word: "Off", family: "off", icon: PauseCircle, about: "It is told nothing." };
  const rest = hook.resting_until ? Date.parse(hook.resting_until) : 0;
  const failed = `${many(hook.failures, "try", "tries")} in a row failed`;
  if (rest > now) {
    return {
      word: "Resting",
      family: "warn",
      icon: Hourglass,
      about: `${hook.failures > 0 ? failed : "Its receiver asked for a pause"}; next try ${fromNow(rest, now)}.`,
    };
  }
  if (hook.failures > 0) return { word: "Failing", family: "bad", icon: CircleX, about: `${failed}.` };
  if (hook.dead > 0) return { word: "Gave up", family: "bad", icon: CircleX };
  return { word: "Fine", family: "ok", icon: CircleCheck };
}

type DeliveryFacts = Pick<Delivery, "state" | "tries" | "next_at">;

export function ofDelivery(delivery: DeliveryFacts, now: number): Standing {
  switch (delivery.state) {
    case "delivered":
      return { word: "Delivered", family: "ok", icon: CircleCheck };
    case "dead":
      return { word: "Given up", family: "bad", icon: CircleX };
    default: {
      if (delivery.tries === 0) return { word: "Waiting", family: "idle", icon: Clock };
      const next = Date.parse(delivery.next_at);
      const about = next > now ? `next try ${fromNow(next, now)}` : "next try as soon as it can be";
      return { word: "Trying again", family: "warn", icon: RotateCw, about };
    }
  }
}

/** `3 tries · HTTP 503 · the receiver …`, or nothing when it was never tried. */
export function lastTry(delivery: Pick<Delivery, "tries" | "status" | "problem">): string {
  if (delivery.tries === 0) return "";
  return [
    many(delivery.tries, "try", "tries"),
    delivery.status !== null && `HTTP ${delivery.status}`,
    delivery.problem,
  ]
    .filter(Boolean)
    .join(" · ");
}
