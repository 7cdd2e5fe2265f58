/** Content-ID. RFC 8262 §3.2; in body parts RFC 2045 §7. */
import { isSpace, trimmed } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";

/**
 * `Content-ID = "Content-ID" HCOLON msg-id`, `msg-id = "<" id-left "@" id-right ">"`.
 * RFC 8262 §3.2. Errors: `bad-header` (400).
 */
export function parseContentId(octets: Octets): Result<Octets> {
  const text = trimmed(octets, 0, octets.length);
  const id = text.slice(1, -1);
  if (text[0] !== "<" || text.at(-1) !== ">" || !isMessageId(id)) {
    return badHeader("expected <left@right>", 0, "RFC 8262 §3.2");
  }
  return ok(id);
}

/** Given and written without and with brackets. Throws a RangeError on what is none. */
export function formatContentId(id: Octets): Octets {
  if (!isMessageId(id)) throw new RangeError(`not a Content-ID: ${JSON.stringify(id)}`);
  return `<${id}>`;
}

function isMessageId(id: Octets): boolean {
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    if (isSpace(code) || code < 0x20 || code > 0x7e || "<>".includes(id[i] ?? "")) return false;
  }
  const at = id.indexOf("@");
  return at > 0 && at < id.length - 1;
}
