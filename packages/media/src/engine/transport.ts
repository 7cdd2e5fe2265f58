/**
 * What the engine is made of: a `Transport` for each side, which has sockets, keys and ICE, and a
 * `PathEnd` for each stream of a side, which says where its packets go. Descriptions are made by
 * the engine, in one way for all kinds of transport: it asks each for its part of them, and tells
 * it what was agreed on.
 *
 * All of one call lives in one process and on one thread, so that a packet goes from socket to
 * socket without a queue, a promise or a copy between.
 */
import type {
  AgreedSlot,
  Description,
  LocalAddress,
  LocalMedia,
  LocalStream,
  MediaSection,
} from "carillon/sdp";

/** A value, or what is missing for it, in words. */
export type Provided<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly why: string;
      /** It is ours that is lacking, and may be there later: a port. */
      readonly isBusy?: boolean;
    };

/** Of a monotonic clock, in milliseconds: `performance.now()`. */
export type Instant = number;

/**
 * How the packets of one side come and go. One per side, for all of its streams, from the first
 * description to `close`.
 *
 * An octet that comes belongs to whoever gets it: a handler may write into a packet and hand it on
 * to another transport's `send` within the same turn, and copies what it keeps longer. What was
 * given to `send` is not touched by the giver any more.
 */
export interface Transport {
  /** `rtp`: over sockets of our own, in the clear or with SDES. `webrtc`: ICE and DTLS-SRTP. */
  readonly kind: "rtp" | "webrtc";
  /** Whether what goes now is encrypted between here and there. */
  readonly isEncrypted: boolean;
  /** Whether packets can go: false before an agreement, and before ICE and DTLS are done. */
  readonly isOpen: boolean;
  /**
   * Its part of the next description: ports, candidates, fingerprint, keys. What it had before
   * goes on until `agree`; the same again where nothing is new. Fails in words for an offer of the
   * other side that it can do nothing with (no ICE, no usable key), and where no port is free.
   * Called one at a time, and never for a closed one.
   */
  prepare(wish: LocalWish): Promise<Provided<LocalPart>>;
  /**
   * What holds from now on: an answer of either side has made it so, be it an early one. Called
   * again with every answer, and with those of several forks of one offer, each instead of the one
   * before. Fails in words where it cannot be done; what held before then goes on.
   */
  agree(agreement: Agreement): Provided<void>;
  /** What was prepared last came to nothing: what it opened for that is closed. */
  withdraw(): void;
  /** RTP of one stream, in the clear; `slot` is the index of its media section. False: dropped. */
  send(slot: number, packet: Uint8Array): boolean;
  /** A datagram of RTCP about one stream, in the clear. False: dropped. */
  sendControl(slot: number, packet: Uint8Array): boolean;
  /** An RTP packet of that stream came: authentic where it is encrypted, and from nobody else. */
  onpacket: ((slot: number, packet: Uint8Array, at: Instant) => void) | undefined;
  /** A datagram of RTCP came. Of bundled streams the slot is that of its first report or source. */
  oncontrol: ((slot: number, packet: Uint8Array, at: Instant) => void) | undefined;
  /** Packets can go now: for the first time, or over what replaced the old. */
  onopen: (() => void) | undefined;
  /** No way is left and none will come by itself: ICE failed, a socket is gone. In words. */
  onlost: ((why: string) => void) | undefined;
  /** Numbers since it began. */
  statistics(): TransportStatistics;
  /** Ends it at once, and calls no handler any more. Twice does nothing. */
  close(): void;
}

/** What the next description is to have. */
export interface LocalWish {
  /** In the order of their sections; those that are refused or gone are left out. */
  readonly streams: readonly StreamWish[];
  /** The offer that will be answered; undefined: the description is an offer of ours. */
  readonly offer?: Description | undefined;
  /** Other ports and keys than before, and ICE anew. Without: the same where that is possible. */
  readonly restart?: boolean;
}

