/**
 * Media by rtpengine, over its ng protocol: one or several of them, each call in one. What it has
 * no verb for is refused in words; `RoutedEngine` puts another engine beside it for that.
 *
 * Each branch of a call is a call of its own there. A caller who was answered early by one branch
 * and finally by another is answered with another description: rtpengine cannot lay the first one
 * to somebody else.
 */
import type {
  CallStatistics,
  Described,
  MediaAnswer,
  MediaEngine,
  MediaEvent,
  MediaResult,
  OfferWish,
  Playable,
  Recording,
  Side,
  SideMedia,
} from "carillon/b2bua";
import { fromText, toText } from "carillon/message";
import { type Answer, Pending } from "carillon/roles";
import { type Refused, refused, taken } from "../engine/media-refused.ts";
import { type Bencoded, entryOf } from "./bencode.ts";
import { ngError } from "./ng-node.ts";
import { type Member, NgPool, type PooledNode } from "./ng-pool.ts";
import { ngSideMedia } from "./ng-side-media.ts";
import { ngStatistics } from "./ng-statistics.ts";
import { answerWishes, forRtpengine, fromRtpengine, offerWishes } from "./ng-wishes.ts";

/** Which rtpengines there are, and who hears of them. */
export interface RtpengineOptions {
  /** One at least. */
  readonly nodes: readonly PooledNode[];
  /** Runs what an answer or an event sets off, as of `EmbeddedEngineOptions`. */
  readonly inTurn?: (run: () => void) => void;
  /** One is gone or back, or a verb is not known there: in words for the operator. */
  readonly onnote?: (words: string) => void;
  /** How often each is asked whether it is well; 1000 if left out. */
  readonly pingMs?: number;
}

/** Two sides of a call between which media go: a call of rtpengine. */
interface Pair {
  readonly id: string;
  readonly tags: readonly [offerer: string, answerer: string];
  member: Member;
  /** Who answered, of a call that goes on elsewhere: the other one is offered what came of it. */
  again: { readonly first: string; readonly second: Pending<MediaResult<Described>> } | undefined;
  isAnswered: boolean;
}

interface KnownSide {
  side: Side;
  local: string | undefined;
  remote: string | undefined;
  wantsVideo: boolean;
}

interface Call {
  readonly sides: Map<string, KnownSide>;
  readonly pairs: Map<string, Pair>;
}

/** Branches of a call. */
const MAX_PAIRS = 64;

/** Media by rtpengine. */
export class RtpengineEngine implements MediaEngine {
  /** As of `MediaEngine`. */
  onevent: ((event: MediaEvent) => void) | undefined;
  readonly #options: RtpengineOptions;
  readonly #pool: NgPool;
  readonly #calls = new Map<string, Call>();

  /** Throws a RangeError without an rtpengine, and for a host that is no IP address. */
  constructor(options: RtpengineOptions) {
    this.#options = options;
    const { nodes, pingMs = 1000 } = options;
    this.#pool = new NgPool({ nodes, pingMs, onchange: (one, isUp) => this.#changed(one, isUp) });
  }

  /** For the operator. */
  get members(): readonly Member[] {
    return this.#pool.members;
  }

  /** As of `MediaEngine`. */
  offer(
    call: string,
    from: Side,
    to: Side,
    sdp: string,
    wish: OfferWish = {},
  ): MediaAnswer<Described> {
    return this.#later(() => this.#offer(call, from, to, sdp, wish));
  }

  /** As of `MediaEngine`. */
  answer(call: string, from: Side, to: Side, sdp: string): MediaAnswer<Described> {
    return this.#later(() => this.#answer(call, from, to, sdp));
  }

  /** As of `MediaEngine`. */
  withdraw(call: string, from: string): void {
    const known = this.#calls.get(call);
    for (const [key, pair] of known?.pairs ?? []) {
      if (pair.tags.includes(from) && !pair.isAnswered) this.#drop(call, key);
    }
  }

