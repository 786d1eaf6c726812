/** Lets nobody further than the door who is not signed in. Somebody whose
 * session ran out signs in again on top of what they were doing. */
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field, Input, NewPassword } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { api, body, Refusal, say } from "@/lib/api/client";
import { type Me, useSession } from "@/lib/session";
import { Mark } from "./mark";

/** The key that the service printed, from the part of the address that is never sent. */
function invited(): { link?: string; setup?: string } {
  const found = /^#(link|setup)=(.+)$/.exec(location.hash);
  return found?.[1] && found[2] ? { [found[1]]: decodeURIComponent(found[2]) } : {};
}

export function Gate({ children }: { children: ReactNode }) {
  const { me, expired, trouble } = useSession();
  const [invitation] = useState(invited);
  useEffect(() => {
    // The key opens once; it is nothing to keep in the history.
    if (invitation.link || invitation.setup)
      history.replaceState(null, "", location.pathname + location.search);
  }, [invitation]);
  if (me && !expired) return children;
  if (me) {
    return (
      <>
        <div inert className="blur-[2px]">
          {children}
        </div>
        <div className="fixed inset-0 z-60 bg-bg/70">
          <Door about="Your session has ended. Sign in, and go on where you were." name={me.name} />
        </div>
      </>
    );
  }
  if (me === undefined) {
    return trouble ? (
      <Frame title="No answer">
        <p className="text-dense text-muted">{say(new Error(trouble))}. Trying again every few seconds.</p>
      </Frame>
    ) : null;
  }
  if (invitation.setup) return <Setup invitation={invitation.setup} />;
  return <Door {...(invitation.link ? { link: invitation.link } : {})} />;
}

function Frame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex min-h-dvh items-center justify-center p-4">
      <div className="w-full max-w-[380px]">
        <div className="mb-6 flex items-center gap-2.5 text-[16px] font-semibold">
          <Mark className="size-8" /> Runbay
        </div>
        <div className="card p-5 shadow-float">
          <h1 className="mb-3 text-[16px] font-semibold">{title}</h1>
          {children}
        </div>
      </div>
    </main>
  );
}

function Door({ link, about, name: known }: { link?: string; about?: string; name?: string }) {
  const { enter } = useSession();
  const [opening, setOpening] = useState(Boolean(link));
  const [wrong, setWrong] = useState<string>();
  const tried = useRef(false);
  useEffect(() => {
    if (!link || tried.current) return;
    tried.current = true;
    body(api.POST("/api/v1/session/link", { body: { key: link } }))
      .then((me) => enter(me as Me))
      .catch((error) => {
        setOpening(false);
        setWrong(
          error instanceof Refusal && (error.status === 401 || error.status === 410)
            ? "This link was used before, or is too old. Each start of runbay serve prints a new one."
            : say(error),
        );
      });
  }, [link, enter]);

  if (opening) {
    return (
      <Frame title="Signing in">
        <div className="skeleton h-8" />
      </Frame>
    );
  }
  return (
    <Frame title="Sign in">
      {about && <p className="mb-3 text-dense text-muted">{about}</p>}
      {wrong && (
        <Note family="bad" className="mb-3">
          {wrong}
        </Note>
      )}
      <SignIn {...(known ? { known } : {})} />
      <p className="mt-4 border-t border-line pt-3 text-meta text-subtle">
        No account here? Where the service runs, its output has a link that signs one browser in, or make an
        account with <code className="text-fg">runbay user add</code>.
      </p>
    </Frame>
  );
}

function SignIn({ known }: { known?: string }) {
  const { enter } = useSession();
  const [name, setName] = useState(known && known !== "local" ? known : "");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setWrong(undefined);
    try {
      enter((await body(api.POST("/api/v1/session", { body: { name, password } }))) as Me);
    } catch (error) {
      setWrong(say(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="flex flex-col gap-2" onSubmit={submit}>
      <Field label="Name">
        {(ids) => (
          <Input
            {...ids}
            name="username"
            autoComplete="username"
            autoFocus={!name}
            required
            value={name}
            onChange={(e) => setName(e.target.value)}
          />
        )}
      </Field>
      <Field label="Password" error={wrong}>
        {(ids) => (
          <Input
            {...ids}
            type="password"
            name="password"
            autoComplete="current-password"
            autoFocus={Boolean(name)}
            required
            value={password}
            onChange={(e) => setPassword(e.target.value)}
          />
        )}
      </Field>
      <Button type="submit" look="ink" busy={busy} className="mt-1 w-full">
        Sign in
      </Button>
    </form>
  );
}

function Setup({ invitation }: { invitation: string }) {
  const { enter } = useSession();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Refusal>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      enter((await body(api.POST("/api/v1/setup", { body: { key: invitation, name, password } }))) as Me);
    } catch (error) {
      setWrong(error instanceof Refusal ? error : new Refusal(0, say(error)));
    } finally {
      setBusy(false);
    }
  };
  const elsewhere = wrong && !wrong.field("/name") && !wrong.field("/password");
  return (
    <Frame title="Make the first admin">
      <p className="mb-3 text-dense text-muted">
        Nobody can sign in here yet. This account may do everything, and make others.
      </p>
      {elsewhere && (
        <Note family="bad" className="mb-3">
          {say(wrong)}
        </Note>
      )}
      <form className="flex flex-col gap-2" onSubmit={submit}>
        <Field label="Name" error={wrong?.field("/name")} help="Small letters, digits, dots and dashes">
          {(ids) => (
            <Input
              {...ids}
              autoComplete="username"
              autoFocus
              required
              value={name}
              onChange={(e) => setName(e.target.value)}
            />
          )}
        </Field>
        <NewPassword
          help="12 characters or more; a few words are good"
          error={wrong?.field("/password")}
          value={password}
          onChange={setPassword}
        />
        <Button type="submit" look="ink" busy={busy} className="mt-1 w-full">
          Make the account and sign in
        </Button>
      </form>
    </Frame>
  );
}
