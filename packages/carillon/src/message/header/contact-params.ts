/** What a Contact says beside its URI. RFC 3261 §20.10, RFC 5626 §10, RFC 5627 §11, RFC 6140. */
import { parseNumber } from "../../grammar/chars.ts";
import { MAX_EXPIRES, MAX_REG_ID } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { readQ } from "./q-value.ts";

/** A Contact's parameters that have a meaning here, each undefined where it is not said. */
export interface ContactParams {
  /** Preference, 0 to 1. RFC 3261 §20.10. */
  readonly q: number | undefined;
  /** 0 to 2**32 - 1. RFC 3261 §20.10. */
  readonly expiresSeconds: number | undefined;
  /** Which of a device's flows this is, 1 to 2**31 - 1. RFC 5626 §4.2. */
  readonly regId: number | undefined;
  /** The instance's URN, without its brackets. */
  readonly instance: Octets | undefined;
  /** The URI of the public GRUU, its quotes taken off and nothing checked. RFC 5627 §4.2. */
  readonly pubGruu: Octets | undefined;
  /** The URI of the temporary GRUU, in the same form. */
  readonly tempGruu: Octets | undefined;
  /** What an exchange makes temporary GRUUs of. RFC 6140 §7.1.2. */
  readonly tempGruuCookie: Octets | undefined;
}

/**
 * Reads what a Contact's parameters say; what is malformed counts as not there. RFC 3261 §20.10,
 * RFC 5626 §10, RFC 5627 §11.
 */
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
