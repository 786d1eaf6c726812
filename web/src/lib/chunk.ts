/** Parts of the interface that are loaded when they are needed. */

/** Milliseconds before each new try. */
const PAUSES = [150, 600, 2000];
/** Reloading helps once; what is missing afterwards is missing. */
const AGAIN_AFTER = 30_000;
const RELOADED = "runbay.reloaded";

/** Loads a part again when that fails, for a network that changes drops what is
 * under way. What cannot be had at all is of an earlier version of the service:
 * the page then loads itself anew, as soon as the service answers. */
export function chunk<T>(load: () => Promise<T>): () => Promise<T> {
  return async () => {
    for (const pause of PAUSES) {
      try {
        return await load();
      } catch {
        await new Promise((go) => setTimeout(go, pause));
      }
    }
    try {
      return await load();
    } catch (error) {
      if (recently() || !(await answers())) throw error;
      sessionStorage.setItem(RELOADED, String(Date.now()));
      location.reload();
      return new Promise<T>(() => {});
    }
  };
}

const recently = () => Date.now() - Number(sessionStorage.getItem(RELOADED) ?? 0) < AGAIN_AFTER;

async function answers(): Promise<boolean> {
  try {
    return (await fetch("/livez", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}
