/** What every library has to do in the comparison: see messages.ts. */
import { invite } from "./invite.ts";

export interface Contender {
  readonly name: string;
  /** From bytes to what a proxy needs to know. */
  read(datagram: Buffer): Found;
  /** From bytes to bytes: how many were written. */
  forward?(datagram: Buffer, out: Buffer): number;
}

/** What a proxy needs to know of a request. */
export interface Found {
  readonly method: string;
  /** Of the Request-URI. */
  readonly user: string | undefined;
  readonly host: string;
  /** Of the topmost Via. */
  readonly sentBy: string;
  readonly port: number | undefined;
  readonly branch: string;
  readonly from: string;
  readonly fromTag: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: number;
  readonly cseqMethod: string;
  readonly hops: number;
  /** The hosts of the Route list. */
  readonly routes: readonly string[];
  readonly length: number;
}

/** Eight calls to eight people, in turn: nothing is gained by remembering the last one. */
export const datagrams: readonly Buffer[] = Array.from({ length: 8 }, (_, n) =>
  Buffer.from(
    invite
      .replace("776asdhds", `776asdhd${n}`)
      .replace("a84b4c76e", `a84b4c76${n}`)
      .replaceAll("sip:bob@", `sip:bo${n}@`),
    "latin1",
  ),
);

export const target = "sip:bob@192.0.2.4:5060;transport=udp";
export const ownBranch = "z9hG4bKn1abc";
export const via = `SIP/2.0/UDP 198.51.100.1:5060;branch=${ownBranch}`;
export const recordRoute = "<sip:n1@198.51.100.1:5060;lr>";
export const source = { host: "192.0.2.1", port: 5062 };
