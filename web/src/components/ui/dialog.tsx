import { AlertDialog } from "@base-ui/react/alert-dialog";
import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ReactNode, useId, useRef, useState } from "react";
import { say } from "@/lib/api/client";
import { cn } from "@/lib/cn";
import { Button, IconButton } from "./button";
import { Note } from "./note";

const BACK = "fixed inset-0 z-40 bg-black/35 dark:bg-black/60";
const POPUP =
  "arrive fixed left-1/2 z-50 flex w-[calc(100vw-24px)] -translate-x-1/2 flex-col rounded-xl border border-line bg-surface shadow-float outline-none top-[max(12px,9vh)] max-h-[82vh]";

interface DialogProps {
  open: boolean;
  onClose(): void;
  title: string;
  about?: ReactNode;
  wide?: boolean;
  children: ReactNode;
  foot?: ReactNode;
}

export function Dialog({ open, onClose, title, about, wide, children, foot }: DialogProps) {
  const inside = useRef<HTMLDivElement>(null);
  // Into the first field, not onto the button that closes it all again.
  const first = () => inside.current?.querySelector<HTMLElement>("input, textarea, select") ?? true;
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={BACK} />
        <Base.Popup className={cn(POPUP, wide ? "max-w-3xl" : "max-w-lg")} initialFocus={first}>
          <header className="flex items-start gap-3 px-5 pt-4 pb-1">
            <div className="min-w-0 flex-1">
              <Base.Title className="text-[16px] leading-6 font-semibold">{title}</Base.Title>
              {about && <Base.Description className="mt-0.5 text-dense text-muted">{about}</Base.Description>}
            </div>
            <Base.Close render={<IconButton icon={X} label="Close" className="-mr-2" />} />
          </header>
          <div ref={inside} className="min-h-0 flex-1 overflow-y-auto px-5 py-3">
            {children}
          </div>
          {foot && (
            <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">
              {foot}
            </footer>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

interface FormDialogProps extends Omit<DialogProps, "open" | "foot"> {
  /** What its button says. */
  act: string;
  onSubmit(): void;
  busy: boolean;
  disabled?: boolean;
}

/** Asks for something; it is sent by its button or by Enter. */
export function FormDialog({ act, onSubmit, busy, disabled, children, ...rest }: FormDialogProps) {
  const id = useId();
  return (
    <Dialog
      open
      {...rest}
      foot={
        <>
          <Button onClick={rest.onClose}>Cancel</Button>
          <Button type="submit" form={id} look="ink" busy={busy} disabled={disabled}>
            {act}
          </Button>
        </>
      }
    >
      <form
        id={id}
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
      </form>
    </Dialog>
  );
}

interface ConfirmProps {
  open: boolean;
  onClose(): void;
  title: string;
  /** What will be lost. */
  children: ReactNode;
  act: string;
  onAct(): Promise<unknown>;
}

/** Asks before something is lost, and says what. */
export function Confirm({ open, onClose, title, children, act, onAct }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const go = async () => {
    setBusy(true);
    setWrong(undefined);
    try {
      await onAct();
      onClose();
    } catch (error) {
      setWrong(say(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={BACK} />
        <AlertDialog.Popup className={cn(POPUP, "max-w-md")}>
          <div className="px-5 pt-4 pb-3">
            <AlertDialog.Title className="text-[16px] leading-6 font-semibold">{title}</AlertDialog.Title>
            <AlertDialog.Description render={<div />} className="mt-2 text-dense text-muted">
              {children}
            </AlertDialog.Description>
            {wrong && (
              <Note family="bad" className="mt-3">
                {wrong}
              </Note>
            )}
          </div>
          <footer className="flex justify-end gap-2 border-t border-line px-5 py-3">
            <AlertDialog.Close render={<Button>Keep</Button>} />
            <Button look="bad" busy={busy} onClick={go}>
              {act}
            </Button>
          </footer>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
