/** What keeps a flow over UDP alive, and where its far end sees us. RFC 5626 §4.4.2, RFC 3581. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Via } from "../message/via.ts";
import { type Flow, isReliable } from "../transport/flow.ts";
import { bindingRequest, mappedAddress } from "../transport/stun.ts";
import { type Address, sameHost } from "../uri/host.ts";
import type { FlowPromise } from "./flow-keeper.ts";

/** Where the server saw us, by what it wrote into our Via; our own address where it wrote none. */
const seenAt = ({ params, host, port = 5060 }: Via): Address => ({
  host: params.get("received") ?? host,
  port: Number(params.get("rport") || port),
});

const isSame = (one: Address, other: Address): boolean =>
  sameHost(one.host, other.host) && one.port === other.port;

/** Whether a NAT is on the way: the server saw us at another address than the one we wrote. */
export const isNatted = (via: Via): boolean =>
  !isSame(seenAt(via), { host: via.host, port: via.port ?? 5060 });

/** Of this flow, once it has carried a REGISTER; undefined for a connection. */
export const datagramPings = (
  flow: Flow,
  endpoint: Endpoint,
  how: FlowPromise,
): DatagramPings | undefined => (isReliable(flow) ? undefined : new DatagramPings(endpoint, how));

export class DatagramPings {
  readonly #endpoint: Endpoint;
  readonly #how: FlowPromise;
  /** Of the STUN request that waits for its answer. */
  #asked: Octets | undefined;
  /** Where a NAT has us appear; undefined once we have slept, until we have asked. */
  #mapped: Address | undefined;
  /** We have slept, and no REGISTER has been answered since. */
  #isUnsure = false;

  constructor(endpoint: Endpoint, how: FlowPromise) {
    this.#endpoint = endpoint;
    this.#how = how;
    this.#mapped = seenAt(how.via);
  }

  //= RFC 5626 §4.4.2
  //# This approach MUST only be used with connection-less transports, such as UDP; it MUST NOT be
  //# used for connection-oriented transports such as TCP and SCTP.
  //= RFC 5626 §4.4.2
  //# Clients MUST support STUN-based keep-alives.
  //= RFC 5626 §8
  //# A SIP node MUST NOT send STUN requests over a flow unless it has an explicit indication that
  //# the target next-hop SIP server claims to support this specification. UACs MUST NOT use an
  //# ambiguous configuration option such as "Work through NATs?" or "Do keep-alives?" to imply
  //# next-hop STUN support.
  /** A ping, which a server answers that has said so. What is sent again is the same request. */
  ping(): Octets {
    if (!this.#how.isPromised) return "\r\n\r\n";
    this.#asked ??= bindingRequest(this.#endpoint.ids.random(12));
    return this.#asked;
  }

  /** We have slept, and may appear elsewhere, where we register now: only a call would care. */
  forget(): void {
    if (this.#how.isInCall()) return;
    this.#mapped = undefined;
    this.#isUnsure = true;
  }

  /**
   * Another REGISTER was answered, with this Via, which says where we appear. False: begin anew
   * with it. A call has to hear of it where that has changed, by the next ping: so in one it counts
   * only where we do not know, having been woken, and called before the registrar had answered.
   */
  takes(via: Via): boolean {
    if (!this.#how.isInCall()) return false;
    if (this.#isUnsure) this.#mapped = seenAt(via);
    this.#isUnsure = false;
    return true;
  }

  //= RFC 5626 §4.4.2
  //# If the XOR-MAPPED-ADDRESS in the STUN Binding Response changes, the UA MUST treat this event
  //# as a failure on the flow.
  /**
   * What came over the flow: true for the answer, false for one by which we appear elsewhere than
   * when we registered, undefined for anything else.
   */
  heard(octets: Octets): boolean | undefined {
    const mapped = this.#asked === undefined ? undefined : mappedAddress(octets, this.#asked);
    if (mapped === undefined) return undefined;
    this.#asked = undefined;
    this.#mapped ??= mapped;
    return isSame(mapped, this.#mapped);
  }
}
