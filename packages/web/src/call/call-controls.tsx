/** What one does in a call, in the same order everywhere; hanging up stands apart, in red. */
import type { WebMedia } from "carillon";
import {
  Maximize2,
  MessageCircle,
  Mic,
  MicOff,
  MonitorUp,
  Pause,
  Phone,
  Play,
  Video,
  VideoOff,
} from "lucide-react";
import type { ReactNode } from "react";
import { Unread } from "../chat/conversation-row.tsx";
import { RoundButton } from "../look/round-button.tsx";
import { isSameAddress } from "../people/peer-name.ts";
import { isHeldByUs } from "../phone/call-actions.ts";
import type { CallCard } from "../phone/desk.ts";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { CallMore } from "./call-more.tsx";
import { hasCamera, hasMicrophone } from "./captured.ts";

export interface CallControlsProps {
  readonly card: CallCard;
  readonly media: WebMedia | undefined;
  readonly folded: boolean;
}

export function CallControls({ card, media, folded }: CallControlsProps): ReactNode {
  const { phone } = useSession();
  const { joined } = useStore(phone.desk);
  if (folded) return <FoldedControls />;
  const talks = card.state.name === "Established";
  return (
    <div className="safe-bottom absolute inset-x-0 bottom-4 flex justify-center">
      <div
        role="toolbar"
        aria-label="Call"
        className="flex gap-[clamp(2px,1vw,8px)] rounded-[40px] bg-card/90 px-2 pt-3 pb-2
          backdrop-blur desk:gap-4 desk:px-5"
      >
        <MicrophoneButton media={media} />
        {media !== undefined && hasCamera(media) && <CameraButton media={media} />}
        {media !== undefined && talks && <ScreenButton media={media} />}
        {talks && !joined && <HoldButton card={card} />}
        <ChatButton card={card} />
        {media !== undefined && talks && <CallMore card={card} media={media} />}
        <span className="w-0.5 desk:w-8" />
        <RoundButton label="Hang up" caption="Hang up" tone="stop" onClick={phone.hangUp}>
          <Phone size={24} aria-hidden="true" className="rotate-[135deg]" />
        </RoundButton>
      </div>
    </div>
  );
}

function MicrophoneButton({ media }: { readonly media: WebMedia | undefined }): ReactNode {
  const { phone } = useSession();
  const captured = media !== undefined && hasMicrophone(media);
  const muted = captured && media.muted;
  const Icon = muted ? MicOff : Mic;
  return (
    <RoundButton
      label="Mute microphone"
      caption={muted ? "Muted" : "Mute"}
      aria-pressed={muted}
      aria-keyshortcuts="m"
      tone={muted ? "pressed" : "plain"}
      disabled={!captured}
      onClick={phone.toggleMuted}
    >
      <Icon size={24} aria-hidden="true" />
    </RoundButton>
  );
}

function CameraButton({ media }: { readonly media: WebMedia }): ReactNode {
  const { phone } = useSession();
  const off = !media.cameraOn;
  const Icon = off ? VideoOff : Video;
  return (
    <RoundButton
      label="Turn camera off"
      caption={off ? "Camera off" : "Camera"}
      aria-pressed={off}
      aria-keyshortcuts="v"
      tone={off ? "pressed" : "plain"}
      onClick={() => void phone.toggleCamera()}
    >
      <Icon size={24} aria-hidden="true" />
    </RoundButton>
  );
}

/** Phones cannot show their screen to others. */
function ScreenButton({ media }: { readonly media: WebMedia }): ReactNode {
  const { phone } = useSession();
  return (
    <span className="max-desk:hidden">
      <RoundButton
        label="Share your screen"
        caption={media.sharing ? "Sharing" : "Share"}
        aria-pressed={media.sharing}
        tone={media.sharing ? "pressed" : "plain"}
        onClick={() => void phone.toggleScreen()}
      >
        <MonitorUp size={24} aria-hidden="true" />
      </RoundButton>
    </span>
  );
}

/** To the conversation with whom one talks; the call goes on, small. */
function ChatButton({ card }: { readonly card: CallCard }): ReactNode {
  const { phone, chat, place } = useSession();
  const { peer } = card;
  const unread = useStore(chat.list).find(({ uri }) => isSameAddress(uri, peer.uri))?.unread ?? 0;
  return (
    <span className="relative">
      <RoundButton
        label={unread > 0 ? `Chat, ${unread} unread` : "Chat"}
        caption="Chat"
        onClick={() => {
          place.write({ tab: "Chat", conversation: peer.uri });
          phone.fold(true);
        }}
      >
        <MessageCircle size={24} aria-hidden="true" />
      </RoundButton>
      {unread > 0 && (
        <span aria-hidden="true" className="absolute -top-1 -right-1">
          <Unread count={unread} />
        </span>
      )}
    </span>
  );
}

function HoldButton({ card }: { readonly card: CallCard }): ReactNode {
  const { phone } = useSession();
  const held = isHeldByUs(card);
  const Icon = held ? Play : Pause;
  return (
    <RoundButton
      label="Hold the call"
      caption={held ? "On hold" : "Hold"}
      aria-pressed={held}
      aria-keyshortcuts="h"
      tone={held ? "pressed" : "plain"}
      onClick={() => void phone.toggleHold()}
    >
      <Icon size={24} aria-hidden="true" />
    </RoundButton>
  );
}

function FoldedControls(): ReactNode {
  const { phone } = useSession();
  return (
    <div className="absolute inset-x-3 bottom-3 flex justify-between">
      <RoundButton small label="Back to the call" onClick={() => phone.fold(false)}>
        <Maximize2 size={20} aria-hidden="true" />
      </RoundButton>
      <RoundButton small label="Hang up" tone="stop" onClick={phone.hangUp}>
        <Phone size={20} aria-hidden="true" className="rotate-[135deg]" />
      </RoundButton>
    </div>
  );
}
