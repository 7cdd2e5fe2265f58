/** A phone of the library that speaks by itself: it says a tone, and keeps what it hears. */
import {
  type Call,
  Phone,
  type VoiceMedia,
  type VoiceOptions,
  type VoicePhoneOptions,
} from "carillon/node";
import { tone } from "carillon/rtp";
import { type Credentials, DOMAIN, SERVER_ADDRESS } from "./house.ts";
import { SAMPLE_RATE_HZ, secondsOf } from "./tone.ts";
import { until } from "./until.ts";

const LOCALHOST = "127.0.0.1";
const CALLED_MS = 5000;

export class VoicePhone {
  readonly phone: Phone<VoiceMedia>;
  readonly toneHz: number;
  #heard: number[] = [];

  private constructor(phone: Phone<VoiceMedia>, toneHz: number, hear: Hearing) {
    this.phone = phone;
    this.toneHz = toneHz;
    hear.write = (pcm) => this.#heard.push(...pcm);
  }

  /** Resolves once it is registered. */
  static open(
    { user, password }: Credentials,
    toneHz: number,
    voice: Partial<VoiceOptions>,
  ): Promise<VoicePhone> {
    const where = { aor: `sip:${user}@${DOMAIN}`, password, server: SERVER_ADDRESS };
    return VoicePhone.#open({ ...where, voice }, toneHz);
  }

  /** The same over a server that is written as people write it. */
  static over(url: string, { user, password }: Credentials, toneHz: number): Promise<VoicePhone> {
    const where = { aor: `sip:${user}@${DOMAIN}`, password, servers: [url] };
    return VoicePhone.#open(where, toneHz);
  }

  /** One without a server. */
  static at(local: Address, user: string, toneHz: number): Promise<VoicePhone> {
    return VoicePhone.#open({ aor: `sip:${user}@${local.host}:${local.port}`, local }, toneHz);
  }

  static async #open(
    { voice = {}, ...options }: VoicePhoneOptions,
    toneHz: number,
  ): Promise<VoicePhone> {
    const hearing: Hearing = { write: () => {} };
    const phone = await Phone.open({
      local: { host: LOCALHOST, port: 0 },
      ...options,
      voice: {
        source: () => tone({ frequencies: [toneHz], amplitude: 0.5, sampleRate: 16_000 }),
        sink: { sampleRate: SAMPLE_RATE_HZ, write: (pcm) => hearing.write(pcm) },
        ...voice,
      },
    });
    await phone.register();
    return new VoicePhone(phone, toneHz, hearing);
  }

  /** From here on. */
  listen(): void {
    this.#heard = [];
  }

  /** How long this tone, and as good as nothing else, was heard since. */
  heardSeconds(toneHz: number): number {
    return secondsOf(toneHz, this.heard);
  }

  get heard(): Float64Array {
    return Float64Array.from(this.#heard, (sample) => sample / 0x8000);
  }

  /**
   * The next call that comes, answered; one that offers what this phone does not speak is followed
   * by another. `begin` is what makes somebody call.
   */
  async answered(begin: () => unknown): Promise<Call<VoiceMedia>> {
    const calls = this.phone.calls();
    let call: Call<VoiceMedia> | undefined;
    const answer = async (): Promise<void> => {
      for await (const one of calls) {
        const isUp = await one.answer({ audio: true, video: false }).then(
          () => true,
          () => false,
        );
        if (!isUp) continue;
        call = one;
        return;
      }
    };
    void answer();
    try {
      await begin();
      return await until(`${this.phone.aor} is called`, () => call, CALLED_MS);
    } finally {
      // Else the next call would be this one's.
      void calls.return?.();
    }
  }

  close(): Promise<void> {
    return this.phone.close();
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
}

interface Hearing {
  write: (pcm: Int16Array) => unknown;
}
