/** A media section: the `m=` line and the lines below it. RFC 8866 §5.14. */
import { MAX_FORMATS, MAX_PAYLOAD_TYPE, MAX_PORT } from "./limits.ts";
import type { Line } from "./line.ts";
import { splitWords } from "./read-line.ts";
import { isSdpToken, readInteger } from "./sdp-chars.ts";

/** An `m=` line with what stands below it, up to the next. RFC 8866 §5.14. */
export interface MediaSection {
  /** The type letter. */
  readonly kind: "m";
  /** audio, video, text, application, message, image, or another. */
  readonly media: string;
  /** Zero: not wanted, or bundle-only. */
  readonly port: number;
  /** Ports in a row from the first on, where that is told. */
  readonly portCount: number | undefined;
  /** As it is written: `RTP/AVP`, `UDP/TLS/RTP/SAVPF`, `TCP/MSRP`, `udptl`. */
  readonly proto: string;
  /** With RTP payload types; else whatever the protocol means by it. At least one. */
  readonly formats: readonly string[];
  /** Below the `m=` line, in order. */
  readonly lines: readonly Line[];
}

/**
 * `media-field = %s"m" "=" media SP port ["/" integer] SP proto 1*(SP fmt) CRLF`
 *
 * A payload type over 127 is refused here already: whoever reads on would have to mask it, or
 * index by it.
 */
export function readMediaField(text: string): MediaSection | undefined {
  const [media = "", where = "", proto = "", ...formats] = splitWords(text) ?? [];
  const [portText = "", countText, ...rest] = where.split("/");
  const port = readInteger(portText, 0, MAX_PORT);
  const portCount = countText === undefined ? undefined : readInteger(countText, 1, MAX_PORT);
  if (port === undefined || rest.length > 0) return undefined;
  if (countText !== undefined && portCount === undefined) return undefined;
  if (!isSdpToken(media) || !proto.split("/").every(isSdpToken)) return undefined;
  if (formats.length === 0 || formats.length > MAX_FORMATS) return undefined;
  if (!formats.every(isRtp(proto) ? isPayloadType : isSdpToken)) return undefined;
  return { kind: "m", media, port, portCount, proto, formats, lines: [] };
}

export function formatMediaField({ media, port, portCount, proto, formats }: MediaSection): string {
  const count = portCount === undefined ? "" : `/${portCount}`;
  return `m=${media} ${port}${count} ${proto} ${formats.join(" ")}`;
}

/** True where the formats are RTP payload types. */
export const isRtp = (proto: string): boolean => proto.toUpperCase().split("/").includes("RTP");

/** True where keys come from a DTLS or TLS handshake. */
export function isTls(proto: string): boolean {
  const parts = proto.toUpperCase().split("/");
  return parts.includes("TLS") || parts.includes("DTLS");
}

/** True for SRTP whose keys stand in the description. RFC 4568 */
export const isSdes = (proto: string): boolean =>
  isRtp(proto) && !isTls(proto) && proto.toUpperCase().includes("SAVP");

/** True for the profiles with early feedback, AVPF and SAVPF. RFC 4585, RFC 5124 */
export const hasFeedback = (proto: string): boolean => proto.toUpperCase().endsWith("AVPF");

export const isPayloadType = (format: string): boolean =>
  readInteger(format, 0, MAX_PAYLOAD_TYPE) !== undefined;
