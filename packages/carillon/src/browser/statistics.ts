/** How a call's media fare: one typed snapshot a second. W3C webrtc-stats, read into plain data. */
import { mosOf } from "../rtp/mos.ts";

/** What a browser counts, as one look at it. */
export interface StatsReport {
  readonly atMs: number;
  readonly entries: readonly StatsEntry[];
}

export interface StatsEntry {
  readonly id: string;
  readonly type: string;
  readonly [member: string]: unknown;
}

/** How the media of a call fare, as one look at them. */
export interface MediaStatistics {
  /** When it was counted, in milliseconds since 1970. */
  readonly atMs: number;
  /** How long a packet needs to the other side and back; absent until it was measured. */
  readonly roundTripMs?: number;
  /** The way that packets take; absent while there is none. */
  readonly path?: MediaPath;
  /** What is heard and seen here. */
  readonly received: { readonly audio?: ReceivedMedia; readonly video?: ReceivedMedia };
  /** What is heard and seen over there, as far as they tell. */
  readonly sent: { readonly audio?: SentMedia; readonly video?: SentMedia };
  /**
   * How good it sounds here, from 1 to 4.4, as the E-model estimates it from loss, delay and codec
   * (ITU-T G.107). Absent while no sound comes.
   */
  readonly mos?: number;
}

/** The way of the packets, by the candidates at its ends. RFC 8445. */
export interface MediaPath {
  /** What kind of address it has here. */
  readonly local: CandidateKind;
  /** And at the other side. */
  readonly remote: CandidateKind;
  /** What carries the packets. */
  readonly protocol: "udp" | "tcp";
}

/** This machine's own address, a NAT's, one that the other side saw, a relay's. RFC 8445. */
export type CandidateKind = "host" | "srflx" | "prflx" | "relay";

/** What one kind of media comes to, in one direction. */
export interface Flow {
  /** The encoding name: `opus`, `PCMU`, `VP8`. Empty while it is not known. */
  readonly codec: string;
  /** Without RTP headers, since the snapshot before. */
  readonly bitsPerSecond: number;
  /** Of the packets since the snapshot before, from 0 to 1. */
  readonly lossFraction: number;
  /** How unevenly packets come, as RFC 3550 §6.4.1 reckons it. */
  readonly jitterMs: number;
  /** Of video. */
  readonly picture?: Picture;
}

/** A picture that moves. */
export interface Picture {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Of late. */
  readonly framesPerSecond: number;
  /** Frames decoded, or encoded, since the call began. */
  readonly frames: number;
}

/** What is heard or seen here. */
export interface ReceivedMedia extends Flow {
  /** Of what was heard since the snapshot before: made up, because nothing came in time. */
  readonly concealedFraction: number;
}

/** What is heard or seen over there. */
export interface SentMedia extends Flow {
  /** Why the picture is worse than it could be. */
  readonly limitedBy?: "cpu" | "bandwidth";
}

/** A snapshot of what was counted since `before`; without it, since the call began. */
export function snapshotOf(now: StatsReport, before?: StatsReport): MediaStatistics {
  const { atMs } = now;
  const pair = selectedPair(now);
  const received = both(now, before, "inbound-rtp", receivedMedia);
  const sent = both(now, before, "outbound-rtp", sentMedia);
  const roundTripMs = roundTripOf(now, pair);
  const path = pair && pathOf(now, pair);
  const mos = received.audio && opinion(received.audio, roundTripMs ?? 0);
  return {
    ...{ atMs, received, sent },
    ...(roundTripMs !== undefined && { roundTripMs }),
    ...(path && { path }),
    ...(mos !== undefined && { mos }),
  };
}

interface Both<T> {
  readonly audio?: T;
  readonly video?: T;
}

/** The stream that carries most, where there are several of a kind. */
function both<T extends Flow>(
  now: StatsReport,
  before: StatsReport | undefined,
  type: string,
  read: (look: Look) => T | undefined,
): Both<T> {
  const found: { audio?: T; video?: T } = {};
  for (const stream of now.entries.filter((one) => one.type === type)) {
    const earlier = before?.entries.find(({ id }) => id === stream.id);
    const seconds = earlier && before ? (now.atMs - before.atMs) / 1000 : 0;
    const kind = stream["kind"] === "video" ? "video" : "audio";
    const one = read({ report: now, stream, earlier, seconds });
    const other = found[kind];
    if (one && !(other && other.bitsPerSecond >= one.bitsPerSecond)) found[kind] = one;
  }
  return found;
}

interface Look {
  readonly report: StatsReport;
  readonly stream: StatsEntry;
  readonly earlier: StatsEntry | undefined;
  /** Since the earlier one; 0 without it. */
  readonly seconds: number;
}

function receivedMedia({ report, stream, earlier, seconds }: Look): ReceivedMedia | undefined {
  const since = (name: string) => difference(stream, earlier, name);
  if (numberIn(stream, "packetsReceived") === 0) return undefined;
  const [received, lost] = [since("packetsReceived"), Math.max(0, since("packetsLost"))];
  const heard = since("totalSamplesReceived");
  const concealed = since("concealedSamples") - since("silentConcealedSamples");
  return {
    codec: codecOf(report, stream),
    bitsPerSecond: perSecond(8 * since("bytesReceived"), seconds),
    lossFraction: fraction(lost, received + lost),
    jitterMs: 1000 * numberIn(stream, "jitter"),
    concealedFraction: fraction(concealed, heard),
    ...pictureOf(stream, "framesDecoded"),
  };
}

