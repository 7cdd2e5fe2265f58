/**
 * One side of a call: its transport, what was offered and agreed with it, and the ends of its
 * streams. It makes our descriptions for that side and takes its own; which streams and codecs
 * those are to have is the call's to say.
 */
import { randomBytes, randomInt } from "node:crypto";
import type { Side } from "carillon/b2bua";
import {
  type Agreed,
  type AgreedSlot,
  agreedMedia,
  answer,
  checkAnswer,
  checkOffer,
  type Description,
  isTls,
  type LocalMedia,
  type Offer,
  offer,
  type RecordIndication,
  refusesAll,
  reoffer,
} from "carillon/sdp";
import { type MediaResult, noFormat, noTransport, refused, taken } from "./media-refused.ts";
import {
  type AgreedTexts,
  agreedOf,
  type DescribedSoFar,
  descriptionText,
  extensionIds,
  kindOf,
  localMedia,
  type MediaKind,
  type StreamPlan,
  slotsOf,
} from "./side-description.ts";
import type {
  Instant,
  OpenPathEnd,
  OpenTransport,
  PathEnd,
  PressedKey,
  Provided,
  StreamAgreement,
  Transport,
  TransportOptions,
} from "./transport.ts";

/** What sides are made of. */
export interface SideParts {
  readonly rtp: OpenTransport;
  readonly webrtc: OpenTransport;
  readonly pathEnd: OpenPathEnd;
  readonly ports: TransportOptions["ports"];
}

/** Who hears of what happens at a side. */
export interface SideUser {
  failed(why: string): void;
  pressed(key: PressedKey): void;
  /** What our descriptions say of that; undefined: nothing. RFC 7866 §7.1.2. */
  recorded(): RecordIndication | undefined;
}

interface Offered {
  readonly offer: Offer;
  readonly transport: Transport;
  isAnswered: boolean;
}

/** What was agreed on last with a side. */
export interface Settled extends Agreed {
  readonly answerer: "local" | "remote";
  readonly slots: readonly AgreedSlot[];
}

/** What a side can be made of again in another process. */
export interface SideState {
  readonly side: Side;
  readonly kind: Transport["kind"];
  readonly agreed: AgreedTexts;
  /** By the call's number of each stream. */
  readonly slots: readonly (readonly [id: number, slot: number])[];
}

export class MediaSide {
  side: Side;
  readonly #parts: SideParts;
  readonly #user: SideUser;
  readonly #ends = new Map<number, PathEnd>();
  /** By section, for what comes. */
  #bySlot: (PathEnd | undefined)[] = [];
  /** Sees the packets of one section beside where they go. */
  #watched: Watched | undefined;
  #kind: Transport["kind"] | undefined;
  #transport: Transport | undefined;
  /** At another address than the one before, until that is agreed on. */
  #next: Transport | undefined;
  #soFar: DescribedSoFar | undefined;
  #slots: ReadonlyMap<number, number> = new Map();
  #offered: Offered | undefined;
  #settled: Settled | undefined;
  #isClosed = false;

  constructor(side: Side, parts: SideParts, user: SideUser) {
    this.side = side;
    this.#parts = parts;
    this.#user = user;
  }

  /** The same side as it was in a process that is gone; its transport is opened anew. */
  static restored(state: SideState, parts: SideParts, user: SideUser): MediaSide {
    const side = new MediaSide(state.side, parts, user);
    const agreed = agreedOf(state.agreed);
    side.#kind = state.kind;
    side.#slots = new Map(state.slots);
    if (!agreed) return side;
    const { answerer } = state.agreed;
    side.#settled = { ...agreed, answerer, slots: agreedMedia(agreed, answerer) };
    const own = agreed.local.session.find((line) => line.kind === "o");
    if (own?.kind === "o") {
      const { kind: _, ...origin } = own;
      side.#soFar = { origin, known: undefined, extensions: extensionIds(agreed.remote) };
    }
    return side;
  }

  get tag(): string {
    return this.side.tag;
  }

  get settled(): Settled | undefined {
    return this.#settled;
  }

  get transport(): Transport | undefined {
    return this.#transport;
  }

  /** An offer of ours is on its way that nobody has answered. */
  get isOffering(): boolean {
    return this.#offered !== undefined && !this.#offered.isAnswered;
  }

