/** `a=rtcp-fb`: feedback that is understood. RFC 4585 §4.2; ccm of RFC 5104 §7.1. */
import { isByteString, isRidId, isSdpToken } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** One kind of feedback that is understood. RFC 4585 §4.2. */
export interface RtcpFb {
  /** A format of the `m=` line, or `*` for all. */
  readonly format: string;
  /** ack, nack, ccm, trr-int, goog-remb, transport-cc, or another. */
  readonly type: string;
  /** What follows, such as `pli` or `fir`. */
  readonly parameter: string | undefined;
}

/**
 * `a=rtcp-fb`, one line for each kind of feedback. RFC 4585 §4.2.
 *
 * `rtcp-fb-syntax = "a=rtcp-fb:" rtcp-fb-pt SP rtcp-fb-val CRLF`
 */
export const rtcpFb: AttributeType<RtcpFb> = valueAttribute({
  name: "rtcp-fb",
  source: "RFC 4585 §4.2",
  expected: "a format or *, and a type of feedback",
  read: (text) => {
    const first = text.indexOf(" ");
    const second = first < 0 ? -1 : text.indexOf(" ", first + 1);
    const format = text.slice(0, Math.max(0, first));
    const type = text.slice(first + 1, second < 0 ? text.length : second).trimEnd();
    const rest = second < 0 ? "" : text.slice(second + 1).trimEnd();
    if (!isSdpToken(format) || !isRidId(type) || (rest !== "" && !isByteString(rest))) {
      return undefined;
    }
    return { format, type, parameter: rest === "" ? undefined : rest };
  },
  write: ({ format, type, parameter }) =>
    `${format} ${type}${parameter === undefined ? "" : ` ${parameter}`}`,
});

/** `nack pli`: a feedback without its format, as `LocalCodec.feedback` has it. */
export const feedbackName = ({ type, parameter }: RtcpFb): string =>
  parameter === undefined ? type : `${type} ${parameter}`;
