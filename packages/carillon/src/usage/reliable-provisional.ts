/** What may and must be reliable among provisional responses. RFC 3262 §3 to §5. */
import type { HeaderField } from "../message/compose.ts";
import { formatRSeq } from "../message/header/rseq.ts";

/** What an INVITE says about `100rel`. */
export interface ReliabilityAsked {
  /** Its Require lists it. */
  readonly required: boolean;
  /** Its Supported lists it. */
  readonly supported: boolean;
}

/** How the one who answers thinks of `100rel`. */
export type ReliabilityPolicy = "Never" | "IfRequired" | "IfSupported" | "Always";

/** How provisional responses go out, or why the INVITE is refused. RFC 3262 §3. */
export type Reliability =
  | { readonly kind: "Reliable" }
  | { readonly kind: "Unreliable" }
  /** `option` goes into Unsupported with 420, into Require with 421. */
  | { readonly kind: "Refuse"; readonly status: 420 | 421; readonly option: "100rel" };

/** How the provisional responses to this INVITE have to go out. RFC 3262 §3. */
export function reliabilityOf(asked: ReliabilityAsked, policy: ReliabilityPolicy): Reliability {
  //= RFC 3262 §3
  //# The UAS MUST send any non-100 provisional response reliably if the initial request contained a
  //# Require header field with the option tag 100rel. If the UAS is unwilling to do so, it MUST
  //# reject the initial request with a 420 (Bad Extension) and include an Unsupported header field
  //# containing the option tag 100rel.
  //= RFC 3262 §8.1
  //# When present in a Require header in a request, it indicates that the UAS MUST send all
  //# provisional responses reliably.
  if (asked.required) return policy === "Never" ? refuse(420) : { kind: "Reliable" };
  //= RFC 3262 §3
  //# If the request did not include either a Supported or Require header field indicating this
  //# feature, the UAS MUST NOT send the provisional response reliably.
  //= RFC 3261 §21.4.16
  //# Responses with this status code MUST contain a Require header field listing the required
  //# extensions.
  if (!asked.supported) return policy === "Always" ? refuse(421) : { kind: "Unreliable" };
  const willing = policy === "IfSupported" || policy === "Always";
  return willing ? { kind: "Reliable" } : { kind: "Unreliable" };
}

/** Which statuses may be sent reliably at all: 101 to 199. RFC 3262 §3. */
export function mayBeReliable(status: number): boolean {
  //= RFC 3262 §3
  //# A UAS MUST NOT attempt to send a 100 (Trying) response reliably. Only provisional responses
  //# numbered 101 to 199 may be sent reliably.
  return status > 100 && status < 200;
}

/** Whether a proxy may answer this INVITE with a reliable 1xx of its own. RFC 3262 §3. */
export function proxyMayBeReliable(invite: { readonly toTag: string }): boolean {
  //= RFC 3262 §3
  //# However, it MUST NOT attempt to do so for any request that contains a tag in the To field.
  return invite.toTag === "";
}

/** The largest number that an RSeq starts with: it can grow for long without wrapping around. */
const MAX_FIRST_RSEQ = 2 ** 31 - 1;

/** The first RSeq of a transaction: 1 to 2**31 - 1; `random` is in [0, 1). RFC 3262 §3. */
export function firstRSeq(random: number): number {
  //= RFC 3262 §3
  //# The value of the header field for the first reliable provisional response in a transaction
  //# MUST be between 1 and 2**31 - 1. It is RECOMMENDED that it be chosen uniformly in this range.
  return 1 + Math.floor(random * MAX_FIRST_RSEQ);
}

/**
 * Headers of the request that asks for reliable provisional responses (Supported), or insists on
 * them (Require); none for a method other than INVITE. RFC 3262 §4.
 */
export function reliabilityRequestHeaders(
  method: string,
  insists: boolean,
): readonly HeaderField[] {
  //= RFC 3262 §4
  //# A Require header with the value 100rel MUST NOT be present in any requests excepting INVITE,
  //# although extensions to SIP may allow its usage with other request methods.
  if (method !== "INVITE") return [];
  //= RFC 3262 §4
  //# If the UAC does not wish to insist on usage of reliable provisional responses, but merely
  //# indicate that it supports them if the UAS needs to send one, a Supported header MUST be
  //# included in the request with the option tag 100rel. The UAC SHOULD include this in all INVITE
  //# requests.
  return insists ? [["Require", "100rel"]] : [["Supported", "100rel"]];
}

/** Require and RSeq, which make a provisional response a reliable one. RFC 3262 §3. */
export function reliableHeaders(rseq: number): readonly HeaderField[] {
  //= RFC 3262 §3
  //# In addition, it MUST contain a Require header field containing the option tag 100rel, and MUST
  //# include an RSeq header field.
  return [
    ["Require", "100rel"],
    ["RSeq", formatRSeq(rseq)],
  ];
}

//= RFC 3261 §8.2.4
//# The needed extension(s) MUST be included in a Require header field in the response.
const refuse = (status: 420 | 421): Reliability => ({ kind: "Refuse", status, option: "100rel" });
