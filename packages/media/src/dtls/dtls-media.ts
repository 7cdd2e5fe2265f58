/**
 * Sound that goes over ICE and DTLS-SRTP, as a call sees it: descriptions are made and taken here,
 * with a link for each peer that is found anew. What packets carry is for others to say.
 *
 * The link is replaced where ICE restarts, on either side: libdatachannel cannot move a DTLS
 * association to another, so that a new one is asked for (RFC 8842 §5) and the old one carries on
 * until it is there.
 */
import { randomBytes } from "node:crypto";
import { fromText, toText } from "carillon/message";
import {
  type Agreed,
  type AgreedSlot,
  agreedMedia,
  answer,
  checkAnswer,
  type Description,
  formatSdp,
  grouped,
  held,
  type LocalCodec,
  type LocalMedia,
  type LocalStream,
  type Offer,
  offer,
  type PeerTransport,
  parseSdp,
  peerTransport,
  refusesAll,
  reoffer,
  type Setup,
} from "carillon/sdp";
import { type MediaSession, SipError, type Wanted, type Wish } from "carillon/ua";
import { defaultCandidate } from "./default-candidate.ts";
import { DtlsLink, type DtlsLinkOptions } from "./dtls-link.ts";
import { type LinkEnd, linkEndOf } from "./link-description.ts";

/** What is spoken over a link, and who hears of it. */
export interface DtlsMediaOptions extends DtlsLinkOptions {
  /** Best first. */
  readonly codecs: readonly LocalCodec[];
  /** Called whenever something new holds: a call begins, is held, changes, has no voice. */
  readonly onagreed: (slot: AgreedSlot | undefined) => void;
  /** RTP and RTCP from the other side, decrypted. */
  readonly onpacket: (packet: Uint8Array) => void;
  /** Packets can go, for the first time or over a new link. */
  readonly onopen?: () => void;
  /** The call is over, and the links are closed. */
  readonly onclose?: () => void;
}

/** A link, what we call it, and who is at its other end. */
interface Way {
  readonly link: DtlsLink;
  readonly tlsId: string;
  remote: LinkEnd | undefined;
  hasFailed: boolean;
}

/** The media of one call over DTLS-SRTP. `VoiceMedia` drives it by `dtlsWay`. */
export class DtlsMedia implements MediaSession {
  /** Set by whoever uses it: no link is left, and none is to be had. In words. */
  onlost: ((why: string) => void) | undefined;
  readonly #options: DtlsMediaOptions;
  readonly #sessionId: string;
  #wish: Wish;
  /** What is spoken over. */
  #way: Way | undefined;
  /** What was offered or answered and has not opened yet. */
  #next: Way | undefined;
  #restarts = false;
  /** Whether we or they were the client of DTLS, which later answers keep. */
  #role: Setup | undefined;
  #agreed: Agreed | undefined;
  #offered: Offer | undefined;
  #known: Pick<LocalMedia, "known" | "streams"> | undefined;
  #isClosed = false;

  constructor(wanted: Wanted, options: DtlsMediaOptions) {
    this.#options = options;
    this.#wish = { ...wanted, held: false };
    this.#sessionId = `${randomBytes(6).readUIntBE(0, 6)}`;
  }

  /** False if there is no way (yet): the packet is dropped. */
  send(packet: Uint8Array): boolean {
    return this.#way?.link.send(packet) ?? false;
  }

