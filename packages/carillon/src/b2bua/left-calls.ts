/**
 * Bridged calls that an earlier run of the program left: their media went through it and are gone,
 * and whoever is not told hears silence. Both sides of each get a BYE once the next run is there.
 */
import { addressRequest, type Dialog } from "../dialog/dialog.ts";
import type { HeaderField } from "../message/compose.ts";
import type { ServiceHost } from "../roles/services.ts";
import { type Flow, isReliable } from "../transport/flow.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri, type SipUri } from "../uri/sip-uri.ts";
import type { CallSide } from "./call-side.ts";

/** One side of a call, as it was when this was saved. All of it can be written as JSON. */
export interface SavedEnd {
  /** As this server has it; the numbers of later requests are higher by less than a thousand. */
  readonly dialog: Dialog;
  /** The way there over UDP; undefined: by the dialog's route, to another domain. */
  readonly flow?: Flow | undefined;
}

/** A bridged call that talks. Octets are characters up to U+00FF. */
export interface SavedBridged {
  /** Names it for good. */
  readonly id: string;
  /** The Call-ID by which it was told of. */
  readonly callId: string;
  /** The caller's tag by which it was told of. */
  readonly callerTag: string;
  /** Those who can be told: a page is not, whose connection has ended, and comes back to ask. */
  readonly ends: readonly SavedEnd[];
}

/** Bridged calls on a disk. None of it throws, and nobody waits for what is written. */
export interface BridgedStore {
  /** All that have been saved and not removed; asked for once, at the start. */
  all(): readonly SavedBridged[];
  /** In the place of what was saved under its id. */
  save(call: SavedBridged): void;
  /** It is over. */
  remove(id: string): void;
}

/** Higher than any number that was used since a call was saved, at each refresh of its session. */
const AHEAD = 1000;
const WHY = 'SIP;cause=503;text="The server was started anew"';

/** What has to be known of this end; undefined of one who cannot be reached after a restart. */
export function savedEnd({ leg, way, account }: CallSide): SavedEnd | undefined {
  const { flow } = way;
  if (flow && !isReliable(flow)) {
    const { transport, local, remote, connection } = flow;
    return { dialog: leg.parts.side.dialog, flow: { transport, local, remote, connection } };
  }
  return account === undefined ? { dialog: leg.parts.side.dialog } : undefined;
}

/** Tells both sides that it is over. `done` is called once both have answered, or have not. */
export function endLeft(host: ServiceHost, { ends }: SavedBridged, done: () => void): void {
  if (ends.length === 0) return void host.endpoint.later(done);
  let left = ends.length;
  const answered = (): void => {
    left--;
    if (left === 0) done();
  };
  for (const { dialog, flow } of ends) {
    const { uri, headers } = addressRequest(dialog, "BYE", dialog.localSeq + AHEAD);
    const bye = { method: "BYE", uri, headers: [...headers, ["Reason", WHY] as HeaderField] };
    const hop = hopOf(dialog);
    if (flow) host.overFlow(flow, bye, answered);
    else if (hop) host.toServers(hop, bye, answered);
    else host.endpoint.later(answered);
  }
}

function hopOf({ routeSet: [first], remoteTarget }: Dialog): SipUri | undefined {
  const route = first === undefined ? undefined : parseNameAddr(first);
  const hop = parseSipUri(route?.ok ? route.value.uri : remoteTarget);
  return hop.ok ? hop.value : undefined;
}
