/** Which of a person's devices are tried at once, and which after them. RFC 3261 §16.6. */
import { requestUri } from "../dialog/request-uri.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import type { Flow } from "../transport/flow.ts";
import { shareOf } from "./breadth.ts";
import type { Target } from "./copies.ts";
import type { Binding } from "./location.ts";

export interface Reachable {
  readonly binding: Binding;
  readonly flow: Flow;
}

//= RFC 3261 §16.6
//# A common ordering mechanism is to use the qvalue parameter of targets obtained from Contact
//# header fields (see Section 20.10). Targets are processed from highest qvalue to lowest.
/**
 * Groups of targets in the order in which they are tried, each with its share of the Max-Breadth.
 *
 * Errors: `too-broad` (440) when a group has more targets than there is breadth.
 */
export function targetGroups(
  devices: readonly Reachable[],
  forking: "parallel" | "by-q",
  breadth: number,
): Result<readonly (readonly Target[])[]> {
  const groups = forking === "parallel" ? [devices] : byPreference(devices);
  const widest = Math.max(...groups.map((group) => group.length));
  //= RFC 5393 §5.3.3
  //# If a SIP proxy determines a response context has insufficient Incoming Max-Breadth to carry
  //# out a desired parallel fork, and the proxy is unwilling/unable to compensate by forking
  //# serially or sending a redirect, that proxy MUST return a 440 (Max-Breadth Exceeded)
  //# response.
  if (widest > breadth) {
    const why = `Max-Breadth ${breadth} is too little for ${widest} devices at once`;
    return bad("too-broad", why, 0, "RFC 5393 §5.3.3", 440);
  }
  // One group is over when the next begins, so that each may use all of it.
  return ok(groups.map((group) => group.map((one, nth) => targetOf(one, breadth, group, nth))));
}

function targetOf(
  { binding, flow }: Reachable,
  breadth: number,
  group: readonly Reachable[],
  nth: number,
): Target {
  return { flow, uri: requestUri(binding.contact), breadth: shareOf(breadth, group.length, nth) };
}

function byPreference(devices: readonly Reachable[]): readonly (readonly Reachable[])[] {
  const weights = [...new Set(devices.map(({ binding }) => binding.q))].sort((a, b) => b - a);
  return weights.map((q) => devices.filter(({ binding }) => binding.q === q));
}
