/**
 * One stream of pictures of one side. They are passed on as they are where the other side has the
 * same codec, and go nowhere else. What a receiver asks for (NACK, PLI, FIR, REMB) is answered out
 * of what was sent, or asked of whoever makes the pictures, by its own SSRC and numbers. RFC 4585,
 * RFC 5104, RFC 3550 §7.1
 */
import {
  type BandwidthEstimate,
  type Feedback,
  formatRtcp,
  parseRtcp,
  payloadEnd,
  payloadStart,
  ReceivedSource,
  Reports,
  SDES_CNAME,
  SteadyStream,
} from "carillon/rtp";
import {
  feedbackName,
  hasFeedback,
  readAttribute,
  readAttributes,
  rtcpFb,
  ssrc as ssrcLine,
} from "carillon/sdp";
import type {
  Instant,
  PathEnd,
  PathEndOptions,
  PathStatistics,
  StreamAgreement,
} from "../transport.ts";
import { Mouth, type PassingPacket } from "./mouth.ts";
import { uint16, uint32 } from "./octets.ts";
import { type Beating, forget, watch } from "./path-clock.ts";
import { RepairBudget } from "./repair-budget.ts";
import { SentPackets } from "./sent-packets.ts";
import {
  type Format,
  NO_TABLE,
  NOTHING_PASSES,
  passedAs,
  passedExtensions,
  type StreamTable,
  streamTable,
} from "./stream-table.ts";

/** A whole picture is asked for once in so long: more would only be more of them. */
const REFRESH_MS = 300;
/** Packets that are sent again in answer to one NACK. */
const MAX_AGAIN = 64;

/** Made by `openPathEnd`. */
export class PictureEnd implements PathEnd, Beating {
  readonly media = "video";
  onkey: undefined;
  readonly #options: PathEndOptions;
  readonly #reports: Reports;
  #mouth: Mouth;
  #table: StreamTable = NO_TABLE;
  #heard: PictureEnd | undefined;
  #passes: Int16Array = NOTHING_PASSES;
  #kept = 0;
  readonly #listeners = new Set<PictureEnd>();
  #source: ReceivedSource | undefined;
  #format: Format | undefined;
  #lostBefore = 0;
  #packets = 0;
  #octets = 0;
  #refused = 0;
  #heardAt: Instant = 0;
  /** How it can be asked for a whole picture. */
  #refreshBy: "PLI" | "FIR" | undefined;
  #refreshedAt: Instant = Number.NEGATIVE_INFINITY;
  #commandSequence = 0;
  /** It may ask for packets again. */
  #sent: SentPackets | undefined;
  readonly #repairs = new RepairBudget();
  #isClosed = false;

  constructor(options: PathEndOptions) {
    this.#options = options;
    this.#mouth = this.#mouthWith(undefined);
    const { cname, random } = options;
    this.#reports = new Reports({ cname, random, epochMs: performance.timeOrigin });
    watch(this);
  }

