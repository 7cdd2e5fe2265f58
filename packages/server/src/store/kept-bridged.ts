/** Bridged calls in the house's database: the next run tells both sides that they are over. */
import type { BridgedStore } from "carillon/b2bua";
import { z } from "zod";
import type { EventStates } from "./event-states.ts";
import { dialog, udpFlow } from "./kept-shapes.ts";
import { WrittenBehind } from "./written-behind.ts";

/** What nobody has refreshed for so long is over on both sides. */
const KEPT_MS = 24 * 3_600_000;

const saved = z.object({
  id: z.string(),
  callId: z.string(),
  callerTag: z.string(),
  ends: z.array(z.object({ dialog, flow: udpFlow.optional() })),
});

/** `lost` hears of each time that the disk could not take one; `now` is the steady clock's. */
export function keptBridged(
  states: EventStates,
  now: () => number,
  lost: (cause: unknown) => void,
): BridgedStore {
  const behind = new WrittenBehind(states, lost);
  return {
    all: () => states.values((value) => saved.parse(value)),
    save: (call) =>
      behind.save({ id: call.id, expiresAt: now() + KEPT_MS, record: JSON.stringify(call) }),
    remove: (id) => behind.remove(id),
  };
}
