/**
 * Carillon-Bridge: what a back-to-back agent tells Carillon's own phones about a call that goes
 * through it, so that a person may see why, and what is spoken at either end. In INVITE, UPDATE and
 * their responses; whoever does not know it passes it over.
 *
 *     Carillon-Bridge: "they have no format in common";here="opus DTLS-SRTP";there="PCMA RTP"
 */
import { fromText, type Octets, toText } from "../grammar/octets.ts";
import { type Params, readParams } from "../grammar/params.ts";
import { quote, skipQuoted, unquote } from "../grammar/quoted.ts";
import { bad, ok, type Result } from "../grammar/result.ts";

/** What is told about a bridged call, from the place of whoever is told. */
export interface BridgeTold {
  /** Why it is bridged, as a person reads it. */
  readonly why: string;
  /** What is spoken between the bridge and this phone: `opus DTLS-SRTP`. */
  readonly here?: string;
  /** What is spoken between the bridge and the other side: `PCMA RTP`. */
  readonly there?: string;
  /** `passed`: at both ends; `dropped`: asked for, and not possible. None: nobody asked. */
  readonly video?: "passed" | "dropped";
  /** Why video is dropped, as a person reads it. */
  readonly videoWhy?: string;
}

/** The name of the header. */
export const BRIDGE_HEADER = "Carillon-Bridge";

/** Longer values are none: it is shown in one line. */
const MAX_LENGTH = 2048;
const SOURCE = BRIDGE_HEADER;

/** Its value. Errors (400): `bad-bridge` for what is none, and for over 2048 octets. */
export function parseBridgeTold(value: Octets): Result<BridgeTold> {
  if (value.length > MAX_LENGTH) return fail("too long");
  const text = value.trim();
  const end = text[0] === '"' ? skipQuoted(text, 0, text.length) : -1;
  const params = end < 0 ? undefined : readParams(text, end, text.length);
  if (!params) return fail('expected "why" and parameters');
  const video = params.get("video")?.toLowerCase();
  return ok({
    why: toText(unquote(text.slice(0, end))),
    ...textOf(params, "here"),
    ...textOf(params, "there"),
    ...((video === "passed" || video === "dropped") && { video }),
    ...(params.has("video-why") && { videoWhy: toText(params.get("video-why") ?? "") }),
  });
}

const textOf = (params: Params, name: "here" | "there") => {
  const value = params.get(name);
  return value === undefined ? {} : { [name]: toText(value) };
};

const fail = (what: string) => bad("bad-bridge", what, 0, SOURCE);

/** Its value. What is longer than fits is cut off. */
export function formatBridgeTold({ why, here, there, video, videoWhy }: BridgeTold): Octets {
  const params = [
    ...(here === undefined ? [] : [`here=${quoted(here)}`]),
    ...(there === undefined ? [] : [`there=${quoted(there)}`]),
    ...(video === undefined ? [] : [`video=${video}`]),
    ...(videoWhy === undefined ? [] : [`video-why=${quoted(videoWhy)}`]),
  ];
  return [quoted(why), ...params].join(";");
}

/** At most 160 octets, quoted; line ends would be the end of the header. */
function quoted(text: string): Octets {
  const line = Array.from(text, (one) => (one < " " || one === "\u007f" ? " " : one));
  let octets = "";
  for (const one of line) {
    const next = fromText(one);
    if (octets.length + next.length > 160) break;
    octets += next;
  }
  return quote(octets);
}

/** Whether a product (User-Agent, Server) is Carillon's, and may be told. RFC 3261 §20.41. */
export function isCarillon(product: Octets): boolean {
  const [first = ""] = product.trim().split(" ", 1);
  const [name = ""] = first.split("/", 1);
  return name.toLowerCase() === "carillon";
}
