/** When a certificate is renewed, and when it is tried again where that failed. Pure. */

export interface Life {
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** So much of the life before two thirds of it: not all houses come at the same moment. */
const SPREAD = 1 / 20;

/** Two thirds of the life, or a little before: `chance` from 0 to 1 says how much. */
export function renewalTime({ validFrom, validTo }: Life, chance: number): number {
  const life = validTo - validFrom;
  return Math.floor(validFrom + life * (2 / 3) - life * SPREAD * chance);
}

const FIRST_MS = 60_000;
/** Authorities allow five failed tries an hour (Let's Encrypt): the fourth is an hour later. */
const FACTOR = 4;
const LAST_MS = 12 * 3_600_000;
const MORE = 1 / 4;

/** After so many failures in a row, from 1: a minute, four, a quarter, an hour, … half a day. */
export function retryDelayMs(failures: number, chance: number): number {
  const plain = Math.min(FIRST_MS * FACTOR ** (failures - 1), LAST_MS);
  return Math.floor(plain * (1 + MORE * chance));
}
