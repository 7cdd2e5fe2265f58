/**
 * A side with ICE and DTLS-SRTP: one association for all of its streams, sound and pictures, by
 * BUNDLE with RTCP on the same port. RFC 8843, RFC 8445, RFC 5764.
 *
 * libdatachannel moves no association to another network, so that a new endpoint is opened where
 * ICE restarts on either side; the old one carries on until the new one is open.
 */
import { randomBytes } from "node:crypto";
import { isRtcp } from "carillon/rtp";
import {
  type AgreedSlot,
  type Candidate,
  candidate,
  type Description,
  extmap,
  type Grouped,
  grouped,
  type MediaSection,
  midOf,
  parseFragment,
  peerTransport,
  readAttributes,
} from "carillon/sdp";
import { defaultCandidate } from "../../dtls/default-candidate.ts";
import { DtlsLink } from "../../dtls/dtls-link.ts";
import { type LinkEnd, linkEndOf } from "../../dtls/link-description.ts";
import { tellDefect } from "../relay/defect.ts";
import type {
  Agreement,
  Instant,
  LocalPart,
  LocalWish,
  OpenTransport,
  Provided,
  StreamPart,
  Transport,
  TransportOptions,
  TransportStatistics,
} from "../transport.ts";
import { BundleRoutes, type RoutedSlot, typesOf } from "./bundle-routes.ts";
import { MID_URI, withMid } from "./mid-extension.ts";

/** An endpoint, and who is at its other end. */
interface Way {
  readonly link: DtlsLink;
  readonly tlsId: string;
  remote: LinkEnd | undefined;
  /** Ours in DTLS, once it is settled. */
  role: "active" | "passive" | undefined;
  isAgreed: boolean;
  hasFailed: boolean;
}

/** What the packets of a section get that we send. */
interface Tag {
  readonly mid: Uint8Array;
  ssrc: number;
  /** How many more packets of this source have it. */
  left: number;
}

