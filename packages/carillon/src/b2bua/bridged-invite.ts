/** The INVITE that the device of a bridged call gets in place of the caller's. */
import { BRIDGE_HEADER, formatBridgeTold } from "../documents/bridge-told.ts";
import type { HeaderField } from "../message/compose.ts";
import { bridgeTold } from "./bridge-words.ts";
import type { BridgedCallParts } from "./bridged-call-parts.ts";
import { claimsAcross } from "./claims-across.ts";
import type { DeviceInvite } from "./device-side.ts";
import { firstRequest } from "./first-request.ts";
import type { Described } from "./media-engine.ts";

/** With this offer, described like that where the engine made it; empty: the device makes one. */
export function bridgedInvite(
  parts: BridgedCallParts,
  offer: string,
  described: Described | undefined,
): DeviceInvite {
  const { agent, asked, why, tells, seqStep } = parts;
  const words = described ? bridgeTold(why, described, parts.device.tag) : { why };
  const told: HeaderField[] = tells.device ? [[BRIDGE_HEADER, formatBridgeTold(words)]] : [];
  const claims = claimsAcross(asked.from.request, parts.ids);
  return firstRequest(asked.from, {
    ...{ ids: agent.endpoint.ids, realm: agent.host.realm, uri: asked.uri },
    path: asked.path,
    ...{ hide: asked.decided?.hide === true, seqStep, offer, more: [...claims, ...told] },
  });
}