function sentMedia({ report, stream, earlier, seconds }: Look): SentMedia | undefined {
  const since = (name: string) => difference(stream, earlier, name);
  if (numberIn(stream, "packetsSent") === 0) return undefined;
  const told = report.entries.find(
    ({ type, localId }) => type === "remote-inbound-rtp" && localId === stream.id,
  );
  const limit = stream["qualityLimitationReason"];
  return {
    codec: codecOf(report, stream),
    bitsPerSecond: perSecond(8 * since("bytesSent"), seconds),
    lossFraction: Math.max(0, numberIn(told, "fractionLost")),
    jitterMs: 1000 * numberIn(told, "jitter"),
    ...pictureOf(stream, "framesEncoded"),
    ...((limit === "cpu" || limit === "bandwidth") && { limitedBy: limit }),
  };
}

function opinion(audio: ReceivedMedia, roundTripMs: number): number | undefined {
  if (audio.bitsPerSecond === 0) return undefined;
  const { codec, jitterMs } = audio;
  // What came too late was made up as well as what never came.
  const lossFraction = Math.max(audio.lossFraction, audio.concealedFraction);
  return mosOf({ lossFraction, roundTripMs, jitterMs, codec });
}

function pictureOf(stream: StatsEntry, frames: string): { readonly picture?: Picture } {
  const width = numberIn(stream, "frameWidth");
  if (width === 0) return {};
  const height = numberIn(stream, "frameHeight");
  const framesPerSecond = numberIn(stream, "framesPerSecond");
  return { picture: { width, height, framesPerSecond, frames: numberIn(stream, frames) } };
}

function codecOf(report: StatsReport, stream: StatsEntry): string {
  const codec = report.entries.find(({ id }) => id === stream["codecId"]);
  const [, name = ""] = String(codec?.["mimeType"] ?? "").split("/");
  return name;
}

function selectedPair(report: StatsReport): StatsEntry | undefined {
  const transport = report.entries.find(({ type }) => type === "transport");
  const pairs = report.entries.filter(({ type }) => type === "candidate-pair");
  return (
    pairs.find(({ id }) => id === transport?.["selectedCandidatePairId"]) ??
    // Browsers that do not say so.
    pairs.find((one) => one["nominated"] === true && one["state"] === "succeeded")
  );
}

function roundTripOf(report: StatsReport, pair: StatsEntry | undefined): number | undefined {
  if (pair && "currentRoundTripTime" in pair) return 1000 * numberIn(pair, "currentRoundTripTime");
  const told = report.entries.find(
    (one) => one.type === "remote-inbound-rtp" && "roundTripTime" in one,
  );
  return told && 1000 * numberIn(told, "roundTripTime");
}

function pathOf(report: StatsReport, pair: StatsEntry): MediaPath | undefined {
  const ends = ["localCandidateId", "remoteCandidateId"].map((name) =>
    report.entries.find(({ id }) => id === pair[name]),
  );
  const [local, remote] = ends.map((one) => one && candidateKind(one["candidateType"]));
  if (!local || !remote) return undefined;
  return { local, remote, protocol: ends[0]?.["protocol"] === "tcp" ? "tcp" : "udp" };
}

function candidateKind(type: unknown): CandidateKind | undefined {
  return type === "host" || type === "srflx" || type === "prflx" || type === "relay"
    ? type
    : undefined;
}

/** What is not there, or is no number, counts as nothing. */
function numberIn(entry: StatsEntry | undefined, name: string): number {
  const value = entry?.[name];
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

const difference = (now: StatsEntry, before: StatsEntry | undefined, name: string): number =>
  numberIn(now, name) - numberIn(before, name);

const perSecond = (amount: number, seconds: number): number =>
  seconds > 0 ? Math.max(0, Math.round(amount / seconds)) : 0;

const fraction = (part: number, whole: number): number =>
  whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;

/** What has statistics: the media of a call. */
export interface Measured {
  /** What is measured. */
  readonly peerConnection: Pick<RTCPeerConnection, "getStats" | "signalingState">;
}

/** How often, and until when. */
export interface StatisticsOptions {
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** Milliseconds from one snapshot to the next. */
  readonly everyMs?: number;
}

/** Snapshots of a call's media until it has ended, or `signal` is aborted. */
export async function* statistics(
  { peerConnection }: Measured,
  { signal, everyMs = 1000 }: StatisticsOptions = {},
): AsyncGenerator<MediaStatistics, void, void> {
  const isOver = () => signal?.aborted === true || peerConnection.signalingState === "closed";
  let before: StatsReport | undefined;
  while (!isOver()) {
    const stats: RTCStatsReport = await peerConnection.getStats();
    if (isOver()) return;
    const entries: StatsEntry[] = [];
    stats.forEach((entry: StatsEntry) => void entries.push(entry));
    const now = { atMs: performance.timeOrigin + performance.now(), entries };
    yield snapshotOf(now, before);
    before = now;
    await pause(everyMs, signal);
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}