/** Made by `openWebrtcTransport`. */
export class WebrtcTransport implements Transport {
  readonly kind = "webrtc";
  readonly isEncrypted = true;
  onpacket: ((slot: number, packet: Uint8Array, at: Instant) => void) | undefined;
  oncontrol: ((slot: number, packet: Uint8Array, at: Instant) => void) | undefined;
  onopen: (() => void) | undefined;
  onlost: ((why: string) => void) | undefined;
  readonly #options: TransportOptions;
  readonly #routes = new BundleRoutes();
  /** What packets go over. */
  #way: Way | undefined;
  /** What was described and has not opened yet. */
  #next: Way | undefined;
  #tags: (Tag | undefined)[] = [];
  #midId = 0;
  #refused = 0;
  #ending: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#way?.link.isOpen ?? false;
  }

  async prepare({ streams, offer, restart }: LocalWish): Promise<Provided<LocalPart>> {
    const peer = offer && grouped(offer);
    const main = peer && mainSection(peer);
    const remote = peer && endIn(peer, main);
    if (typeof remote === "string") return { ok: false, why: remote };
    const isNew = remote ? !this.#isKnown(remote) : restart === true || !this.#isUsable;
    if (isNew) {
      const opened = await this.#open(remote);
      if (!opened.ok) return opened;
    }
    const way = this.#current;
    if (!way) return { ok: false, why: OVER };
    const part = this.#part(way);
    const { port, ...address } = defaultCandidate(this.#candidates(way.link));
    return {
      ok: true,
      value: {
        ...{ address, bundle: true, bundledPort: "shared" },
        streams: streams.map(({ slot }) => {
          const section = slot === undefined ? undefined : offer?.media[slot];
          const isApart = peer && main && section && !isTogether(peer, section, main);
          return { ...part, port, protos: isApart ? [] : PROTOS };
        }),
      },
    };
  }

  agree({ slots, local, remote, answerer }: Agreement): Provided<void> {
    const way = this.#current;
    if (!way) return { ok: false, why: OVER };
    if (answerer === "remote" && slots.some(({ isActive }) => isActive)) {
      const joined = join(way, remote);
      if (!joined.ok) return joined;
    }
    if (answerer === "local" && !way.isAgreed) this.#beginSoon(way);
    way.isAgreed = true;
    this.#route(slots, local, remote);
    return { ok: true, value: undefined };
  }

  withdraw(): void {
    if (this.#next && !this.#next.isAgreed) this.#drop(this.#next);
  }

  send(slot: number, packet: Uint8Array): boolean {
    const link = this.#way?.link;
    if (!link) return false;
    this.#routes.sent(slot, packet);
    const tag = this.#tags[slot];
    const wants = tag && wantsTag(tag, packet);
    return link.send(wants ? withMid(packet, this.#midId, tag.mid) : packet);
  }

  sendControl(_slot: number, packet: Uint8Array): boolean {
    return this.#way?.link.send(packet) ?? false;
  }

  /**
   * Candidates that the other side tells after its description (RFC 8840). Those of another
   * generation, and what cannot be read, are passed over.
   */
  addFragment(text: string): void {
    const way = this.#current;
    const fragment = parseFragment(text);
    for (const { line, ufrag } of fragment?.candidates ?? []) {
      const read = candidate.parse(line.slice("candidate:".length));
      if (read.ok && ufrag === way?.remote?.ice.ufrag) way.link.addCandidate(read.value);
    }
  }

  statistics(): TransportStatistics {
    const isRelayed = this.#way?.link.isRelayed;
    const path = isRelayed === undefined ? undefined : isRelayed ? "relay" : "direct";
    return { path, packetsRefused: this.#refused };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#ending);
    for (const way of [this.#way, this.#next]) way?.link.close();
    this.#way = undefined;
    this.#next = undefined;
  }

  /** What descriptions speak of. */
  get #current(): Way | undefined {
    return this.#next ?? this.#way;
  }

  get #isUsable(): boolean {
    return this.#current !== undefined && !this.#current.hasFailed;
  }

  #isKnown(remote: LinkEnd): boolean {
    const known = this.#current?.remote;
    return known !== undefined && !isOther(known, remote);
  }

  async #open(remote: LinkEnd | undefined): Promise<Provided<void>> {
    if (this.#next) this.#drop(this.#next);
    const { bound = this.#options.address, ports } = this.#options;
    const range = { first: ports.from, last: ports.to };
    try {
      const link = await DtlsLink.open({ address: bound, ports: range }, remote);
      if (this.#isClosed) {
        link.close();
        return { ok: false, why: OVER };
      }
      this.#next = this.#watched(link, remote);
      return { ok: true, value: undefined };
    } catch (cause) {
      return { ok: false, why: `no way for encrypted media could be opened: ${wordsOf(cause)}` };
    }
  }

  #watched(link: DtlsLink, remote: LinkEnd | undefined): Way {
    const { setup } = link.local;
    const way: Way = {
      ...{ link, remote, tlsId: randomBytes(18).toString("base64url") },
      role: setup === "active" || setup === "passive" ? setup : undefined,
      ...{ isAgreed: false, hasFailed: false },
    };
    link.onpacket = (packet) => {
      try {
        this.#received(packet);
      } catch (cause) {
        tellDefect(cause);
      }
    };
    link.onopen = () => this.#opened(way);
    link.onlost = () => this.#lost(way, NO_WAY);
    link.onended = () => this.#endSoon(way);
    return way;
  }

  #received(packet: Uint8Array): void {
    const at = performance.now();
    if (isRtcp(packet)) {
      for (const routed of this.#routes.routesOf(packet)) {
        this.oncontrol?.(routed.slot, routed.packet, at);
      }
      return;
    }
    const slot = this.#routes.slotOf(packet);
    if (slot === undefined) this.#refused++;
    else this.onpacket?.(slot, packet, at);
  }

  #opened(way: Way): void {
    if (way !== this.#next) return;
    this.#way?.link.close();
    this.#way = way;
    this.#next = undefined;
    for (const tag of this.#tags) if (tag) tag.left = TAGGED_PACKETS;
    this.onopen?.();
  }

  /** A new way that fails leaves the old one. */
  #lost(way: Way, why: string): void {
    way.hasFailed = true;
    if (way === this.#next) this.#drop(way);
    if (!this.#next && (this.#way?.hasFailed ?? true)) this.onlost?.(why);
  }

  /** Whoever hangs up ends the association a little before it says so. */
  #endSoon(way: Way): void {
    if (way !== this.#current) return;
    this.#ending = setTimeout(() => {
      if (way === this.#current) this.#lost(way, ENDED);
    }, FAREWELL_MS);
  }

  /**
   * Whoever offered checks first, once our answer is there. Checks that come before it may make a
   * libdatachannel there verify a certificate against a description that it does not have yet.
   */
  #beginSoon({ link }: Way): void {
    setTimeout(() => link.begin(), ANSWER_TRAVELS_MS);
  }

  #drop(way: Way): void {
    way.link.close();
    if (this.#next === way) this.#next = undefined;
  }

  #route(slots: readonly AgreedSlot[], local: Description, remote: Description): void {
    const active = slots.filter(({ isActive }) => isActive);
    const midId = active
      .map(({ slot }) => midIdOf(local.media[slot], remote.media[slot]))
      .find((id) => id !== undefined);
    const midAt = (slot: number): string | undefined => {
      const section = local.media[slot];
      return section && midOf(section);
    };
    this.#midId = midId ?? 0;
    this.#routes.agree(
      active.map((one): RoutedSlot => {
        return { slot: one.slot, payloadTypes: typesOf(one), mid: midAt(one.slot) };
      }),
      midId,
    );
    this.#tags = [];
    for (const { slot } of midId === undefined ? [] : active) {
      const mid = Buffer.from(midAt(slot) ?? "", "latin1");
      const fits = mid.length > 0 && mid.length <= 16;
      if (fits) this.#tags[slot] = { mid, ssrc: -1, left: TAGGED_PACKETS };
    }
  }

  /** As the other side sees them: a NAT in front of us has another address, and the same ports. */
  #candidates({ local: { candidates } }: DtlsLink): readonly Candidate[] {
    const { address, bound = address } = this.#options;
    if (address === bound) return candidates;
    return candidates.map((one) => (one.address === bound ? { ...one, address } : one));
  }

  #part({ link, tlsId, role, isAgreed }: Way): Omit<StreamPart, "protos" | "port"> {
    const { ice, fingerprint } = link.local;
    const candidates = this.#candidates(link);
    return {
      // There is one component, and it has both.
      ...{ rtcpMux: true, rtcpMuxOnly: true },
      ice: { ...ice, candidates, isComplete: true, isRequired: true },
      dtls: {
        ...{ fingerprints: [fingerprint], tlsId },
        ...(role && { role }),
        // Chromium is slow as the client of a new association: docs/decisions.md
        ...(!isAgreed && role !== "passive" && { offeredRole: "active" as const }),
      },
      headerExtensions: [{ uri: MID_URI, id: MID_ID }],
    };
  }
}

