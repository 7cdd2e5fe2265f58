/** The event package that comes with every REFER. RFC 3515 §2.4, §3. */
import type { Reply } from "../endpoint/reply.ts";
import { NO_PARAMS } from "../grammar/params.ts";
import { type EventType, parseEvent } from "../message/header/event.ts";
import type { Request } from "../message/message.ts";
import { readHeader } from "../message/read-header.ts";

const REFER = "refer";

//= RFC 3515 §2.4.4
//# Each NOTIFY MUST contain an Event header field with a value of refer and possibly an id
//# parameter (see Section 2.4.6).
/** `id` is the CSeq number of the REFER. */
export const referEvent = (id: string | undefined): EventType => ({
  ...{ type: REFER, id, params: NO_PARAMS },
});

/** The Event of a NOTIFY or SUBSCRIBE about a REFER; undefined if it is about something else. */
export function referEventOf(request: Request): EventType | undefined {
  const event = readHeader(request, "Event", parseEvent);
  return event.ok && event.value?.type === REFER ? event.value : undefined;
}

//= RFC 3515 §2.4.4
//# REFER is the only mechanism that can create a subscription to event refer. If a SUBSCRIBE
//# request for event refer is received for a subscription that does not already exist, it MUST be
//# rejected with a 403.
//= RFC 6665 §4.2.1.1
//# If not, the notifier SHOULD return a 489 (Bad Event) response to indicate that the specified
//# event/event class is not understood.
/** The answer to a SUBSCRIBE or NOTIFY that nobody here takes. */
export const unknownEvent = (request: Request): Reply =>
  referEventOf(request) && request.method === "SUBSCRIBE"
    ? { status: 403 }
    : { status: 489, headers: [["Allow-Events", REFER]] };
