import type { DialogInfo } from "../../documents/dialog-info.ts";
import { dialogs } from "../../events/packages.ts";
import { subscribe } from "../../events/subscribe.ts";
import type { Subscription } from "../../events/subscription.ts";
import type { Call } from "../../ua/call.ts";
import { cast, endsOf } from "./cast.ts";
import type { Flow } from "./flow.ts";
import { endOf, type FlowStage } from "./flow-stage.ts";
import { inState, tellsDialogs, whileWatching } from "./watching.ts";

export const automaticRedial: Flow = {
  title: "Bob is busy: Alice's phone calls him again when he is not",
  source: "RFC 5359 §2.17",
  words: [
    "Bob talks to Carol, and his phone says 486. Alice's subscribes to its dialogs, is told that",
    "there is one, and later that it is over. Then it calls again, and lets the subscription go.",
  ],
  differs: [
    "Bob's phone tells of every state of a dialog (RFC 4235 §3.7.1), so that Alice's hears of its",
    "own call as it rings, too. In the end Bob hangs up; the RFC ends before.",
  ],
  towers: ["alice", "server", "bob", "carol"],
  ends: [
    "first: SIP_BUSY by remote",
    "bob's line: busy, free, busy",
    "alice: SIP_HUNG_UP by remote",
    "bob: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const { alice, bob, carol } = await cast(stage, { alice: {}, bob: {}, carol: {} });
    tellsDialogs(bob, alice);
    return await stage.scene(async () => {
      const [others] = await stage.talk(bob, carol);
      stage.begin();
      const busy = bob.calls();
      void declining(busy);
      const first = await stage.refused(() => alice.call(bob.aor));
      void busy.return?.();
      const told: string[] = [];
      const line = subscribe(alice, dialogs, bob.aor);
      const [from, to] = await whileWatching(stage, line, async () => {
        told.push(await lineIs(stage, line, true));
        others.hangUp();
        told.push(await lineIs(stage, line, false));
        const talking = await stage.talk(alice, bob);
        told.push(await lineIs(stage, line, true));
        return talking;
      });
      await stage.hangUp(to, from);
      const seen = `bob's line: ${told.join(", ")}`;
      return [endOf("first", first), seen, ...endsOf({ alice: from, bob: to })];
    });
  },
};

/** Says to every call that somebody is on another one. */
async function declining(calls: AsyncIterable<Call>): Promise<void> {
  for await (const call of calls) call.decline(486);
}

/** Waits until the line that is watched is busy, or free; what it is then. */
async function lineIs(
  stage: FlowStage,
  watching: Subscription<DialogInfo>,
  isBusy: boolean,
): Promise<string> {
  const seen = async () => {
    for await (const info of watching.values()) {
      if ((inState(info, "confirmed") !== undefined) === isBusy) return isBusy ? "busy" : "free";
    }
    return watching.state.name;
  };
  return await stage.patiently(seen());
}
