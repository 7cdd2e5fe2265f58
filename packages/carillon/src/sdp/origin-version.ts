/** The version in `o=`: one higher whenever something else in the description changed. */
import { type Description, formatSdp, originOf } from "./description.ts";
import type { Origin } from "./line.ts";

/**
 * The description with the version in `o=` that it has to have after the one sent before; if they
 * are the same but for that, the one before. RFC 3264 §8.
 *
 * Both have to be of one origin: a RangeError tells the caller that they are not, or that a first
 * one's numbers are too large.
 */
export function versioned(next: Description, before: Description | undefined): Description {
  if (!before) return first(next);
  const [was, is] = [originOf(before), originOf(next)];
  //= RFC 3264 §8
  //# When issuing an offer that modifies the session, the "o=" line of the new SDP MUST be
  //# identical to that in the previous SDP, except that the version in the origin field MUST
  //# increment by one from the previous SDP.
  if (!isSameOrigin(was, is)) throw new RangeError("the o= line changed within a session");
  const unchanged = withVersion(next, was.sessionVersion);
  //= RFC 3264 §8
  //# If the version in the origin line does not increment, the SDP MUST be identical to the SDP
  //# with that version number.
  //= RFC 4028 §7.4
  //# In that case, the offer MUST indicate that it has not changed. In the case of SDP, this is
  //# accomplished by including the same value for the origin field as did previous SDP messages to
  //# its peer. The same is true for an answer exchanged as a result of a session refresh request;
  //# if it has not changed, that MUST be indicated.
  if (formatSdp(unchanged) === formatSdp(before)) return before;
  return withVersion(next, `${BigInt(was.sessionVersion) + 1n}`);
}

//= RFC 3264 §5
//# The numeric value of the session id and version in the o line MUST be representable with a 64
//# bit signed integer. The initial value of the version MUST be less than (2**62)-1, to avoid
//# rollovers.
function first(next: Description): Description {
  const { sessionId, sessionVersion } = originOf(next);
  const isFit = BigInt(sessionId) < 2n ** 63n && BigInt(sessionVersion) < 2n ** 62n - 1n;
  if (!isFit) throw new RangeError(`too large for o=: ${sessionId} ${sessionVersion}`);
  return next;
}

//= RFC 3311 §5.2
//# If a UA receives an UPDATE for an existing dialog, it MUST check any version identifiers in the
//# session description or, if there are no version identifiers, the content of the session
//# description to see if it has changed.
//= RFC 3264 §8
//# The answerer MUST be prepared to receive an offer that contains SDP with a version that has not
//# changed; this is effectively a no-op.
/**
 * Whether a peer's description is another than the one it sent before: by its version, or, since
 * there are peers that forget to count, by what stands in it. RFC 3264 §8.
 */
export function hasChanged(next: Description, before: Description): boolean {
  // Its version is in its text.
  return formatSdp(next) !== formatSdp(before);
}

function withVersion(d: Description, sessionVersion: string): Description {
  const session = d.session.map((line) => (line.kind === "o" ? { ...line, sessionVersion } : line));
  return { ...d, session };
}

/** True if two descriptions are of one session: all of `o=` but the version. */
export const isSameOrigin = (a: Origin, b: Origin): boolean =>
  a.username === b.username &&
  a.sessionId === b.sessionId &&
  a.netType === b.netType &&
  a.addressType === b.addressType &&
  a.address === b.address;
