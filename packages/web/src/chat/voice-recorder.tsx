/** Records a voice note: says how loud and how long, then plays it before it is sent. */
import { SendHorizontal, Square, Trash2 } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { mediaFailure } from "../call/media-choice.ts";
import { readDevices } from "../call/read-devices.ts";
import { IconButton } from "../look/icon-button.tsx";
import { useSession } from "../phone/seat-session.ts";
import { lengthWords } from "./file-words.ts";
import { type Recording, record } from "./recording.ts";
import { SoundPlayer } from "./sound-player.tsx";

export interface VoiceRecorderProps {
  readonly conversation: string;
  readonly onDone: () => void;
}

type Step =
  | { readonly kind: "Asking" }
  | { readonly kind: "Recording"; readonly recording: Recording; readonly sinceMs: number }
  | { readonly kind: "Recorded"; readonly file: File; readonly src: string }
  | { readonly kind: "Failed"; readonly why: string };

export function VoiceRecorder({ conversation, onDone }: VoiceRecorderProps): ReactNode {
  const { chat } = useSession();
  const { step, finish } = useRecording();
  const send = (file: File): void => {
    chat.sendFiles(conversation, [file]);
    onDone();
  };
  return (
    <fieldset aria-label="Voice note" className="flex min-h-11 min-w-0 items-center gap-2">
      <IconButton label="Throw the voice note away" onClick={onDone}>
        <Trash2 size={20} aria-hidden="true" />
      </IconButton>
      <div className="flex min-w-0 flex-1 items-center justify-center">
        {step.kind === "Asking" && <p className="text-ink-2">Waiting for your microphone…</p>}
        {step.kind === "Failed" && <p role="alert">{step.why}</p>}
        {step.kind === "Recording" && <Level {...step} />}
        {step.kind === "Recorded" && <SoundPlayer src={step.src} name="Your voice note" />}
      </div>
      {step.kind === "Recording" && (
        <IconButton label="Stop recording" onClick={finish}>
          <Square size={20} aria-hidden="true" className="fill-stop text-stop" />
        </IconButton>
      )}
      {step.kind === "Recorded" && (
        <IconButton label="Send the voice note" onClick={() => send(step.file)} strong>
          <SendHorizontal size={22} aria-hidden="true" />
        </IconButton>
      )}
    </fieldset>
  );
}

/** Longer than this is a call. */
const MOST_MS = 10 * 60_000;

function useRecording() {
  const [step, setStep] = useState<Step>({ kind: "Asking" });
  const now = useRef<Recording>(undefined);
  const finish = (): void => {
    const recording = now.current;
    now.current = undefined;
    void recording?.finish().then((file) => {
      setStep({ kind: "Recorded", file, src: URL.createObjectURL(file) });
    });
  };
  // Begins once, when it is opened.
  useEffect(() => {
    let open = true;
    const longest = setTimeout(finish, MOST_MS);
    record(Date.now()).then(
      (recording) => {
        if (!open) return recording.discard();
        now.current = recording;
        setStep({ kind: "Recording", recording, sinceMs: performance.now() });
      },
      async () => {
        const why = mediaFailure(await readDevices()) ?? "Your microphone cannot be used.";
        if (open) setStep({ kind: "Failed", why });
      },
    );
    return () => {
      open = false;
      clearTimeout(longest);
      now.current?.discard();
    };
  }, []);
  const src = step.kind === "Recorded" ? step.src : undefined;
  useEffect(() => {
    if (src !== undefined) return () => URL.revokeObjectURL(src);
    return undefined;
  }, [src]);
  return { step, finish };
}

interface LevelProps {
  readonly recording: Recording;
  readonly sinceMs: number;
}

const LOOK_MS = 80;

function Level({ recording, sinceMs }: LevelProps): ReactNode {
  const [{ level, seconds }, setSeen] = useState({ level: 0, seconds: 0 });
  useEffect(() => {
    const timer = setInterval(() => {
      setSeen({ level: recording.level(), seconds: (performance.now() - sinceMs) / 1000 });
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [recording, sinceMs]);
  return (
    <>
      <span aria-hidden="true" className="size-3 rounded-full bg-stop motion-safe:animate-pulse" />
      <span className="mx-3 tabular-nums">{lengthWords(seconds)}</span>
      <meter
        aria-label="How loud you are"
        min={0}
        max={1}
        value={level}
        className="h-3 min-w-0 max-w-60 flex-1"
      />
    </>
  );
}
