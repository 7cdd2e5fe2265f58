/** ICE and DTLS-SRTP for one stream of sound, over a `DtlsLink`. */
import { randomBytes } from "node:crypto";
import { isRtcp } from "carillon/rtp";
import { type Description, grouped, peerTransport } from "carillon/sdp";
import { defaultCandidate } from "../../dtls/default-candidate.ts";
import { DtlsLink } from "../../dtls/dtls-link.ts";
import { type LinkEnd, linkEndOf } from "../../dtls/link-description.ts";
import type {
  Agreement,
  Instant,
  LocalPart,
  LocalWish,
  Provided,
  Transport,
  TransportOptions,
  TransportStatistics,
} from "../transport.ts";

const ANSWER_TRAVELS_MS = 100;
const NO_WAY = "media could not get through: the networks do not connect";
const PROTOS = ["UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "RTP/SAVPF", "RTP/SAVP"];

interface Way {
  readonly link: DtlsLink;
  readonly tlsId: string;
  remote: LinkEnd | undefined;
}

export class LinkTransport implements Transport {
  readonly kind = "webrtc";
  readonly isEncrypted = true;
  onpacket: ((slot: number, packet: Uint8Array, at: Instant) => void) | undefined;
  oncontrol: ((slot: number, packet: Uint8Array, at: Instant) => void) | undefined;
  onopen: (() => void) | undefined;
  onlost: ((why: string) => void) | undefined;
  readonly #options: TransportOptions;
  #way: Way | undefined;
  #next: Way | undefined;
  #slot = 0;
  #isClosed = false;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#way?.link.isOpen ?? false;
  }

  async prepare({ streams, offer, restart }: LocalWish): Promise<Provided<LocalPart>> {
    try {
      const remote = offer && endOf(offer);
      if (typeof remote === "string") return { ok: false, why: remote };
      const current = this.#next ?? this.#way;
      const isOther = remote && current?.remote && remote.ice.ufrag !== current.remote.ice.ufrag;
      if (!current || restart || isOther) await this.#open(remote);
    } catch (cause) {
      return { ok: false, why: cause instanceof Error ? cause.message : `${cause}` };
    }
    const way = this.#next ?? this.#way;
    if (!way) return { ok: false, why: "it is closed" };
    const { local } = way.link;
    const { port, ...address } = defaultCandidate(local.candidates);
    const part = {
      ...{ protos: PROTOS, port, rtcpMux: true, rtcpMuxOnly: true },
      ice: { ...local.ice, candidates: local.candidates, isComplete: true, isRequired: true },
      dtls: {
        ...{ fingerprints: [local.fingerprint], tlsId: way.tlsId },
        ...(local.setup !== "actpass" && {
          role: local.setup === "passive" ? ("passive" as const) : ("active" as const),
        }),
      },
    };
    // One stream has a way of its own here: pictures are for later.
    const isSound = streams.findIndex(({ media }) => media === "audio");
    const parts = streams.map((_, n) => (n === isSound ? part : { ...part, protos: [] }));
    return { ok: true, value: { address, streams: parts, bundle: true } };
  }

  agree({ slots, remote, answerer }: Agreement): Provided<void> {
    this.#slot = slots.find(({ media, isActive }) => media === "audio" && isActive)?.slot ?? 0;
    const way = this.#next ?? this.#way;
    if (!way) return { ok: false, why: "it is closed" };
    if (answerer === "local") {
      if (way === this.#next) setTimeout(() => way.link.begin(), ANSWER_TRAVELS_MS);
      return { ok: true, value: undefined };
    }
    if (way.remote) return { ok: true, value: undefined };
    const end = endOf(remote);
    if (typeof end === "string") return { ok: false, why: end };
    way.remote = end;
    way.link.connect(end);
    return { ok: true, value: undefined };
  }

  withdraw(): void {
    if (!this.#next || this.#next.remote) return;
    this.#next.link.close();
    this.#next = undefined;
  }

  send(_: number, packet: Uint8Array): boolean {
    return this.#way?.link.send(packet) ?? false;
  }

  sendControl(_: number, packet: Uint8Array): boolean {
    return this.#way?.link.send(packet) ?? false;
  }

  statistics(): TransportStatistics {
    return { path: undefined, packetsRefused: 0 };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#way?.link.close();
    this.#next?.link.close();
  }

  async #open(remote: LinkEnd | undefined): Promise<void> {
    this.#next?.link.close();
    const { address, ports } = this.#options;
    const range = { first: ports.from, last: ports.to };
    const link = await DtlsLink.open({ address, ports: range }, remote);
    const way: Way = { link, tlsId: randomBytes(18).toString("base64url"), remote };
    if (this.#isClosed) return link.close();
    this.#next = way;
    link.onpacket = (packet) => {
      const at = performance.now();
      if (isRtcp(packet)) this.oncontrol?.(this.#slot, packet, at);
      else this.onpacket?.(this.#slot, packet, at);
    };
    link.onopen = () => {
      if (way !== this.#next) return;
      this.#way?.link.close();
      [this.#way, this.#next] = [way, undefined];
      this.onopen?.();
    };
    link.onlost = () => {
      if (way === this.#next || way === this.#way) this.onlost?.(NO_WAY);
    };
  }
}

function endOf(description: Description): LinkEnd | string {
  const section = description.media.find(({ media, port }) => media === "audio" && port !== 0);
  if (!section) return "no sound is offered";
  return linkEndOf(peerTransport(grouped(description), section));
}
