/** The headers without which nothing can be done with a message. RFC 3261 §8.1.1. */
import { isSpace } from "../grammar/chars.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { type NameAddr, parseNameAddr } from "../uri/name-addr.ts";
import { type CSeq, parseCSeq } from "./cseq.ts";
import type { HeaderName } from "./header-name.ts";
import { findHeader, header } from "./headers.ts";
import type { Message } from "./message.ts";
import { readPlainEssentials } from "./plain-essentials.ts";
import { topVia, type Via } from "./via.ts";

/** Via, CSeq, Call-ID, From and To, all checked: what transactions and dialogs are told by. */
export interface Essentials {
  /** The topmost one. */
  readonly via: Via;
  /** In a request, its method is that of the request. */
  readonly cseq: CSeq;
  /** As it came; case counts. RFC 3261 §20.8. */
  readonly callId: string;
  /** Its URI is not looked into: `parseUri` does. */
  readonly from: NameAddr;
  /** Its URI is not looked into: `parseUri` does. */
  readonly to: NameAddr;
  /** Empty where there is none, as from a peer of RFC 2543. */
  readonly fromTag: string;
  /** Empty where there is none, as in the first request of a dialog. */
  readonly toTag: string;
}

/**
 * Reads what RFC 3261 §8.1.1 asks of every message. Each of these stands in a message once; a
 * second one would let two readers see two different messages.
 *
 * Errors (400): `missing-header`, `repeated-header`, `bad-via`, `bad-cseq`, `bad-call-id`,
 * `bad-address`.
 */
export function readEssentials(message: Message): Result<Essentials> {
  const plain = readPlainEssentials(message);
  return plain ? ok(plain) : readAllEssentials(message);
}

/** The full reader: all there may be, and what is wrong with the rest. */
export function readAllEssentials(message: Message): Result<Essentials> {
  const via = topVia(message);
  if (!via.ok) return via;
  const cseqText = single(message, "CSeq");
  if (!cseqText.ok) return cseqText;
  const cseq = parseCSeq(cseqText.value);
  if (!cseq.ok) return cseq;
  const callId = single(message, "Call-ID");
  if (!callId.ok) return callId;
  if (!isCallId(callId.value)) return bad("bad-call-id", "bad Call-ID", 0, "RFC 3261 §20.8");
  const from = readAddress(message, "From");
  if (!from.ok) return from;
  const to = readAddress(message, "To");
  if (!to.ok) return to;
  if (message.kind === "Request" && cseq.value.method !== message.method) {
    //= RFC 3261 §8.1.1.5
    //# The method MUST match that of the request.
    return bad("bad-cseq", "the method of CSeq is not that of the request", 0, "RFC 3261 §8.1.1.5");
  }
  return ok({
    via: via.value,
    cseq: cseq.value,
    callId: callId.value,
    from: from.value,
    to: to.value,
    fromTag: from.value.params.get("tag") ?? "",
    toTag: to.value.params.get("tag") ?? "",
  });
}

function readAddress(message: Message, name: "From" | "To"): Result<NameAddr> {
  const value = single(message, name);
  return value.ok ? parseNameAddr(value.value) : value;
}

function single(message: Message, name: HeaderName): Result<string> {
  const line = findHeader(message, name);
  if (line < 0) return bad("missing-header", `${name} is missing`, 0, "RFC 3261 §8.1.1");
  if (findHeader(message, name, line + 1) >= 0) {
    return bad("repeated-header", `${name} stands there twice`, 0, "RFC 3261 §7.3.1");
  }
  return ok(header(message, name) ?? "");
}

/** `callid = word [ "@" word ]`: at least something, and no space in it. */
function isCallId(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (isSpace(text.charCodeAt(i))) return false;
  return text.length > 0;
}
