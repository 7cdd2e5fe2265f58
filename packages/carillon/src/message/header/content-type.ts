/** Content-Type. RFC 3261 §20.15. */
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { bad, type Result } from "../../grammar/result.ts";
import { formatMedia, readMedia } from "./accept.ts";

/** The type of a body: `type/subtype;params`. RFC 3261 §20.15. */
export interface MediaType {
  /** Lower case, as `subtype` is. */
  readonly type: string;
  /** Lower case. */
  readonly subtype: string;
  /** `charset`, `boundary`, …: names in lower case, values as they are. */
  readonly params: Params;
}

const SOURCE = "RFC 3261 §20.15";

/**
 * `Content-Type = ( "Content-Type" / "c" ) HCOLON media-type`.
 * RFC 3261 §20.15. Errors: `bad-header` (400).
 */
export function parseContentType(octets: Octets): Result<MediaType> {
  const media = readMedia(octets, 0, octets.length, SOURCE);
  if (media.ok && (media.value.type === "*" || media.value.subtype === "*")) {
    return bad("bad-header", "a body has one type, not a range of types", 0, SOURCE);
  }
  return media;
}

/** Throws a RangeError on what is no token. */
export const formatContentType = (media: MediaType): Octets => formatMedia(media);

/** Whether a media type is this one, such as `application/sdp`, whatever its parameters. */
export const isMediaType = ({ type, subtype }: MediaType, name: string): boolean =>
  `${type}/${subtype}` === name.toLowerCase();