  agree({ slot, local, remote }: StreamAgreement): void {
    if (this.#isClosed) return;
    this.#heardAt = performance.now();
    const told = readAttribute(local.lines, ssrcLine)?.ssrc;
    if (told !== undefined && told !== this.#mouth.stream.ssrc) this.#mouth = this.#mouthWith(told);
    this.#table = streamTable(slot, local, remote);
    this.#mouth.agree(this.#table);
    const kinds = readAttributes(remote.lines, rtcpFb).map(feedbackName);
    const isEarly = hasFeedback(slot.proto);
    this.#refreshBy = refreshBy(kinds, isEarly);
    this.#sent = isEarly && kinds.includes("nack") ? (this.#sent ?? new SentPackets()) : undefined;
    this.#plan();
    for (const listener of this.#listeners) listener.#plan();
  }

  take(packet: Uint8Array, at: Instant): void {
    const payloadType = packet[1]! & 0x7f;
    const format = this.#table.incoming[payloadType];
    const [start, end] = [payloadStart(packet), payloadEnd(packet)];
    if (!format || !this.#table.isReceiving || start < 0 || end < start) {
      this.#refused++;
      return;
    }
    const [sequence, timestamp, ssrc] = [uint16(packet, 2), uint32(packet, 4), uint32(packet, 8)];
    // What repairs others has numbers of its own, and is about packets that are other ones there.
    if (format.kind !== "Main") return;
    const clockRate = format.agreed.clockRateHz;
    const arrival = Math.round((at * clockRate) / 1000);
    const source = this.#sourceOf(ssrc, sequence);
    if (source.take(sequence, timestamp, arrival) === undefined) return;
    this.#format = format;
    this.#heardAt = at;
    this.#packets++;
    this.#octets += end - start;
    const passing = { ssrc, sequence, timestamp, start, end, clockRate, kept: 0 };
    const isShared = this.#listeners.size > 1;
    for (const listener of this.#listeners) {
      listener.#show(isShared ? packet.slice() : packet, payloadType, passing, at);
    }
  }

  takeControl(packet: Uint8Array, at: Instant): void {
    this.#reports.receive(packet, this.#reported(at), this.#source, at);
    const parsed = parseRtcp(packet, { isReducedSize: true });
    let estimate: BandwidthEstimate | undefined;
    for (const each of parsed.ok ? parsed.value : []) {
      // Of a datagram the last one counts, and is passed on; one is enough.
      if (each.kind === "BandwidthEstimate") estimate = each;
      else if (isFeedback(each)) this.#answer(each, at);
    }
    if (estimate) this.#answer(estimate, at);
  }

  hear(other: PathEnd | undefined): void {
    if (other === this.#heard) return;
    const before = this.#heard;
    const heard = other instanceof PictureEnd && !this.#isClosed ? other : undefined;
    this.#heard = heard;
    if (before) before.#listeners.delete(this);
    if (heard) heard.#listeners.add(this);
    this.#plan();
    // Nothing is to be seen before there is a whole picture.
    heard?.refresh();
  }

  refresh(): void {
    const now = performance.now();
    const { ssrc } = this.#mouth.stream;
    const of = this.#source?.ssrc;
    if (of === undefined || this.#isClosed || now - this.#refreshedAt < REFRESH_MS) return;
    if (this.#refreshBy === "PLI") this.#ask({ kind: "PictureLoss", ssrc, mediaSsrc: of }, now);
    if (this.#refreshBy !== "FIR") return;
    //= RFC 5104 §4.3.1.1
    //# The sequence number SHALL be increased by 1 modulo 256 for each new command.
    this.#commandSequence = (this.#commandSequence + 1) & 0xff;
    const requests = [{ ssrc: of, commandSequence: this.#commandSequence }];
    this.#ask({ kind: "FullIntraRequest", ssrc, requests }, now);
  }

  /** Pictures are not played, tapped or pressed here. */
  play(): void {}
  tap(): void {}
  press(): void {}

  statistics(at: Instant): PathStatistics {
    const source = this.#source;
    const format = this.#format ?? this.#table.outgoing.find(({ kind }) => kind === "Main");
    return {
      codec: format?.agreed.encoding,
      isTranscoded: false,
      packetsReceived: this.#packets,
      packetsSent: this.#mouth.packets,
      octetsReceived: this.#octets,
      octetsSent: this.#mouth.octets,
      packetsLost: this.#lostBefore + Math.max(0, source?.lost ?? 0),
      jitterMs: ((source?.jitter ?? 0) * 1000) / (format?.agreed.clockRateHz ?? 90_000),
      roundTripMs: this.#reports.remote?.roundTripMs,
      packetsRefused: this.#refused,
      mos: undefined,
      silentForMs: Math.max(0, at - this.#heardAt),
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.hear(undefined);
    this.#isClosed = true;
    for (const listener of this.#listeners) listener.hear(undefined);
    if (this.#mouth.packets > 0 || this.#packets > 0) {
      this.#options.sendControl(this.#reports.goodbye(this.#context(performance.now())));
    }
    forget(this);
    this.#mouth.close();
    this.#sent = undefined;
    this.#table = NO_TABLE;
  }

  beat(): void {}

  look(now: Instant): void {
    if (!this.#table.isSending && !this.#table.isReceiving) return;
    const report = this.#reports.due(this.#context(now));
    if (report) this.#options.sendControl(report);
  }

  #show(packet: Uint8Array, payloadType: number, passing: PassingPacket, at: Instant): void {
    const type = this.#passes[payloadType]!;
    passing.kept = this.#kept;
    if (type >= 0) this.#mouth.pass(packet, passing, type, at);
  }

  /** What that side asks for, who sees the pictures of another. */
  #answer(feedback: Feedback, now: Instant): void {
    const heard = this.#heard;
    const { ssrc } = this.#mouth.stream;
    if (!heard || feedback.ssrc === ssrc) return;
    switch (feedback.kind) {
      case "Nack":
        if (feedback.mediaSsrc === ssrc) this.#again(feedback.sequences, heard, now);
        return;
      case "PictureLoss":
        if (feedback.mediaSsrc === ssrc) heard.refresh();
        return;
      case "FullIntraRequest":
        if (feedback.requests.some((each) => each.ssrc === ssrc)) heard.refresh();
        return;
      case "BandwidthEstimate":
        heard.#limit(feedback.bitsPerSecond, now);
    }
  }

  /** What was sent goes again; what never came is asked for at its source. */
  #again(sequences: readonly number[], heard: PictureEnd, now: Instant): void {
    const missing: number[] = [];
    for (const sequence of sequences.slice(0, MAX_AGAIN)) {
      if (!this.#repairs.take(now)) break;
      const packet = this.#sent?.find(sequence);
      if (packet) this.#options.send(packet.slice());
      else missing.push(this.#mouth.stream.sequenceOf(sequence) ?? sequence);
    }
    const of = heard.#source?.ssrc;
    if (missing.length === 0 || of === undefined || !heard.#sent) return;
    const { ssrc } = heard.#mouth.stream;
    heard.#ask({ kind: "Nack", ssrc, mediaSsrc: of, sequences: missing }, now);
  }

  #limit(bitsPerSecond: number, now: Instant): void {
    const of = this.#source?.ssrc;
    if (of === undefined) return;
    const { ssrc } = this.#mouth.stream;
    this.#ask({ kind: "BandwidthEstimate", ssrc, bitsPerSecond, ssrcs: [of] }, now);
  }

  //= RFC 4585 §3.1
  //# The FB message(s) MUST be placed in the compound packet after RR and
  //# SDES RTCP packets defined in [1].
  #ask(feedback: Feedback, now: Instant): void {
    if (feedback.kind === "PictureLoss" || feedback.kind === "FullIntraRequest") {
      this.#refreshedAt = now;
    }
    const { ssrc } = this.#mouth.stream;
    const report = { kind: "ReceiverReport", ssrc, reports: [] } as const;
    const items = [{ type: SDES_CNAME, text: this.#options.cname }];
    const description = { kind: "SourceDescription", chunks: [{ ssrc, items }] } as const;
    this.#options.sendControl(formatRtcp([report, description, feedback]));
  }

  #sourceOf(ssrc: number, sequence: number): ReceivedSource {
    if (this.#source?.ssrc === ssrc) return this.#source;
    this.#lostBefore += Math.max(0, this.#source?.lost ?? 0);
    this.#source = new ReceivedSource(ssrc, sequence, 0);
    this.#reports.began();
    if (this.#listeners.size > 0) this.refresh();
    return this.#source;
  }

  #plan(): void {
    const heard = this.#heard;
    this.#passes = heard ? passedAs(heard.#table, this.#table) : NOTHING_PASSES;
    this.#kept = heard ? passedExtensions(heard.#table, this.#table) : 0;
  }

  #mouthWith(ssrc: number | undefined): Mouth {
    const { random, send } = this.#options;
    return new Mouth(new SteadyStream(random, ssrc), (packet) => {
      this.#sent?.keep(packet);
      return send(packet);
    });
  }

  #reported(now: Instant) {
    const { stream, packets, octets } = this.#mouth;
    return { ssrc: stream.ssrc, packets, octets, timestamp: stream.timestampAt(now) };
  }

  #context(now: Instant) {
    const clockRate = this.#format?.agreed.clockRateHz ?? 90_000;
    return { sender: this.#reported(now), source: this.#source, clockRate, now };
  }
}

function refreshBy(kinds: readonly string[], isEarly: boolean): "PLI" | "FIR" | undefined {
  if (isEarly && kinds.includes("nack pli")) return "PLI";
  return isEarly && kinds.includes("ccm fir") ? "FIR" : undefined;
}

const isFeedback = (packet: { readonly kind: string }): packet is Feedback =>
  ["Nack", "PictureLoss", "FullIntraRequest", "BandwidthEstimate"].includes(packet.kind);
