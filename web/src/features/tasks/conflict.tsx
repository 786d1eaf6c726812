import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { diffLines } from "@/lib/diff";
import { DiffView } from "./diff-view";
import type { Conflict } from "./file";

interface ConflictProps {
  path: string;
  mine: string;
  conflict: Conflict;
  settle(take: "mine" | "theirs" | "later"): void;
}

/** Somebody else saved first: both texts are there, nothing is lost. */
export function ConflictDialog({ path, mine, conflict, settle }: ConflictProps) {
  return (
    <Dialog
      open
      onClose={() => settle("later")}
      wide
      title={`${path} was changed by somebody else`}
      about="Since you opened it, it was saved elsewhere. Lines with − are only in what is saved, lines with + only in yours."
      foot={
        <>
          <Button className="mr-auto" look="ghost" onClick={() => settle("later")}>
            Keep editing
          </Button>
          <Button look="bad" onClick={() => settle("theirs")}>
            Take theirs
          </Button>
          <Button look="ink" onClick={() => settle("mine")}>
            Save mine over it
          </Button>
        </>
      }
    >
      <DiffView lines={diffLines(conflict.theirs, mine)} />
    </Dialog>
  );
}
