/** Invite someone: a link to send, or a code to hold a camera to. */
import { type ReactNode, useEffect, useState } from "react";
import { ApiError, invite, type NewInvite } from "../api.ts";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { Trouble } from "../pages/trouble.tsx";
import { useSession } from "../phone/seat-session.ts";
import { CopyLink } from "./copy-link.tsx";
import { QrCode } from "./qr-code.tsx";

export interface InviteDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export function InviteDialog({ open, onOpenChange }: InviteDialogProps): ReactNode {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Invite someone"
      description="Send this link. Whoever opens it chooses a name, and you can call each other."
    >
      <Invitation />
    </Dialog>
  );
}

function Invitation(): ReactNode {
  const { seat } = useSession();
  const [made, setMade] = useState<NewInvite | ApiError>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    invite(seat).then(setMade, (error: ApiError) => setMade(error));
  }, [seat, attempt]);
  if (made === undefined) return <p className="mt-6 text-ink-2">Making a link…</p>;
  if (made instanceof ApiError) {
    return (
      <>
        <Trouble what={made.message} doThis={made.hint} />
        <Button className="mt-4 w-full" onClick={() => setAttempt(attempt + 1)}>
          Try again
        </Button>
      </>
    );
  }
  return (
    <>
      <CopyLink link={made.link} />
      <QrCode svg={made.qr} label="The same link as a code for the camera of a phone" />
      <p className="mt-3 text-center text-small text-ink-2">
        Or hold the camera of a phone to this code. {validUntil(made.expires)}
      </p>
    </>
  );
}

function validUntil(expires: string | number): string {
  const date = new Date(expires);
  if (Number.isNaN(date.getTime())) return "";
  const words = date.toLocaleString(undefined, {
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "2-digit",
    minute: "2-digit",
  });
  return `Good until ${words}.`;
}
