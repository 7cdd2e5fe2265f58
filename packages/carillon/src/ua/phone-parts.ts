/**
 * What is inside of a phone, for what is built on it and need not be in every page: subscriptions,
 * receipts and their like are functions that take a phone, and find its inside here.
 */
import type { Millis } from "../transaction/timers.ts";
import type { Agent } from "./agent.ts";
import type { Call } from "./call.ts";
import type { MediaSession } from "./media.ts";
import type { MessageInbox } from "./message-inbox.ts";
import type { MessageOutbox } from "./message-outbox.ts";
import type { PhoneCalls } from "./phone-calls.ts";
import type { Registrations } from "./registrations.ts";

export interface PhoneParts {
  readonly agent: Agent;
  readonly inbox: MessageInbox;
  readonly outbox: MessageOutbox;
  readonly calls: PhoneCalls;
  readonly registrations: Registrations;
  /** Called with the media of every call, before anything is asked of them. */
  readonly prepared: ((media: MediaSession) => void)[];
  /** Runs something in the endpoint's turn; throws a SipError once the phone is closed. */
  inTurn(run: () => void): void;
  /** The same, and nothing once the phone is closed: for what happens by itself. */
  whileOpen(run: () => void): void;
  now(): Millis;
  /** Tells of every call there is and will be; the result ends that. */
  watchCalls(called: (call: Call) => void): () => void;
}

const PARTS = new WeakMap<object, PhoneParts>();

/** For phones. */
export function share(phone: object, parts: PhoneParts): void {
  PARTS.set(phone, parts);
}

/** Throws a TypeError for what is no phone. */
export function partsOf(phone: object): PhoneParts {
  const parts = PARTS.get(phone);
  if (!parts) throw new TypeError("not a phone");
  return parts;
}
