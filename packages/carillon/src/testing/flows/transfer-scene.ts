/** What flows of transfers have in common: three people, and how the calls of a transfer end. */

import type { Call } from "../../ua/call.ts";
import type { Phone } from "../../ua/phone.ts";
import type { Transfer } from "../../ua/transfer.ts";
import * as transferring from "../../ua/transferring.ts";
import { cast, endsOf, FOLLOWS, fateLater, over, successorOf } from "./cast.ts";
import type { FlowStage, Party } from "./flow-stage.ts";

export const TOWERS: readonly string[] = ["alice", "server", "bob", "carol"];

export const DEVICE = { hasGruu: true };

interface Three {
  readonly alice: Phone;
  readonly bob: Phone;
  readonly carol: Phone;
}

/** Alice, Bob, whose phone does as it is asked to, and Carol: all signed in. The story begins. */
export const three = (stage: FlowStage): Promise<Three> =>
  cast(stage, { alice: {}, bob: FOLLOWS, carol: {} });

/** The same, each with a GRUU: REFERs go in dialogs of their own then, and to one device. */
export const threeDevices = (stage: FlowStage): Promise<Three> =>
  cast(stage, { alice: DEVICE, bob: { ...DEVICE, ...FOLLOWS }, carol: DEVICE });

/** Alice and Bob alone, where Carol has a device of another kind. */
export const twoFollowing = (stage: FlowStage): Promise<Omit<Three, "carol">> =>
  cast(stage, { alice: {}, bob: FOLLOWS });

/** A call that comes to somebody because of a transfer, once it is answered, and its fate. */
export async function putThrough(
  stage: FlowStage,
  callee: Party,
  begin: () => Transfer,
): Promise<{ readonly taken: Call; readonly fate: string }> {
  let fate: Promise<string> | undefined;
  const taken = await stage.comes(callee, async () => {
    fate = fateLater(begin());
    const outcome = await fate;
    if (!GOOD.has(outcome)) throw new Error(`the transfer came to nothing: ${outcome}`);
  });
  if (!transferring.replacedBy(taken)) {
    await stage.network.run(1500);
    await stage.patiently(taken.answer());
  }
  await stage.patiently(taken.answered);
  return { taken, fate: await stage.patiently(Promise.resolve(fate ?? "not begun")) };
}

const GOOD: ReadonlySet<string> = new Set(["Transferred", "Accepted"]);

/** The four ends of two calls, and the two of the one that takes their place. */
export interface Transferred {
  /** Alice's call with Bob, Bob's end of it, Alice's call to Carol, Carol's end. */
  readonly old: readonly [Call, Call, Call, Call];
  /** Who calls now, and who is called. */
  readonly between: readonly [Call, Call];
}

/** The ends of everybody, after those two have hung up. */
export async function partings(
  stage: FlowStage,
  fate: string,
  { old, between }: Transferred,
): Promise<readonly string[]> {
  await over(stage, ...old);
  const [from, to] = between;
  await stage.network.run(2000);
  await stage.hangUp(to, from);
  const [first, bob, second, carol] = old;
  return [
    `transfer: ${fate}`,
    ...endsOf({ "alice with bob": first, bob, "alice to carol": second, carol }),
    ...endsOf({ "the new call": from, "its other end": to }),
  ];
}

export const PARTINGS: readonly string[] = [
  "transfer: Transferred",
  "alice with bob: SIP_TRANSFERRED by local",
  "bob: SIP_TRANSFERRED by remote",
  "alice to carol: SIP_REPLACED by remote",
  "carol: SIP_REPLACED by remote",
  "the new call: SIP_HUNG_UP by remote",
  "its other end: SIP_HUNG_UP by local",
];

/** Has Bob's phone call Carol, who knows of nothing, answers, and hangs up in the end. */
export async function blindly(
  stage: FlowStage,
  first: Call,
  bobs: Call,
  carol: Party,
): Promise<readonly string[]> {
  const { taken, fate } = await putThrough(stage, carol, () =>
    transferring.transfer(first, carol.aor),
  );
  await over(stage, bobs);
  const between = successorOf(bobs);
  await stage.network.run(2000);
  await stage.hangUp(taken, between);
  return [
    `transfer: ${fate}`,
    ...endsOf({ alice: first, bob: bobs, "bob to carol": between, carol: taken }),
  ];
}

export const BLIND_ENDS: readonly string[] = [
  "transfer: Transferred",
  "alice: SIP_TRANSFERRED by local",
  "bob: SIP_TRANSFERRED by remote",
  "bob to carol: SIP_HUNG_UP by remote",
  "carol: SIP_HUNG_UP by local",
];

/** A transfer that comes to nothing: what is said of it, and the two go on as before. */
export async function takenBack(
  stage: FlowStage,
  from: Call,
  to: Call,
  fate: string,
): Promise<readonly string[]> {
  await stage.patiently(from.resume());
  const resumed = from.state.name;
  const successor = transferring.successorOf(to);
  await stage.hangUp(from, to);
  return [
    `transfer: ${fate}`,
    ...(successor ? endsOf({ "bob to carol": successor }) : []),
    `resumed: ${resumed}`,
    ...endsOf({ alice: from, bob: to }),
  ];
}
