/** What one phone tells of itself and another looks at: who is on the phone. RFC 6665, RFC 4235. */
import type { DialogInfo, DialogState } from "../../documents/dialog-info.ts";
import { notify } from "../../events/notify.ts";
import { ownDialogs } from "../../events/own-state.ts";
import { dialogs } from "../../events/packages.ts";
import { fetchState } from "../../events/subscribe.ts";
import type { Subscription } from "../../events/subscription.ts";
import type { Phone } from "../../ua/phone.ts";
import type { FlowStage } from "./flow-stage.ts";

/** From now on a phone tells of its dialogs, and nobody but this one. */
export function tellsDialogs(phone: Phone, { aor }: Phone): void {
  notify(phone, dialogs, ownDialogs(phone), { allow: ({ uri }) => uri === aor });
}

/** What it takes to come into a call of somebody else's. */
export interface Sighted {
  /** With whom they talk. */
  readonly peer: string;
  readonly dialog: {
    readonly callId: string;
    readonly localTag: string;
    readonly remoteTag: string;
  };
}

/** Asks somebody's phone, once, which dialog in this state it has. */
export async function dialogAt(
  stage: FlowStage,
  who: Phone,
  whom: Phone,
  state: DialogState["state"],
): Promise<Sighted> {
  const info = await stage.patiently(fetchState(who, dialogs, whom.aor));
  const { callId, localTag, remoteTag, remote } = inState(info, state) ?? {};
  if (!callId || !localTag || !remoteTag || !remote?.identity) {
    throw new Error(`${whom.aor} tells of no ${state} dialog`);
  }
  return { peer: remote.identity, dialog: { callId, localTag, remoteTag } };
}

/** Does something while somebody watches, and lets the subscription go, whatever comes of it. */
export async function whileWatching<T, R>(
  stage: FlowStage,
  watching: Subscription<T>,
  run: (watching: Subscription<T>) => Promise<R>,
): Promise<R> {
  try {
    return await run(watching);
  } finally {
    await stage.patiently(watching.end());
  }
}

/** The first one of these that is in this state. */
export const inState = (info: DialogInfo, state: DialogState["state"]): DialogState | undefined =>
  info.dialogs.find((one) => one.state === state);
