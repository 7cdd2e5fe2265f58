/** An invitation: whose house it is, a name, and in. */
import { type ReactNode, useEffect, useState } from "react";
import { goTo } from "../address.ts";
import { ApiError, type Invite, join, readInvite } from "../api.ts";
import { Button, buttonLook } from "../look/button.tsx";
import { rememberSeat } from "../seats.ts";
import { Gate } from "./gate.tsx";
import { Trouble } from "./trouble.tsx";

export function JoinPage({ code }: { readonly code: string }): ReactNode {
  const [invite, setInvite] = useState<Invite | ApiError>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    readInvite(code).then(setInvite, (error: ApiError) => setInvite(error));
  }, [code, attempt]);
  if (invite === undefined) return <Gate title="Looking at your invitation…">{null}</Gate>;
  if (invite instanceof ApiError) {
    return <NoInvite error={invite} onRetry={() => setAttempt(attempt + 1)} />;
  }
  return <JoinForm code={code} invite={invite} />;
}

interface NoInviteProps {
  readonly error: ApiError;
  readonly onRetry: () => void;
}

function NoInvite({ error, onRetry }: NoInviteProps): ReactNode {
  const gone = error.status === 404 || error.status === 410;
  return (
    <Gate title={gone ? "This invitation does not open" : "The invitation could not be read"}>
      <Trouble what={error.message} doThis={error.hint} />
      {gone ? (
        <a href="/" className={`mt-6 w-full ${buttonLook("plain")}`}>
          To the front page
        </a>
      ) : (
        <Button tone="primary" className="mt-6 w-full" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Gate>
  );
}

interface JoinFormProps {
  readonly code: string;
  readonly invite: Invite;
}

function JoinForm({ code, invite }: JoinFormProps): ReactNode {
  const { name, setName, busy, error, submit } = useJoin(code, invite);
  return (
    <Gate title={invite.firstPerson ? "Welcome to your new house" : `Join ${invite.house}`}>
      <p className="mt-2 text-ink-2">{welcome(invite)}</p>
      <form className="mt-6" onSubmit={submit}>
        <label htmlFor="name" className="block font-medium">
          Your name
        </label>
        <input
          id="name"
          name="name"
          required
          maxLength={64}
          autoComplete="name"
          // biome-ignore lint/a11y/noAutofocus: the one thing this page is for
          autoFocus
          value={name}
          onChange={(event) => setName(event.target.value)}
          aria-describedby={error === undefined ? "name-hint" : "name-trouble"}
          aria-invalid={error !== undefined}
          className="mt-2 h-12 w-full rounded-card border border-edge bg-card px-3 text-[16px]"
        />
        <p id="name-hint" className="mt-2 text-small text-ink-2">
          As the others shall see it, for example Anna or Anna Müller.
        </p>
        {error !== undefined && (
          <Trouble id="name-trouble" what={error.message} doThis={error.hint} />
        )}
        <Button type="submit" tone="primary" className="mt-6 w-full" disabled={busy}>
          {busy ? "Joining…" : "Join"}
        </Button>
      </form>
    </Gate>
  );
}

function useJoin(code: string, invite: Invite) {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const submit = (event: { preventDefault(): void }): void => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    join(code, name.trim()).then(
      ({ seat, displayName }) => {
        rememberSeat({ path: seat, displayName, house: invite.house });
        goTo(seat);
      },
      (refused: ApiError) => {
        setError(refused);
        setBusy(false);
      },
    );
  };
  return { name, setName, busy, error, submit };
}

function welcome({ firstPerson, house }: Invite): string {
  return firstPerson
    ? `You are the first person in ${house}: it will be yours. Choose a name, then invite others.`
    : "You are invited. Choose your name, and you can call everyone here.";
}