  /** Refused: there is nothing in rtpengine that could be the other side. */
  terminate(): MediaAnswer<Described> {
    return refused(488, NOT_A_PEER);
  }

  /** Refused as `terminate`. */
  originate(): MediaAnswer<Described> {
    return refused(488, NOT_A_PEER);
  }

  /** As of `MediaEngine`: the answer to `reoffer`. */
  accept(call: string, side: Side, answer: string): MediaAnswer<Described> {
    return this.#later(() => this.#accept(call, side, answer));
  }

  /** As of `MediaEngine`. */
  reoffer(call: string, to: Side, wish: OfferWish = {}): MediaAnswer<Described> {
    return this.#later(() => this.#reoffer(call, to, wish));
  }

  /** Not done by rtpengine. */
  play(call: string, _: string, what: Playable): void {
    this.#cannot(call, `play a ${what.kind}`);
  }

  /** Not done by rtpengine. */
  stop(): void {}

  /** Not done by rtpengine. */
  echo(call: string): void {
    this.#cannot(call, "echo");
  }

  /** Not done by rtpengine. */
  record(call: string, { path }: Recording): void {
    this.#cannot(call, `record to ${path}`);
    const why = "its media go by rtpengine, which keeps recordings on its own machine";
    queueMicrotask(() =>
      this.#inTurn(() => this.onevent?.({ kind: "Recorded", call, paths: [], why })),
    );
  }

  /** Not done by rtpengine. */
  stopRecording(): void {}

  /** Not done by rtpengine. */
  dtmf(call: string, _: string, tones: string): void {
    this.#cannot(call, `press ${tones.length} keys`);
  }

