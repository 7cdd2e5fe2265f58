/** How loud both sides are, as a line of a terminal. */
export interface Levels {
  /** dBFS: 0 is as loud as can be, -Infinity is silence. */
  readonly own: number;
  readonly theirs: number;
}

const BARS = 8;
/** Below this it is as good as silent. */
const FLOOR_DBFS = -54;

/** `you ▮▮▮▯▯▯▯▯ them ▮▮▮▮▮▯▯▯` */
export function meterLine({ own, theirs }: Levels): string {
  return `you ${bar(own)} them ${bar(theirs)}`;
}

function bar(level: number): string {
  const share = Math.max(0, Math.min(1, 1 - level / FLOOR_DBFS));
  const full = Number.isNaN(share) ? 0 : Math.round(share * BARS);
  return "▮".repeat(full) + "▯".repeat(BARS - full);
}
