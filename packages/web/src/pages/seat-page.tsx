/** The app, as one person: rail, list, stage, and the call over them. */
import { type ReactNode, useEffect, useState } from "react";
import { ApiError, type Me } from "../api.ts";
import { Button, buttonLook } from "../look/button.tsx";
import { SessionContext, useSeatSession } from "../phone/seat-session.ts";
import { forgetSeat, rememberSeat } from "../seats.ts";
import { takeMe } from "./early-me.ts";
import { Gate } from "./gate.tsx";
import { House } from "./house.tsx";
import { Opening } from "./opening.tsx";
import { Trouble } from "./trouble.tsx";

export function SeatPage({ seat }: { readonly seat: string }): ReactNode {
  const [me, setMe] = useState<Me | ApiError>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    takeMe(seat).then(setMe, (error: ApiError) => setMe(error));
  }, [seat, attempt]);
  if (me === undefined) return <Opening />;
  if (!(me instanceof ApiError)) return <Seated seat={seat} me={me} onSignedOut={setMe} />;
  if (me.status === 401) return <SignedOut seat={seat} error={me} />;
  return (
    <Gate title="Your seat could not be opened">
      <Trouble what={me.message} doThis={me.hint} />
      <Button tone="primary" className="mt-6 w-full" onClick={() => setAttempt(attempt + 1)}>
        Try again
      </Button>
    </Gate>
  );
}

interface SeatedProps {
  readonly seat: string;
  readonly me: Me;
  readonly onSignedOut: (error: ApiError) => void;
}

function Seated({ seat, me, onSignedOut }: SeatedProps): ReactNode {
  const session = useSeatSession(seat, me, onSignedOut);
  useEffect(
    () => rememberSeat({ path: seat, displayName: me.displayName, house: me.domain }),
    [seat, me],
  );
  if (session === undefined) return <Opening />;
  return (
    <SessionContext value={session}>
      <House />
    </SessionContext>
  );
}

interface SignedOutProps {
  readonly seat: string;
  readonly error: ApiError;
}

function SignedOut({ seat, error }: SignedOutProps): ReactNode {
  useEffect(() => forgetSeat(seat), [seat]);
  return (
    <Gate title="This browser has no seat here">
      <Trouble what={error.message} doThis={error.hint} />
      <a href="/" className={`mt-6 w-full ${buttonLook("plain")}`}>
        To the front page
      </a>
    </Gate>
  );
}
