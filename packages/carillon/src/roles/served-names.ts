/** Which addresses are served here. RFC 3261 §16.5. */
import { type Octets, toText } from "../grammar/octets.ts";
import type { Flow } from "../transport/flow.ts";
import { embeddedHeaders } from "../uri/embedded-headers.ts";
import { type Address, isIpAddress } from "../uri/host.ts";
import { parseSipUri, type SipUri, unescapeUri } from "../uri/sip-uri.ts";

export class ServedNames {
  readonly #hosts: ReadonlySet<string>;

  readonly #accountOf: (user: string) => string;

  readonly #isAlias: (host: string) => boolean;

  /**
   * The domain, and the other names and addresses that mean the same; whom a user part names, where
   * people have several; and what means the same by now, though it was not known at the start.
   */
  constructor(
    hosts: readonly string[],
    accountOf: (user: string) => string = (user) => user,
    isAlias: (host: string) => boolean = () => false,
  ) {
    this.#hosts = new Set(hosts.map((host) => host.toLowerCase()));
    this.#accountOf = accountOf;
    this.#isAlias = isAlias;
  }

  /** A name or address of ours. */
  isHost(host: string): boolean {
    const name = host.toLowerCase();
    return this.#hosts.has(name) || this.#isAlias(name);
  }

  /** A name or address of ours, at a port that we listen on. */
  isOurs({ host, port, params }: SipUri, arrived: Flow, locals: readonly Address[]): boolean {
    //= RFC 3261 §16.4
    //# If the Request-URI contains a maddr parameter, the proxy MUST check to see if its value is
    //# in the set of addresses or domains the proxy is configured to be responsible for.
    const maddr = params.get("maddr");
    if (maddr !== undefined && !this.isHost(maddr)) return false;
    if (!this.isHost(host)) return false;
    if (port === undefined || port === arrived.local.port) return true;
    return locals.some((local) => local.port === port);
  }

  /** Whether what is sent to this URI by RFC 3263 would arrive here, whoever it names. */
  leadsHere(uri: Octets, arrived: Flow, locals: readonly Address[]): boolean {
    const parsed = parseSipUri(uri);
    if (!parsed.ok) return false;
    // An escaped Route says where it is sent instead: RFC 4475 §3.3.14, and kept for that.
    if (embeddedHeaders(parsed.value).some(({ name }) => name === "route")) return false;
    const { params, port } = parsed.value;
    const host = params.get("maddr")?.toLowerCase() ?? parsed.value.host;
    // Without a port a name leads wherever DNS has it, an address to 5060.
    const meant = port ?? (isIpAddress(host) ? 5060 : undefined);
    const isPort = ({ port }: Address) => meant === undefined || port === meant;
    return this.isHost(host) && [arrived.local, ...locals].some(isPort);
  }

  //= RFC 3261 §10.3
  //# The URI MUST then be converted to a canonical form. To do that, all URI parameters MUST be
  //# removed (including the user-param), and any escaped characters MUST be converted to their
  //# unescaped form.
  /** Whether a From or To is the address of this account. */
  isAddressOf(uri: Octets, account: string): boolean {
    return this.userIn(uri) === account;
  }

  /** Whom an address here names, as text. Undefined for any other address. */
  userIn(uri: Octets): string | undefined {
    const parsed = parseSipUri(uri);
    if (!parsed.ok || parsed.value.user === undefined) return undefined;
    if (!this.isHost(parsed.value.host)) return undefined;
    return this.#accountOf(toText(unescapeUri(parsed.value.user)));
  }
}
