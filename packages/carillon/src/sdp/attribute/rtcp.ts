/**
 * Where RTCP goes: `a=rtcp` (RFC 3605 §2.1), `a=rtcp-mux` (RFC 5761 §5.1.1), `a=rtcp-mux-only`
 * (RFC 8858 §3), and its size, `a=rtcp-rsize` (RFC 5506 §5).
 */
import { MAX_PORT } from "../limits.ts";
import { isNonWs, isSdpToken, readInteger } from "../sdp-chars.ts";
import { type AttributeType, flagAttribute, valueAttribute } from "./attribute-type.ts";

/** Where its writer receives RTCP. RFC 3605 §2.1. */
export interface Rtcp {
  /** 0 to 65535. */
  readonly port: number;
  /** Where it is not that of `c=`. */
  readonly where: RtcpAddress | undefined;
}

/** An address as a `c=` line has it. */
export interface RtcpAddress {
  /** `IN` */
  readonly netType: string;
  /** `IP4` or `IP6`, as written. */
  readonly addressType: string;
  /** Without brackets, as written. */
  readonly address: string;
}

/**
 * `a=rtcp`: where RTCP is received, if it is not one port up. RFC 3605 §2.1.
 *
 * `rtcp-attribute = "a=rtcp:" port [nettype space addrtype space connection-address] CRLF`
 */
export const rtcp: AttributeType<Rtcp> = valueAttribute({
  name: "rtcp",
  source: "RFC 3605 §2.1",
  expected: "a port, or a port and an address",
  read: (text) => {
    const words = text.trimEnd().split(" ", 5);
    const [portText = "", netType = "", addressType = "", address = ""] = words;
    const port = readInteger(portText, 0, MAX_PORT);
    if (port === undefined) return undefined;
    if (words.length === 1) return { port, where: undefined };
    if (words.length !== 4 || !isSdpToken(netType) || !isSdpToken(addressType)) return undefined;
    return isNonWs(address) ? { port, where: { netType, addressType, address } } : undefined;
  },
  write: ({ port, where }) =>
    where === undefined
      ? `${port}`
      : `${port} ${where.netType} ${where.addressType} ${where.address}`,
});

/** `a=rtcp-mux`: RTCP and RTP on one port. RFC 5761 §5.1.1. */
export const rtcpMux: AttributeType<true> = flagAttribute("rtcp-mux", "RFC 5761 §5.1.1");

/** `a=rtcp-mux-only`: not without it. RFC 8858 §3. */
export const rtcpMuxOnly: AttributeType<true> = flagAttribute("rtcp-mux-only", "RFC 8858 §3");

/** `a=rtcp-rsize`: reduced-size RTCP is taken. RFC 5506 §5. */
export const rtcpRsize: AttributeType<true> = flagAttribute("rtcp-rsize", "RFC 5506 §5");
