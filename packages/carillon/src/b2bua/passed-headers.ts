/**
 * Which headers of a message on one side of a bridge go on to the other. Those that belong to a
 * hop, a dialog or a credential stay; those that name a call are said in its other name; all the
 * rest goes through, known or not. RFC 3261 §20, RFC 7092 §3.1.1.
 */
import { flat, type Octets } from "../grammar/octets.ts";
import { unfold } from "../grammar/quoted.ts";
import { type HeaderField, mayStandIn } from "../message/compose.ts";
import { lineSpan, valueSpan } from "../message/headers.ts";
import type { Message } from "../message/message.ts";
import {
  inReplyToAcross,
  joinAcross,
  type MappedIds,
  referToAcross,
  replacesAcross,
  targetDialogAcross,
} from "./mapped-ids.ts";

/** How a message goes across. */
export interface Passing {
  /** What the ids in it are called there. */
  readonly ids: MappedIds;
  /** Nothing is to be seen of where the other side is and with what. */
  readonly hide: boolean;
}

/**
 * The headers that go on, in their order; `method` is that of the request that they go into, and is
 * left out for a response.
 */
export function passedHeaders(
  message: Message,
  { ids, hide }: Passing,
  method?: string,
): readonly HeaderField[] {
  const fields: HeaderField[] = [];
  for (const [line, name] of message.headers.names.entries()) {
    const lower = name.toLowerCase();
    if (OF_ONE_SIDE.has(lower) || (hide && TELLING.has(lower))) continue;
    if (!mayStandIn(name, method)) continue;
    const { start, end } = valueSpan(message, line);
    const value = flat(unfold(message.text.slice(start, end)));
    fields.push([spelled(message, line), acrossIn(name, value, ids)]);
  }
  return fields;
}

/** A name that nobody here knows is indexed in lower case, and goes on as it was written. */
function spelled(message: Message, line: number): string {
  const name = message.headers.names[line] ?? "";
  if (name !== name.toLowerCase()) return name;
  const { start } = lineSpan(message, line);
  return flat(message.text.slice(start, message.text.indexOf(":", start)).trimEnd());
}

function acrossIn(name: string, value: Octets, ids: MappedIds): Octets {
  switch (name) {
    case "Replaces":
      return replacesAcross(value, ids.across);
    case "Join":
      return joinAcross(value, ids.across);
    case "Target-Dialog":
      return targetDialogAcross(value, ids.across);
    case "Refer-To":
      return referToAcross(value, ids.across);
    case "In-Reply-To":
      return inReplyToAcross(value, (callId) => ids.callIdAcross(callId));
    default:
      return value;
  }
}

/** What each side says for itself, or to the next hop alone. */
const OF_ONE_SIDE: ReadonlySet<string> = new Set([
  // The transaction, the dialog and its way.
  ...["via", "from", "to", "call-id", "cseq", "contact", "content-length", "max-forwards"],
  ...["max-breadth", "route", "record-route", "path", "service-route", "rack", "rseq", "timestamp"],
  // Who may do it: shown to whoever asked, and to nobody else.
  ...["authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate"],
  ...["authentication-info", "security-client", "security-server", "security-verify"],
  // Signed over what is another there.
  ...["identity", "identity-info"],
  // What each leg has agreed on for itself.
  ...["allow", "allow-events", "supported", "require", "proxy-require", "unsupported"],
  ...["session-expires", "min-se", "flow-timer", "user-agent", "server"],
  // What this agent tells of the bridge itself, and of nobody else's.
  ...["carillon-bridge"],
]);

/** What tells where somebody is. */
const TELLING: ReadonlySet<string> = new Set([
  ...["call-info", "error-info", "geolocation", "history-info", "diversion", "organization"],
  ...["reply-to", "session-id", "warning", "p-access-network-info", "p-visited-network-id"],
  ...["feature-caps", "date", "in-reply-to"],
]);
