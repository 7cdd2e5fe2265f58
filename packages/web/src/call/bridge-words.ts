/**
 * A call that goes through the house, in words: for who has never heard of SIP, and exact ones for
 * who has.
 */
import type { BridgeTold } from "carillon/calling";
import { plainName } from "../look/plain-name.ts";
import type { Detail } from "./quality.ts";

export interface BridgeWords {
  /** One sentence. */
  readonly plain: string;
  /** Who speaks what with whom, and why. */
  readonly details: readonly Detail[];
}

/**
 * `name`: with whom the call is. `codec`: of what is heard here, for who was called and is told
 * less; a page has DTLS-SRTP and nothing else.
 */
export function bridgeWords(told: BridgeTold, name: string, codec = ""): BridgeWords {
  const { why, there } = told;
  const here = told.here ?? (codec === "" ? undefined : `${codec} DTLS-SRTP`);
  const phone = there === undefined || isEncrypted(there) ? "" : PLAIN_LINE;
  return {
    plain: `${between(why, name)}${phone}`,
    details: [
      ...(here === undefined ? [] : [{ name: "You and the house", value: exactly(here) }]),
      ...(there === undefined ? [] : [{ name: `The house and ${name}`, value: exactly(there) }]),
      ...picture(told),
      { name: "Why", value: sentence(plainName(why, "")) },
    ].filter(({ value }) => value !== ""),
  };
}

/** It translates only where the two do not understand each other; else it passes on what comes. */
const between = (why: string, name: string): string =>
  /\bkinds? of voice\b/.test(why)
    ? `${name}’s phone and this page speak different languages. ${TRANSLATES}`
    : `What you and ${name} say goes through the house.`;

const TRANSLATES = "The house stands in between and translates.";
const PLAIN_LINE = " From there on it is not encrypted.";

/** What a person should know at once; undefined where nothing is missing. */
export function missingPicture({ video }: BridgeTold): string | undefined {
  return video === "dropped" ? "The other phone has no picture. You hear each other." : undefined;
}

function picture({ video, videoWhy }: BridgeTold): readonly Detail[] {
  if (video === undefined) return [];
  if (video === "passed") return [{ name: "Picture", value: "Goes through." }];
  return [{ name: "Picture", value: sentence(plainName(videoWhy ?? "", "None")) }];
}

/** As a sentence: it comes without a capital letter and without a full stop. */
const sentence = (text: string): string =>
  text === "" ? "" : `${text[0]?.toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

/** `opus DTLS-SRTP` is `Opus, encrypted (DTLS-SRTP)`. */
function exactly(spoken: string): string {
  const words = plainName(spoken, "").split(" ");
  const transport = words.pop() ?? "";
  const codec = words.join(" ");
  const safe = isEncrypted(spoken) ? "encrypted" : "not encrypted";
  return `${codec === "" ? "" : `${codecName(codec)}, `}${safe} (${transport})`;
}

const isEncrypted = (spoken: string): boolean => /\bS(?:AVP|RTP)\b/.test(spoken);

/** As people write it, with the name that stands in descriptions where that is another. */
function codecName(codec: string): string {
  switch (codec.toLowerCase()) {
    case "opus":
      return "Opus";
    case "pcmu":
      return "G.711 µ-law";
    case "pcma":
      return "G.711 A-law";
    case "g722":
      return "G.722";
    default:
      return codec;
  }
}
