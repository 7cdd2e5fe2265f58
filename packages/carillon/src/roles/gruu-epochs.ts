/**
 * How long temporary GRUUs last. Those of a device carry the name of an epoch, and its bindings
 * have the same one: nothing is kept of a single GRUU. An epoch is over when no binding of the
 * device is left, or when one of them comes with another Call-ID. RFC 5627 §5.1, §5.3.
 */
import type { Octets } from "../grammar/octets.ts";
import type { Binding } from "./location.ts";

/** What of a binding says whose epoch it is in. */
export type Instanced = Pick<Binding, "callId" | "instance" | "regId" | "epoch">;

/**
 * What names of instances have in common where they mean the same device. A GRUU's `gr` is compared
 * without case, and GRUUs of two devices have to differ.
 */
export const instanceKey = (instance: Octets): string => instance.toLowerCase();

//= RFC 5627 §5.1
//# If it differs from the one in the REGISTER request, the registrar MUST invalidate all previously
//# generated temporary GRUUs for the AOR and instance ID.
//= RFC 5627 §4.1
//# If the Call-ID changes for the registration refresh for a particular reg-id, the server will
//# invalidate all temporary GRUUs associated with that UA instance as a whole.
//= RFC 5627 §5.3
//# If, as a consequence of the expiration of the contact, a particular GRUU no longer has any
//# registered contacts bound to it, and the GRUU is a temporary GRUU, the GRUU MUST be invalidated.
/**
 * The bindings after a REGISTER, each with the epoch it is in. `before` are those of the account
 * that had not expired, the same objects where they stay; the last one was registered last.
 */
export function withEpochs<B extends Instanced>(
  before: readonly B[],
  after: readonly B[],
  newEpoch: () => Octets,
): readonly B[] {
  const epochs = new Map<string, Octets>();
  for (const one of after) {
    const { instance } = one;
    if (instance === undefined || before.includes(one)) continue;
    const key = instanceKey(instance);
    const own = before.filter((other) => isOf(other, key));
    const last = own.findLast(({ regId }) => regId === one.regId);
    const running = own.at(-1)?.epoch;
    const isOver = running === undefined || (last !== undefined && last.callId !== one.callId);
    const hasEnded = epochs.has(key) && epochs.get(key) !== running;
    if (!hasEnded) epochs.set(key, isOver ? newEpoch() : running);
  }
  if (epochs.size === 0) return after;
  return after.map((one) => {
    const epoch = one.instance === undefined ? undefined : epochs.get(instanceKey(one.instance));
    return epoch === undefined || epoch === one.epoch ? one : { ...one, epoch };
  });
}

/** Whether a binding is of the device with this key. */
export const isOf = ({ instance }: Pick<Binding, "instance">, key: string): boolean =>
  instance !== undefined && instanceKey(instance) === key;
