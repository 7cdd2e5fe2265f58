/** Plays a recording: a button, and a scrubber that shows how far it is. */
import { Pause, Play } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { lengthWords } from "./file-words.ts";

export interface SoundPlayerProps {
  readonly src: string;
  readonly name: string;
}

export function SoundPlayer({ src, name }: SoundPlayerProps): ReactNode {
  const audio = useRef<HTMLAudioElement>(null);
  const { playing, atSeconds, seconds, trouble } = useSound(audio);
  const toggle = (): void => {
    const sound = audio.current;
    if (sound === null) return;
    if (playing) sound.pause();
    // Why it does not play comes as its error, too.
    else void sound.play().catch(() => {});
  };
  const Icon = playing ? Pause : Play;
  return (
    <span className="flex w-72 max-w-full items-center gap-2">
      {/* biome-ignore lint/a11y/useMediaCaption: what somebody says has no captions */}
      <audio ref={audio} src={src} preload="metadata" />
      <button
        type="button"
        aria-label={`${playing ? "Pause" : "Play"} ${name}`}
        onClick={toggle}
        className="inline-flex size-11 shrink-0 items-center justify-center rounded-full
          border border-current"
      >
        <Icon size={20} aria-hidden="true" />
      </button>
      <input
        type="range"
        aria-label={`${name}: where in it`}
        aria-valuetext={`${lengthWords(atSeconds)} of ${lengthWords(seconds)}`}
        min={0}
        max={Number.isFinite(seconds) ? seconds : 0}
        step={0.05}
        value={atSeconds}
        onChange={(event) => {
          if (audio.current !== null) audio.current.currentTime = Number(event.target.value);
        }}
        className="h-11 min-w-0 flex-1 accent-current"
      />
      <span className="w-10 text-right text-small tabular-nums">
        {trouble ? "–:––" : lengthWords(playing || atSeconds > 0 ? atSeconds : seconds)}
      </span>
    </span>
  );
}

interface Sound {
  readonly playing: boolean;
  readonly atSeconds: number;
  readonly seconds: number;
  readonly trouble: boolean;
}

/** Beyond any recording: asked to go there, a browser finds the end. */
const FAR_SECONDS = 1e7;

function useSound(audio: { readonly current: HTMLAudioElement | null }): Sound {
  const [sound, setSound] = useState<Sound>({
    ...{ playing: false, atSeconds: 0, seconds: Number.POSITIVE_INFINITY, trouble: false },
  });
  useEffect(() => {
    const element = audio.current;
    if (element === null) return;
    const closing = new AbortController();
    // A recording that was made here does not say how long it is: its end has to be looked for.
    let looksForEnd = false;
    const tell = (): void => {
      const { paused, currentTime, duration, error } = element;
      if (duration === Number.POSITIVE_INFINITY && !looksForEnd) {
        looksForEnd = true;
        element.currentTime = FAR_SECONDS;
        return;
      }
      if (looksForEnd && Number.isFinite(duration) && paused) {
        looksForEnd = false;
        element.currentTime = 0;
        return;
      }
      const atSeconds = looksForEnd ? 0 : currentTime;
      setSound({ playing: !paused, atSeconds, seconds: duration, trouble: error !== null });
    };
    const events = ["loadedmetadata", "durationchange", "timeupdate", "play", "pause", "seeked"];
    for (const type of [...events, "ended", "error"]) {
      element.addEventListener(type, tell, { signal: closing.signal });
    }
    return () => closing.abort();
  }, [audio]);
  return sound;
}
