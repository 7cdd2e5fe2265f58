/** Via, all of its elements. RFC 3261 §20.42. The topmost alone: `topVia`. */
import type { Octets } from "../../grammar/octets.ts";
import { formatParams, type Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatHost } from "../../uri/host.ts";
import { readVia } from "../via.ts";
import { formatList, parseList } from "./list.ts";
import { formatToken } from "./token.ts";

/** `via-parm`: one hop that a request took. RFC 3261 §20.42. */
export interface ViaParm {
  /** Upper case. */
  readonly transport: string;
  /** Lower case, IPv6 without brackets. */
  readonly host: string;
  /** 0 to 65535; undefined where sent-by names none. */
  readonly port: number | undefined;
  /** `branch`, `received`, `rport`, `maddr`, `ttl`, …. */
  readonly params: Params;
}

/**
 * `Via = ( "Via" / "v" ) HCOLON via-parm *(COMMA via-parm)`.
 * RFC 3261 §20.42. Errors (400): `bad-header`, `bad-via`.
 */
export const parseVia = (octets: Octets): Result<readonly ViaParm[]> =>
  parseList(octets, "RFC 3261 §20.42", (text, start, end) => {
    const via = readVia(text, start, end);
    if (!via.ok) return via;
    const { transport, host, port, params } = via.value;
    return ok({ transport, host, port, params });
  });

/**
 * `SIP/2.0/TRANSPORT host:port;params`, between commas. Throws a RangeError on an empty list and on
 * a transport that is no token.
 */
export const formatVia = (vias: readonly ViaParm[]): Octets =>
  formatList(vias, ({ transport, host, port, params }) => {
    const where = port === undefined ? formatHost(host) : `${formatHost(host)}:${port}`;
    return `SIP/2.0/${formatToken(transport)} ${where}${formatParams(params)}`;
  });
