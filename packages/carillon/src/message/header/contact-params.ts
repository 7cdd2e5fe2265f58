/** What a Contact says beside its URI. RFC 3261 §20.10, RFC 5626 §10, RFC 5627 §11, RFC 6140. */
import { parseNumber } from "../../grammar/chars.ts";
import { MAX_EXPIRES, MAX_REG_ID } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { readQ } from "./q-value.ts";

export interface ContactParams {
  readonly q: number | undefined;
  readonly expiresSeconds: number | undefined;
  readonly regId: number | undefined;
  /** The instance's URN, without its brackets. */
  readonly instance: Octets | undefined;
  readonly pubGruu: Octets | undefined;
  readonly tempGruu: Octets | undefined;
  readonly tempGruuCookie: Octets | undefined;
}

/** Reads them; what is malformed counts as not there. */
export function readContactParams(params: Params): ContactParams {
  return {
    q: readQ(params),
    expiresSeconds: parseNumber(params.get("expires") ?? "", MAX_EXPIRES),
    regId: readRegId(params),
    instance: readInstance(params),
    pubGruu: params.get("pub-gruu"),
    tempGruu: params.get("temp-gruu"),
    tempGruuCookie: params.get("temp-gruu-cookie"),
  };
}

//= RFC 5626 §10
//# The value of the reg-id MUST NOT be 0 and MUST be less than 2^31.
function readRegId(params: Params): number | undefined {
  const regId = parseNumber(params.get("reg-id") ?? "", MAX_REG_ID);
  return regId === 0 ? undefined : regId;
}

/** `c-p-instance = "+sip.instance" EQUAL DQUOTE "<" instance-val ">" DQUOTE` */
function readInstance(params: Params): Octets | undefined {
  const value = params.get("+sip.instance");
  if (value === undefined || value.length < 3) return undefined;
  return value.startsWith("<") && value.endsWith(">") ? value.slice(1, -1) : undefined;
}