  get state(): SideState | undefined {
    const { side, settled } = this;
    if (!settled || !this.#kind) return undefined;
    const [local, remote] = [settled.local, settled.remote].map(descriptionText);
    const agreed = { local: local ?? "", remote: remote ?? "", answerer: settled.answerer };
    return { side, kind: this.#kind, agreed, slots: [...this.#slots] };
  }

  /** The number of the stream that this section is, if it is one. */
  idAt(slot: number): number | undefined {
    for (const [id, at] of this.#slots) if (at === slot) return id;
    return undefined;
  }

  slotOf(id: number): number | undefined {
    return this.#slots.get(id);
  }

  /** What was agreed on for a stream, if it is on. */
  agreedFor(id: number): AgreedSlot | undefined {
    const slot = this.#slots.get(id);
    const found = slot === undefined ? undefined : this.#settled?.slots[slot];
    return found?.isActive ? found : undefined;
  }

  end(id: number): PathEnd | undefined {
    return this.#ends.get(id);
  }

  /** The first stream of its kind that is on. */
  firstAgreed(media: MediaKind): AgreedSlot | undefined {
    return this.#settled?.slots.find((slot) => slot.media === media && slot.isActive);
  }

  firstEnd(media: MediaKind): PathEnd | undefined {
    for (const end of this.#ends.values()) if (end.media === media) return end;
    return undefined;
  }

  /** Shows somebody the packets of a section as they come; undefined: nothing more. */
  watch(slot: number | undefined, show?: Watched["show"]): void {
    this.#watched = slot !== undefined && show ? { slot, show } : undefined;
  }

  get ends(): ReadonlyMap<number, PathEnd> {
    return this.#ends;
  }

  /** What this side is offered. */
  async offer(plans: readonly StreamPlan[], restart: boolean): Promise<MediaResult<string>> {
    const transport = this.#transportFor(this.#kind ?? kindOfSide(this.side));
    const streams = plans.map(({ slot, media }) => ({ slot, media }));
    const part = await transport.prepare({ streams, restart });
    if (!part.ok) return this.#unprepared(part);
    if (this.#isClosed) return refused(481, "the call is over");
    const local = localMedia(part.value, plans, this.#soFar, this.#user.recorded());
    const made = this.#settled ? reoffer(local, this.#settled) : offer(local);
    this.#offered = { offer: made, transport, isAnswered: false };
    this.#soFar ??= { origin: local.origin, known: undefined };
    return taken(descriptionText(made.description));
  }

  /** Our answer to an offer of this side. */
  async answer(
    description: Description,
    plans: readonly StreamPlan[],
  ): Promise<MediaResult<string>> {
    const checked = checkOffer(description, this.#settled);
    if (!checked.ok) return refused(488, checked.error.message);
    const transport = this.#transportFor(this.#kind ?? kindOfOffer(description));
    const streams = plans.map(({ slot, media }) => ({ slot, media }));
    const part = await transport.prepare({ streams, offer: description });
    if (!part.ok) return this.#unprepared(part);
    if (this.#isClosed) return refused(481, "the call is over");
    const local = localMedia(part.value, plans, this.#soFar, this.#user.recorded());
    const made = answer(description, local, this.#settled);
    if (refusesAll(made)) {
      transport.withdraw();
      const words = made.slots.flatMap((slot) => (slot.kind === "Refused" ? slot.refusal : []));
      return noFormat(`nothing that is offered can be taken: ${[...new Set(words)].join(", ")}`);
    }
    const agreed = { local: made.description, remote: description };
    const settled = this.#settle(agreed, "local", transport, made.local);
    return settled.ok ? taken(descriptionText(made.description)) : settled;
  }

  /** This side's answer to what it was offered last. */
  accept(description: Description, isEarly: boolean): MediaResult<Settled> {
    const offered = this.#offered;
    if (!offered) return refused(481, "it was offered nothing that could be answered");
    const checked = checkAnswer(offered.offer.description, description);
    if (!checked.ok) return refused(488, `that is no answer: ${checked.error.message}`);
    const agreed = { local: offered.offer.description, remote: description };
    const settled = this.#settle(agreed, "remote", offered.transport, offered.offer.local);
    if (!settled.ok) return settled;
    if (isEarly) offered.isAnswered = true;
    else this.#offered = undefined;
    return settled;
  }

  /** The last offer to this side came to nothing. */
  withdraw(): void {
    const offered = this.#offered;
    this.#offered = undefined;
    if (!offered || offered.isAnswered) return;
    if (this.#next) {
      this.#next.close();
      this.#next = undefined;
    } else offered.transport.withdraw();
  }

  /** Another address of ours, or word of a NAT: from the next offer on. */
  change(side: Side): void {
    const isOther = side.address !== this.side.address || boundOf(side) !== boundOf(this.side);
    const isMoved = isOther && this.#transport !== undefined;
    this.side = side;
    if (isMoved) this.#move();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const end of this.#ends.values()) end.close();
    this.#ends.clear();
    this.#bySlot = [];
    this.#transport?.close();
    this.#next?.close();
  }

  #move(): void {
    this.#next?.close();
    this.#next = this.#open(this.#kind ?? "rtp");
  }

  #transportFor(kind: Transport["kind"]): Transport {
    this.#kind ??= kind;
    if (this.#next) return this.#next;
    this.#transport ??= this.#open(this.#kind);
    return this.#transport;
  }

  #open(kind: Transport["kind"]): Transport {
    const { address, isBehindNat, transport: spoken } = this.side;
    const { ports } = this.#parts;
    const where = { address, bound: boundOf(this.side), ports };
    const made = this.#parts[kind]({ ...where, isBehindNat, sdes: spoken === "srtp" });
    made.onpacket = (slot, packet, at) => {
      if (this.#watched?.slot === slot) this.#watched.show(packet, at);
      this.#bySlot[slot]?.take(packet, at);
    };
    made.oncontrol = (slot, packet, at) => this.#bySlot[slot]?.takeControl(packet, at);
    made.onlost = (why) => {
      if (made === this.#transport || made === this.#next) this.#user.failed(why);
    };
    return made;
  }

  #unprepared({ why, isBusy }: Unprovided): MediaResult<never> {
    const refusal = isBusy ? refused(503, why, { retryAfterSeconds: 5 }) : noTransport(why);
    if (this.#settled) return refusal;
    // Nothing holds on to what was never used.
    this.#transport?.close();
    this.#transport = undefined;
    this.#kind = undefined;
    return refusal;
  }

  #settle(
    agreed: Agreed,
    answerer: "local" | "remote",
    transport: Transport,
    local: LocalMedia,
  ): MediaResult<Settled> {
    const slots = agreedMedia(agreed, answerer);
    const done = transport.agree({ ...agreed, slots, answerer });
    if (!done.ok) return noTransport(done.why);
    if (transport === this.#next) {
      this.#transport?.close();
      this.#transport = transport;
      this.#next = undefined;
    }
    this.#remember(local, agreed.remote);
    this.#settled = { ...agreed, answerer, slots };
    this.#agreeEnds(this.#settled);
    return taken(this.#settled);
  }

  #remember(local: LocalMedia, remote: Description): void {
    const extensions = extensionIds(remote);
    this.#soFar = { origin: local.origin, known: local.known, extensions };
    this.#slots = slotsOf(local);
  }

  #agreeEnds({ local, remote, slots }: Settled): void {
    const bySlot: (PathEnd | undefined)[] = [];
    for (const [id, slot] of this.#slots) {
      const [agreed, ours, theirs] = [slots[slot], local.media[slot], remote.media[slot]];
      const media = ours && kindOf(ours);
      if (!agreed?.isActive || !media || !theirs) continue;
      const end = this.#endOf(id, media, slot);
      end.agree({ slot: agreed, local: ours, remote: theirs } satisfies StreamAgreement);
      bySlot[slot] = end;
    }
    for (const [id, end] of this.#ends) {
      if (bySlot.includes(end)) continue;
      end.close();
      this.#ends.delete(id);
    }
    this.#bySlot = bySlot;
  }

  #endOf(id: number, media: MediaKind, slot: number): PathEnd {
    const known = this.#ends.get(id);
    if (known) return known;
    const end = this.#parts.pathEnd({
      media,
      send: (packet) => this.#transport?.send(slot, packet) ?? false,
      sendControl: (packet) => this.#transport?.sendControl(slot, packet) ?? false,
      cname: randomBytes(12).toString("base64url"),
      random: () => randomInt(2 ** 32),
    });
    end.onkey = (key) => this.#user.pressed(key);
    this.#ends.set(id, end);
    return end;
  }
}

type Unprovided = Extract<Provided<unknown>, { readonly ok: false }>;

interface Watched {
  readonly slot: number;
  readonly show: (packet: Uint8Array, at: Instant) => void;
}

const boundOf = ({ address, bound = address }: Side): string => bound;

const kindOfSide = ({ transport }: Side): Transport["kind"] =>
  transport === "webrtc" ? "webrtc" : "rtp";

/** What it says of itself counts, and not what was thought of it. */
const kindOfOffer = ({ media }: Description): Transport["kind"] =>
  media.some((section) => kindOf(section) && section.port !== 0 && isTls(section.proto))
    ? "webrtc"
    : "rtp";
