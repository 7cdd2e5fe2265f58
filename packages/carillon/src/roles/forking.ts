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

/** A device: the flows that lead to it, the one to be tried first in front; at least one. */
type Device = readonly [Reachable, ...Reachable[]];

/** Where a request goes, and over which flows to the same device if that one is of no use. */
export interface ForkTarget extends Target {
  readonly others: readonly ForkTarget[];
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
  reachable: readonly Reachable[],
  forking: "parallel" | "by-q",
  breadth: number,
): Result<readonly (readonly ForkTarget[])[]> {
  const each = devicesOf(reachable);
  const groups = forking === "parallel" ? [each] : byPreference(each);
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

//= RFC 5626 §7
//# The proxy MUST NOT populate the target set with more than one contact with the same AOR and
//# instance-id at a time.
//= RFC 5627 §6.1
//# The proxy MUST select the most recently refreshed contact.
/** The flow that was registered last comes first: it is the surest to be there still. */
function devicesOf(reachable: readonly Reachable[]): readonly Device[] {
  const devices: Device[] = [];
  const places = new Map<string, number>();
  for (const one of reachable) {
    const { instance } = one.binding;
    const place = instance === undefined ? undefined : places.get(instance);
    const known = place === undefined ? undefined : devices[place];
    if (place !== undefined && known) devices[place] = [one, ...known];
    else if (instance !== undefined) places.set(instance, devices.push([one]) - 1);
    else devices.push([one]);
  }
  return devices;
}

function targetOf(device: Device, breadth: number, group: readonly Device[], nth: number) {
  const share = shareOf(breadth, group.length, nth);
  const [first, ...others] = device.map(
    ({ binding: { contact, path, instance: device }, flow }): ForkTarget => ({
      ...{ flow, uri: requestUri(contact), path, device, breadth: share, others: [] },
    }),
  );
  return { ...first, others } as ForkTarget;
}

function byPreference(devices: readonly Device[]): readonly (readonly Device[])[] {
  const weights = [...new Set(devices.map(weightOf))].sort((a, b) => b - a);
  return weights.map((q) => devices.filter((device) => weightOf(device) === q));
}

const weightOf = (device: Device): number => Math.max(...device.map(({ binding }) => binding.q));
