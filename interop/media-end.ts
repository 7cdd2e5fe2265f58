/**
 * The other side of a page's connection: libdatachannel shown a description of one section, and
 * the page shown ours, with sound, and a picture if it is wanted, on one BUNDLE.
 */
import { randomBytes } from "node:crypto";
import { fromText, toText } from "carillon/message";
import {
  formatExtensionElements,
  formatRtcp,
  formatRtp,
  isRtcp,
  parseRtp,
  type RtpPacket,
  readExtensionElements,
} from "carillon/rtp";
import {
  type Agreed,
  answer,
  type Description,
  extmap,
  fingerprint,
  formatSdp,
  grouped,
  type LocalMedia,
  type LocalStream,
  type Offer,
  offer,
  parseSdp,
  peerTransport,
  readAttributes,
  reoffer,
} from "carillon/sdp";
import { DtlsLink, type LinkChannel, type LinkEnd } from "carillon-media";

const MID = "urn:ietf:params:rtp-hdrext:sdes:mid";
const MID_ID = 4;
const RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
const REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";

export interface Stream {
  readonly ssrc: number;
  readonly mid: string;
  readonly rid: string;
  readonly payloadTypes: Set<number>;
  packets: number;
  octets: number;
}

const OPUS = { encoding: "opus", clockRateHz: 48_000, channels: 2, payloadType: 111 };
const VP8 = {
  ...{ encoding: "VP8", clockRateHz: 90_000, payloadType: 96 },
  feedback: ["goog-remb", "nack", "nack pli", "ccm fir"],
};

export class MediaEnd {
  readonly streams = new Map<number, Stream>();
  /** Of sound, in ms. */
  longestGapMs = 0;
  reports = 0;
  onrtp: ((packet: RtpPacket) => void) | undefined;
  readonly #hasVideo: boolean;
  readonly #isSimulcast: boolean;
  #link: DtlsLink | undefined;
  #next: DtlsLink | undefined;
  #tlsId = "";
  #offered: Offer | undefined;
  #agreed: Agreed | undefined;
  #known: LocalMedia | undefined;
  #ids = new Map<number, string>();
  #heardMs = 0;

  readonly #hasData: boolean;

  constructor(wish: { video?: boolean; simulcast?: boolean; dataChannel?: boolean }) {
    this.#hasData = wish.dataChannel ?? false;
    this.#hasVideo = wish.video ?? false;
    this.#isSimulcast = wish.simulcast ?? false;
  }