/** A stream that is to be described. */
export interface StreamWish {
  /** Its media section, where that is settled; undefined for one that is new in an offer. */
  readonly slot: number | undefined;
  /** As in `m=`. */
  readonly media: "audio" | "video";
}

/** What a transport adds to a stream's description. */
export type StreamPart = Pick<
  LocalStream,
  | "protos"
  | "port"
  | "address"
  | "rtcpMux"
  | "rtcpMuxOnly"
  | "rtcpRsize"
  | "rtcpPort"
  | "ice"
  | "dtls"
  | "crypto"
  | "headerExtensions"
>;

/** Its part of a description. */
export interface LocalPart extends Pick<LocalMedia, "bundle" | "bundledPort" | "iceLite"> {
  /** For `c=` of the session, and `o=` if it is the first. */
  readonly address: LocalAddress;
  /** One for each stream of the wish, in its order. */
  readonly streams: readonly StreamPart[];
}

/** What an offer and its answer made. */
export interface Agreement {
  /** All sections, those that are off among them, in the order of the descriptions. */
  readonly slots: readonly AgreedSlot[];
  /** Ours: the last that `prepare` was part of. */
  readonly local: Description;
  /** Theirs: ICE credentials, candidates and fingerprints are in it (`peerTransport`). */
  readonly remote: Description;
  /** Who answered. */
  readonly answerer: "local" | "remote";
}

/** Numbers of a transport. */
export interface TransportStatistics {
  /** Straight to the other side, or through a TURN server of its; undefined before it is known. */
  readonly path: "direct" | "relay" | undefined;
  /** Datagrams that were no good: from a stranger, not authentic, no RTP, replayed. */
  readonly packetsRefused: number;
}

/** What a transport is made for. */
export interface TransportOptions {
  /** The IP address to describe, IPv6 without brackets. */
  readonly address: string;
  /** The one to bind to, if that is another: behind a NAT. */
  readonly bound?: string;
  /** UDP ports to take from, both ends included. */
  readonly ports: { readonly from: number; readonly to: number };
  /** Where their packets really come from counts, once, and not what they describe (`rtp`). */
  readonly isBehindNat: boolean;
  /** The IP address that its SIP comes from: behind a NAT it is believed sooner than others. */
  readonly seenAt?: string | undefined;
  /** Keys in descriptions (`rtp`): what is offered. What they offer is taken either way. */
  readonly sdes: boolean;
}

/** Made by `relay` for `rtp`, by `webrtc` for `webrtc`. */
export type OpenTransport = (options: TransportOptions) => Transport;

/** What holds for one stream of a side, for its `PathEnd`. */
export interface StreamAgreement {
  /** Codecs with the payload types of both ways, direction, and whether it is active at all. */
  readonly slot: AgreedSlot;
  /** Ours, for what the slot does not say: extmap, ssrc, rid, ptime. */
  readonly local: MediaSection;
  /** Theirs. */
  readonly remote: MediaSection;
}

/**
 * One stream of one side on its way through the engine. Two of them that hear each other are a
 * path: what comes at one goes out at the other, as it is where both have that codec, else decoded
 * and coded anew. SSRC, sequence numbers and time of what goes to a side go on smoothly whoever is
 * heard, and RTCP towards it is of that.
 */
