/**
 * A voice that is encrypted if the other side knows how, and plain if it does not: one offer of
 * both, and the answer decides. RFC 8643. Several phones may ring with it at once, a page and one
 * on a desk among them, which a second try after a refusal could not do.
 */
import type { OpenVoiceWay, VoiceWay, VoiceWayUser } from "carillon/node";
import type { MediaSession } from "carillon/ua";
import {
  continuing,
  isKeyed,
  offeringBoth,
  plainAnswer,
  protoOf,
  withProto,
} from "./opportunistic-description.ts";

const SECURE = "UDP/TLS/RTP/SAVPF";

/** `plain` and `secure` offer the same codecs. Where `secure` cannot be had, plain is offered. */
export const opportunisticWay = (plain: VoiceWay, secure: VoiceWay): VoiceWay => ({
  open: (user) => OpportunisticWay.open(plain, secure, user),
});

/** `secure` for whoever offers it below plain RTP: what it says names the protocol they name. */
export const answeringOpportunistically = (secure: VoiceWay): VoiceWay => ({
  open: async (user) => {
    const way = await secure.open(user);
    return withMedia(way, underTheirProto(way.media, undefined));
  },
});

class OpportunisticWay implements OpenVoiceWay {
  readonly media: MediaSession;
  readonly #plain: OpenVoiceWay;
  readonly #secure: OpenVoiceWay;
  #chosen: OpenVoiceWay | undefined;
  /** Our first offer, which all later descriptions follow. */
  #first: string | undefined;

  private constructor(plain: OpenVoiceWay, secure: OpenVoiceWay) {
    this.#plain = plain;
    this.#secure = secure;
    this.media = {
      offer: () => this.#offer(),
      answer: async (offer) => this.#decide(offer).answer(offer),
      accept: async (answer) => {
        const media = this.#decide(answer);
        await media.accept(this.#chosen === this.#plain ? plainAnswer(answer) : answer);
      },
      //= RFC 8643 §3.3
      //# If the offerer of OSRTP receives an SDP answer that does not contain SRTP keying
      //# attributes, then the media session proceeds with RTP.
      preview: async (answer) => {
        // One of several phones that ring, of which another may answer.
        if (!isKeyed(answer)) await this.#plain.media.preview?.(plainAnswer(answer));
      },
      want: (wish) => this.#all(async (media) => media.want?.(wish)),
      withdraw: () => this.#all(async (media) => media.withdraw?.()),
      restart: () => this.#all(async (media) => media.restart?.()),
      close: () => this.close(),
    };
  }

  static async open(plain: VoiceWay, secure: VoiceWay, user: VoiceWayUser) {
    let whole: OpportunisticWay | undefined;
    const [one, other]: [Half, Half] = [{}, {}];
    const hears = (half: Half) => onlyWhile(() => whole?.isWith(half.way) === true, user);
    one.way = await plain.open(hears(one));
    other.way = await secure.open(hears(other));
    whole = new OpportunisticWay(one.way, other.way);
    return whole;
  }

  get isEncrypted(): boolean {
    return this.#chosen?.isEncrypted ?? false;
  }

  get isOpen(): boolean {
    return this.#current.isOpen;
  }

  send(packet: Uint8Array): void {
    this.#current.send(packet);
  }

  sendControl(packet: Uint8Array): void {
    this.#current.sendControl(packet);
  }

  close(): void {
    this.#plain.close();
    this.#secure.close();
  }

  /** Whether it is what is spoken over, or may be yet. */
  isWith(way: OpenVoiceWay | undefined): boolean {
    return way !== undefined && way === (this.#chosen ?? way);
  }

  /** Before the answer only plain sound can come: early media of a phone that rings. */
  get #current(): OpenVoiceWay {
    return this.#chosen ?? this.#plain;
  }

  async #offer(): Promise<string> {
    const { media } = this.#secure;
    if (this.#chosen === this.#plain) return this.#plain.media.offer();
    //= RFC 8643 §4
    //# For cases where it is known that the other party supports SRTP or SRTP needs to be used,
    //# OSRTP MUST NOT be used. Instead, a secure profile of RTP is used in the offer.
    if (this.#chosen) {
      const keyed = await media.offer();
      return continuing(this.#first ?? keyed, keyed);
    }
    // A machine without the library for it still calls.
    const keyed = await media.offer().catch(() => undefined);
    const plain = await this.#plain.media.offer();
    if (keyed === undefined) this.#choose(this.#plain);
    this.#first = keyed === undefined ? plain : offeringBoth(plain, keyed);
    return this.#first;
  }

  //= RFC 8643 §3.3
  //# If the SDP answer contains SRTP keying attributes, then the associated SRTP key management
  //# approach is followed and SRTP media is used for this session.
  /** The first description of theirs settles it for as long as the call lasts. */
  #decide(theirs: string): MediaSession {
    if (!this.#chosen) this.#choose(isKeyed(theirs) ? this.#secure : this.#plain);
    const { media } = this.#chosen ?? this.#plain;
    return this.#chosen === this.#secure ? underTheirProto(media, this.#first) : media;
  }

  #choose(way: OpenVoiceWay): void {
    this.#chosen = way;
    (way === this.#plain ? this.#secure : this.#plain).close();
  }

  async #all(run: (media: MediaSession) => Promise<unknown>): Promise<void> {
    const ways = this.#chosen ? [this.#chosen] : [this.#plain, this.#secure];
    for (const way of ways) await run(way.media);
  }
}

interface Half {
  way?: OpenVoiceWay | undefined;
}

/** What is heard of a way that counts, and nothing of one that was not taken. */
const onlyWhile = (counts: () => boolean, user: VoiceWayUser): VoiceWayUser => ({
  wanted: user.wanted,
  codecs: user.codecs,
  now: () => user.now(),
  packet: (bytes, at) => counts() && user.packet(bytes, at),
  control: (bytes) => void (counts() && user.control(bytes)),
  agreed: (slot) => void (counts() && user.agreed(slot)),
  lost: (why) => void (counts() && user.lost(why)),
});

//= RFC 8643 §3.2
//# To accept OSRTP, an answerer receiving an offer indicating support for OSRTP generates an SDP
//# answer containing SRTP keying attributes that match one of the keying methods in the offer.
/** Media that only know the secure protocol, for a side that names plain RTP. */
function underTheirProto(media: MediaSession, first: string | undefined): MediaSession {
  const ours = (text: string) => (first === undefined ? text : continuing(first, text));
  return {
    offer: async () => ours(await media.offer()),
    accept: (answer) => media.accept(asSecure(answer)),
    answer: async (offer) => {
      const proto = protoOf(offer);
      const answer = ours(await media.answer(asSecure(offer)));
      return isKeyed(offer) && proto !== undefined ? withProto(answer, proto) : answer;
    },
    want: async (wish) => media.want?.(wish),
    withdraw: async () => media.withdraw?.(),
    restart: async () => media.restart?.(),
    close: () => media.close(),
  };
}

const asSecure = (text: string): string => (isKeyed(text) ? withProto(text, SECURE) : text);

/** The same way, whose descriptions go through other hands. */
const withMedia = (way: OpenVoiceWay, media: MediaSession): OpenVoiceWay => ({
  media,
  get isEncrypted() {
    return way.isEncrypted;
  },
  get isOpen() {
    return way.isOpen;
  },
  send: (packet) => way.send(packet),
  sendControl: (packet) => way.sendControl(packet),
  close: () => way.close(),
});
