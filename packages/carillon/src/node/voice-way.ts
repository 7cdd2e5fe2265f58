/**
 * How the descriptions of a voice are made and how its packets go: over sockets of its own here;
 * others can be brought along, such as one with ICE and DTLS-SRTP.
 */
import type { Codec } from "../rtp/codec.ts";
import type { AgreedSlot } from "../sdp/agreed-media.ts";
import type { Millis } from "../transaction/timers.ts";
import { DescribedMedia } from "../ua/described-media.ts";
import type { MediaSession, Wanted } from "../ua/media.ts";
import { isIpv6 } from "../uri/host.ts";
import { describeVoice, type SrtpPolicy } from "./voice-description.ts";
import { VoiceLine } from "./voice-line.ts";
import { type PortRange, USUAL_PORTS } from "./voice-ports.ts";

/** How the voice of a call goes. One serves any number of calls. */
export interface VoiceWay {
  /**
   * For one call, before its first description. Rejects, such as where no port can be had; the call
   * then fails with that.
   */
  open(user: VoiceWayUser): Promise<OpenVoiceWay>;
}

/** The voice, as its way sees it. */
export interface VoiceWayUser {
  /** What the call is to have. */
  readonly wanted: Wanted;
  /** Best first. */
  readonly codecs: readonly Codec[];
  /** The voice's time, in ms. */
  now(): Millis;
  /** RTP, decrypted. False: it is nothing of this call. `at`: when it came, if not just now. */
  packet(bytes: Uint8Array, at?: Millis): boolean;
  /** RTCP, decrypted. */
  control(bytes: Uint8Array): void;
  /** What holds from now on; undefined: there is no voice any more. */
  agreed(slot: AgreedSlot | undefined): void;
  /** Sound cannot get through, and never will. In words. */
  lost(why: string): void;
}

/** The way of one call, until it is closed. */
export interface OpenVoiceWay {
  /** Makes and takes the descriptions. */
  readonly media: MediaSession;
  /** Whether packets are encrypted between here and there. */
  readonly isEncrypted: boolean;
  /** False while packets cannot go yet: nothing is said before. */
  readonly isOpen: boolean;
  /** RTP; what cannot go is dropped. */
  send(packet: Uint8Array): void;
  /** RTCP. */
  sendControl(packet: Uint8Array): void;
  /** The call is over: sockets are closed once what was sent is out. */
  close(): void;
}

/** RTP over sockets of our own. */
export interface UdpWayOptions {
  /** The IP address of this machine; a function is asked again when the way is to be found anew. */
  readonly address: string | (() => string);
  /** `off` if left out. */
  readonly srtp?: SrtpPolicy | undefined;
  /** The UDP ports to take two of for each call; `USUAL_PORTS` if left out. */
  readonly ports?: PortRange | undefined;
  /** Sound goes back to where it comes from, if it comes within 3 s; false if left out. */
  readonly behindNat?: boolean | undefined;
}

/** Plain RTP, or SDES-SRTP where that was agreed on, over two UDP ports. RFC 3550 §11, RFC 4568 */
export const udpWay = (options: UdpWayOptions): VoiceWay => ({
  open: (user) => openUdpWay(options, user),
});

/** Descriptions that follow the machine to another address. */
class MovingMedia extends DescribedMedia {
  readonly #line: VoiceLine;
  readonly #hostNow: () => string;

  constructor(
    line: VoiceLine,
    hostNow: () => string,
    ...rest: ConstructorParameters<typeof DescribedMedia>
  ) {
    super(...rest);
    this.#line = line;
    this.#hostNow = hostNow;
  }

  async restart(): Promise<void> {
    const address = this.#hostNow();
    if (address === this.#line.host) return;
    await this.#line.move(address);
    const { port } = this.#line;
    const addressType = isIpv6(address) ? "IP6" : "IP4";
    this.change((local) => ({
      ...local,
      address: { addressType, address },
      streams: local.streams.map((stream) => ({ ...stream, port })),
    }));
  }
}

async function openUdpWay(options: UdpWayOptions, user: VoiceWayUser): Promise<OpenVoiceWay> {
  const { ports = USUAL_PORTS, behindNat = false, srtp = "off" } = options;
  const hostNow = () =>
    typeof options.address === "function" ? options.address() : options.address;
  const line = await VoiceLine.open(
    { host: hostNow(), ports, behindNat, now: () => user.now() },
    { packet: (bytes, at) => user.packet(bytes, at), control: (bytes) => user.control(bytes) },
  );
  const agreed = (slots: readonly AgreedSlot[]) => {
    const slot = slots.find(({ media, isActive }) => media === "audio" && isActive);
    if (slot) line.connect(slot);
    user.agreed(slot);
  };
  const media = new MovingMedia(line, hostNow, user.wanted, {
    local: describeVoice({ address: line.host, port: line.port, codecs: user.codecs, srtp }),
    onagreed: agreed,
    onearly: agreed,
  });
  return {
    media,
    isOpen: true,
    get isEncrypted() {
      return line.isEncrypted;
    },
    send: (packet) => line.send(packet),
    sendControl: (packet) => line.sendControl(packet),
    close: () => line.close(),
  };
}
