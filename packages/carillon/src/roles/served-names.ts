/** Which addresses are served here. RFC 3261 §16.5. */
import { type Octets, toText } from "../grammar/octets.ts";
import type { Flow } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";
import { parseSipUri, type SipUri, unescapeUri } from "../uri/sip-uri.ts";

export class ServedNames {
  readonly #hosts: ReadonlySet<string>;

  /** The domain, and the other names and addresses that mean the same. */
  constructor(hosts: readonly string[]) {
    this.#hosts = new Set(hosts.map((host) => host.toLowerCase()));
  }

  /** A name or address of ours, at a port that we listen on. */
  isOurs({ host, port, params }: SipUri, arrived: Flow, locals: readonly Address[]): boolean {
    //= RFC 3261 §16.4
    //# If the Request-URI contains a maddr parameter, the proxy MUST check to see if its value is
    //# in the set of addresses or domains the proxy is configured to be responsible for.
    const maddr = params.get("maddr");
    if (maddr !== undefined && !this.#hosts.has(maddr.toLowerCase())) return false;
    if (!this.#hosts.has(host)) return false;
    if (port === undefined || port === arrived.local.port) return true;
    return locals.some((local) => local.port === port);
  }

  //= RFC 3261 §10.3
  //# The URI MUST then be converted to a canonical form. To do that, all URI parameters MUST be
  //# removed (including the user-param), and any escaped characters MUST be converted to their
  //# unescaped form.
  /** Whether a From or To is the address of this account. */
  isAddressOf(uri: Octets, account: string): boolean {
    return this.userIn(uri) === account;
  }

  /** The user part of an address here, as text. Undefined for any other address. */
  userIn(uri: Octets): string | undefined {
    const parsed = parseSipUri(uri);
    if (!parsed.ok || parsed.value.user === undefined) return undefined;
    return this.#hosts.has(parsed.value.host) ? toText(unescapeUri(parsed.value.user)) : undefined;
  }
}
