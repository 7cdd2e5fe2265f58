/** Oneself: name, address, whether one can be called, and the way out. */
import { AudioLines, Eye, LogOut, TabletSmartphone, Volume2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { goTo } from "../address.ts";
import { ApiError, leave } from "../api.ts";
import { Avatar } from "../look/avatar.tsx";
import { Button } from "../look/button.tsx";
import { PopoverClose } from "../look/popover.tsx";
import { Trouble } from "../pages/trouble.tsx";
import { useSession } from "../phone/seat-session.ts";
import { forgetSeat } from "../seats.ts";
import { useStore } from "../store.ts";
import { OwnStatusForm } from "./own-status.tsx";
import { registrationWords } from "./registration-words.ts";
import { useTestSound } from "./use-test-sound.ts";
import { useTryRing } from "./use-try-ring.ts";

export interface YouCardProps {
  readonly onDevices: () => void;
  readonly onRules: () => void;
}

export function YouCard({ onDevices, onRules }: YouCardProps): ReactNode {
  const { me, phone, presence } = useSession();
  const askers = useStore(presence.askers);
  const words = registrationWords(useStore(phone.registration));
  const { ringing, tryRing } = useTryRing();
  const { canTest, testSound } = useTestSound();
  return (
    <>
      <div className="flex items-center gap-3">
        <Avatar name={me.displayName} presence={words.tone} />
        <div className="min-w-0">
          <p className="truncate font-semibold">{me.displayName}</p>
          <p className="truncate font-mono text-small text-ink-2">{me.aor}</p>
        </div>
      </div>
      <p className="mt-3">{words.long}</p>
      {me.owner && <p className="mt-1 text-small text-ink-2">This house is yours.</p>}
      <OwnStatusForm />
      <Button className="mt-4 w-full" onClick={tryRing} disabled={ringing}>
        <Volume2 size={18} aria-hidden="true" />
        Hear your ring
      </Button>
      <PopoverClose asChild>
        <Button className="mt-2 w-full" onClick={testSound} disabled={!canTest}>
          <AudioLines size={18} aria-hidden="true" />
          Test your sound
        </Button>
      </PopoverClose>
      <PopoverClose asChild>
        <Button className="mt-2 w-full" onClick={onDevices}>
          <TabletSmartphone size={18} aria-hidden="true" />
          Your phones
        </Button>
      </PopoverClose>
      <PopoverClose asChild>
        <Button className="mt-2 w-full" onClick={onRules}>
          <Eye size={18} aria-hidden="true" />
          {askers > 0 ? `Who sees you: ${askers} ${askers === 1 ? "asks" : "ask"}` : "Who sees you"}
        </Button>
      </PopoverClose>
      <SignOut />
    </>
  );
}

function SignOut(): ReactNode {
  const { seat, forget, closedPage } = useSession();
  const [asked, setAsked] = useState(false);
  const [error, setError] = useState<ApiError>();
  const signOut = (): void => {
    leave(seat).then(
      () => {
        forgetSeat(seat);
        void closedPage.forget();
        forget();
        goTo("/");
      },
      (refused: unknown) => setError(refused instanceof ApiError ? refused : undefined),
    );
  };
  if (!asked) {
    return (
      <Button className="mt-2 w-full" onClick={() => setAsked(true)}>
        <LogOut size={18} aria-hidden="true" />
        Sign out of this browser
      </Button>
    );
  }
  return (
    <div className="mt-4 border-t border-line pt-3">
      <p>You can come back only with a new invite link, and under another name. Sign out?</p>
      {error !== undefined && <Trouble what={error.message} doThis={error.hint} />}
      <div className="mt-3 flex gap-2">
        <Button className="flex-1" onClick={() => setAsked(false)}>
          Stay
        </Button>
        <Button tone="stop" className="flex-1" onClick={signOut}>
          Sign out
        </Button>
      </div>
    </div>
  );
}
