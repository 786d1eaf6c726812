/** Some acts need the password from a short while ago: it is asked for, and the
 * act goes on. */
import {
  createContext,
  type FormEvent,
  type ReactNode,
  useCallback,
  useContext,
  useRef,
  useState,
} from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { api, body, Refusal, say } from "@/lib/api/client";

type Act = <T>(act: () => Promise<T>) => Promise<T>;

const Context = createContext<Act>((act) => act());

/** Does something, after asking for the password where that is what it lacks. */
export const useStepUp = () => useContext(Context);

const lacksPassword = (error: unknown) =>
  error instanceof Refusal && error.status === 403 && /password again/.test(error.message);

export function StepUp({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const waits = useRef<{ done(): void; given(error: unknown): void }>(undefined);
  const act = useCallback<Act>(async (what) => {
    try {
      return await what();
    } catch (error) {
      if (!lacksPassword(error)) throw error;
      await new Promise<void>((done, given) => {
        waits.current = { done, given };
        setOpen(true);
      });
      return what();
    }
  }, []);
  const close = (entered: boolean) => {
    setOpen(false);
    if (entered) waits.current?.done();
    else waits.current?.given(new Refusal(0, "not done: the password was not entered"));
  };
  return (
    <Context.Provider value={act}>
      {children}
      {open && <Ask onClose={close} />}
    </Context.Provider>
  );
}

function Ask({ onClose }: { onClose(entered: boolean): void }) {
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await body(api.POST("/api/v1/session/password", { body: { password } }));
      onClose(true);
    } catch (error) {
      setWrong(say(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={() => onClose(false)}
      title="Enter your password again"
      about="This changes who may do what."
      foot={
        <>
          <Button onClick={() => onClose(false)}>Cancel</Button>
          <Button type="submit" form="step-up" look="ink" busy={busy}>
            Go on
          </Button>
        </>
      }
    >
      <form id="step-up" onSubmit={submit}>
        <Field label="Password" error={wrong}>
          {(ids) => (
            <Input
              {...ids}
              autoFocus
              type="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
