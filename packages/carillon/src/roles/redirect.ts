/** Redirect server: who asks is told where to ask instead. RFC 3261 §8.3, §21.3. */
import type { Reply } from "../endpoint/reply.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import type { HeaderField } from "../message/compose.ts";
import { parseUri } from "../uri/uri.ts";
import type { Alternative, Decision } from "./policy.ts";

/** More would be a list of victims, and no phone tries as many. */
const MAX_CONTACTS = 16;

//= RFC 3261 §8.3
//# When a redirect server returns a 3xx response to a request, it populates the list of (one or
//# more) alternative locations into the Contact header field.
/** Errors: `bad-uri` (500) for a contact that is none: what an operator wrote, not a peer. */
export function redirection({
  status = 302,
  contacts,
}: Extract<Decision, { kind: "Redirect" }>): Result<Reply> {
  const wrong = contacts.find(({ uri }) => !parseUri(uri).ok);
  if (wrong) return bad("bad-uri", `a redirection to what is no URI: ${wrong.uri}`, 0, SOURCE, 500);
  return ok({ status, headers: contacts.slice(0, MAX_CONTACTS).map(contactHeader) });
}

const SOURCE = "RFC 3261 §21.3";

function contactHeader({ uri, q = 1 }: Alternative): HeaderField {
  // At most three digits, as `qvalue` has it.
  const weight = q === 1 ? "" : `;q=${Math.min(1, Math.max(0, Math.round(q * 1000) / 1000))}`;
  return ["Contact", `<${uri}>${weight}`];
}
