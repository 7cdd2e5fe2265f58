/** RTCP of a call between two: when it is due, what it says, and what the other side said. */
import type { Millis } from "../grammar/millis.ts";
import type { Player } from "./player.ts";
import type { ReceivedSource } from "./received-source.ts";
import { formatRtcp, parseRtcp, type ReportBlock, type RtcpPacket, SDES_CNAME } from "./rtcp.ts";
import { intervalMs, meanOctetsWith } from "./rtcp-interval.ts";
import type { Random32 } from "./rtp-sender.ts";

/** How well the other side is heard. */
export interface Reception {
  /** Since the sender began, or began anew; those that came twice count twice. */
  readonly packets: number;
  /** Of payloads, since the call began. */
  readonly octets: number;
  /** Packets that were expected and did not come; less than none where some came twice. */
  readonly lost: number;
  /** Of what was expected since the statistics before: lost, or too late to be heard; 0 to 1. */
  readonly lossFraction: number;
  /** Packets that came too late to be heard. */
  readonly late: number;
  /** Packets that something was made up for, since they were lost or not there in time. */
  readonly concealed: number;
  /** How often a frame was made up to wait longer for packets, with nothing lost by it. */
  readonly stretched: number;
  /** Interarrival jitter. RFC 3550 §6.4.1 */
  readonly jitterMs: number;
  /** How long packets are held now, above the quickest. */
  readonly bufferMs: number;
}

/** How well the other side says that it hears us. */
export interface RemoteView {
  /** Lost of what they expected since their report before, from 0 to 1. */
  readonly lossFraction: number;
  /** Packets that they miss since we began; less than none where some came twice. */
  readonly lost: number;
  /** Interarrival jitter that they measure. RFC 3550 §6.4.1 */
  readonly jitterMs: number;
  /** There and back; undefined before they answered a report of ours. RFC 3550 §6.4.1 */
  readonly roundTripMs: number | undefined;
}

/** What we send, as reports say it: an `RtpSender`, or whatever else has a row of packets. */
export interface ReportedStream {
  /** Ours, 32 bits. */
  readonly ssrc: number;
  /** Sent with this SSRC. */
  readonly packets: number;
  /** Of their payloads, without headers. */
  readonly octets: number;
  /** What its clock says at the moment of the report: 32 bits. */
  readonly timestamp: number;
}

/** What a report is made of. */
export interface ReportContext {
  /** What we send. */
  readonly sender: ReportedStream;
  /** Whom we hear; undefined: nobody yet. */
  readonly source: ReceivedSource | undefined;
  /** Of what we send, in Hz. */
  readonly clockRate: number;
  /** On a monotonic clock, in ms. */
  readonly now: Millis;
}

/** What reports need of their world. */
export interface ReportsOptions {
  /** Says who we are; nothing of a person. RFC 7022 */
  readonly cname: string;
  /** What the time was when the clock of `now` was zero, in ms since 1970. */
  readonly epochMs: number;
  /** For when they are due. */
  readonly random: Random32;
}

/** From 1900 to 1970. */
const NTP_EPOCH_SECONDS = 2_208_988_800;
/** Five percent of 64 kbit/s. */
const OCTETS_PER_SECOND = 400;
const FIRST_OCTETS = 128;
const HEADERS_BYTES = 28;
const MAX_ROUND_TRIP_MS = 60_000;

/**
 * RTCP of one stream of ours and one that we hear: when it is due, what it says, and what the other
 * side said. RFC 3550 §6
 */
export class Reports {
  /** What the other side says of what we send; undefined before it said so. */
  remote: RemoteView | undefined;
  readonly #options: ReportsOptions;
  #meanOctets = FIRST_OCTETS;
  #nextAt: Millis | undefined;
  #hasSent = false;
  /** What we had sent when the last report was made. */
  #packetsThen = 0;
  /** Of the peer: the middle of its NTP time, and when it came. */
  #lastReport: { readonly middle: number; readonly at: Millis } | undefined;
  /** An SSRC that somebody else has: it is to be said goodbye with. */
  #given: number | undefined;
  #before = { expected: 0, heard: 0 };

  constructor(options: ReportsOptions) {
    this.#options = options;
  }

  /** Another source is heard: what was known of the one before does not count. */
  began(): void {
    this.#lastReport = undefined;
    this.#before = { expected: 0, heard: 0 };
  }

  /** Somebody else has the SSRC that was ours: the next report says goodbye with it. */
  collided(old: number): void {
    this.#given = old;
  }

