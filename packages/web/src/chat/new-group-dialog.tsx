/** A new group: what it is called, and who is in it. */
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { Trouble } from "../pages/trouble.tsx";
import { useSession } from "../phone/seat-session.ts";
import { groupTrouble, MOST_TITLE } from "./group-check.ts";
import { MemberChoice } from "./member-choice.tsx";

export interface NewGroupDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** The group's address. */
  readonly onMade: (uri: string) => void;
}

export function NewGroupDialog({ open, onOpenChange, onMade }: NewGroupDialogProps): ReactNode {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New group"
      description="Everybody in it reads what is written to it, from now on."
    >
      <GroupForm
        onMade={(uri) => {
          onOpenChange(false);
          onMade(uri);
        }}
      />
    </Dialog>
  );
}

function GroupForm({ onMade }: Pick<NewGroupDialogProps, "onMade">): ReactNode {
  const { chat, me } = useSession();
  const [title, setTitle] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const missing = groupTrouble(title, chosen.length);
    setError(missing);
    if (missing !== undefined) return;
    setBusy(true);
    chat.createGroup(title, [me.aor, ...chosen]).then(
      ({ uri }) => onMade(uri),
      (cause: unknown) => {
        setBusy(false);
        setError(cause instanceof Error ? cause.message : "The house did not make it.");
      },
    );
  };
  return (
    <form onSubmit={submit} className="mt-5">
      <label htmlFor="group-title" className="font-medium">
        Name of the group
      </label>
      <input
        id="group-title"
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        maxLength={MOST_TITLE}
        dir="auto"
        autoComplete="off"
        placeholder="Choir"
        className="mt-1 h-11 w-full rounded-card border border-edge bg-sky px-3 text-[16px]"
      />
      <MemberChoice chosen={chosen} onChosen={setChosen} />
      {error !== undefined && <Trouble what={error} doThis="" />}
      <Button type="submit" tone="primary" className="mt-5 w-full" disabled={busy}>
        {busy
          ? "Making it…"
          : `Make the group${chosen.length > 0 ? ` of ${chosen.length + 1}` : ""}`}
      </Button>
    </form>
  );
}
