/** What is made by the service and shown this once, with ways to copy it. */
import { Copy } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Input } from "./field";
import { complain, tell } from "./toast";

interface OnceProps {
  title: string;
  about: ReactNode;
  /** What the text is. */
  label: string;
  text: string;
  onClose(): void;
  children?: ReactNode;
}

export function Once({ title, about, label, text, onClose, children }: OnceProps) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      about={about}
      foot={
        <Button look="ink" onClick={onClose}>
          I have it
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        <CopyLine label={label} text={text} />
        {children}
      </div>
    </Dialog>
  );
}

/** A line to copy, by hand where the browser has no way for it (without HTTPS). */
export function CopyLine({ label, text }: { label: string; text: string }) {
  const clipboard = navigator.clipboard as Clipboard | undefined;
  return (
    <div className="flex gap-2">
      <Input
        readOnly
        aria-label={label}
        className="font-mono text-meta"
        value={text}
        onFocus={(event) => event.target.select()}
      />
      {clipboard && (
        <Button
          icon={Copy}
          aria-label={`Copy: ${label}`}
          onClick={() => clipboard.writeText(text).then(() => tell("Copied"), complain)}
        >
          Copy
        </Button>
      )}
    </div>
  );
}
