/** Requests as text, for tests that want to say one thing and not ten. */
import type { Octets } from "../grammar/octets.ts";

/** What is to be other than usual. */
export interface RequestParts {
  /** The Request-URI. */
  readonly uri?: Octets;
  /** The value of Via, with its branch. */
  readonly via?: Octets;
  /** The branch, where `via` is left out. */
  readonly branch?: string;
  /** The value of From, with its tag. */
  readonly from?: Octets;
  /** The value of To. */
  readonly to?: Octets;
  /** The value of Call-ID. */
  readonly callId?: string;
  /** The number in CSeq. */
  readonly seq?: number;
  /** Whole lines without their ends, put before Content-Length. */
  readonly lines?: readonly Octets[];
  /** Content-Length is written for it. */
  readonly body?: Octets;
}

/** A request from 192.0.2.9 to alice, complete but for what the parts say otherwise. */
export function requestText(method: string, parts: RequestParts = {}): Octets {
  const { branch = `z9hG4bK-${method.toLowerCase()}-1`, body = "", seq = 1 } = parts;
  const lines = [
    `${method} ${parts.uri ?? "sip:alice@192.0.2.1"} SIP/2.0`,
    `Via: ${parts.via ?? `SIP/2.0/UDP 192.0.2.9:5060;branch=${branch}`}`,
    "Max-Forwards: 70",
    `From: ${parts.from ?? "<sip:bob@example.com>;tag=b1"}`,
    `To: ${parts.to ?? "<sip:alice@example.com>"}`,
    `Call-ID: ${parts.callId ?? "call-1"}`,
    `CSeq: ${seq} ${method}`,
    ...(parts.lines ?? ["Contact: <sip:bob@192.0.2.9:5060>"]),
    `Content-Length: ${body.length}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}
