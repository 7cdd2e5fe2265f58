/** How a call ended, why, and what can be done now. */
import { MessageCircle, Phone, Video } from "lucide-react";
import type { ReactNode } from "react";
import { Avatar } from "../look/avatar.tsx";
import { Button } from "../look/button.tsx";
import { useFocusOn } from "../look/use-focus-on.ts";
import { isSameAddress } from "../people/peer-name.ts";
import type { EndedCard } from "../phone/desk.ts";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { endWords } from "./end-words.ts";

export function EndedCall({ ended }: { readonly ended: EndedCard }): ReactNode {
  const { phone } = useSession();
  const { peer, id } = ended.card;
  const heading = useFocusOn<HTMLHeadingElement>(id);
  const words = endWords(ended);
  return (
    <div className="flex min-h-full flex-col items-center justify-center p-6 text-center">
      <Avatar name={peer.name} size="large" />
      <h2
        ref={heading}
        tabIndex={-1}
        data-testid="call-status"
        data-state="Ended"
        className="mt-6 text-display font-semibold tracking-tight text-balance wrap-anywhere"
      >
        {words.title}
      </h2>
      {words.detail !== undefined && (
        <p
          className="mt-2 max-w-[min(400px,100%)] overflow-hidden text-ink-2 text-pretty
            tabular-nums wrap-anywhere"
        >
          {words.detail}
        </p>
      )}
      <div className="mt-8 flex w-full max-w-[360px] flex-wrap gap-3">
        <Button className="flex-1" onClick={phone.dismiss}>
          Back
        </Button>
        <Again ended={ended} />
        <Write ended={ended} />
      </div>
      <details className="mt-8 max-w-full overflow-hidden text-small text-ink-2">
        <summary className="rounded px-2 py-1">Details</summary>
        <p className="mt-1 font-mono wrap-anywhere">{words.code}</p>
      </details>
    </div>
  );
}

/** To the conversation with them, if they are of this house. */
function Write({ ended }: { readonly ended: EndedCard }): ReactNode {
  const { phone, people, place } = useSession();
  const { uri } = ended.card.peer;
  const { write } = endWords(ended);
  const isOurs = useStore(people.people).list?.some(({ aor }) => isSameAddress(aor, uri));
  if (write === undefined || !isOurs) return null;
  return (
    <Button
      tone={write.first ? "primary" : "plain"}
      className="w-full"
      onClick={() => {
        phone.dismiss();
        place.write({ tab: "Chat", conversation: uri });
      }}
    >
      <MessageCircle size={20} aria-hidden="true" />
      {write.label}
    </Button>
  );
}

function Again({ ended }: { readonly ended: EndedCard }): ReactNode {
  const { phone } = useSession();
  const { peer, video } = ended.card;
  const { again, write } = endWords(ended);
  // Where the picture was the trouble, a voice may still get through.
  const { code } = ended.end;
  const voice = video && (code === "SIP_MEDIA" || code === "SIP_NOT_ACCEPTABLE");
  return (
    <>
      {voice && (
        <Button
          tone={again === undefined ? "primary" : "plain"}
          className="flex-1"
          onClick={() => void phone.place(peer, false)}
        >
          <Phone size={20} aria-hidden="true" />
          Call with voice
        </Button>
      )}
      {again !== undefined && (
        <Button
          tone={write?.first ? "plain" : "primary"}
          className="flex-1"
          onClick={() => void phone.place(peer, video)}
        >
          {video ? <Video size={20} aria-hidden="true" /> : <Phone size={20} aria-hidden="true" />}
          {again}
        </Button>
      )}
    </>
  );
}
