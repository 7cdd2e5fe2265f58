/**
 * What can happen to a datagram on its way, one piece a fault, and pieces put together.
 *
 * A piece is pure: its state, a copy of the datagram and chance go in; its next state and the
 * copies that go on come out: none, one or several, each as it is now and so much later.
 */
import type { Millis } from "../../grammar/millis.ts";
import type { Octets } from "../../grammar/octets.ts";

export interface Copy {
  readonly afterMs: Millis;
  readonly octets: Octets;
}

/** From 0 up to 1. */
export type Chance = () => number;

export interface Piece<S = unknown> {
  readonly start: S;
  step(state: S, copy: Copy, chance: Chance): readonly [S, ...Copy[]];
}

/** A piece that remembers nothing. */
const plain = (go: (copy: Copy, chance: Chance) => readonly Copy[]): Piece<undefined> => ({
  start: undefined,
  step: (state, copy, chance) => [state, ...go(copy, chance)],
});

/** 0 to 1: how many never arrive, each by itself. */
export const loss = (share: number): Piece =>
  plain((copy, chance) => (chance() < share ? [] : [copy])) as Piece;

/** 0 to 1: how many arrive twice. */
export const duplication = (share: number): Piece =>
  plain((copy, chance) => (chance() < share ? [copy, copy] : [copy])) as Piece;

/** So late, and up to `jitterMs` more by chance, so that they overtake each other. */
export const delay = (ms: Millis, jitterMs: Millis): Piece =>
  plain((copy, chance) => [later(copy, ms + Math.floor(chance() * jitterMs))]) as Piece;

/** 0 to 1: how many are held back for so long, and are overtaken by those behind them. */
export const reordering = (share: number, heldMs: Millis): Piece =>
  plain((copy, chance) => [chance() < share ? later(copy, heldMs) : copy]) as Piece;

/** What becomes of the octets, whatever the caller likes. */
export const spoiling = (spoil: (octets: Octets, chance: Chance) => Octets): Piece =>
  plain((copy, chance) => [{ ...copy, octets: spoil(copy.octets, chance) }]) as Piece;

/** 0 to 1: how many arrive without their end. */
export const truncation = (share: number): Piece =>
  plain((copy, chance) => {
    if (chance() >= share) return [copy];
    return [{ ...copy, octets: copy.octets.slice(0, Math.floor(chance() * copy.octets.length)) }];
  }) as Piece;

/** What is larger is sent in fragments, and a firewall on the way lets none of those through. */
export const largest = (bytes: number): Piece =>
  plain((copy) => (copy.octets.length > bytes ? [] : [copy])) as Piece;

/** Losses that come together: Gilbert's channel. */
export interface BurstLoss {
  /** 0 to 1: how often a datagram is the first of a burst. */
  readonly begins: number;
  /** 0 to 1: how often one in a burst is the last. Its inverse is a burst's mean length. */
  readonly ends: number;
  /** 0 to 1: how many are lost while it lasts; all if left out. */
  readonly share?: number;
}

/** Gilbert's channel: good or bad, and as it was until chance turns it. */
export const burstLoss = ({ begins, ends, share = 1 }: BurstLoss): Piece =>
  ({
    start: false,
    step(bad: boolean, copy: Copy, chance: Chance): readonly [boolean, ...Copy[]] {
      const isBad = bad || chance() < begins;
      if (!isBad) return [false, copy];
      const isOver = chance() < ends;
      return chance() < share ? [!isOver] : [!isOver, copy];
    },
  }) as Piece<boolean> as Piece;

/** One after the other: what leaves the first goes through the second. */
export const inSequence = (pieces: readonly Piece[]): Piece =>
  ({
    start: pieces.map(({ start }) => start),
    step(states: readonly unknown[], copy: Copy, chance: Chance) {
      const next = [...states];
      const arrive = (from: number, one: Copy): readonly Copy[] => {
        const piece = pieces[from];
        if (!piece) return [one];
        const [state, ...copies] = piece.step(next[from], one, chance);
        next[from] = state;
        return copies.flatMap((each) => arrive(from + 1, each));
      };
      return [next, ...arrive(0, copy)];
    },
  }) as Piece<readonly unknown[]> as Piece;

const later = (copy: Copy, ms: Millis): Copy => ({ ...copy, afterMs: copy.afterMs + ms });
