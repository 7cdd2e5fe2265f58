/** What a way is like, in numbers, and the pieces that they are made into. */
import type { Millis } from "../../grammar/millis.ts";
import type { Octets } from "../../grammar/octets.ts";
import {
  type BurstLoss,
  burstLoss,
  type Chance,
  delay,
  duplication,
  inSequence,
  largest,
  loss,
  type Piece,
  reordering,
  spoiling,
  truncation,
} from "./pieces.ts";
import type { StreamWeather } from "./stream.ts";

/** What a way is like; left out, all that is sent arrives once, after 10 ms. */
export interface Weather {
  /** One way, in milliseconds; 10 if left out. */
  readonly delayMs?: Millis;
  /** Up to this much is added by chance, so datagrams overtake each other. */
  readonly jitterMs?: Millis;
  /** 0 to 1: how many datagrams never arrive. */
  readonly loss?: number;
  /** Losses that come together. */
  readonly bursts?: BurstLoss;
  /** 0 to 1: how many arrive twice. */
  readonly duplication?: number;
  /** 0 to 1: how many are held back for `reorderingMs` (100 if left out). */
  readonly reordering?: number;
  /** How long, in ms, those are held back. */
  readonly reorderingMs?: Millis;
  /** 0 to 1: how many arrive without their end. */
  readonly truncation?: number;
  /** Larger datagrams never arrive: their fragments are dropped on the way. */
  readonly maxDatagramBytes?: number;
  /** What becomes of a datagram's octets on the way. */
  readonly spoil?: (octets: Octets, random: Chance) => Octets;
  /** Nobody hears that a datagram was refused: the firewall keeps ICMP to itself. */
  readonly silentRefusals?: boolean;
  /** What connections suffer. */
  readonly stream?: StreamWeather;
}

export const DELAY_MS: Millis = 10;
const HELD_MS: Millis = 100;

/** All that can happen to a datagram in this weather. */
export function datagramPieces(weather: Weather): Piece {
  const { spoil, bursts, truncation: cut = 0, reordering: held = 0, maxDatagramBytes } = weather;
  return inSequence([
    ...(maxDatagramBytes === undefined ? [] : [largest(maxDatagramBytes)]),
    loss(weather.loss ?? 0),
    ...(bursts === undefined ? [] : [burstLoss(bursts)]),
    duplication(weather.duplication ?? 0),
    ...(spoil === undefined ? [] : [spoiling(spoil)]),
    ...(cut === 0 ? [] : [truncation(cut)]),
    ...(held === 0 ? [] : [reordering(held, weather.reorderingMs ?? HELD_MS)]),
    delay(weather.delayMs ?? DELAY_MS, weather.jitterMs ?? 0),
  ]);
}