  /** With a new link: the first offer, or one that restarts ICE and DTLS. */
  async offer(): Promise<string> {
    this.#next = this.#watched(await DtlsLink.open({ address: "127.0.0.1" }));
    const local = this.#local(this.#next);
    this.#offered = this.#agreed ? reoffer(local, this.#agreed) : offer(local);
    return asClient(toText(formatSdp(this.#offered.description)));
  }

  accept(text: string): Promise<void> {
    const [made, next] = [this.#offered, this.#next];
    if (!made || !next) throw new Error("no offer was made");
    const remote = parsed(text);
    this.#settle({ local: made.description, remote }, made.local);
    return this.#opening(next, () => next.connect(endOf(remote)));
  }

  /** Resolves to our answer; `opened` when packets go. */
  async answer(text: string): Promise<{ readonly sdp: string; readonly opened: Promise<void> }> {
    const remote = parsed(text);
    const onchannel = (channel: LinkChannel): void => {
      channel.ontext = (text) => void channel.send(`heard: ${text}`);
    };
    const options = { address: "127.0.0.1", ...(this.#hasData && { onchannel }) };
    const next = this.#watched(await DtlsLink.open(options, endOf(remote)));
    const made = answer(remote, this.#local(next), this.#agreed);
    this.#settle({ local: made.description, remote }, made.local);
    const opened = this.#opening(next, () => setTimeout(() => next.begin(), 100));
    return { sdp: toText(formatSdp(made.description)), opened };
  }

  send(packet: Uint8Array): void {
    (this.#link ?? this.#next)?.send(packet);
  }

  /** What came goes back, from another source, in the section that it came in. */
  echo(packet: RtpPacket): void {
    const mid = packet.payloadType === OPUS.payloadType ? "0" : "1";
    const extension = formatExtensionElements([{ id: MID_ID, data: Buffer.from(mid) }]);
    this.send(formatRtp({ ...packet, extension, ssrc: (packet.ssrc ^ 0x1234) >>> 0 }));
  }

  close(): void {
    this.#link?.close();
    this.#next?.close();
  }

  #settle(agreed: Agreed, local: LocalMedia): void {
    this.#agreed = agreed;
    this.#known = local;
    for (const section of agreed.remote.media) {
      for (const { id, uri } of readAttributes(section.lines, extmap)) this.#ids.set(id, uri);
    }
  }

  async #opening(next: DtlsLink, begin: () => void): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      next.onopen = resolve;
      next.onlost = () => reject(new Error("the link was lost"));
      begin();
    });
    this.#link?.close();
    this.#link = next;
    this.#next = undefined;
  }

  #watched(link: DtlsLink): DtlsLink {
    this.#tlsId = randomBytes(18).toString("base64url");
    link.onpacket = (bytes) => {
      if (isRtcp(bytes)) this.reports++;
      else this.#rtp(bytes);
    };
    return link;
  }

  #rtp(bytes: Uint8Array): void {
    const read = parseRtp(bytes);
    if (!read.ok) return;
    const packet = read.value;
    if (packet.payloadType === OPUS.payloadType) {
      const now = performance.now();
      if (this.#heardMs > 0) this.longestGapMs = Math.max(this.longestGapMs, now - this.#heardMs);
      this.#heardMs = now;
    }
    const elements = packet.extension ? readExtensionElements(packet.extension) : [];
    const named = (...uris: string[]): string => {
      const one = elements.find(({ id }) => uris.includes(this.#ids.get(id) ?? ""));
      return one ? Buffer.from(one.data).toString("latin1") : "";
    };
    const stream = this.streams.get(packet.ssrc) ?? {
      ...{ ssrc: packet.ssrc, mid: named(MID), rid: named(RID, REPAIRED_RID) },
      ...{ payloadTypes: new Set(), packets: 0, octets: 0 },
    };
    this.streams.set(packet.ssrc, stream);
    stream.payloadTypes.add(packet.payloadType);
    stream.packets++;
    stream.octets += packet.payload.length;
    this.onrtp?.(packet);
  }

  #local(link: DtlsLink): LocalMedia {
    const { ice, candidates, fingerprint: print, setup } = link.local;
    const [first] = candidates;
    const address = { addressType: "IP4", address: first?.address ?? "127.0.0.1" } as const;
    const common: Omit<LocalStream, "media"> = {
      protos: ["UDP/TLS/RTP/SAVPF"],
      port: first?.port ?? 9,
      ...{ rtcpMux: true, rtcpMuxOnly: true },
      ice: { ...ice, candidates, isComplete: true },
      dtls: {
        ...{ fingerprints: [print], tlsId: this.#tlsId },
        ...(setup !== "actpass" && { role: setup === "passive" ? "passive" : "active" }),
      },
      headerExtensions: [
        { uri: MID, id: MID_ID },
        { uri: RID, id: 10 },
        { uri: REPAIRED_RID, id: 11 },
      ],
    };
    const slots = this.#known?.streams.map(({ slot }) => slot) ?? [];
    const placed = (nth: number) => (slots[nth] === undefined ? {} : { slot: slots[nth] });
    const audio: LocalStream = { ...common, ...placed(0), media: "audio", codecs: [OPUS] };
    const video: LocalStream = {
      ...{ ...common, ...placed(1), media: "video", codecs: [VP8] },
      ...(this.#isSimulcast && { receivesSimulcast: true }),
    };
    const data: LocalStream = {
      ...{ ...common, media: "application", protos: ["UDP/DTLS/SCTP"] },
      ...{ formats: ["webrtc-datachannel"], sctp: { port: 5000 } },
    };
    return {
      origin: {
        ...{ username: "-", sessionId: "7", sessionVersion: "1" },
        ...{ netType: "IN", ...address },
      },
      ...{ address, bundle: true, bundledPort: "shared" },
      streams: [audio, ...(this.#hasVideo ? [video] : []), ...(this.#hasData ? [data] : [])],
      ...(this.#known?.known && { known: this.#known.known }),
    };
  }
}

/**
 * We are the client of DTLS, whatever the page would choose: Chromium takes to a new way once
 * something has come over it that is no check, and as a client waits for us on the old one.
 */
const asClient = (sdp: string): string => sdp.replaceAll("a=setup:actpass", "a=setup:active");

/** What the page's first section that is not refused says of its transport. */
export function endOf(remote: Description): LinkEnd {
  const section = remote.media.find(({ port }) => port !== 0);
  if (!section) throw new Error("the page refused everything");
  const {
    ice,
    candidates,
    fingerprints,
    setup = "actpass",
  } = peerTransport(grouped(remote), section);
  const print = fingerprints.find(({ hash }) => hash === "sha-256");
  if (!ice || !print) throw new Error(`no ICE, or no ${fingerprint.name} of SHA-256`);
  return { ice, candidates: candidates.filter(isUdp), fingerprint: print, setup };
}

const isUdp = ({ transport, address }: { transport: string; address: string }): boolean =>
  transport.toLowerCase() === "udp" && !address.endsWith(".local");

function parsed(text: string): Description {
  const description = parseSdp(fromText(text));
  if (!description.ok) throw new Error(description.error.message);
  return description.value;
}

/** A receiver report that all came, and that so many bits a second may. */
export function allowance(ssrcs: readonly number[], bitrate: number): Uint8Array {
  const report = formatRtcp([{ kind: "ReceiverReport", ssrc: 1, reports: [] }]);
  return concat(report, remb(ssrcs, bitrate));
}

/** draft-alvestrand-rmcat-remb-03 §2.2 */
function remb(ssrcs: readonly number[], bitrate: number): Uint8Array {
  const exponent = Math.max(0, Math.ceil(Math.log2(bitrate / 0x3ffff)));
  const bytes = new Uint8Array(20 + 4 * ssrcs.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x8f, 206]);
  view.setUint16(2, bytes.length / 4 - 1);
  view.setUint32(4, 1);
  view.setUint32(12, 0x52454d42);
  view.setUint32(16, (ssrcs.length << 24) | (exponent << 18) | (bitrate >> exponent));
  for (const [nth, ssrc] of ssrcs.entries()) view.setUint32(20 + 4 * nth, ssrc);
  return bytes;
}

const concat = (one: Uint8Array, other: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
};
