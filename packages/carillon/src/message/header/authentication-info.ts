/** Authentication-Info. RFC 3261 §20.6, RFC 7616 §3.5. */
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatCommaParams, readCommaParams } from "./comma-params.ts";
import { badHeader } from "./header-error.ts";

/** `nextnonce`, `qop`, `rspauth`, `cnonce`, `nc`, by name. RFC 3261 §20.6, RFC 7616 §3.5. */
export type AuthenticationInfo = Params;

/**
 * `Authentication-Info = "Authentication-Info" HCOLON ainfo *(COMMA ainfo)`.
 * RFC 3261 §20.6. Errors: `bad-header` (400).
 */
export function parseAuthenticationInfo(octets: Octets): Result<AuthenticationInfo> {
  const params = readCommaParams(octets, 0);
  return params ? ok(params) : badHeader("expected name=value, …", 0, "RFC 3261 §20.6");
}

//= RFC 7616 §3.5
//# For historical reasons, a sender MUST only generate the quoted string syntax for the following
//# parameters: nextnonce, rspauth, and cnonce.
//= RFC 7616 §3.5
//# For historical reasons, a sender MUST NOT generate the quoted string syntax for the following
//# parameters: qop and nc.
/** `qop` and `nc` are tokens. Throws a RangeError on what cannot stand in a header value. */
export function formatAuthenticationInfo(info: AuthenticationInfo): Octets {
  if (info.size === 0) throw new RangeError("Authentication-Info needs a parameter");
  return formatCommaParams(info, ["qop", "nc"]);
}
