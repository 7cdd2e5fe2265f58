/** Sizes over the limit are listed in scripts/tidy-ratchet.json, and may only shrink. */
import type { Size } from "./sizes.ts";
import type { Finding } from "./source-file.ts";

/** Above these a file or a function wants a second look, and an entry in the ratchet. */
export const LIMITS = { file: 500, function: 70 } as const;
/** What to aim at: no more than told. */
export const AIMS = { file: 250, function: 30 } as const;

/** Lines that each over-long file or function had when it was last looked at. */
export type Ratchet = Readonly<Record<string, number>>;

export function overLimit(sizes: readonly Size[]): readonly Size[] {
  return sizes.filter((size) => size.lines > LIMITS[size.kind]);
}

export function ratchetFindings(sizes: readonly Size[], ratchet: Ratchet): readonly Finding[] {
  const over = overLimit(sizes);
  const grown = over.flatMap((size) => {
    const allowed = ratchet[size.of] ?? LIMITS[size.kind];
    if (size.lines <= allowed) return [];
    const what = `${size.of}: ${size.lines} lines; ${allowed} is the limit here. Split it`;
    return [{ path: size.path, line: size.line, what }];
  });
  return [...grown, ...slack(over, ratchet)];
}

/** The ratchet after a look: entries shrink and vanish. A new one is written by hand, or not. */
export function tightened(sizes: readonly Size[], ratchet: Ratchet): Ratchet {
  const largest = largestByName(overLimit(sizes));
  const kept = Object.entries(ratchet).flatMap(([of, allowed]) => {
    const lines = largest.get(of);
    return lines === undefined ? [] : [[of, Math.min(lines, allowed)] as const];
  });
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One line on how far the sources are from the aim, or nothing. */
export function aimNote(sizes: readonly Size[]): string | undefined {
  const files = sizes.filter(({ kind, lines }) => kind === "file" && lines > AIMS.file).length;
  const functions = sizes.filter((s) => s.kind === "function" && s.lines > AIMS.function).length;
  if (files + functions === 0) return undefined;
  return (
    `${files} files are longer than the aim of ${AIMS.file} lines, ` +
    `${functions} functions than ${AIMS.function}`
  );
}

/** An entry that allows more than is there is a door left open. */
function slack(over: readonly Size[], ratchet: Ratchet): readonly Finding[] {
  const largest = largestByName(over);
  return Object.entries(ratchet)
    .filter(([of, allowed]) => (largest.get(of) ?? 0) < allowed)
    .map(([of, allowed]) => ({
      path: "scripts/tidy-ratchet.json",
      line: 0,
      what: `${of} is smaller than its entry (${allowed}): npm run tidy -- --write`,
    }));
}

function largestByName(sizes: readonly Size[]): ReadonlyMap<string, number> {
  const largest = new Map<string, number>();
  for (const { of, lines } of sizes) largest.set(of, Math.max(lines, largest.get(of) ?? 0));
  return largest;
}
