/** What one does in a call, in the same order everywhere; hanging up stands apart, in red. */
import type { WebMedia } from "carillon";
import { Maximize2, Mic, MicOff, Phone, Video, VideoOff } from "lucide-react";
import type { ReactNode } from "react";
import { RoundButton } from "../look/round-button.tsx";
import { useSession } from "../phone/seat-session.ts";
import { hasCamera, hasMicrophone } from "./captured.ts";

export interface CallControlsProps {
  readonly media: WebMedia | undefined;
  readonly folded: boolean;
}

export function CallControls({ media, folded }: CallControlsProps): ReactNode {
  const { phone } = useSession();
  if (folded) return <FoldedControls />;
  return (
    <div className="safe-bottom absolute inset-x-0 bottom-4 flex justify-center">
      <div
        role="toolbar"
        aria-label="Call"
        className="flex gap-4 rounded-[40px] bg-card/90 px-5 pt-3 pb-2 backdrop-blur"
      >
        <MicrophoneButton media={media} />
        {media !== undefined && hasCamera(media) && <CameraButton media={media} />}
        <span className="w-4 desk:w-8" />
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
