/** A phone's REGISTER by hand: each password that is tried is one question and its answer. */
import { answerChallenge, parseChallenge } from "carillon/auth";
import { nodeCrypto } from "carillon/node";
import { DOMAIN } from "../interop/house.ts";
import { demand } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { requestText, Stranger } from "./stranger.ts";

const crypto = nodeCrypto();
const SILENCE_MS = 1000;
let made = 0;

export interface Told {
  /** Of the final answer; 0 for silence. */
  readonly status: number;
  /** The whole of it. */
  readonly text: string;
  /** From the question to it. */
  readonly ms: number;
}

const SILENCE: Told = { status: 0, text: "", ms: SILENCE_MS };

export class DigestClient {
  readonly stranger: Stranger;
  readonly #host: string;
  readonly #user: string;
  /** A phone keeps one for all of its registrations. */
  readonly #callId = `phone-${++made}@registers`;
  readonly #waiting = new Map<string, (text: string) => void>();
  #seq = 0;

  private constructor(stranger: Stranger, host: string, user: string) {
    this.stranger = stranger;
    this.#host = host;
    this.#user = user;
    stranger.onHeard = (text) => {
      const nth = /branch=z9hG4bK-([^;\s]+)/.exec(text)?.[1] ?? "";
      if (!/^SIP\/2\.0 1/.test(text)) this.#waiting.get(nth)?.(text);
    };
  }

  static async at(host: string, user: string): Promise<DigestClient> {
    return new DigestClient(await Stranger.at(host), host, user);
  }

  close(): void {
    this.stranger.close();
  }

  /** Registers, or tries to: the answer to this password, and how long the whole took. */
  async register(password: string): Promise<Told> {
    const asked = await this.say({ method: "REGISTER" });
    if (asked.status !== 401) return asked;
    const more = [this.credentials(asked.text, { method: "REGISTER", password })];
    const told = await this.say({ method: "REGISTER", more });
    return { ...told, ms: asked.ms + told.ms };
  }

  /** The header line that answers a challenge; of SHA-256, as desk phones of today have it. */
  credentials(
    challenge: string,
    wanted: { readonly method: string; readonly uri?: string; readonly password: string },
  ): string {
    const isProxy = challenge.startsWith("SIP/2.0 407");
    const { method, password, uri = `sip:${DOMAIN}` } = wanted;
    const values = challenge.matchAll(/^(?:WWW|Proxy)-Authenticate: (.*)$/gm);
    const challenges = [...values].flatMap(([, value = ""]) => {
      const parsed = parseChallenge(value.trim());
      const isWanted = parsed.ok && parsed.value.kind === "Digest";
      return isWanted && parsed.value.algorithm === "SHA-256" ? [parsed.value] : [];
    });
    const answer = answerChallenge({
      ...{ crypto, challenges, method, uri, username: this.#user, secret: { password } },
      ...{ nonceCount: 1, cnonce: "c0ffee" },
    });
    if (!answer.ok) throw new Error(`${answer.error.message}: ${challenge}`);
    return `${isProxy ? "Proxy-Authorization" : "Authorization"}: ${answer.value.value}`;
  }

  /** One request of theirs, and what is said to it. */
  async say(wanted: {
    readonly method: string;
    readonly uri?: string;
    readonly more?: readonly string[];
  }): Promise<Told> {
    const { method, uri, more = [] } = wanted;
    const nth = `d${++made}`;
    const address = `sip:${this.#user}@${DOMAIN}`;
    const seq = ++this.#seq;
    const text = requestText({
      ...{ method, nth, via: this.stranger.via, from: address, to: address, more },
      ...(uri !== undefined && { uri }),
      contact: `sip:${this.#user}@${this.#host}:${this.stranger.port}`,
    })
      .replace(/^Call-ID: .*$/m, `Call-ID: ${this.#callId}`)
      .replace(/^CSeq: 1 /m, `CSeq: ${seq} `);
    return this.ask(nth, text);
  }

  /** Any text whose branch is `z9hG4bK-` and `nth`. */
  async ask(nth: string, text: string): Promise<Told> {
    const answered = Promise.withResolvers<string | undefined>();
    this.#waiting.set(nth, answered.resolve);
    const late = setTimeout(() => answered.resolve(undefined), SILENCE_MS);
    const startMs = performance.now();
    this.stranger.say(text);
    const answer = await answered.promise;
    clearTimeout(late);
    this.#waiting.delete(nth);
    this.stranger.heard.length = 0;
    if (answer === undefined) return SILENCE;
    const status = Number(answer.slice(8, 11));
    return { status, text: answer, ms: performance.now() - startMs };
  }
}

/** Questions of a phone, each of them a round trip; every so many it registers. */
const [EVERY_MS, REGISTERS_EVERY] = [20, 10];
/** What a phone may wait for until it is in, and a round trip 99 times of a hundred. */
const [REGISTERED_MS, ROUND_TRIP_MS] = [2000, 50];

/** Somebody's phone that asks and registers again and again while its password is guessed. */
export class Registrations {
  readonly #registeredMs: number[] = [];
  readonly #tripsMs: number[] = [];

  async until(isOver: () => boolean, phone: DigestClient, password: string): Promise<void> {
    for (let nth = 0; !isOver(); nth++) {
      if (nth % REGISTERS_EVERY === 0) {
        const { status, ms } = await phone.register(password);
        demand(status === 200, `the phone got ${status || "no answer"} meanwhile`);
        this.#registeredMs.push(ms);
      }
      const { status, ms } = await phone.say({ method: "OPTIONS" });
      demand(status === 407, `its question got ${status || "no answer"} meanwhile`);
      this.#tripsMs.push(ms);
      await pause(EVERY_MS);
    }
  }

  /** In words; throws if it ever waited for too long. */
  figure(): string {
    const [registered, trips] = [this.#registeredMs, this.#tripsMs].map((all) =>
      all.toSorted((a, b) => a - b),
    ) as [number[], number[]];
    const worst = registered.at(-1) ?? 0;
    const p99 = trips[Math.floor(trips.length * 0.99)] ?? 0;
    const own = `${registered.length} registrations of the phone, ${worst.toFixed(0)} ms at most`;
    const figure = `${own}, a round trip ${p99.toFixed(0)} ms at p99 of ${trips.length}`;
    const isEnough = registered.length > 5 && trips.length > 50;
    demand(isEnough && worst < REGISTERED_MS && p99 < ROUND_TRIP_MS, figure);
    return figure;
  }
}
