/** Somebody calls: who, how, and the ways to answer. Takes the focus, because it will not wait. */
import { Phone, Video } from "lucide-react";
import { AlertDialog } from "radix-ui";
import { type MouseEvent, type ReactNode, useEffect, useRef } from "react";
import { Avatar } from "../look/avatar.tsx";
import { RoundButton } from "../look/round-button.tsx";
import { Trouble } from "../pages/trouble.tsx";
import { type CallCard, firstRinging, inCall } from "../phone/desk.ts";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { isSettled, settle } from "./settled.ts";
import { statusWords } from "./status-words.ts";
import { Waves } from "./waves.tsx";

export function IncomingCall(): ReactNode {
  const { phone } = useSession();
  const desk = useStore(phone.desk);
  const card = firstRinging(desk);
  // While one speaks, a second caller is only a banner.
  const shown = inCall(desk) ? undefined : card;
  const first = useRef<HTMLButtonElement>(null);
  return (
    <AlertDialog.Root open={shown !== undefined}>
      <AlertDialog.Portal>
        <div className="fixed inset-0 z-40 bg-shade" />
        <AlertDialog.Content
          className="night fixed z-50 flex animate-rise flex-col items-center bg-card p-8 pt-14
            text-center text-ink shadow-lift max-desk:inset-0 max-desk:pt-[18dvh] desk:inset-0
            desk:m-auto desk:h-fit desk:w-[400px] desk:rounded-2xl"
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            first.current?.focus();
          }}
          onCloseAutoFocus={(event) => phone.desk.read().active && event.preventDefault()}
          onEscapeKeyDown={() => shown && phone.decline(shown.id)}
        >
          {shown !== undefined && <Caller key={shown.id} card={shown} first={first} />}
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

interface CallerProps {
  readonly card: CallCard;
  readonly first: React.RefObject<HTMLButtonElement | null>;
}

function Caller({ card, first }: CallerProps): ReactNode {
  const { phone } = useSession();
  const { problem } = useStore(phone.desk);
  const { id, peer } = card;
  useEffect(() => {
    settle(id);
    first.current?.focus();
  }, [id, first]);
  return (
    <>
      <Waves>
        <Avatar name={peer.name} size="large" />
      </Waves>
      <AlertDialog.Title
        className="mt-8 line-clamp-3 max-w-full text-display font-semibold tracking-tight
          text-balance wrap-anywhere"
      >
        <bdi>{peer.name}</bdi>
      </AlertDialog.Title>
      <AlertDialog.Description className="mt-1 text-ink-2" data-testid="call-status">
        {statusWords(card.state)}
      </AlertDialog.Description>
      {problem?.callId === id && <Trouble what={problem.what} doThis={problem.doThis} />}
      <div
        className="mt-10 flex w-full max-w-[320px] justify-between max-desk:absolute
          max-desk:bottom-[calc(56px+env(safe-area-inset-bottom))]"
      >
        <Decline onPress={() => phone.decline(id)} callId={id} />
        <Answers card={card} first={first} />
      </div>
    </>
  );
}

function Answers({ card: { id, video }, first }: CallerProps): ReactNode {
  const { phone } = useSession();
  return (
    <span className="flex gap-6">
      <RoundButton
        ref={video ? undefined : first}
        label="Answer with voice"
        caption={video ? "Voice" : "Answer"}
        tone={video ? "plain" : "live"}
        onClick={unlessHasty(id, () => void phone.answer(id, false))}
      >
        <Phone size={24} aria-hidden="true" />
      </RoundButton>
      {video && (
        <RoundButton
          ref={first}
          label="Answer with video"
          caption="Video"
          tone="live"
          onClick={unlessHasty(id, () => void phone.answer(id, true))}
        >
          <Video size={26} aria-hidden="true" />
        </RoundButton>
      )}
    </span>
  );
}

interface DeclineProps {
  readonly callId: string;
  readonly onPress: () => void;
}

function Decline({ callId, onPress }: DeclineProps): ReactNode {
  return (
    <RoundButton
      label="Decline"
      caption="Decline"
      tone="stop"
      onClick={unlessHasty(callId, onPress)}
    >
      <Phone size={24} aria-hidden="true" className="rotate-[135deg]" />
    </RoundButton>
  );
}

/** A click that a key made (it counts no clicks) just as the call came in was meant elsewhere. */
function unlessHasty(callId: string, act: () => void): (event: MouseEvent) => void {
  return (event) => {
    if (event.detail > 0 || isSettled(callId)) act();
  };
}
