/** For tests: a phone without SIP, which says a tone and measures what it hears. */
import type { Side, SideTransport } from "carillon/b2bua";
import { tone } from "carillon/rtp";
import type { MediaSecurity } from "../call/chosen-way.ts";
import { type CodecName, type NodeVoice, nodeMedia } from "../call/node-media.ts";
import { toneShare } from "../sound/tone-share.ts";

export interface TestingPhoneOptions {
  readonly security?: MediaSecurity;
  readonly codecs?: readonly CodecName[];
  /** What it says, in Hz: whole periods in 100 ms. */
  readonly hz: number;
  /** What its media engine takes it for. */
  readonly as?: SideTransport;
  readonly address?: string;
}

/** One end of a call, with real sockets on loopback. */
export class TestingPhone {
  readonly media: NodeVoice;
  readonly keys: string[] = [];
  readonly #options: TestingPhoneOptions;
  #pcm = new Int16Array();
  #rate = 0;
  #heard = new Map<number, number>();

  constructor(options: TestingPhoneOptions) {
    this.#options = options;
    const { security = "none", codecs = ["PCMA"], hz, address = "127.0.0.1" } = options;
    const factory = nodeMedia({
      ...{ address, security, codecs, opus: { dtx: false, signal: "music" } },
      source: () => tone({ frequencies: [hz], sampleRate: 48_000 }),
      sink: () => ({ write: (pcm, rate) => this.#write(pcm, rate) }),
    });
    this.media = factory({ audio: true, video: false });
    this.media.ondtmf = ({ tone: key }) => this.keys.push(key);
  }

  side(tag: string): Side {
    const { as = "any", address = "127.0.0.1" } = this.#options;
    return { tag, address, transport: as, isBehindNat: false };
  }

  /** How many tenths of a second so far were mostly this tone. */
  heard(hz: number): number {
    return this.#heard.get(hz) ?? 0;
  }

  /** Counts anew. */
  forget(): void {
    this.#heard = new Map();
  }

  #write(pcm: Int16Array, rate: number): void {
    if (rate !== this.#rate) this.#pcm = new Int16Array();
    this.#rate = rate;
    const all = new Int16Array(this.#pcm.length + pcm.length);
    all.set(this.#pcm);
    all.set(pcm, this.#pcm.length);
    const block = rate / 10;
    let at = 0;
    for (; at + block <= all.length; at += block) {
      for (const hz of HEARD) {
        if (toneShare(all.subarray(at, at + block), rate, hz) > 0.7) {
          this.#heard.set(hz, this.heard(hz) + 1);
        }
      }
    }
    this.#pcm = all.slice(at);
  }
}

/** The tones that are listened for. */
const HEARD = [440, 700, 1000, 1300] as const;
