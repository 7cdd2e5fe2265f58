/** `a=extmap` and `a=extmap-allow-mixed`: RTP header extensions. RFC 8285 §5, §6, §8. */
import { isNonWs, readInteger } from "../sdp-chars.ts";
import { type AttributeType, flagAttribute, valueAttribute } from "./attribute-type.ts";
import type { Direction } from "./direction.ts";

/** Under which number an RTP header extension comes. RFC 8285 §8. */
export interface Extmap {
  /** 1 to 14 with one byte of header, to 255 with two; 4096 to 4351 only in an offer. */
  readonly id: number;
  /** sendrecv if it is not told. */
  readonly direction: Direction | undefined;
  /** What it is, such as `urn:ietf:params:rtp-hdrext:sdes:mid`. */
  readonly uri: string;
  /** What follows the URI, as written; undefined if nothing does. */
  readonly attributes: string | undefined;
}

/**
 * `a=extmap`, one line for each header extension. RFC 8285 §8.
 *
 * `extmap-value = mapentry SP extensionname [SP extensionattributes]`
 */
export const extmap: AttributeType<Extmap> = valueAttribute({
  name: "extmap",
  source: "RFC 8285 §8",
  expected: "an identifier and a URI",
  read: (text) => {
    const first = text.indexOf(" ");
    const second = first < 0 ? -1 : text.indexOf(" ", first + 1);
    const [idText = "", direction, ...rest] = text.slice(0, Math.max(0, first)).split("/", 3);
    const id = readInteger(idText, 1, 4351);
    const uri = text.slice(first + 1, second < 0 ? text.length : second);
    const tail = second < 0 ? "" : text.slice(second + 1).trim();
    if (id === undefined || !isUsable(id) || !isNonWs(uri) || rest.length > 0) return undefined;
    if (direction !== undefined && !isDirection(direction)) return undefined;
    return { id, direction, uri, attributes: tail === "" ? undefined : tail };
  },
  write: ({ id, direction, uri, attributes }) =>
    `${id}${direction === undefined ? "" : `/${direction}`} ${uri}` +
    (attributes === undefined ? "" : ` ${attributes}`),
});

const isUsable = (id: number): boolean => id <= 255 || id >= 4096;

const isDirection = (text: string): text is Direction =>
  text === "sendrecv" || text === "sendonly" || text === "recvonly" || text === "inactive";

/** `a=extmap-allow-mixed`: one- and two-byte headers in one stream. RFC 8285 §6. */
export const extmapAllowMixed: AttributeType<true> = flagAttribute(
  "extmap-allow-mixed",
  "RFC 8285 §6",
);
