/** Who plays in a scene, and how calls of several people come about there. */

import type { Call } from "../../ua/call.ts";
import type { CallDialog } from "../../ua/call-state.ts";
import type { IncomingTransfer } from "../../ua/incoming-transfer.ts";
import type { Phone } from "../../ua/phone.ts";
import { SipError } from "../../ua/sip-error.ts";
import type { Transfer } from "../../ua/transfer.ts";
import * as transferring from "../../ua/transferring.ts";
import type { PhoneChanges } from "../house.ts";
import { endOf, type FlowStage, type Party } from "./flow-stage.ts";

export const AUDIO = { audio: true, video: false };

/** A phone that does as the other side of its call asks it to. */
export const FOLLOWS: PhoneChanges = { transfers: "follow" };

/** What may be other than usual about somebody's phone. */
interface Part extends PhoneChanges {
  /** UDP if left out; a page has a WebSocket. */
  readonly way?: "udp" | "ws";
  /** Its Contact is a GRUU (RFC 5627), which leads to the one device that somebody has here. */
  readonly hasGruu?: boolean;
}

/** Phones of these people, signed in one after the other. The story begins. */
export async function cast<R extends Readonly<Record<string, Part>>>(
  stage: FlowStage,
  parts: R,
): Promise<{ readonly [K in keyof R]: Phone }> {
  const phones: Record<string, Phone> = {};
  for (const [name, { way, hasGruu = false, ...changes }] of Object.entries(parts)) {
    const named = hasGruu ? { instance: INSTANCES[name] ?? "", ...changes } : changes;
    phones[name] = await stage.signedIn(name, way, named);
  }
  stage.begin();
  return phones as { [K in keyof R]: Phone };
}

/** What the devices of these people are called, whose addresses the server makes of it. */
const INSTANCES: Readonly<Record<string, string>> = {
  alice: "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
  bob: "urn:uuid:b0b00000-7dec-11d0-a765-00a0c91e6bf6",
  carol: "urn:uuid:ca201000-7dec-11d0-a765-00a0c91e6bf6",
  fred: "urn:uuid:f2ed0000-7dec-11d0-a765-00a0c91e6bf6",
};

/** How each of these calls ended: `alice: SIP_HUNG_UP by local`. */
export const endsOf = (calls: Readonly<Record<string, Call>>): readonly string[] =>
  Object.entries(calls).map(([who, call]) => endOf(who, call));

/** Who has put this call on hold, as its end sees it. */
export const heldBy = ({ state }: Call): string =>
  state.name === "Established" ? (state.held ?? "nobody") : state.name;

/**
 * Both ends of a call that `dial` makes, once those two talk. One that takes another's place is
 * answered by itself; else somebody answers a little later.
 */
export async function dialled(
  stage: FlowStage,
  callee: Party,
  dial: () => Call,
): Promise<readonly [from: Call, to: Call]> {
  let from: Call | undefined;
  const to = await stage.comes(callee, () => {
    from = stage.keep(dial());
    return from.answered;
  });
  if (!from) throw new Error("nobody has called");
  if (!transferring.replacedBy(to)) {
    await stage.network.run(1500);
    await stage.patiently(to.answer());
  }
  await stage.patiently(Promise.all([from.answered, to.answered]));
  return [from, to];
}

/** Waits until these are over. */
export async function over(stage: FlowStage, ...calls: readonly Call[]): Promise<void> {
  for (const call of calls) await stage.patiently(call.ended);
}

/** Somebody calls `one`, who holds them and calls a third: all four ends. */
export async function consulted(
  stage: FlowStage,
  one: Party,
  other: Party,
  third: Party,
): Promise<readonly [first: Call, other: Call, second: Call, third: Call]> {
  const [others, first] = await stage.talk(other, one);
  await stage.patiently(first.hold());
  const [second, thirds] = await stage.talk(one, third);
  return [first, others, second, thirds];
}

/** `Transferred`, or the code of why not. Rejects if somebody said nothing for too long. */
export async function fateOf(transfer: Transfer): Promise<string> {
  try {
    await transfer.done;
    return transfer.state.name;
  } catch (cause) {
    if (!(cause instanceof SipError) || cause.code === "SIP_TIMEOUT") throw cause;
    return cause.code;
  }
}

/** The same, for whoever looks at it only later. */
export function fateLater(transfer: Transfer): Promise<string> {
  const fate = fateOf(transfer);
  fate.catch(() => {});
  return fate;
}

/** The call that this one was to be followed by. */
export function successorOf(call: Call): Call {
  const successor = transferring.successorOf(call);
  if (!successor) throw new Error("no call follows this one");
  return successor;
}

/** What `ask` has come to at the phone that it asks, outside of every call; and its fate. */
export async function wishAt(
  stage: FlowStage,
  asked: Phone,
  ask: () => Transfer,
): Promise<readonly [wish: IncomingTransfer, fate: Promise<string>]> {
  const wishes = transferring.transfers(asked);
  const fate = fateLater(ask());
  const refused = fate.then(() => new Promise<never>(() => {}));
  try {
    const { value } = await stage.patiently(Promise.race([wishes.next(), refused]));
    return [value, fate];
  } finally {
    void wishes.return?.();
  }
}

/** What names the dialog of a call as this end of it sees it. */
export function dialogOf({ dialog }: Call): CallDialog {
  if (!dialog) throw new Error("this call has no dialog yet");
  return dialog;
}
