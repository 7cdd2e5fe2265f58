/** Why a CANCEL is sent. RFC 3326. */
import type { Octets } from "../grammar/octets.ts";
import { elements } from "../message/headers.ts";
import type { Request } from "../message/message.ts";

/** A phone that stops ringing is told whether somebody answered, declined, or is tried next. */
export function decidedElsewhere(status: number): Octets {
  if (status < 300) return `SIP;cause=200;text="Call completed elsewhere"`;
  if (status === 408) return `SIP;cause=408;text="Not answered in time"`;
  return `SIP;cause=${status};text="Declined elsewhere"`;
}

/** What is handed on is a few words, not a header section of its own. */
const MAX_REASON = 512;

/**
 * The caller's own reason, to be handed on with its CANCEL. Undefined where there is none, or none
 * that is fit to be written into a message of ours.
 */
export function reasonOf(cancel: Request): Octets | undefined {
  const values = elements(cancel, "Reason");
  if (!values.ok || values.value.length === 0) return undefined;
  const text = values.value.join(", ");
  return text.length > MAX_REASON || text.includes("\0") ? undefined : text;
}
