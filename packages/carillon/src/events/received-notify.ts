/** What is wrong with a NOTIFY, or what it says. RFC 6665 §4.1.3. */
import type { Reply } from "../endpoint/reply.ts";
import type { Octets } from "../grammar/octets.ts";
import { isMediaType, type MediaType, parseContentType } from "../message/header/content-type.ts";
import { type EventType, parseEvent, sameEvent } from "../message/header/event.ts";
import { parseSubscriptionState } from "../message/header/subscription-state.ts";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { readHeader } from "../message/read-header.ts";
import type { Agent } from "../ua/agent.ts";
import { requireObjection } from "../ua/objection.ts";
import type { Notify } from "../usage/subscriber.ts";

export interface ReceivedNotify {
  readonly input: Notify;
  /** Undefined where there is none. */
  readonly content: { readonly type: MediaType; readonly body: Octets } | undefined;
}

/** `event` is the subscription's, `accept` the types that it takes, `supported` its extensions. */
export function readNotify(
  agent: Agent,
  request: Request,
  {
    event,
    accept,
    supported,
  }: {
    readonly event: EventType;
    readonly accept: readonly string[];
    readonly supported: readonly string[];
  },
): ReceivedNotify | Reply {
  const wrong = requireObjection(request, agent);
  if (wrong && !isOfPackage(wrong, supported)) return wrong;
  const about = readHeader(request, "Event", parseEvent);
  //= RFC 6665 §8.3.2
  //# 489 (Bad Event) is used to indicate that the server did not understand the event package
  //# specified in a "Event" header field.
  if (!about.ok || !about.value || !sameEvent(about.value, event)) {
    return { status: 489, headers: [["Allow-Events", event.type]] };
  }
  const state = readHeader(request, "Subscription-State", parseSubscriptionState);
  if (!state.ok || !state.value) return { status: 400 };
  const { expiresSeconds, reason, retryAfterSeconds } = state.value;
  const input: Notify = {
    ...{ kind: "Notify", state: stateOf(state.value.state) },
    ...{ expiresSeconds, reason, retryAfterSeconds },
  };
  // How it ends is heard, whatever is said beside that.
  const content = contentOf(request, accept);
  if (content !== "unknown") return { input, content };
  if (input.state === "terminated") return { input, content: undefined };
  return { status: 415, headers: [["Accept", accept.join(", ")]] };
}

/** Whether a NOTIFY is refused for extensions alone that its package has, and its phone has not. */
function isOfPackage(wrong: Reply, supported: readonly string[]): boolean {
  if (wrong.status !== 420 || supported.length === 0) return false;
  const unknown = wrong.headers?.find(([name]) => name === "Unsupported")?.[1].split(", ") ?? [];
  return unknown.every((one) => supported.includes(one.toLowerCase()));
}

/** One that is not known is not yet what was asked for. */
const stateOf = (name: string): Notify["state"] =>
  name === "active" || name === "terminated" ? name : "pending";

function contentOf(
  request: Request,
  accept: readonly string[],
): ReceivedNotify["content"] | "unknown" {
  const { body } = request;
  if (body === "") return undefined;
  const type = parseContentType(header(request, "Content-Type") ?? "");
  const encoding = (header(request, "Content-Encoding") ?? "identity").toLowerCase();
  if (!type.ok || encoding !== "identity") return "unknown";
  return accept.some((one) => isMediaType(type.value, one))
    ? { type: type.value, body }
    : "unknown";
}
