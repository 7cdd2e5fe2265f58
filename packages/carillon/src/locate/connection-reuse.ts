/**
 * Which open connection a request may take: the alias table of RFC 5923, and who gets into it.
 *
 * An address says nothing about who is there: two domains on one IP address share a TLS connection
 * only if one certificate spoke for both (CVE-2020-15260 is what happens otherwise).
 */
import type { Via } from "../message/via.ts";
import { defaultPort, type Flow } from "../transport/flow.ts";
import { type Address, formatAddress } from "../uri/host.ts";
import { isSecure, type Target } from "./target.ts";
import { isIdentifiedAs } from "./tls-identity.ts";

/** One row: a connection, and what may be sent over it. */
export interface AliasRow {
  /** The driver's number of the connection: the alias descriptor of RFC 5923 §8. */
  readonly connection: number;
  /** What the connection is; only over TLS are there identities. */
  readonly transport: Flow["transport"];
  /** Where a connection to the same peer would have to be opened to. */
  readonly address: Address;
  /** The SIP domains that the peer's certificate proved, as `sipIdentities` gives them. */
  readonly identities: readonly string[];
  /** The domain of ours on whose behalf the connection was opened, or accepted. */
  readonly owner: string;
}

/** The row for a connection that we opened to a target. */
export function clientAlias(
  target: Target,
  connection: number,
  identities: readonly string[],
  owner: string,
): AliasRow {
  const { transport, address } = target;
  //= RFC 5923 §8.1
  //# Once the server has been authenticated, the client MUST cache, in the alias table, the
  //# identity (or identities) of the server as determined in Section 7.1 of RFC 5922 [RFC5922]. The
  //# client MUST also populate the destination IP address, port, and transport of the server in the
  //# alias table; these fields are retrieved from executing RFC3263 server resolution process on
  //# the next-hop URI. And finally, the client MUST populate the alias descriptor field with the
  //# connection handle (or identifier) used to connect to the server.
  return { connection, transport, address, identities, owner };
}

/**
 * The row for a connection that a peer opened to us and offers for our requests, or undefined:
 * without `alias` in its Via, without TLS, and without a certificate there is none.
 */
export function serverAlias(
  flow: Flow,
  via: Pick<Via, "port" | "params">,
  identities: readonly string[],
  owner: string,
): AliasRow | undefined {
  //= RFC 5923 §9.2
  //# If the client does not present a certificate, the server MUST proceed as if the "alias" header
  //# field parameter was not present in the topmost Via header. In this case, the server MUST NOT
  //# update the alias table.
  //= RFC 5923 §9.3
  //# Virtual servers MUST only perform connection reuse for TLS connections; virtual servers MUST
  //# NOT perform connection reuse for other connection-oriented transports.
  if (flow.transport !== "TLS" || identities.length === 0 || !via.params.has("alias")) {
    return undefined;
  }
  //= RFC 5923 §8.2
  //# If the sent-by production of the Via header field contains a port, the server MUST use it as a
  //# destination port. Otherwise, the default port is the destination port.
  const address = { host: flow.remote.host, port: via.port ?? defaultPort("TLS") };
  const { connection, transport } = flow;
  return { connection, transport, address, identities, owner };
}

/** The connection that a request to this target may use, on behalf of a domain of ours. */
export function reusable(
  aliases: readonly AliasRow[],
  target: Target,
  owner: string,
): AliasRow | undefined {
  return aliases.find((alias) => isFor(alias, target, owner));
}

/**
 * By this a table finds the few rows worth a look with `reusable`. The owner is part of it, the
 * identities cannot be: one certificate may speak for many.
 */
export const aliasKey = (
  { transport, address }: Pick<AliasRow, "transport" | "address">,
  owner: string,
): string => `${transport} ${formatAddress(address)} ${owner}`;

function isFor(alias: AliasRow, target: Target, owner: string): boolean {
  //= RFC 5923 §9.3
  //# P1 MUST NOT open a connection on behalf of one domain and reuse it to send a new request on
  //# behalf of another domain.
  if (alias.owner !== owner || alias.transport !== target.transport) return false;
  if (formatAddress(alias.address) !== formatAddress(target.address)) return false;
  //= RFC 5923 §8.1
  //# 2. The URI used for RFC3263 server resolution matches one of the identities stored in the
  //# alias table row corresponding to that resolved address.
  return !isSecure(target.transport) || isIdentifiedAs(target.name, alias.identities);
}
