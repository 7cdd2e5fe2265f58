/** The order in which the hosts of SRV records are tried. RFC 2782, "Priority" and "Weight". */
import type { SrvRecord } from "./naming.ts";
import { rolls } from "./rolls.ts";

/**
 * The first `limit` records in the order of RFC 2782. The same records, in whatever order they
 * came, and the same seed give the same result.
 *
 * Work grows with the number of records times `limit`, never with its square: an answer may hold
 * ten thousand.
 */
export function srvOrder(
  records: readonly SrvRecord[],
  seed: number,
  limit: number,
): readonly SrvRecord[] {
  const roll = rolls(seed);
  //= RFC 3263 §4.4
  //# The stateless proxy MUST define a deterministic order to the records in that case, using any
  //# algorithm at its disposal.
  const left = eachOnce([...records].sort(inFixedOrder));
  const ordered: SrvRecord[] = [];
  while (left.length > 0 && ordered.length < limit) {
    const [chosen] = left.splice(chooseAmongFirst(left, roll), 1);
    if (chosen !== undefined) ordered.push(chosen);
  }
  return ordered;
}

/** A host and port that stands there many times is one server, at its best priority. */
function eachOnce(sorted: readonly SrvRecord[]): SrvRecord[] {
  const seen = new Set<string>();
  return sorted.filter(({ target, port }) => {
    const key = `${target}:${port}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

/**
 * "Compute the sum of the weights of those RRs, and with each RR associate the running sum in the
 * selected order. Then choose a uniform random number between 0 and the sum computed (inclusive),
 * and select the RR whose running sum value is the first in the selected order which is greater
 * than or equal to the random number selected." (RFC 2782, "Weight")
 *
 * `left` is sorted, so those of the lowest priority come first, weight 0 before all others. Any
 * order among the latter will do: one of them is drawn, lest the first have everything.
 */
function chooseAmongFirst(left: readonly SrvRecord[], roll: () => number): number {
  const priority = left[0]?.priority;
  const end = left.findIndex((record) => record.priority !== priority);
  const level = end < 0 ? left : left.slice(0, end);
  const sum = level.reduce((total, { weight }) => total + weight, 0);
  const weighty = level.findIndex(({ weight }) => weight > 0);
  const zeroCount = weighty < 0 ? level.length : weighty;
  // Without a weight of 0 a number of 0 would only favour whoever happens to stand first.
  const number = zeroCount > 0 ? Math.floor(roll() * (sum + 1)) : 1 + Math.floor(roll() * sum);
  if (number === 0) return Math.floor(roll() * zeroCount);
  let running = 0;
  return level.findIndex(({ weight }) => {
    running += weight;
    return running >= number;
  });
}

const inFixedOrder = (a: SrvRecord, b: SrvRecord): number =>
  a.priority - b.priority ||
  Number(a.weight > 0) - Number(b.weight > 0) ||
  compare(a.target, b.target) ||
  a.port - b.port ||
  a.weight - b.weight;

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));