  /** A compound packet if its time has come. */
  due(context: ReportContext): Uint8Array | undefined {
    const { now } = context;
    this.#nextAt ??= now + this.#interval(context);
    if (this.#given === undefined && now < this.#nextAt) return undefined;
    const goodbye = this.#given;
    this.#given = undefined;
    //= RFC 3550 §6.1
    //# in which case an empty RR MUST be sent, and even if the only other RTCP packet in the
    //# compound packet is a BYE.
    const bytes =
      goodbye === undefined
        ? formatRtcp(this.#compound(context))
        : formatRtcp([
            { kind: "ReceiverReport", ssrc: goodbye, reports: [] },
            ...[this.#description(goodbye), farewell(goodbye, "SSRC collision")],
          ]);
    if (goodbye === undefined) {
      this.#hasSent = true;
      this.#meanOctets = meanOctetsWith(this.#meanOctets, bytes.length + HEADERS_BYTES);
      this.#nextAt = now + this.#interval(context);
    }
    return bytes;
  }

  /** The last report to send: we are gone. RFC 3550 §6.6 */
  goodbye(context: ReportContext): Uint8Array {
    return formatRtcp([...this.#compound(context), farewell(context.sender.ssrc)]);
  }

  /** A datagram of RTCP came, decrypted. What is none is passed over. */
  receive(
    bytes: Uint8Array,
    sender: ReportedStream,
    source: ReceivedSource | undefined,
    now: Millis,
  ): void {
    const parsed = parseRtcp(bytes, { isReducedSize: true });
    if (!parsed.ok) return;
    this.#meanOctets = meanOctetsWith(this.#meanOctets, bytes.length + HEADERS_BYTES);
    for (const packet of parsed.value) this.#take(packet, sender, source, now);
  }

  #take(
    packet: RtcpPacket,
    sender: ReportedStream,
    source: ReceivedSource | undefined,
    now: Millis,
  ): void {
    if (packet.kind !== "SenderReport" && packet.kind !== "ReceiverReport") return;
    if (packet.kind === "SenderReport" && packet.ssrc === source?.ssrc) {
      this.#lastReport = { middle: middleOf(packet.ntpSeconds, packet.ntpFraction), at: now };
    }
    const block = packet.reports.find(({ ssrc }) => ssrc === sender.ssrc);
    if (block) this.#heardOfUs(block, now);
  }

  #clockRate = 8000;

  #heardOfUs(block: ReportBlock, now: Millis): void {
    this.remote = {
      lossFraction: block.fractionLost / 256,
      lost: block.cumulativeLost,
      jitterMs: (block.jitter * 1000) / this.#clockRate,
      roundTripMs: this.#roundTrip(block, now) ?? this.remote?.roundTripMs,
    };
  }

  /** A - LSR - DLSR, in 1/65536 s. RFC 3550 §6.4.1 */
  #roundTrip({ lastReport, delaySinceReport }: ReportBlock, now: Millis): number | undefined {
    if (lastReport === 0) return undefined;
    const { seconds, fraction } = this.#ntp(now);
    const trip = (middleOf(seconds, fraction) - lastReport - delaySinceReport) | 0;
    const ms = (trip * 1000) / 65_536;
    return ms < -1 || ms > MAX_ROUND_TRIP_MS ? undefined : Math.max(0, ms);
  }

  //= RFC 3550 §6.1
  //# An SDES packet containing a CNAME item MUST be included in each compound RTCP packet
  #compound({ sender, source, clockRate, now }: ReportContext): readonly RtcpPacket[] {
    this.#clockRate = clockRate;
    const { ssrc } = sender;
    const last = this.#lastReport;
    const delay = last ? Math.round(((now - last.at) * 65_536) / 1000) : 0;
    const reports = source?.isValid ? [source.report(last?.middle ?? 0, delay)] : [];
    const hasSent = sender.packets > this.#packetsThen;
    this.#packetsThen = sender.packets;
    const { seconds, fraction } = this.#ntp(now);
    const report: RtcpPacket = hasSent
      ? {
          ...{ kind: "SenderReport", ssrc, ntpSeconds: seconds, ntpFraction: fraction },
          ...{ timestamp: sender.timestamp, packets: sender.packets, octets: sender.octets },
          reports,
        }
      : { kind: "ReceiverReport", ssrc, reports };
    return [report, this.#description(ssrc)];
  }

  #description(ssrc: number): RtcpPacket {
    const items = [{ type: SDES_CNAME, text: this.#options.cname }];
    return { kind: "SourceDescription", chunks: [{ ssrc, items }] };
  }

  #ntp(now: Millis): { readonly seconds: number; readonly fraction: number } {
    const unixMs = this.#options.epochMs + now;
    const seconds = Math.floor(unixMs / 1000);
    const fraction = Math.floor(((unixMs - seconds * 1000) / 1000) * 2 ** 32);
    return { seconds: (seconds + NTP_EPOCH_SECONDS) >>> 0, fraction };
  }

  #interval({ sender }: ReportContext): Millis {
    const size = {
      ...{ members: 2, senders: 2, isSender: sender.packets > this.#packetsThen },
      ...{ octetsPerSecond: OCTETS_PER_SECOND, meanOctets: this.#meanOctets },
      isInitial: !this.#hasSent,
    };
    return intervalMs(size, (this.#options.random() >>> 0) / 2 ** 32);
  }

  /** What statistics say of reception; the next ones begin from here. */
  reception(of: {
    readonly source: ReceivedSource | undefined;
    readonly player: Player;
    readonly clockRate: number;
    readonly octets: number;
  }): Reception {
    const { source, player, clockRate, octets } = of;
    const counts = player.counts;
    const [packets, lost] = [source?.received ?? 0, source?.lost ?? 0];
    const late = counts?.late ?? 0;
    const expected = packets + lost;
    const heard = Math.min(expected, packets - late);
    const [more, missed] = [expected - this.#before.expected, heard - this.#before.heard];
    this.#before = { expected, heard };
    return {
      ...{ packets, octets, lost, late },
      lossFraction: more <= 0 ? 0 : Math.min(1, Math.max(0, (more - missed) / more)),
      concealed: counts?.lost ?? 0,
      stretched: counts?.stretched ?? 0,
      jitterMs: ((source?.jitter ?? 0) * 1000) / clockRate,
      bufferMs: player.targetMs,
    };
  }
}

const farewell = (ssrc: number, reason?: string): RtcpPacket => ({
  kind: "Goodbye",
  ssrcs: [ssrc],
  ...(reason !== undefined && { reason }),
});

const middleOf = (seconds: number, fraction: number): number =>
  (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
