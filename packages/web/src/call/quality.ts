/** How a call goes, in words: from what the browser counts. */
import type { MediaStatistics } from "carillon";

export interface Quality {
  /** Bars out of four. */
  readonly bars: 0 | 1 | 2 | 3 | 4;
  readonly word: "No sound" | "Bad" | "Poor" | "Fair" | "Good" | "Very good";
}

const GRADES: readonly (readonly [atLeast: number, quality: Quality])[] = [
  [4.2, { bars: 4, word: "Very good" }],
  [3.9, { bars: 3, word: "Good" }],
  [3.4, { bars: 2, word: "Fair" }],
  [2.5, { bars: 1, word: "Poor" }],
  [0, { bars: 0, word: "Bad" }],
];

/** `undefined` while nothing is known. */
export function qualityOf(seen: MediaStatistics): Quality | undefined {
  const { mos, path, received } = seen;
  if (mos !== undefined) return GRADES.find(([atLeast]) => mos >= atLeast)?.[1];
  // Nothing comes: whoever is muted or on hold sends nothing, and that is no fault of the way.
  if (path === undefined || received.audio === undefined) return undefined;
  return { bars: 0, word: "No sound" };
}

export interface Detail {
  readonly name: string;
  readonly value: string;
}

/** The numbers behind it, for who wants to know. `isBridged`: the house is the other end. */
export function detailsOf(seen: MediaStatistics, isBridged = false): readonly Detail[] {
  const { received, sent, roundTripMs, path, mos } = seen;
  const [heard, spoken] = [received.audio, sent.audio];
  const picture = received.video?.picture;
  return [
    ...row("Sounds like", mos && `${mos.toFixed(1)} of 4.4`),
    ...row("Sound", heard && named(heard.codec)),
    ...row("Comes in", heard && rate(heard.bitsPerSecond + (received.video?.bitsPerSecond ?? 0))),
    ...row("Goes out", spoken && rate(spoken.bitsPerSecond + (sent.video?.bitsPerSecond ?? 0))),
    ...row("Lost on the way", heard && percent(heard.lossFraction)),
    ...row("Uneven by", heard && `${Math.round(heard.jitterMs)} ms`),
    ...row("There and back", roundTripMs !== undefined && `${Math.round(roundTripMs)} ms`),
    ...row(
      "Picture",
      // A camera that is off sends nothing, whatever size it had before.
      picture &&
        picture.framesPerSecond > 0 &&
        `${picture.width} × ${picture.height}, ${Math.round(picture.framesPerSecond)}/s`,
    ),
    ...row("Way", path && wayOf(path, isBridged)),
  ];
}

function wayOf(path: NonNullable<MediaStatistics["path"]>, isBridged: boolean): string {
  if (isRelayed(path)) return "Through a relay";
  return isBridged ? "Straight to the house" : "Straight to each other";
}

const row = (name: string, value: string | false | 0 | undefined): readonly Detail[] =>
  value === undefined || value === false || value === 0 ? [] : [{ name, value }];

const named = (codec: string): string =>
  codec === "opus" ? "Opus, full band" : codec === "PCMU" || codec === "PCMA" ? "G.711" : codec;

const rate = (bitsPerSecond: number): string => `${Math.round(bitsPerSecond / 1000)} kbit/s`;

const percent = (fraction: number): string =>
  `${(100 * fraction).toFixed(fraction < 0.1 ? 1 : 0)} %`;

const isRelayed = ({ local, remote }: NonNullable<MediaStatistics["path"]>): boolean =>
  local === "relay" || remote === "relay";
