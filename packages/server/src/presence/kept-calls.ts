/**
 * Calls that go on, in the house's database, so that busy lamps are lit after a restart as before:
 * the proxy needs nothing of a call to put its BYE through, and neither do the two who talk.
 */
import { z } from "zod";
import type { DurableHouse } from "../store/durable-house.ts";

const party = z.object({
  /** Undefined: somebody of another domain. */
  account: z
    .string()
    .optional()
    .transform((name): string | undefined => name),
  uri: z.string(),
  name: z.string(),
});

const saved = z.object({
  /** Tells a watcher that it is the same call: letters and digits, a number that was given once. */
  id: z.string().regex(/^[0-9a-z]{1,10}$/),
  /** By this what is told of it is known to belong to it. */
  key: z.string().min(1),
  callId: z.string(),
  caller: party,
  callee: party,
  callerTag: z.string(),
  calleeTag: z.string().optional(),
  since: z.number(),
  sessionMs: z.number(),
  endsAt: z.number(),
});

/** One that was answered. Times are in ms of the steady clock of this run. */
export type SavedCall = z.infer<typeof saved>;

/** Where they are kept. */
export interface KeptCalls {
  /** What an earlier run left and is not over by itself. */
  all(): readonly SavedCall[];
  save(call: SavedCall): void;
  remove(id: string): void;
}

export function keptCalls(states: DurableHouse["ongoing"]): KeptCalls {
  return {
    all: () =>
      states.values((value, endsAt) => {
        const call = saved.parse(value);
        // By so much this run's clock is ahead of the other's.
        return { ...call, endsAt, since: call.since + endsAt - call.endsAt };
      }),
    save: (call) =>
      states.save({ id: call.id, expiresAt: call.endsAt, record: JSON.stringify(call) }),
    remove: (id) => states.remove(id),
  };
}
