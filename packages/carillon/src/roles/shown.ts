/**
 * How others know this server, where that is not how it knows itself: behind a NAT, whoever is in
 * front of it has to be told the NAT's address, and whoever is behind it our own.
 */
import type { Flow } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";

/** Where whoever is at the other end of a flow reaches us; undefined where that is its own end. */
export type Advertise = (flow: Flow) => Address | undefined;

/** A flow as it is to be written into Via, Record-Route and Contact. */
export type Shown = (flow: Flow) => Flow;

export const asItIs: Shown = (flow) => flow;

//= RFC 3261 §16.6
//# The URI placed in the Record-Route header field MUST resolve to the element inserting it (or a
//# suitable stand-in) when the server location procedures of [4] are applied to it, so that
//# subsequent requests reach the same SIP element.
export function shownBy(advertise: Advertise | undefined): Shown {
  if (!advertise) return asItIs;
  return (flow) => {
    const local = advertise(flow);
    return local ? { ...flow, local } : flow;
  };
}
