/**
 * A hundred phones of the library that call each other in pairs, one over UDP and one over TCP,
 * while something else happens.
 */
import {
  type Call,
  CorePhone,
  DescribedMedia,
  dialler,
  nodeCrypto,
  Phone,
  run,
} from "carillon/node";
import { addressOf, type Seeded } from "../durability/seed.ts";
import { demand } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { SIP } from "./stage.ts";

/** Between two calls of a pair. */
const PAUSE_MS = 400;
const TALK_MS = 20;

type Telephone = CorePhone<DescribedMedia>;

export class Household {
  readonly #phones: readonly Telephone[];
  readonly #setUpsMs: number[] = [];
  readonly #failures: string[] = [];

  private constructor(phones: readonly Telephone[]) {
    this.#phones = phones;
    for (const phone of phones) void answerAll(phone);
  }

  /** Everybody registers: every other one over UDP, the rest over TCP. */
  static async open(people: readonly Seeded[]): Promise<Household> {
    const phones = await Promise.all(people.map((one, i) => (i % 2 ? overTcp(one) : overUdp(one))));
    await Promise.all(phones.map((phone) => phone.register()));
    return new Household(phones);
  }

  /** Pairs call each other, both ways in turn, until `isOver` says so. */
  async callUntil(isOver: () => boolean): Promise<void> {
    const pairs = this.#phones.flatMap((one, i) => {
      const other = this.#phones[i + 1];
      return i % 2 === 0 && other ? [[one, other] as const] : [];
    });
    await Promise.all(
      pairs.map(async ([one, other], nth) => {
        await pause((PAUSE_MS * nth) / pairs.length);
        for (let round = 0; round === 0 || !isOver(); round++) {
          await (round % 2 ? this.#call(other, one) : this.#call(one, other));
          await pause(PAUSE_MS);
        }
      }),
    );
  }

  async #call(caller: Telephone, callee: Telephone): Promise<void> {
    const startMs = performance.now();
    try {
      const call = caller.call(callee.aor);
      await call.answered;
      this.#setUpsMs.push(performance.now() - startMs);
      await pause(TALK_MS);
      call.hangUp();
      const { code } = await call.ended;
      if (code !== "SIP_HUNG_UP") this.#failures.push(code);
    } catch (error) {
      this.#failures.push(String(error));
    }
  }

  /** In words; throws if a single call was not as it had to be. */
  figure(): string {
    const times = this.#setUpsMs.toSorted((a, b) => a - b);
    const [failure] = this.#failures;
    const failed = this.#failures.length;
    demand(failed === 0, `${failed} of ${failed + times.length} calls failed: ${failure}`);
    demand(times.length > 0, "nobody called anybody");
    const p99 = times[Math.floor(times.length * 0.99)] ?? 0;
    return `${times.length} of ${times.length} calls, set up in ${p99.toFixed(0)} ms at p99`;
  }

  async close(): Promise<void> {
    await Promise.all(this.#phones.map((phone) => phone.close()));
  }
}

const media = (wanted: ConstructorParameters<typeof DescribedMedia>[0]): DescribedMedia =>
  new DescribedMedia(wanted, { local: LOCAL, onagreed() {} });

const signsIn = ({ account, token }: Seeded) => ({
  aor: addressOf(account),
  token: () => Promise.resolve(token),
});

const overUdp = (one: Seeded): Promise<Telephone> =>
  Phone.open({ ...signsIn(one), media, server: SIP, local: { host: SIP.host, port: 0 } });

async function overTcp(one: Seeded): Promise<Telephone> {
  const to = { transport: "TCP", remote: SIP, name: SIP.host } as const;
  return new CorePhone(signsIn(one), {
    crypto: nodeCrypto(),
    media,
    run: (endpoint) => run(endpoint, { dialler: dialler() }),
    servers: () => [{ kind: "Open", to }],
  });
}

/** Somebody who picks up at once. */
async function answerAll(phone: Telephone): Promise<void> {
  for await (const call of phone.calls()) void answer(call);
}

async function answer(call: Call<DescribedMedia>): Promise<void> {
  try {
    await call.answer({ audio: true, video: false });
  } catch {
    // Whoever called hears of it, and counts it.
  }
}

export const LOCAL: ConstructorParameters<typeof DescribedMedia>[1]["local"] = {
  origin: {
    ...{ username: "-", sessionId: "1", sessionVersion: "1" },
    ...{ netType: "IN", addressType: "IP4", address: SIP.host },
  },
  address: { addressType: "IP4", address: SIP.host },
  streams: [
    {
      ...{ media: "audio", protos: ["RTP/AVP"], port: 30_000 },
      codecs: [{ encoding: "PCMU", clockRateHz: 8000, payloadType: 0 }],
    },
  ],
};
