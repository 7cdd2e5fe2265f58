/**
 * Which way a voice goes is known with its first description: ours as we were told, theirs as they
 * offer it.
 */

import { fromText } from "carillon/message";
import { type OpenVoiceWay, udpWay, type VoiceWay, type VoiceWayUser } from "carillon/node";
import { isTls, parseSdp } from "carillon/sdp";
import { type MediaSession, SipError, type Wish } from "carillon/ua";
import type { DtlsLinkOptions } from "../dtls/dtls-link.ts";
import { dtlsWay } from "../dtls/dtls-way.ts";
import { isOpportunistic } from "./opportunistic-description.ts";
import { answeringOpportunistically, opportunisticWay } from "./opportunistic-way.ts";

/**
 * What is offered: RTP as it is, with keys in the description (RFC 4568), or by DTLS over ICE.
 * `auto`: by DTLS over ICE if the other side can, and else as it is, in one offer (RFC 8643).
 */
export type MediaSecurity = "auto" | "none" | "sdes" | "dtls";

/** How sound goes: its addresses, and how it is encrypted. */
export interface WayOptions extends Pick<DtlsLinkOptions, "iceServers"> {
  /** The IP address of this machine where sound comes to. */
  readonly address: string;
  /** `none` if left out. */
  readonly security?: MediaSecurity;
  /** Nothing that is not encrypted is offered or taken. */
  readonly requireEncryption?: boolean;
  /** UDP ports for sound; 30000 to 39999, any for ICE, if left out. */
  readonly ports?: { readonly from: number; readonly to: number };
  /** Without ICE: sound goes back to where it comes from, whatever the other side describes. */
  readonly behindNat?: boolean;
}

/**
 * The way of a voice by its first description: ours as `security` says, theirs as they offer it.
 * Throws a RangeError for what cannot be: plain RTP where encryption is required.
 */
export function chosenWay(options: WayOptions): VoiceWay {
  const { security = "none", requireEncryption = false } = options;
  if (requireEncryption && security === "none") {
    throw new RangeError("encryption is required, so security has to be auto, sdes or dtls");
  }
  return { open: async (user) => new ChosenWay(options, user) };
}

class ChosenWay implements OpenVoiceWay {
  readonly media: MediaSession;
  readonly #options: WayOptions;
  readonly #user: VoiceWayUser;
  #opening: Promise<OpenVoiceWay> | undefined;
  #way: OpenVoiceWay | undefined;
  #wish: Wish | undefined;
  #isClosed = false;

  constructor(options: WayOptions, user: VoiceWayUser) {
    this.#options = options;
    this.#user = user;
    this.media = {
      offer: async () => (await this.#take(this.#ours())).offer(),
      answer: async (offer) => (await this.#take(this.#theirs(offer))).answer(offer),
      accept: async (answer) => this.#way?.media.accept(answer),
      preview: async (answer) => this.#way?.media.preview?.(answer),
      want: async (wish) => {
        this.#wish = wish;
        return this.#way?.media.want?.(wish);
      },
      withdraw: async () => this.#way?.media.withdraw?.(),
      restart: async () => this.#way?.media.restart?.(),
      close: () => this.close(),
    };
  }

  get isEncrypted(): boolean {
    return this.#way?.isEncrypted ?? false;
  }

  get isOpen(): boolean {
    return this.#way?.isOpen ?? false;
  }

  send(packet: Uint8Array): void {
    this.#way?.send(packet);
  }

  sendControl(packet: Uint8Array): void {
    this.#way?.sendControl(packet);
  }

  close(): void {
    this.#isClosed = true;
    this.#way?.close();
  }

  /** The first description decides, for as long as the call lasts. */
  async #take(way: VoiceWay): Promise<MediaSession> {
    this.#opening ??= way.open(this.#user);
    const opened = await this.#opening;
    if (this.#isClosed) {
      opened.close();
      throw new SipError("SIP_CLOSED", "The call is over.");
    }
    if (!this.#way && this.#wish) await opened.media.want?.(this.#wish);
    this.#way = opened;
    return opened.media;
  }

  #ours(): VoiceWay {
    const { security = "none", requireEncryption = false } = this.#options;
    if (security === "auto" && !requireEncryption) {
      return opportunisticWay(this.#udp("off"), this.#dtls());
    }
    if (security === "dtls" || security === "auto") return this.#dtls();
    return this.#udp(security === "none" ? "off" : requireEncryption ? "require" : "offer");
  }

  #theirs(offer: string): VoiceWay {
    if (offersDtls(offer)) return this.#dtls();
    if (isOpportunistic(offer)) return answeringOpportunistically(this.#dtls());
    return this.#udp(this.#options.requireEncryption ? "require" : "offer");
  }

  #dtls(): VoiceWay {
    const { address, iceServers, ports } = this.#options;
    return dtlsWay({
      address,
      ...(iceServers && { iceServers }),
      ...(ports && { ports: { first: ports.from, last: ports.to } }),
    });
  }

  #udp(srtp: "off" | "offer" | "require"): VoiceWay {
    const { address, ports, behindNat } = this.#options;
    return udpWay({ address, ports, behindNat, srtp });
  }
}

/** Whether the first sound that is offered comes over DTLS. */
function offersDtls(offer: string): boolean {
  const parsed = parseSdp(fromText(offer));
  const sound = parsed.ok
    ? parsed.value.media.find(({ media, port }) => media === "audio" && port !== 0)
    : undefined;
  return sound !== undefined && isTls(sound.proto);
}
