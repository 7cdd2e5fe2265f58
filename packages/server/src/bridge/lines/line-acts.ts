/** What each line does with whoever calls it. */
import type { Playable } from "carillon/b2bua";
import type { SipUri } from "carillon/uri";
import { promptPath } from "carillon-media";
import { type Announcement, announcementOf, NOT_FOUND, type Objection } from "./announcement.ts";
import type { AnnouncementShelf } from "./announcement-shelf.ts";

/** How it is heard by its caller. */
export interface Voice {
  play(what: Playable): void;
  stop(): void;
  echo(delayMs: number): void;
  hangUp(): void;
}

/** One call of a line. */
export interface LineAct {
  /** Said before the call is answered, and it never will be. */
  readonly isEarly?: boolean;
  /** The caller hears us. Said again where media had to begin anew. */
  begin(voice: Voice): void;
  /** What was played is over. */
  played?(voice: Voice): void;
  /** A key of the caller's: `0` to `9`, `*`, `#`. */
  key?(tone: string, voice: Voice): void;
}

export const LINES = ["echo", "tone", "clock", "annc"] as const;
export type LineName = (typeof LINES)[number];

/** What this URI asks of this line. */
export function actOf(
  line: LineName,
  uri: Pick<SipUri, "params">,
  shelf: AnnouncementShelf,
): LineAct | Objection {
  switch (line) {
    case "echo":
      return new EchoAct(uri);
    case "tone":
      return new ToneAct();
    case "clock":
      return { begin: (voice) => voice.play({ kind: "Clock" }) };
    case "annc": {
      const asked = announcementOf(uri);
      if (!("play" in asked)) return asked;
      //= RFC 4240 §3
      //# If the media server supports announcements, but it cannot find the referenced URI, it MUST
      //# respond with the 404 response code and SHOULD send the reason phrase "Announcement content
      //# not found".
      const path = shelf.find(asked.play, asked.locale);
      return path === undefined ? NOT_FOUND : announcementAct(asked, path);
    }
  }
}

/** Long enough to hear oneself, and not so long that one forgets what one said. */
const ECHO_MS = 1000;
const MOST_ECHO_MS = 5000;

/** Says what it is, and then what it hears; `delay=0` of the URI wants the echo alone, at once. */
class EchoAct implements LineAct {
  readonly #delayMs: number;
  readonly #saysWhatItIs: boolean;

  constructor({ params }: Pick<SipUri, "params">) {
    const delay = params.get("delay") ?? "";
    this.#saysWhatItIs = !/^\d{1,9}$/.test(delay);
    this.#delayMs = this.#saysWhatItIs ? ECHO_MS : Math.min(MOST_ECHO_MS, Number(delay));
  }

  begin(voice: Voice): void {
    if (!this.#saysWhatItIs) return voice.echo(this.#delayMs);
    voice.play({ kind: "Files", paths: [promptPath("echo")] });
  }

  played(voice: Voice): void {
    voice.echo(this.#delayMs);
  }

  /** Whoever knows what it is does not have to hear it. */
  key(_: string, voice: Voice): void {
    voice.echo(this.#delayMs);
  }
}

/** By key; all others are silent. */
const TONES: ReadonlyMap<string, number> = new Map([
  ["1", 440],
  ["2", 1000],
  ["3", 2000],
  ["4", 3000],
]);

/** 440 Hz, until a key wants another: 1000, 2000, 3000, or silence. */
class ToneAct implements LineAct {
  #hz: number | undefined = TONES.get("1");

  begin(voice: Voice): void {
    if (this.#hz === undefined) voice.stop();
    else voice.play({ kind: "Tone", hz: this.#hz });
  }

  key(tone: string, voice: Voice): void {
    this.#hz = TONES.get(tone);
    this.begin(voice);
  }
}

const announcementAct = (asked: Announcement, path: string): LineAct => ({
  isEarly: asked.isEarly,
  begin: (voice) =>
    voice.play({
      ...{ kind: "Files", paths: [path], repeat: asked.repeat, delayMs: asked.delayMs },
      ...(asked.durationMs !== undefined && { durationMs: asked.durationMs }),
    }),
  //= RFC 4240 §3.1
  //# When the media server completes the play of the prompt, it issues a BYE to the proxy.
  played: (voice) => voice.hangUp(),
});
