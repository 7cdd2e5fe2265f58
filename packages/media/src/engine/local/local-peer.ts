/**
 * The engine as a peer itself: what one side hears from us, and what it says. It has no socket: who
 * owns it takes its packets and gives it those that come, both unencrypted.
 */
import { randomBytes } from "node:crypto";
import type { Playable } from "carillon/b2bua";
import { type VoiceTime, voiceClock } from "carillon/node";
import {
  type Codec,
  eventOf,
  FRAME_MS,
  parseTones,
  toneOf,
  type VoiceStatistics,
  VoiceStream,
  voiceAgreement,
} from "carillon/rtp";
import { type AgreedSlot, opusParams, parseFmtpParams } from "carillon/sdp";
import { ClipShelf } from "./clip-shelf.ts";
import { Echo } from "./echo.ts";
import { utteranceOf } from "./playables.ts";
import type { Said, Utterance } from "./said.ts";

/** What a peer needs of its owner. */
export interface LocalPeerOptions {
  /** Those that were described, best first. */
  readonly codecs: readonly Codec[];
  /** RTP that goes to the side. */
  readonly send: (packet: Uint8Array) => void;
  /** RTCP likewise. */
  readonly sendControl: (packet: Uint8Array) => void;
  /** False while packets cannot go yet: nothing is said before. Always true if left out. */
  readonly isOpen?: () => boolean;
  /** What was played is over, and not because it was stopped. */
  readonly onplayed?: () => void;
  /** A key was let go of: `0` to `9`, `*`, `#`, `A` to `D`. */
  readonly ondtmf?: (tone: string, durationMs: number) => void;
  /** A file could not be played, in words. */
  readonly onerror?: (words: string) => void;
  /** Hears what the side says, 20 ms at a time: a recording. */
  readonly onheard?: (pcm: Int16Array, sampleRate: number) => void;
  /** Clips of all calls; one of its own if left out. */
  readonly shelf?: ClipShelf;
  /** Whose beat it has; that of the process if left out. */
  readonly clock?: VoiceTime;
}

/** 100 ms and 80 ms, as `VoiceMedia` presses them. */
const [TONE_MS, GAP_MS] = [100, 80] as const;
const ALWAYS = (): boolean => true;

export class LocalPeer {
  readonly #options: LocalPeerOptions;
  readonly #clock: VoiceTime;
  readonly #shelf: ClipShelf;
  readonly #stream: VoiceStream;
  readonly #beat = (due: number): void => this.#tick(due);
  #saying: Utterance | undefined;
  #echo: Echo | undefined;
  /** Opus may go to this side as it is in a file. */
  #takesOpus = false;
  #isClosed = false;

