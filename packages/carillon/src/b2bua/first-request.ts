/** The INVITE that a device gets in place of the caller's: who calls, and what goes along. */
import { untagged } from "../dialog/dialog.ts";
import type { Ids } from "../endpoint/ids.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { parseNumber } from "../grammar/chars.ts";
import { MAX_EXPIRES } from "../grammar/limits.ts";
import { flat, type Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { header } from "../message/headers.ts";
import { lists } from "../ua/option-tag.ts";
import { carried } from "./carried-headers.ts";
import type { DeviceInvite } from "./device-side.ts";
import { hopsBeyond } from "./hops.ts";

/** Three minutes, as the proxy's timer C has it. */
const RING_SECONDS = 180;

export interface FirstRequestParts {
  readonly ids: Ids;
  readonly realm: string;
  /** The Request-URI. */
  readonly uri: Octets;
  /** The Path of that device, first hop first. */
  readonly path?: readonly Octets[] | undefined;
  readonly hide: boolean;
  /**
   * How its CSeq number differs from the caller's: by how many INVITEs of this call the device has
   * refused; -1 where the caller's own may have to follow. Two alike would be a loop (RFC 3261
   * §8.2.2.2).
   */
  readonly seqStep: number;
  readonly offer: string;
  readonly more: readonly HeaderField[];
}

/**
 * By the same Call-ID, tag and number as the caller's where nothing has to be hidden, so that both
 * sides and whoever looks on call the dialog by the same name; a device that has had that INVITE
 * already gets the next number, as of whoever tries again (RFC 3261 §8.1.3.5).
 */
export function firstRequest(
  { request, essentials }: Incoming,
  parts: FirstRequestParts,
): DeviceInvite {
  const { ids, realm, uri, path = [], hide, seqStep, offer, more } = parts;
  const { callId, fromTag, from, to, cseq } = essentials;
  const isNamed = !hide && fromTag !== "";
  const localTag = isNamed ? flat(fromTag) : ids.unique();
  const ownCallId = isNamed ? flat(callId) : ids.unique();
  const headers: HeaderField[] = [
    //= RFC 3327 §5.4
    //# With the addition of Path, the home proxy also copies the stored path vector associated with
    //# the specific contact in the registrar database into the Route header field of the outgoing
    //# request as a preloaded route.
    ...path.map((value): HeaderField => ["Route", value]),
    ["Max-Forwards", `${hopsBeyond(request) ?? 0}`],
    ["From", `${untagged(from)};tag=${localTag}`],
    ["To", untagged(to)],
    ["Call-ID", ownCallId],
    ["Expires", `${parseNumber(header(request, "Expires") ?? "", MAX_EXPIRES) ?? RING_SECONDS}`],
    ...carried(request, { realm, hide }),
    ...more,
  ];
  const seq = isNamed ? Math.max(0, cseq.number + seqStep) : 1;
  // An offer that comes early has to be answered early, by the caller: with a PRACK.
  const takesReliable = offer !== "" || lists(request, "Supported", "100rel");
  return { uri, callId: ownCallId, localTag, seq, headers, offer, takesReliable };
}
