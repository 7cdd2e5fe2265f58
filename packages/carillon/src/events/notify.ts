/** Telling others about oneself without a server for it: `notify(phone, presence, …)`. RFC 6665. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { HeaderField } from "../message/compose.ts";
import { parseEvent } from "../message/header/event.ts";
import { readHeader } from "../message/read-header.ts";
import type { Agent } from "../ua/agent.ts";
import { partsOf } from "../ua/phone-parts.ts";
import { referEventOf } from "../ua/refer-event.ts";
import type { MethodTaker } from "../ua/takers.ts";
import { allowEventsHeader } from "../usage/notify-body.ts";
import type { EventPackage } from "./event-package.ts";
import { Notifier, type NotifyOptions, type Provider } from "./notifier.ts";

/**
 * Answers SUBSCRIBEs for this package, and tells those that may know. Throws an Error if the phone
 * does so already, and a TypeError for a package that cannot be written, or what is no phone.
 */
export function notify<T>(
  phone: object,
  pack: EventPackage<T>,
  provider: Provider<T>,
  options: NotifyOptions,
): Notifier<T> {
  const parts = partsOf(phone);
  const { agent } = parts;
  if (!pack.write) throw new TypeError(`${pack.event} is only read`);
  const all = notifiersOf(agent);
  if (all.has(pack.event)) throw new Error(`${pack.event} is told already`);
  const removed = () => void all.remove(pack.event);
  const notifier = new Notifier(agent, pack, provider, options, parts, removed);
  all.add(pack.event, notifier);
  return notifier;
}

const ALL = new WeakMap<Agent, Notifiers>();

function notifiersOf(agent: Agent): Notifiers {
  const known = ALL.get(agent);
  if (known) return known;
  const made = new Notifiers(agent);
  agent.takers.addMethod("SUBSCRIBE", made);
  ALL.set(agent, made);
  return made;
}

type AnyNotifier = Pick<Notifier<unknown>, "subscribed">;

/** All that one device tells of. */
class Notifiers implements MethodTaker {
  readonly #agent: Agent;
  readonly #byEvent = new Map<string, AnyNotifier>();

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  has(event: string): boolean {
    return this.#byEvent.has(event);
  }

  add(event: string, notifier: AnyNotifier): void {
    this.#byEvent.set(event, notifier);
  }

  remove(event: string): void {
    this.#byEvent.delete(event);
  }

  //= RFC 6665 §4.4.4
  //# The "Allow-Events" header field, if present, MUST include a comprehensive and inclusive list
  //# of tokens that indicates the event packages for which the user agent can act as a notifier.
  capabilities(): readonly HeaderField[] {
    return allowEventsHeader([...this.#byEvent.keys(), "refer"]);
  }

  request(from: Incoming): void {
    const { endpoint, takers } = this.#agent;
    const { request, essentials } = from;
    // A dialog that is somebody else's, or nobody's.
    if (essentials.toTag !== "") return endpoint.reply(from, { status: 481 });
    //= RFC 3515 §2.4.4
    //# If a SUBSCRIBE request for event refer is received for a subscription that does not already
    //# exist, it MUST be rejected with a 403.
    if (referEventOf(request)) return endpoint.reply(from, { status: 403 });
    const event = readHeader(request, "Event", parseEvent);
    const notifier = event.ok && event.value && this.#byEvent.get(event.value.type);
    if (event.ok && event.value && notifier) return notifier.subscribed(from, event.value);
    takers.answer(endpoint, from, { status: 489, headers: this.capabilities() });
  }
}
