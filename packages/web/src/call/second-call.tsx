/** Somebody else calls during a call: a banner that can wait, without taking the focus. */
import { Pause, Phone } from "lucide-react";
import type { ReactNode } from "react";
import { Avatar } from "../look/avatar.tsx";
import { Button } from "../look/button.tsx";
import type { CallCard } from "../phone/desk.ts";
import { useSession } from "../phone/seat-session.ts";

export function SecondCall({ card }: { readonly card: CallCard }): ReactNode {
  const { phone } = useSession();
  const { id, peer, video } = card;
  return (
    <section
      aria-label={`${peer.name} is calling as well`}
      className="absolute inset-x-3 bottom-[calc(128px+env(safe-area-inset-bottom))] z-30 mx-auto
        flex max-w-[560px] animate-rise flex-wrap items-center gap-3 rounded-2xl border border-line
        bg-card p-3 shadow-lift"
    >
      <Avatar name={peer.name} />
      <p className="min-w-30 flex-1">
        <bdi className="block truncate font-semibold">{peer.name}</bdi>
        <span className="block text-small text-ink-2">
          is calling with {video ? "video" : "voice"}
        </span>
      </p>
      <span className="flex flex-wrap gap-2 max-desk:w-full max-desk:*:grow">
        <Button onClick={() => phone.decline(id)}>
          <Phone size={18} aria-hidden="true" className="rotate-[135deg] text-stop" />
          Decline
        </Button>
        <Button onClick={() => void phone.answer(id, video)}>
          <Phone size={18} aria-hidden="true" />
          Hang up and answer
        </Button>
        <Button tone="live" onClick={() => void phone.answer(id, false, true)}>
          <Pause size={18} aria-hidden="true" />
          Hold and answer
        </Button>
      </span>
    </section>
  );
}
