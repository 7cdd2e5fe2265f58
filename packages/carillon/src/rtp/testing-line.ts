/** Two voice streams with a line between them, for tests: late, lost, and the same every time. */
import type { Codec } from "./codec.ts";
import { isRtcp } from "./packet.ts";
import { FRAME_MS } from "./player.ts";
import { type VoiceAgreement, VoiceStream } from "./voice-stream.ts";

/** How late a packet is, in ms; undefined: it is lost. */
export type Weather = (random: () => number) => number | undefined;

interface Flying {
  readonly at: number;
  readonly to: VoiceStream;
  readonly bytes: Uint8Array;
}

export class Line {
  readonly random: () => number;
  readonly a: VoiceStream;
  readonly b: VoiceStream;
  now = 0;
  /** Every packet that was sent, before the weather had it. */
  ontap: ((bytes: Uint8Array, from: VoiceStream) => void) | undefined;
  readonly #weather: Weather;
  readonly #flying: Flying[] = [];

  constructor(weather: Weather = () => 20, seed = 1) {
    this.random = dice(seed);
    this.#weather = weather;
    const random = () => Math.floor(this.random() * 2 ** 32);
    this.a = new VoiceStream({ random, cname: "a", epochMs: 1.7e12 });
    this.b = new VoiceStream({ random, cname: "b", epochMs: 1.6e12 });
  }

  agree(codec: Codec): void {
    const agreement = agreementOf(codec);
    this.a.agree(agreement);
    this.b.agree(agreement);
  }

  /**
   * So many frames: each side says what `say` gives, and what it hears goes to `hear`; both are
   * handed the frame's number.
   */
  run(
    frames: number,
    say: (from: VoiceStream, n: number) => Int16Array | undefined,
    hear: (at: VoiceStream, pcm: Int16Array) => void = () => {},
  ): void {
    for (let n = 0; n < frames; n++, this.now += FRAME_MS) {
      this.#land();
      for (const [from, to] of [
        [this.a, this.b],
        [this.b, this.a],
      ] as const) {
        const control = from.control(this.now);
        for (const bytes of [...from.send(say(from, n)), ...(control ? [control] : [])]) {
          this.ontap?.(bytes, from);
          this.#fly(bytes, to);
        }
        const heard = from.play(this.now + 7);
        if (heard) hear(from, heard.pcm);
      }
    }
  }

  #fly(bytes: Uint8Array, to: VoiceStream): void {
    const late = this.#weather(this.random);
    if (late !== undefined) this.#flying.push({ at: this.now + late, to, bytes });
  }

  #land(): void {
    this.#flying.sort((one, other) => one.at - other.at);
    while ((this.#flying[0]?.at ?? Number.POSITIVE_INFINITY) <= this.now) {
      const one = this.#flying.shift();
      if (!one) break;
      if (isRtcp(one.bytes)) one.to.receiveControl(one.bytes, one.at);
      else one.to.receive(one.bytes, one.at);
    }
  }
}

export function agreementOf(codec: Codec): VoiceAgreement {
  const payload = { payloadType: codec.payloadType ?? 96, codec };
  const known = Array.from({ length: 16 }, (_, n) => n);
  return {
    ...{ send: payload, receive: [payload] },
    events: { send: 101, receive: 101, clockRate: codec.clockRate, known },
  };
}

function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}
