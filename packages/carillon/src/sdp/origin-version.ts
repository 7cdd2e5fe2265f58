/** The version in `o=`: one higher whenever something else in the description changed. */
import { type Description, formatSdp, originOf } from "./description.ts";
import type { Origin } from "./line.ts";

/**
 * The description with the version it has to have after the one sent before.
 *
 * Both have to be of one origin: a RangeError tells the caller that they are not.
 */
export function versioned(next: Description, before: Description | undefined): Description {
  if (!before) return next;
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
  if (formatSdp(unchanged) === formatSdp(before)) return before;
  return withVersion(next, `${BigInt(was.sessionVersion) + 1n}`);
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
