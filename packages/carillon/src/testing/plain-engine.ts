/**
 * A media engine for tests: deterministic, and without a packet. It answers with descriptions of
 * the kind that a side speaks, keeps account of what it was asked, and refuses, waits or loses its
 * calls when it is told to.
 */
import type {
  CallStatistics,
  Described,
  MediaAnswer,
  MediaEngine,
  MediaEvent,
  MediaRefusal,
  MediaResult,
  OfferWish,
  Side,
  SideMedia,
} from "../b2bua/media-engine.ts";
import { Pending } from "../roles/answer.ts";

interface KeptSide {
  side: Side;
  /** What it has said last. */
  heard: string;
  /** Of what it was told last. */
  version: number;
}

interface Kept {
  readonly sides: Map<string, KeptSide>;
  /** The tag of whoever's offer waits for its answer. */
  open: string | undefined;
  /** What descriptions say of that; undefined: nothing. */
  recorded?: "on" | "off";
}

type Made = MediaResult<Described>;

const PORT = 40_000;

/** The engine, and its strings. */
export class PlainEngine implements MediaEngine {
  /** Set by an agent. */
  onevent: ((event: MediaEvent) => void) | undefined;
  /** What it was asked, in order: `offer caller>device`, `answer device>caller early`, `end`. */
  readonly asked: string[] = [];
  readonly #calls = new Map<string, Kept>();
  #refusal: MediaRefusal | undefined;
  #waiting: (() => void)[] | undefined;
  #ports = 0;

  /** Calls that it has not been told the end of. */
  get open(): number {
    return this.#calls.size;
  }

  /** The next question is refused so. */
  refuseNext(refusal: MediaRefusal): void {
    this.#refusal = refusal;
  }

  /** From now on answers wait until `release`. */
  hold(): void {
    this.#waiting ??= [];
  }

  /** Gives the answers that wait, in order, and no longer waits. In a turn of the endpoint. */
  release(): void {
    const all = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const one of all) one();
  }

  /** All calls lose their worker. In a turn of the endpoint. */
  lose(why = "the worker was killed"): void {
    for (const kept of this.#calls.values()) kept.open = undefined;
    this.onevent?.({ kind: "Lost", calls: [...this.#calls.keys()], why });
  }

  /** Something happens. In a turn of the endpoint. */
  tell(event: MediaEvent): void {
    const kept = event.kind === "Recorded" ? this.#calls.get(event.call) : undefined;
    if (kept) kept.recorded = "off";
    this.onevent?.(event);
  }

  // ---- as any engine ---------------------------------------------------------------------------

  /** As any engine. */
  offer(call: string, from: Side, to: Side, sdp: string): MediaAnswer<Described> {
    this.asked.push(`offer ${from.tag}>${to.tag}`);
    return this.#answer(() => {
      const kept = this.#keptOf(call);
      if (kept.open !== undefined) return no(491, "another offer is open");
      keep(kept, from).heard = sdp;
      keep(kept, to);
      kept.open = from.tag;
      return this.#described(kept, to.tag, from.tag);
    });
  }

  /** As any engine. */
  answer(call: string, from: Side, to: Side, sdp: string, isEarly = false): MediaAnswer<Described> {
    this.asked.push(`answer ${from.tag}>${to.tag}${isEarly ? " early" : ""}`);
    return this.#of(call, (kept) => {
      if (kept.open !== to.tag) return no(500, "there was no offer");
      keep(kept, from).heard = sdp;
      if (!isEarly) kept.open = undefined;
      return this.#described(kept, to.tag, from.tag);
    });
  }

  /** As any engine. */
  withdraw(call: string, from: string): void {
    this.asked.push(`withdraw ${from}`);
    const kept = this.#calls.get(call);
    if (kept?.open === from) kept.open = undefined;
  }

  /** As any engine. */
  terminate(call: string, side: Side, offer: string): MediaAnswer<Described> {
    this.asked.push(`terminate ${side.tag}`);
    return this.#answer(() => {
      const kept = this.#keptOf(call);
      keep(kept, side).heard = offer;
      return this.#described(kept, side.tag, side.tag);
    });
  }

  /** As any engine. */
  originate(call: string, side: Side): MediaAnswer<Described> {
    this.asked.push(`originate ${side.tag}`);
    return this.#answer(() => {
      const kept = this.#keptOf(call);
      keep(kept, side);
      return this.#described(kept, side.tag, undefined);
    });
  }

  /** As any engine. */
  accept(call: string, side: Side, sdp: string): MediaAnswer<Described> {
    this.asked.push(`accept ${side.tag}`);
    return this.#of(call, (kept) => {
      keep(kept, side).heard = sdp;
      return this.#described(kept, side.tag, undefined);
    });
  }

  /** As any engine. */
  reoffer(call: string, to: Side, wish: OfferWish = {}): MediaAnswer<Described> {
    this.asked.push(`reoffer ${to.tag}${wish.restart === false ? "" : " restart"}`);
    return this.#of(call, (kept) => {
      const other = [...kept.sides.keys()].find((tag) => tag !== to.tag);
      return this.#described(kept, to.tag, other);
    });
  }

  /** As any engine. */
  play(call: string, tag: string): void {
    this.#note(call, `play ${tag}`);
  }

  /** As any engine. */
  stop(call: string, tag: string): void {
    this.#note(call, `stop ${tag}`);
  }

  /** As any engine. */
  echo(call: string, tag: string, delayMs: number): void {
    this.#note(call, `echo ${tag} ${delayMs}`);
  }

  /** As any engine. */
  record(call: string): void {
    this.#note(call, "record");
    const kept = this.#calls.get(call);
    if (kept) kept.recorded = "on";
  }

  /** As any engine. */
  stopRecording(call: string): void {
    this.#note(call, "stop recording");
    const kept = this.#calls.get(call);
    if (kept?.recorded) kept.recorded = "off";
  }

  /** As any engine. */
  dtmf(call: string, tag: string, tones: string): void {
    this.#note(call, `dtmf ${tag} ${tones}`);
  }

  /** What it says of every call: nothing, unless it is told to. */
  numbers: CallStatistics | undefined;

  /** As any engine. */
  statistics(): CallStatistics | undefined {
    return this.numbers;
  }

  /** As any engine. */
  end(call: string, tag?: string): void {
    this.asked.push(tag === undefined ? "end" : `end ${tag}`);
    const end = (): void => {
      if (tag === undefined) this.#calls.delete(call);
      else this.#calls.get(call)?.sides.delete(tag);
    };
    // In its turn: what was asked before it has not been done yet.
    if (this.#waiting) this.#waiting.push(end);
    else end();
  }

  // ---- inside ----------------------------------------------------------------------------------

  #note(call: string, what: string): void {
    if (this.#calls.has(call)) this.asked.push(what);
  }

  #answer(make: () => Made): MediaAnswer<Described> {
    const error = this.#refusal;
    this.#refusal = undefined;
    const result = error ? (): Made => ({ ok: false, error }) : make;
    if (!this.#waiting) return result();
    const pending = new Pending<Made>();
    this.#waiting.push(() => pending.resolve(result()));
    return pending;
  }

  #of(call: string, make: (kept: Kept) => Made): MediaAnswer<Described> {
    return this.#answer(() => {
      const kept = this.#calls.get(call);
      return kept ? make(kept) : no(481, `there is no call ${call}`);
    });
  }

  #keptOf(call: string): Kept {
    const kept = this.#calls.get(call) ?? { sides: new Map(), open: undefined };
    this.#calls.set(call, kept);
    return kept;
  }

  #described(kept: Kept, to: string, from: string | undefined): Made {
    const there = kept.sides.get(to);
    if (!there) return no(481, `there is no side ${to}`);
    there.version++;
    const heard = from === undefined ? "" : (kept.sides.get(from)?.heard ?? "");
    const port = PORT + 2 * this.#ports++;
    const described = descriptionFor(there.side, heard, there.version, port);
    const { recorded } = kept;
    const sdp = recorded ? described.replace("t=0 0", `t=0 0\r\na=record:${recorded}`) : described;
    const all = [...kept.sides].map(([tag, one]) => [tag, mediaOf(one)] as const);
    return { ok: true, value: { sdp, sides: Object.fromEntries(all) } };
  }
}

