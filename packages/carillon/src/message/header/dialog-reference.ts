/** A dialog named in a header: Replaces, Join, Target-Dialog. */
import type { Octets } from "../../grammar/octets.ts";
import { type Params, readParams } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { readCallId } from "./call-id.ts";
import { badHeader } from "./header-error.ts";

export interface CallIdParams {
  readonly callId: Octets;
  readonly params: Params;
}

/** `callid *( SEMI generic-param )` */
export function parseCallIdParams(octets: Octets, source: string): Result<CallIdParams> {
  const semicolon = octets.indexOf(";");
  const end = semicolon < 0 ? octets.length : semicolon;
  const callId = readCallId(octets.slice(0, end), source);
  if (!callId.ok) return callId;
  const params = readParams(octets, end, octets.length);
  if (!params) return badHeader("the parameters break the grammar", end, source);
  return ok({ callId: callId.value, params });
}
