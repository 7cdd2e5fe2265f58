/** A phone of the library that speaks by itself: it says a tone, and keeps what it hears. */
import { type Call, Phone, type VoiceMedia, type VoiceOptions } from "carillon/node";
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
  static async open(
    { user, password }: Credentials,
    toneHz: number,
    voice: Partial<VoiceOptions>,
  ): Promise<VoicePhone> {
    const hearing: Hearing = { write: () => {} };
    const phone = await Phone.open({
      ...{ aor: `sip:${user}@${DOMAIN}`, password, server: SERVER_ADDRESS },
      local: { host: LOCALHOST, port: 0 },
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

  /** The next call that comes, answered. `begin` is what makes somebody call. */
  async answered(begin: () => unknown): Promise<Call<VoiceMedia>> {
    const calls = this.phone.calls();
    let call: Call<VoiceMedia> | undefined;
    void calls.next().then(({ value, done }) => {
      if (!done) call = value;
    });
    try {
      await begin();
      const found = await until(`${this.phone.aor} is called`, () => call, CALLED_MS);
      await found.answer({ audio: true, video: false });
      return found;
    } finally {
      // Else the next call would be this one's.
      void calls.return?.();
    }
  }

  close(): Promise<void> {
    return this.phone.close();
  }
}

interface Hearing {
  write: (pcm: Int16Array) => unknown;
}