/** A side that speaks ICE and DTLS-SRTP. */
export const openWebrtcTransport: OpenTransport = (options) => new WebrtcTransport(options);

/** Their answer to what was offered over a way. */
function join(way: Way, remote: Description): Provided<void> {
  const peer = grouped(remote);
  const end = endIn(peer, mainSection(peer));
  if (typeof end === "string") return { ok: false, why: end };
  if (way.remote) return isOther(way.remote, end) ? { ok: false, why: TWO } : DONE;
  try {
    way.link.connect(end);
  } catch (cause) {
    return { ok: false, why: `what they say of their encrypted media is wrong: ${wordsOf(cause)}` };
  }
  way.remote = end;
  way.role = end.setup === "active" ? "passive" : "active";
  return DONE;
}

/** The first section that is not refused: all that is bundled with it has the same transport. */
const mainSection = ({ description, tagged }: Grouped): MediaSection | undefined =>
  description.media.find((section) => section.port !== 0 || tagged.has(midOf(section) ?? ""));

function endIn(peer: Grouped, main: MediaSection | undefined): LinkEnd | string {
  if (!main) return "all media are refused";
  const end = linkEndOf(peerTransport(peer, main));
  return typeof end === "string" ? asClause(end) : end;
}

/** A sentence, for the middle of another one. */
const asClause = (sentence: string): string =>
  `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`.replace(/\.$/, "");

const isTogether = ({ tagged }: Grouped, one: MediaSection, other: MediaSection): boolean => {
  const carrier = (section: MediaSection) => tagged.get(midOf(section) ?? "") ?? section;
  return carrier(one) === carrier(other);
};

/** ICE was restarted, or somebody else is there. */
const isOther = (before: LinkEnd, now: LinkEnd): boolean =>
  before.ice.ufrag !== now.ice.ufrag ||
  before.ice.pwd !== now.ice.pwd ||
  before.fingerprint.value !== now.fingerprint.value;

function midIdOf(
  local: MediaSection | undefined,
  remote: MediaSection | undefined,
): number | undefined {
  const idIn = (section: MediaSection | undefined): number | undefined =>
    section && readAttributes(section.lines, extmap).find(({ uri }) => uri === MID_URI)?.id;
  const [ours, theirs] = [idIn(local), idIn(remote)];
  return ours !== undefined && ours === theirs && ours > 0 && ours < 15 ? ours : undefined;
}

//= RFC 8843 §15
//# The RTP SDES header extension for carrying the 'MID' RTCP SDES SHOULD be included in some RTP
//# packets at the start of the session and whenever the SSRC changes.
function wantsTag(tag: Tag, packet: Uint8Array): boolean {
  if (packet.length < 12) return false;
  const ssrc = new DataView(packet.buffer, packet.byteOffset).getUint32(8);
  if (tag.ssrc !== ssrc) {
    tag.ssrc = ssrc;
    tag.left = TAGGED_PACKETS;
  }
  return tag.left-- > 0;
}

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : `${cause}`);

const PROTOS = ["UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "RTP/SAVPF", "RTP/SAVP"];
const MID_ID = 13;
/** Four seconds of sound: some get there. */
const TAGGED_PACKETS = 200;
const ANSWER_TRAVELS_MS = 100;
const FAREWELL_MS = 3000;
const DONE: Provided<void> = { ok: true, value: undefined };
const OVER = "the call is over";
const TWO = "another device answered what one had answered before: ICE and DTLS go to one";
const NO_WAY = "no way could be found between them and this server, or it is there no more";
const ENDED = "the other side has ended its encrypted media";