export interface PathEnd {
  /** As in `m=`. Sound and pictures are never mixed up. */
  readonly media: "audio" | "video";
  /** At the beginning, and whenever something else holds. */
  agree(agreement: StreamAgreement): void;
  /** An RTP packet of that side, from its transport. */
  take(packet: Uint8Array, at: Instant): void;
  /** RTCP of that side. */
  takeControl(packet: Uint8Array, at: Instant): void;
  /**
   * Who that side hears from now on: another side's stream of the same kind, or nobody. One way
   * only: for a talk each of the two hears the other; several may hear one (forks).
   */
  hear(other: PathEnd | undefined): void;
  /** Instead of the other side this is heard: a tone, a file. `done` once it is over. For sound. */
  play(source: LocalSource | undefined, done?: () => void): void;
  /** What that side says, as samples, beside where it goes otherwise. For sound. */
  tap(sink: LocalSink | undefined): void;
  /** Keys towards that side: `0` to `9`, `*`, `#`, `A` to `D`, one after the other. For sound. */
  press(tones: string): void;
  /** A key of that side was pressed and let go of. */
  onkey: ((key: PressedKey) => void) | undefined;
  /** Asks that side for a whole picture (PLI or FIR), since somebody new sees it. For video. */
  refresh(): void;
  /** Numbers since it began. */
  statistics(at: Instant): PathStatistics;
  /** Ends it: nothing is heard of it or by it any more. */
  close(): void;
}

/** Where a path gets sound from that no side says. As `Source` of `carillon/rtp`. */
export interface LocalSource {
  /** In Hz. */
  readonly sampleRate: number;
  /** The next samples; undefined: silence for now; null: it is over. */
  read(samples: number): Int16Array | undefined | null;
  /**
   * The next 20 ms as Opus, where they are at hand coded already: asked first for a side that
   * speaks it and takes what is coded for nobody in particular. Undefined: `read` has what is next.
   */
  coded?(): Uint8Array | undefined;
  /** It is not read any more, before its end or after. */
  close?(): void;
}

/** Who listens to a side inside of the engine. As `Sink` of `carillon/rtp`. */
export interface LocalSink {
  /** In Hz, to which frames are brought; if left out they come as they were decoded. */
  readonly sampleRate?: number;
  /** A frame; it may be another's as well, and is not to be written into. */
  write(pcm: Int16Array, sampleRate: number): void;
  /** Nothing more comes. */
  end?(): void;
}

/** A key, as one side pressed it. */
export interface PressedKey {
  /** `0` to `9`, `*`, `#`, `A` to `D`. */
  readonly tone: string;
  /** How long it was pressed. */
  readonly durationMs: number;
  /** Heard as sound, and not as telephone-event. */
  readonly isInBand: boolean;
  /** Whoever hears that side could not be told in its media. */
  readonly isUnsaid: boolean;
}

/** Numbers of one stream of one side. `SideStatistics` of `carillon/b2bua` says what each is. */
export interface PathStatistics {
  /** Of what comes, as in `a=rtpmap`; of what was agreed, before anything comes. */
  readonly codec: string | undefined;
  /** What goes to that side is decoded and coded anew. */
  readonly isTranscoded: boolean;
  /** RTP packets of that side. */
  readonly packetsReceived: number;
  /** RTP packets to it. */
  readonly packetsSent: number;
  /** Of the payloads that came. */
  readonly octetsReceived: number;
  /** Of the payloads that went. */
  readonly octetsSent: number;
  /** Packets of that side that never came. */
  readonly packetsLost: number;
  /** Of what comes. RFC 3550 §6.4.1 */
  readonly jitterMs: number;
  /** There and back; undefined before that side has reported. */
  readonly roundTripMs: number | undefined;
  /** What came and was no RTP of that side. */
  readonly packetsRefused: number;
  /** How that side is heard here, 1 to 4.5; undefined for video and before anything came. */
  readonly mos: number | undefined;
  /** Since the last packet of that side, or since the agreement. In ms. */
  readonly silentForMs: number;
}

/** What a path end is made of. */
export interface PathEndOptions {
  /** As in `m=`. */
  readonly media: "audio" | "video";
  /** Where its packets go: `send` of the side's transport for its slot. False: dropped. */
  readonly send: (packet: Uint8Array) => boolean;
  /** Where its RTCP goes. */
  readonly sendControl: (packet: Uint8Array) => boolean;
  /** In RTCP; nothing of a person. RFC 7022 */
  readonly cname: string;
  /** 32 random bits. */
  readonly random: () => number;
}

/** Made by `relay`. */
export type OpenPathEnd = (options: PathEndOptions) => PathEnd;
