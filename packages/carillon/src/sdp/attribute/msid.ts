/** `a=msid`: which MediaStream and track a section carries. RFC 8830 §2. */
import { MAX_LIST } from "../limits.ts";
import { isNonWs, isSdpToken } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** One `a=msid` line. RFC 8830 §2. */
export interface Msid {
  /** Of the MediaStream; `-` is none. */
  readonly id: string;
  /** Of the track, in browsers. */
  readonly appdata: string | undefined;
}

/**
 * `a=msid`: which MediaStream and track a section carries. `msid-value = msid-id [ SP msid-appdata
 * ]`. RFC 8830 §2.
 */
export const msid: AttributeType<Msid> = valueAttribute({
  name: "msid",
  source: "RFC 8830 §2",
  expected: "one or two tokens of up to 64 characters",
  read: (text) => {
    const [id = "", appdata, ...rest] = text.trimEnd().split(" ", 3);
    if (!isId(id) || rest.length > 0) return undefined;
    return appdata === undefined || isId(appdata) ? { id, appdata } : undefined;
  },
  write: ({ id, appdata }) => (appdata === undefined ? id : `${id} ${appdata}`),
});

/** `msid-id = 1*64token-char` */
const isId = (text: string): boolean => text.length <= 64 && isSdpToken(text);

/** One `a=msid-semantic` line. */
export interface MsidSemantic {
  /** `WMS`, WebRTC MediaStreams. */
  readonly semantic: string;
  /** MediaStreams, or `*` for all. */
  readonly ids: readonly string[];
}

/** `a=msid-semantic` of drafts before RFC 8830, which browsers still write: ` WMS *`. */
export const msidSemantic: AttributeType<MsidSemantic> = valueAttribute({
  name: "msid-semantic",
  source: "RFC 8830 §4",
  expected: "a token and identifiers",
  read: (text) => {
    const [semantic = "", ...ids] = text.trim().split(" ", MAX_LIST + 1);
    if (!isSdpToken(semantic) || !ids.every(isNonWs) || ids.length >= MAX_LIST) return undefined;
    return { semantic, ids };
  },
  write: ({ semantic, ids }) => [semantic, ...ids].join(" "),
});
