/** How often RTCP is sent. RFC 3550 §6.2, §6.3.1, A.7. */

/** What the time between reports depends on. RFC 3550 §6.3 */
export interface SessionSize {
  /** Everybody who sends or listens, oneself among them. */
  readonly members: number;
  /** How many of them sent something lately. */
  readonly senders: number;
  /** Whether one is among those oneself: sent RTP since the report before the last. */
  readonly isSender: boolean;
  /** Octets a second for RTCP: five percent of the session. */
  readonly octetsPerSecond: number;
  /** Of compound packets with UDP and IP, as a running mean. */
  readonly meanOctets: number;
  /** Nothing was sent yet. */
  readonly isInitial: boolean;
}

const MIN_MS = 5000;
const SENDERS_SHARE = 0.25;
/** Reconsidering makes intervals shorter than they are computed: e - 3/2. */
const COMPENSATION = Math.E - 1.5;

/** How long it is to the next report, Td, before chance comes in. RFC 3550 §6.3.1 */
export function deterministicIntervalMs(size: SessionSize): number {
  const { members, senders, isSender, octetsPerSecond, meanOctets, isInitial } = size;
  const minMs = isInitial ? MIN_MS / 2 : MIN_MS;
  const isFew = senders <= members * SENDERS_SHARE;
  const share = isFew ? (isSender ? SENDERS_SHARE : 1 - SENDERS_SHARE) : 1;
  const n = isFew ? (isSender ? senders : members - senders) : members;
  return Math.max(minMs, (1000 * meanOctets * n) / (octetsPerSecond * share));
}

/**
 * The same with chance, so that many do not report at once: `random` is from 0 to 1.
 * RFC 3550 §6.3.1
 */
export const intervalMs = (size: SessionSize, random: number): number =>
  (deterministicIntervalMs(size) * (0.5 + random)) / COMPENSATION;

/** The running mean of what datagrams of RTCP have, in octets, after one more. RFC 3550 §6.3.3 */
export const meanOctetsWith = (mean: number, octets: number): number =>
  octets / 16 + (mean * 15) / 16;