  /** As of `MediaEngine`. */
  statistics(call: string): Answer<CallStatistics | undefined> {
    const known = this.#calls.get(call);
    const [pair] = known ? [...known.pairs.values()].filter(({ isAnswered }) => isAnswered) : [];
    if (!known || !pair) return undefined;
    const pending = new Pending<CallStatistics | undefined>();
    void pair.member.node.ask("query", { "call-id": fromText(pair.id) }).then((reply) => {
      const found = ngStatistics(reply, this.#media(known));
      const said = found && { ...found, worker: pair.member.node.name };
      this.#inTurn(() => pending.resolve(said));
    });
    return pending;
  }

  /** As of `MediaEngine`. */
  end(call: string, tag?: string): void {
    const known = this.#calls.get(call);
    if (!known) return;
    for (const [key, { tags }] of known.pairs) {
      if (tag === undefined || tags.includes(tag)) this.#drop(call, key);
    }
    if (tag !== undefined) known.sides.delete(tag);
    if (tag === undefined || known.sides.size === 0) this.#calls.delete(call);
  }

  /** Asks no more; calls go on in rtpengine until it finds them silent. */
  close(): void {
    this.#calls.clear();
    this.#pool.close();
  }

  async #offer(
    call: string,
    from: Side,
    to: Side,
    sdp: string,
    wish: OfferWish,
  ): Promise<MediaResult<Described>> {
    const known = this.#calls.get(call) ?? { sides: new Map(), pairs: new Map() };
    const pair = this.#pairOf(known, call, from.tag, to.tag);
    if (!pair) return refused(503, "no rtpengine answers", { retryAfterSeconds: 5 });
    this.#calls.set(call, known);
    const offerer = sideIn(known, from);
    sideIn(known, to);
    offerer.wantsVideo = /^m=video [1-9]/m.test(sdp);
    const made = await this.#ask(pair, "offer", to, sdp, wish.audioOnly === true, {
      ...offerWishes(from, to, wish),
      "from-tag": fromText(from.tag),
      ...(pair.isAnswered && { "to-tag": fromText(to.tag) }),
    });
    if (!made.ok) {
      if (!pair.isAnswered) this.#drop(call, keyOf(from.tag, to.tag));
      return made;
    }
    offerer.remote = sdp;
    sideIn(known, to).local = made.value;
    return this.#described(known, made.value);
  }

  async #answer(call: string, from: Side, to: Side, sdp: string): Promise<MediaResult<Described>> {
    const known = this.#calls.get(call);
    const pair = known?.pairs.get(keyOf(from.tag, to.tag));
    if (!known || !pair) return refused(481, "there is no offer that this answers");
    const made = await this.#ask(pair, "answer", to, sdp, false, {
      ...answerWishes(to),
      "from-tag": fromText(to.tag),
      "to-tag": fromText(from.tag),
    });
    if (!made.ok) return made;
    pair.isAnswered = true;
    sideIn(known, from).remote = sdp;
    sideIn(known, to).local = made.value;
    return this.#described(known, made.value);
  }

  /** With what the other side said last; whoever is second gets what came of the first's answer. */
  async #reoffer(call: string, to: Side, wish: OfferWish): Promise<MediaResult<Described>> {
    const known = this.#calls.get(call);
    const pair = known && answeredPair(known, to.tag);
    if (!known || !pair) return refused(481, "nothing was agreed on with that side");
    const side = sideIn(known, to);
    if (pair.again && pair.again.first !== to.tag) return settled(pair.again.second);
    if (pair.member.isUp && wish.restart !== true && side.local !== undefined) {
      return this.#described(known, side.local);
    }
    const [one, two] = pair.tags;
    const other = known.sides.get(one === to.tag ? two : one);
    const member = this.#pool.take();
    if (!other?.remote) return refused(481, "nothing is known of the other side");
    if (!member) return refused(503, "no rtpengine answers", { retryAfterSeconds: 5 });
    this.#pool.leave(pair.member);
    const moved: Pair = {
      ...{ id: `${pair.id}+`, tags: [other.side.tag, to.tag], member, isAnswered: true },
      again: { first: to.tag, second: new Pending<MediaResult<Described>>() },
    };
    known.pairs.set(keyOf(one, two), moved);
    const made = await this.#ask(moved, "offer", to, other.remote, false, {
      ...offerWishes(other.side, to, wish),
      "from-tag": fromText(other.side.tag),
    });
    if (!made.ok) return made;
    side.local = made.value;
    return this.#described(known, made.value);
  }

  async #accept(call: string, side: Side, answer: string): Promise<MediaResult<Described>> {
    const known = this.#calls.get(call);
    const pair = known && answeredPair(known, side.tag);
    if (!known || !pair) return refused(481, "it was offered nothing that could be answered");
    const [one, two] = pair.tags;
    const other = known.sides.get(one === side.tag ? two : one);
    if (!other) return refused(481, "the other side is gone");
    const tags = { "from-tag": fromText(other.side.tag), "to-tag": fromText(side.tag) };
    sideIn(known, side).remote = answer;
    const { again } = pair;
    if (again?.first === side.tag) {
      const wishes = { ...answerWishes(other.side), ...tags };
      const made = await this.#ask(pair, "answer", other.side, answer, false, wishes);
      if (made.ok) other.local = made.value;
      again.second.resolve(made.ok ? this.#described(known, made.value) : made);
      return made.ok ? this.#described(known, answer) : made;
    }
    pair.again = undefined;
    // Its answer says where it is now, which rtpengine takes from an offer.
    const made = await this.#ask(pair, "offer", other.side, answer, false, {
      ...offerWishes(side, other.side, {}),
      ...{ "from-tag": tags["to-tag"], "to-tag": tags["from-tag"] },
    });
    return made.ok ? this.#described(known, answer) : made;
  }

  async #ask(
    { id, member }: Pair,
    command: "offer" | "answer",
    to: Side,
    sdp: string,
    audioOnly: boolean,
    entries: { readonly [key: string]: Bencoded },
  ): Promise<MediaResult<string>> {
    const text = forRtpengine(fromText(sdp), audioOnly);
    const reply = await member.node.ask(command, {
      ...entries,
      "call-id": fromText(id),
      sdp: text,
    });
    if (!reply) {
      this.#pool.silent(member);
      return refused(503, `rtpengine ${member.node.name} does not answer`, {
        retryAfterSeconds: 1,
      });
    }
    const error = ngError(reply);
    const made = entryOf(reply, "sdp");
    if (error !== undefined || typeof made !== "string") return unmade(error);
    return taken(toText(fromRtpengine(made, to)));
  }

  #pairOf(known: Call, call: string, one: string, other: string): Pair | undefined {
    const key = keyOf(one, other);
    const before = known.pairs.get(key);
    if (before) return before;
    if (known.pairs.size >= MAX_PAIRS) return undefined;
    // All branches of a call are in one.
    const [first] = known.pairs.values();
    const member = first?.member.isUp ? first.member : this.#pool.take();
    if (!member) return undefined;
    const id = `${call};${known.pairs.size}${Math.random().toString(36).slice(2, 8)}`;
    const pair: Pair = { id, tags: [one, other], member, again: undefined, isAnswered: false };
    known.pairs.set(key, pair);
    return pair;
  }

  #drop(call: string, key: string): void {
    const known = this.#calls.get(call);
    const pair = known?.pairs.get(key);
    if (!known || !pair) return;
    known.pairs.delete(key);
    pair.again?.second.resolve(refused(481, "the call is over"));
    this.#pool.leave(pair.member);
    if (pair.member.isUp) void pair.member.node.ask("delete", { "call-id": fromText(pair.id) });
  }

  #changed(member: Member, isUp: boolean): void {
    const { name } = member.node;
    this.#options.onnote?.(`rtpengine ${name} ${isUp ? "answers again" : "does not answer"}`);
    if (isUp) return;
    const calls = [...this.#calls].flatMap(([call, { pairs }]) =>
      [...pairs.values()].some((pair) => pair.member.node === member.node) ? [call] : [],
    );
    if (calls.length === 0) return;
    const why = `rtpengine ${name} does not answer`;
    this.#inTurn(() => this.onevent?.({ kind: "Lost", calls, why }));
  }

  #cannot(call: string, what: string): void {
    if (this.#calls.has(call)) this.#options.onnote?.(`rtpengine cannot ${what} in call ${call}`);
  }

  #media({ sides }: Call): Readonly<Record<string, SideMedia>> {
    const all = [...sides].flatMap(([tag, said]) => {
      const media = ngSideMedia(said);
      return media ? [[tag, media] as const] : [];
    });
    return Object.fromEntries(all);
  }

  #described(known: Call, sdp: string): MediaResult<Described> {
    return taken({ sdp, sides: this.#media(known) });
  }

  #later(work: () => Promise<MediaResult<Described>>): Pending<MediaResult<Described>> {
    const pending = new Pending<MediaResult<Described>>();
    const failed = (cause: unknown): MediaResult<Described> =>
      refused(
        500,
        `rtpengine could not be asked: ${cause instanceof Error ? cause.message : cause}`,
      );
    void work()
      .catch(failed)
      .then((result) => this.#inTurn(() => pending.resolve(result)));
    return pending;
  }

  #inTurn(run: () => void): void {
    if (this.#options.inTurn) this.#options.inTurn(run);
    else run();
  }
}

const NOT_A_PEER = "rtpengine passes media on between two sides, and is none itself";

const keyOf = (one: string, other: string): string => JSON.stringify([one, other].sort());

function sideIn({ sides }: Call, side: Side): KnownSide {
  const known = sides.get(side.tag);
  if (known) {
    known.side = side;
    return known;
  }
  const made = { side, local: undefined, remote: undefined, wantsVideo: false };
  sides.set(side.tag, made);
  return made;
}

const answeredPair = ({ pairs }: Call, tag: string): Pair | undefined =>
  [...pairs.values()].find(({ tags, isAnswered }) => isAnswered && tags.includes(tag));

const settled = <T>(pending: Pending<T>): Promise<T> =>
  new Promise((resolve, reject) => pending.whenSettled(resolve, reject));

/** Nothing in common is what it says with other words. */
const unmade = (error: string | undefined): Refused =>
  refused(488, error ?? "rtpengine: no description came", { warning: 305 });
