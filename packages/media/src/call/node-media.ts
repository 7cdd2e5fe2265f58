/**
 * The media of a phone in Node, all at once: codecs by name, files and devices, recordings, plain
 * RTP, SDES or DTLS-SRTP with ICE. For `media` of `Phone.open`.
 */
import { VoiceMedia } from "carillon/node";
import { type Codec, g722, pcma, pcmu } from "carillon/rtp";
import { type MediaFactory, SipError, type Wanted } from "carillon/ua";
import { type OpusOptions, opus } from "../opus/opus.ts";
import { CallSound, type SoundOptions } from "./call-sound.ts";
import { chosenWay, type WayOptions } from "./chosen-way.ts";

/** The codecs that are here: Opus (RFC 7587), G.722 and both laws of G.711 (RFC 3551). */
export type CodecName = "opus" | "G722" | "PCMU" | "PCMA";

/**
 * Everything about the sound of a phone: how it goes, what is played and recorded, and by which
 * codecs.
 */
export interface NodeMediaOptions extends WayOptions, SoundOptions {
  /** Best first; Opus, G.722, G.711 µ-law and A-law if left out. */
  readonly codecs?: readonly (CodecName | Codec)[];
  /** How Opus is spoken, where it is. */
  readonly opus?: OpusOptions;
}

/**
 * ```ts
 * const media = nodeMedia({ address: "192.0.2.7", play: "hello.wav", record: "call.wav" });
 * const phone = await Phone.open({ aor, password, server, local, media });
 * ```
 * Throws a RangeError for options that contradict each other. What cannot be opened (a file, a
 * microphone) is said when a call is made or answered: SipError `SIP_MEDIA`, in words.
 */
export function nodeMedia(options: NodeMediaOptions): MediaFactory<NodeVoice> {
  const way = chosenWay(options);
  const codecs = codecsOf(options);
  const { address } = options;
  let calls = 0;
  return (wanted) => new NodeVoice(wanted, { address, way, codecs }, options, ++calls);
}

/** One call's voice, with its files and devices. */
export class NodeVoice extends VoiceMedia {
  readonly #sound: SoundOptions;
  readonly #nth: number;
  #opening: Promise<CallSound> | undefined;
  #isOver = false;

  constructor(
    wanted: Wanted,
    voice: ConstructorParameters<typeof VoiceMedia>[1],
    sound: SoundOptions,
    nth: number,
  ) {
    super(wanted, voice);
    this.#sound = sound;
    this.#nth = nth;
  }

  /** For the call. Rejects with a SipError `SIP_MEDIA` if a file or device cannot be had. */
  override async offer(): Promise<string> {
    await this.#open();
    return super.offer();
  }

  /** For the call. As `offer`; a call that is refused takes no device. */
  override async answer(offer: string): Promise<string> {
    // What is refused takes no microphone.
    const answer = await super.answer(offer);
    await this.#open();
    return answer;
  }

  /** For the call. Lets go of its files and devices as well. */
  override close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    super.close();
    void this.#opening?.then(
      (sound) => sound.close(),
      () => {},
    );
  }

  /** Once, with the first description. */
  async #open(): Promise<void> {
    if (this.#opening) return;
    this.#opening = CallSound.open(this.#sound, this.#nth);
    const sound = await this.#opening.catch((cause: unknown) => {
      const words = cause instanceof Error ? cause.message : String(cause);
      throw new SipError("SIP_MEDIA", words);
    });
    if (sound.source) this.source = sound.source;
    this.sink = sound.sink;
  }
}

function codecsOf(options: NodeMediaOptions): readonly Codec[] {
  const { codecs = ["opus", "G722", "PCMU", "PCMA"] } = options;
  if (codecs.length === 0) throw new RangeError("codecs: at least one");
  return codecs.map((each) => (typeof each === "string" ? named(each, options) : each));
}

function named(name: CodecName, { opus: how }: NodeMediaOptions): Codec {
  const known: Readonly<Record<CodecName, Codec>> = {
    opus: opus(how),
    G722: g722,
    PCMU: pcmu,
    PCMA: pcma,
  };
  const codec = known[name];
  if (!codec) throw new RangeError(`codecs: ${name} is none of ${Object.keys(known).join(", ")}`);
  return codec;
}