  constructor(options: LocalPeerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? voiceClock;
    this.#shelf = options.shelf ?? new ClipShelf();
    this.#stream = new VoiceStream({
      random: () => randomBytes(4).readUInt32BE(),
      cname: randomBytes(12).toString("base64url"),
      epochMs: performance.timeOrigin,
    });
    this.#stream.onevent = (event) => {
      const tone = event.kind === "Ended" ? toneOf(event.event) : undefined;
      if (event.kind === "Ended" && tone) options.ondtmf?.(tone, event.durationMs);
    };
  }

  /** What holds from now on; undefined: there is no sound any more. */
  agree(slot: AgreedSlot | undefined): void {
    if (this.#isClosed) return;
    if (!slot) {
      this.#stream.agree({ send: undefined, receive: [], events: undefined });
      return this.#clock.delete(this.#beat);
    }
    const agreement = voiceAgreement(slot, this.#options.codecs);
    const { send } = agreement;
    this.#takesOpus = send?.codec.name === "opus" && takesAnyOpus(send.fmtp);
    this.#stream.agree(agreement);
    this.#clock.add(this.#beat);
  }

  /** RTP came, decrypted. False: it is nothing of this call. */
  receive(packet: Uint8Array, at: number = this.#clock.now()): boolean {
    return !this.#isClosed && this.#stream.receive(packet, at);
  }

  /** RTCP came, decrypted. */
  receiveControl(packet: Uint8Array): void {
    if (!this.#isClosed) this.#stream.receiveControl(packet, this.#clock.now());
  }

  /** Says this, in the place of what was said before; an echo ends by it. */
  play(what: Playable): void {
    if (this.#isClosed) return;
    this.stop();
    this.#saying = utteranceOf(what, this.#shelf, this.#options.onerror);
  }

  /** The side hears itself, so many ms later. */
  echo(delayMs: number): void {
    if (this.#isClosed) return;
    this.stop();
    this.#echo = new Echo(delayMs);
    this.#saying = this.#echo;
  }

  /** Silence from now on; `onplayed` is not told. */
  stop(): void {
    this.#saying?.close();
    this.#saying = undefined;
    this.#echo = undefined;
  }

  /**
   * Presses keys at our end. False where the side does not hear them beside the sound, or too many
   * are waiting. Throws a RangeError on what is no key.
   */
  press(tones: string): boolean {
    const events = parseTones(tones).map(eventOf);
    if (!events.every((event) => this.#stream.canPress(event))) return false;
    try {
      for (const event of events) this.#stream.press(event, TONE_MS, GAP_MS);
    } catch (cause) {
      if (cause instanceof RangeError) return false;
      throw cause;
    }
    return true;
  }

  /** As `VoiceStream` has it: each call begins a new span for `lossFraction`. */
  statistics(): VoiceStatistics {
    return this.#stream.statistics();
  }

  /** Says goodbye by RTCP. Twice does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.stop();
    this.#isClosed = true;
    this.#clock.delete(this.#beat);
    this.#options.sendControl(this.#stream.goodbye(this.#clock.now()));
    this.#stream.close();
  }

  #tick(due: number): void {
    const { isOpen = ALWAYS, onheard, send, sendControl } = this.#options;
    const heard = this.#stream.play(due);
    if (heard) {
      this.#echo?.hear(heard.pcm, heard.sampleRate);
      onheard?.(heard.pcm, heard.sampleRate);
    }
    if (!isOpen()) return;
    const sampleRate = this.#stream.sendRate;
    if (sampleRate !== undefined) {
      const said = this.#next(sampleRate);
      const [pcm, coded] = [
        said?.kind === "Pcm" ? said.pcm : undefined,
        said?.kind === "Opus" ? said.payload : undefined,
      ];
      for (const packet of this.#stream.send(pcm && whole(pcm, sampleRate), coded)) send(packet);
    }
    const control = this.#stream.control(due);
    if (control) sendControl(control);
  }

  #next(sampleRate: number): Said | undefined {
    const said = this.#saying?.next({ sampleRate, opus: this.#takesOpus });
    if (said !== null) return said;
    this.stop();
    this.#options.onplayed?.();
    return undefined;
  }
}

/** The last piece of a sound may be shorter than a frame. */
function whole(pcm: Int16Array, sampleRate: number): Int16Array {
  const samples = (sampleRate * FRAME_MS) / 1000;
  if (pcm.length === samples) return pcm;
  const frame = new Int16Array(samples);
  frame.set(pcm.subarray(0, samples));
  return frame;
}

//= RFC 7587 §6.1
//# maxaveragebitrate:  specifies the maximum average receive bitrate of a session in bits per
//# second (bit/s)
/** Whether what was coded for nobody in particular is welcome: no wish for less, or for CBR. */
function takesAnyOpus(fmtp: string | undefined): boolean {
  const { cbr, maxAverageBitrate } = opusParams(parseFmtpParams(fmtp ?? ""));
  return !cbr && (maxAverageBitrate ?? LEAST_BITRATE) >= LEAST_BITRATE;
}

/** Announcements have less on average. */
const LEAST_BITRATE = 32_000;
