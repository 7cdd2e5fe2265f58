/** `a=imageattr`: sizes of pictures. RFC 6236 §3.1; kept as text, and read by nobody here. */
import { isByteString, isSdpToken } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** Which sizes of pictures are sent and taken. RFC 6236 §3.1. */
export interface Imageattr {
  /** A format of the `m=` line, or `*` for all. */
  readonly format: string;
  /** send and recv with their sets, as written. */
  readonly text: string;
}

/**
 * `a=imageattr`, kept as text. RFC 6236 §3.1.
 *
 * `image-attr = "imageattr:" PT 1*2( 1*WSP ( "send" / "recv" ) 1*WSP attr-list )`
 */
export const imageattr: AttributeType<Imageattr> = valueAttribute({
  name: "imageattr",
  source: "RFC 6236 §3.1",
  expected: "a format or *, and sets",
  read: (value) => {
    const space = value.indexOf(" ");
    const format = value.slice(0, Math.max(0, space));
    const text = value.slice(space + 1);
    return isSdpToken(format) && isByteString(text) ? { format, text } : undefined;
  },
  write: ({ format, text }) => `${format} ${text}`,
});
