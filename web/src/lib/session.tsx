/** Who sits here, and what they may do. */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { api, body, onSignedOut, Refusal } from "./api/client";
import { follow } from "./api/queries";
import type { components } from "./api/schema";

export type Me = components["schemas"]["Me"];
export type Permission = Me["permissions"][number];

interface Session {
  /** Nobody yet: undefined; nobody: null. */
  me: Me | null | undefined;
  /** They were signed in, and are no longer: what they did is still there. */
  expired: boolean;
  /** Why it is not known who sits here. */
  trouble: string | undefined;
  enter(me: Me): void;
  leave(): Promise<void>;
  refresh(): Promise<void>;
}

const Context = createContext<Session | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [me, setMe] = useState<Me | null>();
  const [expired, setExpired] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const cache = useQueryClient();

  const refresh = useCallback(async () => {
    try {
      setMe(await body(api.GET("/api/v1/me")));
      setTrouble(undefined);
    } catch (error) {
      if (error instanceof Refusal && (error.status === 401 || error.status === 403)) setMe(null);
      else setTrouble(error instanceof Error ? error.message : String(error));
    }
  }, []);

  useEffect(() => {
    void refresh();
  }, [refresh]);

  useEffect(() => {
    if (!trouble) return;
    const timer = setInterval(refresh, 3000);
    return () => clearInterval(timer);
  }, [trouble, refresh]);

  const signedIn = Boolean(me);
  const hooks = me?.permissions.includes("system_write") ?? false;
  useEffect(() => (signedIn && !expired ? follow(hooks) : undefined), [signedIn, expired, hooks]);
  useEffect(() => onSignedOut(() => signedIn && setExpired(true)), [signedIn]);

  const session = useMemo<Session>(
    () => ({
      me,
      expired,
      trouble,
      refresh,
      enter(next) {
        setMe(next);
        setExpired(false);
        void cache.invalidateQueries();
      },
      async leave() {
        await api.DELETE("/api/v1/session").catch(() => undefined);
        cache.clear();
        setExpired(false);
        setMe(null);
      },
    }),
    [me, expired, trouble, refresh, cache],
  );
  return <Context.Provider value={session}>{children}</Context.Provider>;
}

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("useSession needs a SessionProvider around it");
  return session;
}

/** Whether who sits here may do something of a kind. */
export function useMay(permission: Permission): boolean {
  return useSession().me?.permissions.includes(permission) ?? false;
}