  /** Our description as SDP, with all candidates. Rejects if libdatachannel cannot open a link. */
  async offer(): Promise<string> {
    if (this.#restarts || !this.#current) await this.#open();
    this.#restarts = false;
    const local = this.#local();
    this.#offered = this.#agreed ? reoffer(local, this.#agreed) : offer(local);
    return toText(formatSdp(this.#offered.description));
  }

  /**
   * Our answer. Rejects with a SipError `SIP_MEDIA`, status 488, without ICE, a fingerprint, or a
   * common codec.
   */
  async answer(text: string): Promise<string> {
    const remote = parsed(text);
    const end = inRole(this.#remoteEnd(remote), this.#role);
    const isNew = !this.#current?.remote || isOther(this.#current.remote, end);
    if (isNew) await this.#open(end);
    const made = answer(remote, this.#local(), this.#agreed);
    if (refusesAll(made)) {
      if (isNew && this.#next) this.#drop(this.#next);
      throw new SipError("SIP_MEDIA", NOTHING_IN_COMMON, 488);
    }
    this.#offered = undefined;
    this.#role = this.#current?.link.local.setup;
    this.#agree({ local: made.description, remote }, made.local, "local");
    if (isNew) this.#beginSoon();
    return toText(formatSdp(made.description));
  }

  /** Their answer. Rejects with a SipError `SIP_MEDIA` where it answers something else. */
  async accept(text: string): Promise<void> {
    const made = this.#offered;
    if (!made) throw new SipError("SIP_MEDIA", "There was no offer to answer.");
    const remote = parsed(text);
    const checked = checkAnswer(made.description, remote);
    if (!checked.ok) throw new SipError("SIP_MEDIA", checked.error.message);
    const way = this.#current;
    if (way && !way.remote) {
      way.remote = this.#remoteEnd(remote);
      way.link.connect(way.remote);
      this.#role = way.remote.setup === "active" ? "passive" : "active";
    }
    this.#offered = undefined;
    this.#agree({ local: made.description, remote }, made.local, "remote");
  }

  /** Whether there is sound, and whether it is held, from the next description on. */
  async want(wish: Wish): Promise<void> {
    this.#wish = wish;
  }

  /** Our last offer came to nothing: its link is closed, the one before it goes on. */
  async withdraw(): Promise<void> {
    this.#offered = undefined;
    // What nobody has answered leads nowhere; what was spoken over before goes on.
    if (this.#way && this.#next && !this.#next.remote) this.#drop(this.#next);
  }

  /** The next offer is of a new link: ICE restarts, and DTLS with it. RFC 8842 §5 */
  async restart(): Promise<void> {
    this.#restarts = true;
  }

  /** Closes the links. Twice does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const way of [this.#way, this.#next]) way?.link.close();
    this.#options.onclose?.();
  }

  /** What descriptions speak of. */
  get #current(): Way | undefined {
    return this.#next ?? this.#way;
  }

  async #open(remote?: LinkEnd): Promise<void> {
    if (this.#next) this.#drop(this.#next);
    const link = await DtlsLink.open(this.#options, remote);
    if (this.#isClosed) {
      link.close();
      throw new SipError("SIP_CLOSED", "The call is over.");
    }
    const way: Way = {
      link,
      tlsId: randomBytes(18).toString("base64url"),
      remote,
      hasFailed: false,
    };
    this.#next = way;
    link.onpacket = (packet) => this.#options.onpacket(packet);
    link.onopen = () => this.#opened(way);
    link.onlost = () => this.#lost(way);
  }

  #beginSoon(): void {
    const link = this.#next?.link;
    setTimeout(() => link?.begin(), ANSWER_TRAVELS_MS);
  }

  #opened(way: Way): void {
    if (way !== this.#next) return;
    this.#way?.link.close();
    this.#way = way;
    this.#next = undefined;
    this.#options.onopen?.();
  }

  /** A new link that fails leaves the old one; with none left nothing can be heard any more. */
  #lost(way: Way): void {
    way.hasFailed = true;
    if (way === this.#next) this.#drop(way);
    if (!this.#next && (this.#way?.hasFailed ?? true)) this.onlost?.(NO_WAY);
  }

  #drop(way: Way): void {
    way.link.close();
    if (this.#next === way) this.#next = undefined;
  }

  #agree(agreed: Agreed, local: LocalMedia, answerer: "local" | "remote"): void {
    this.#agreed = agreed;
    this.#known = local;
    const [slot] = agreedMedia(agreed, answerer).filter(({ isActive }) => isActive);
    this.#options.onagreed(slot);
  }

  #remoteEnd(remote: Description): LinkEnd {
    const end = linkEndOf(transportOf(remote));
    if (typeof end === "string") throw new SipError("SIP_MEDIA", end, 488);
    return end;
  }

  #local(): LocalMedia {
    const way = this.#current;
    if (!way) throw new SipError("SIP_CLOSED", "There are no media any more.");
    const { local } = way.link;
    const { port, ...address } = defaultCandidate(local.candidates);
    const slot = this.#known?.streams[0]?.slot;
    const stream: LocalStream = {
      ...(slot !== undefined && { slot }),
      media: "audio",
      protos: ["UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "RTP/SAVPF", "RTP/SAVP"],
      port,
      codecs: this.#options.codecs,
      ptimeMs: 20,
      rtcpMux: true,
      // There is one component, and it has both.
      rtcpMuxOnly: true,
      ice: { ...local.ice, candidates: local.candidates, isComplete: true, isRequired: true },
      dtls: {
        fingerprints: [local.fingerprint],
        tlsId: way.tlsId,
        ...(local.setup !== "actpass" && {
          role: local.setup === "passive" ? "passive" : "active",
        }),
      },
    };
    const media: LocalMedia = {
      origin: {
        ...{ username: "-", sessionId: this.#sessionId, sessionVersion: "1" },
        ...{ netType: "IN", ...address },
      },
      address,
      streams: this.#wish.audio ? [stream] : [],
      bundle: true,
      ...(this.#known?.known && { known: this.#known.known }),
    };
    return this.#wish.held ? held(media) : media;
  }
}

/** Who leaves the roles open gets the one that is not ours. */
const inRole = (end: LinkEnd, ours: Setup | undefined): LinkEnd =>
  end.setup !== "actpass" || !ours || ours === "actpass"
    ? end
    : { ...end, setup: ours === "passive" ? "active" : "passive" };

/** ICE was restarted, or somebody else is there. */
const isOther = (before: LinkEnd, now: LinkEnd): boolean =>
  before.ice.ufrag !== now.ice.ufrag ||
  before.ice.pwd !== now.ice.pwd ||
  before.fingerprint.value !== now.fingerprint.value;

/** Of the first sound that is not refused; all that is bundled with it has the same. */
function transportOf(remote: Description): PeerTransport {
  const section = remote.media.find(({ media, port }) => media === "audio" && port !== 0);
  if (!section) throw new SipError("SIP_MEDIA", NOTHING_IN_COMMON, 488);
  return peerTransport(grouped(remote), section);
}

function parsed(text: string): Description {
  const description = parseSdp(fromText(text));
  if (!description.ok) throw new SipError("SIP_MEDIA", description.error.message, 488);
  return description.value;
}

/**
 * Whoever offered checks first, once the answer is there. Checks that come before it may make
 * libdatachannel verify a certificate against a description that it does not have yet.
 */
const ANSWER_TRAVELS_MS = 100;
const NOTHING_IN_COMMON = "The two devices have no kind of voice in common.";
const NO_WAY =
  "Sound could not get through between the two devices: their networks do not connect.";
