/**
 * What every message has, in its frequent spelling. Whatever looks otherwise is left to the full
 * readers, which accept it or say what is wrong: essentials.ts.
 */
import { bytesOf } from "../grammar/byte-view.ts";
import { isTokenCode } from "../grammar/chars.ts";
import { MAX_CSEQ } from "../grammar/limits.ts";
import type { CSeq } from "./cseq.ts";
import type { Essentials } from "./essentials.ts";
import type { Message } from "./message.ts";
import { readPlainAddress } from "./plain-address.ts";
import { arePlain } from "./plain-message.ts";
import { plainMethod } from "./plain-method.ts";
import { foundParams } from "./plain-params.ts";
import { readPlainVia } from "./plain-via.ts";

const SP = 0x20;

/** Undefined where the full readers have to look. */
export function readPlainEssentials(message: Message): Essentials | undefined {
  const { headers, text } = message;
  if (!arePlain(headers) || headers.repeated) return undefined;
  const { at, via: viaLine, from: fromLine, to: toLine, callId: callIdLine } = headers;
  if (viaLine < 0 || fromLine < 0 || toLine < 0 || callIdLine < 0 || headers.cseq < 0) {
    return undefined;
  }
  const bytes = bytesOf(text);
  const via = readPlainVia(text, bytes, at[3 * viaLine + 1]!, at[3 * viaLine + 2]!);
  if (!via) return undefined;
  const from = readPlainAddress(text, bytes, at[3 * fromLine + 1]!, at[3 * fromLine + 2]!);
  if (!from) return undefined;
  const fromTag = text.slice(foundParams.tagStart, foundParams.tagEnd);
  const to = readPlainAddress(text, bytes, at[3 * toLine + 1]!, at[3 * toLine + 2]!);
  if (!to) return undefined;
  const toTag = text.slice(foundParams.tagStart, foundParams.tagEnd);
  const cseq = readPlainCSeq(message, bytes, at[3 * headers.cseq + 1]!, at[3 * headers.cseq + 2]!);
  const [callIdStart, callIdEnd] = [at[3 * callIdLine + 1]!, at[3 * callIdLine + 2]!];
  if (!cseq || !hasNoSpace(bytes, callIdStart, callIdEnd)) return undefined;
  const callId = text.slice(callIdStart, callIdEnd);
  return { via, cseq, callId, from, to, fromTag, toTag };
}

/** A number, one space, a method: for a request its own. */
function readPlainCSeq(
  message: Message,
  bytes: Uint8Array,
  start: number,
  end: number,
): CSeq | undefined {
  let number = 0;
  let at = start;
  for (let digit = bytes[at]! - 48; digit >= 0 && digit <= 9; digit = bytes[++at]! - 48)
    number = number * 10 + digit;
  if (at === start || at - start > 10 || number > MAX_CSEQ || bytes[at] !== SP) return undefined;
  const methodStart = ++at;
  while (isTokenCode(bytes[at]!)) at++;
  if (at !== end || at === methodStart) return undefined;
  const method = plainMethod(message.text, bytes, methodStart, end);
  if (message.kind === "Request" && method !== message.method) return undefined;
  return { number, method };
}

function hasNoSpace(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i]! <= SP) return false;
  return end > start;
}
