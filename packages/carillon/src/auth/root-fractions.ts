/**
 * The constants of SHA-2: the first 64 bits of the fractional parts of the square or cube roots of
 * the first primes. FIPS 180-4 §4.2, §5.3. Reckoned, since written out they are a kilobyte that
 * every page would load.
 */

const BITS = 64n;
/** No root of a prime here, whole part and fraction, has more bits. */
const MAX_BITS = 68n;

/** Those of the first `count` primes; `root` is 2 or 3. */
export function rootFractions(root: 2n | 3n, count: number): readonly bigint[] {
  return primes(count).map((prime) => BigInt.asUintN(64, shiftedRoot(prime, root)));
}

/** The root times 2**64, cut to a whole number, from its highest bit down. */
function shiftedRoot(of: bigint, root: bigint): bigint {
  const wanted = of << (BITS * root);
  let found = 0n;
  for (let bit = 1n << MAX_BITS; bit > 0n; bit >>= 1n) {
    if ((found | bit) ** root <= wanted) found |= bit;
  }
  return found;
}

function primes(count: number): readonly bigint[] {
  const found: bigint[] = [];
  for (let one = 2n; found.length < count; one++) {
    if (found.every((prime) => one % prime !== 0n)) found.push(one);
  }
  return found;
}
