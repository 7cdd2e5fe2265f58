/** Which bindings of an account a Request-URI means. RFC 5627 §6.1. */
import { bad, ok, type Result } from "../grammar/result.ts";
import type { SipUri } from "../uri/sip-uri.ts";
import type { GruuRead, Gruus } from "./gruu.ts";
import { instanceKey, isOf } from "./gruu-epochs.ts";
import type { Binding } from "./location.ts";

//= RFC 5627 §5.4
//# While the AOR resolves to all registered contacts for an AOR, a GRUU resolves only to those
//# contacts whose instance ID matches the one associated with the GRUU.
//= RFC 5627 §6.1
//# In essence, to select a registered contact, the GRUU is processed just like it was the AOR, but
//# with only a subset of the contacts bound to the AOR.
/**
 * Those bindings: all of them where the URI is no GRUU.
 *
 * Errors: `not-a-gruu` (404) for what nobody here made, and for a temporary one that is over;
 * `instance-offline` (480) for a device that has no binding now.
 */
export function boundTo(
  gruus: Gruus,
  uri: SipUri,
  bindings: readonly Binding[],
): Result<readonly Binding[]> {
  const read = gruus.read(uri);
  if (!read) return ok(bindings);
  if (read.kind === "none") return NOT_ONE;
  const bound = bindings.filter((one) => isBoundTo(one, read));
  if (bound.length > 0) return ok(bound);
  //= RFC 5627 §5.1
  //# A consequence of this invalidation is that requests addressed to those GRUUs will be rejected
  //# by the domain with a 404 from this point forward.
  //= RFC 5627 §6.1
  //# If there are no registered contacts bound to the GRUU, the server MUST return a 480
  //# (Temporarily Unavailable) response.
  return read.kind === "temporary" ? OVER : OFFLINE;
}

//= RFC 5627 §5.4
//# Once a temporary GRUU is constructed, it MUST be considered valid by the registrar until
//# invalidated based on the rules described previously.
const isBoundTo = (one: Binding, read: Exclude<GruuRead, { kind: "none" }>): boolean =>
  read.kind === "public" ? isOf(one, instanceKey(read.instance)) : one.epoch === read.epoch;

//= RFC 5627 §5.4
//# Once an AOR is no longer valid within a domain, all of its GRUUs MUST be considered invalid as
//# well.
// Nobody's bindings are asked for, by then: `out-of-dialog.ts` has looked for the account before.
//= RFC 5627 §6.1
//# If it contains the "gr" URI parameter but is not equivalent, based on URI comparison, to a
//# currently valid GRUU within the domain, it SHOULD be rejected with a 404 (Not Found) response
const NOT_ONE = bad("not-a-gruu", "no device has this address", 0, "RFC 5627 §6.1", 404);
const OVER = bad("not-a-gruu", "this temporary address is over", 0, "RFC 5627 §5.1", 404);
const OFFLINE = bad("instance-offline", "this device is not online", 0, "RFC 5627 §6.1", 480);