/** A new one. */
export const plainEngine = (): PlainEngine => new PlainEngine();

const no = (status: MediaRefusal["status"], why: string): Made => ({
  ok: false,
  error: { status, why },
});

function keep(kept: Kept, side: Side): KeptSide {
  const known = kept.sides.get(side.tag) ?? { side, heard: "", version: 0 };
  known.side = side;
  kept.sides.set(side.tag, known);
  return known;
}

/** What that side is told, flowing as `heard`, the other one's description, says. */
function descriptionFor(
  { address, transport }: Side,
  heard: string,
  version: number,
  port: number,
): string {
  const direction = /^a=(sendonly|recvonly|inactive)\r?$/m.exec(heard)?.[1];
  const isWeb = transport === "webrtc";
  const proto = isWeb ? "UDP/TLS/RTP/SAVPF" : "RTP/AVP";
  const hasVideo = /^m=video /m.test(heard);
  return [
    "v=0",
    `o=engine 1 ${version} IN IP4 ${address}`,
    "s=-",
    `c=IN IP4 ${address}`,
    "t=0 0",
    ...(isWeb ? WEB : []),
    `m=audio ${port} ${proto} ${isWeb ? "111" : "0"}`,
    isWeb ? "a=rtpmap:111 opus/48000/2" : "a=rtpmap:0 PCMU/8000",
    ...(direction === undefined ? [] : [`a=${direction}`]),
    ...(hasVideo ? [`m=video 0 ${proto} 96`] : []),
    "",
  ].join("\r\n");
}

const WEB = ["a=ice-ufrag:engine", "a=ice-pwd:0123456789012345678901", "a=fingerprint:sha-256 00"];

function mediaOf({ side, heard }: KeptSide): SideMedia {
  const isWeb = side.transport === "webrtc";
  return {
    transport: isWeb ? "webrtc" : "rtp",
    codec: isWeb ? "opus" : "PCMU",
    isEncrypted: isWeb,
    video: /^m=video [1-9]/m.test(heard) ? "dropped" : "none",
  };
}
