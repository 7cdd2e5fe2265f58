/**
 * A proxy without state, for domains that other servers look after: each message is passed on as it
 * comes, and what of it has to be known again stands in its branch. RFC 3261 §16.11.
 *
 * Nobody is asked who they are: whoever looks after the domain does that. It leads to the servers
 * that the operator named and nowhere else. It does not stay on the path of dialogs.
 */
import { equalText } from "../auth/constant-time.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Target } from "../locate/target.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Response } from "../message/message.ts";
import { MAGIC_COOKIE } from "../message/via.ts";
import { type Flow, isStream, responseFlow, type TransportName } from "../transport/flow.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { incomingBreadth } from "./breadth.ts";
import { forwardRequest, forwardResponse } from "./forward.ts";
import { viaOf } from "./path.ts";
import type { Routes } from "./routes.ts";
import { asItIs, type Shown } from "./shown.ts";

export class Stateless {
  readonly #endpoint: Endpoint;
  readonly #boot: string;
  readonly #serversOf: (domain: string) => readonly Target[];
  readonly #shown: Shown;

  /** `boot` tells the connections of this run from those of another. */
  constructor(
    endpoint: Endpoint,
    boot: string,
    serversOf: (domain: string) => readonly Target[],
    shown: Shown = asItIs,
  ) {
    this.#endpoint = endpoint;
    this.#boot = boot;
    this.#serversOf = serversOf;
    this.#shown = shown;
  }

  //= RFC 3261 §16.11
  //# Stateless proxies MUST NOT perform special processing for CANCEL requests.
  //= RFC 3261 §16.11
  //# Furthermore, when handling a request statelessly, an element MUST NOT generate its own 100
  //# (Trying) or any other provisional response.
  //= RFC 3261 §16.11
  //# In particular, if the proxy inserts a Record-Route value or pushes URIs into the Route header
  //# field, it MUST place the same values in retransmissions of the request.
  /** Passes a request on, whatever its method. False if its domain is nobody else's. */
  take(from: Incoming, routes: Routes): boolean {
    const uri = parseSipUri(routes.uri);
    const servers = uri.ok && !routes.foreign ? this.#serversOf(uri.value.host) : [];
    const target = this.#choice(servers, from);
    if (!target) return false;
    const breadth = incomingBreadth(from.request);
    const flow = breadth.ok ? this.#endpoint.reach(target) : undefined;
    if (flow && breadth.ok) {
      const text = forwardRequest(from, {
        ...{
          uri: routes.uri,
          via: viaOf(this.#shown(flow), this.#branch(from)),
          breadth: breadth.value,
        },
        ...{ usedRoutes: routes.used, realm: NOBODYS, stream: isStream(flow) },
        // Whoever looks after the domain judges that.
        isBelieved: () => true,
      });
      this.#endpoint.transmit(flow, text);
    } else if (from.request.method !== "ACK") {
      this.#endpoint.reply(from, { status: breadth.ok ? 503 : breadth.error.status });
    }
    return true;
  }

  //= RFC 3261 §16.11
  //# When a response arrives at a stateless proxy, the proxy MUST inspect the sent-by value in the
  //# first (topmost) Via header field value.
  //= RFC 3261 §16.11
  //# The proxy MUST NOT add to, modify, or remove the message body. Unless specified otherwise, the
  //# proxy MUST NOT remove any other header field values.
  //= RFC 3261 §16.11
  //# If that address matches the proxy, (it equals a value this proxy has inserted into previous
  //# requests) the proxy MUST remove that header field value from the response and forward the
  //# result to the location indicated in the next Via header field value.
  //= RFC 3261 §16.11
  //# If the address does not match the proxy, the message MUST be silently discarded.
  /** Passes a response on to where our branch says that its request came from. */
  response(response: Response, { via }: Essentials): void {
    const flow = this.#way(via.branch);
    if (!flow) return;
    const text = forwardResponse(response, via, { stream: isStream(flow) });
    if (text !== undefined) this.#endpoint.transmit(flow, text);
  }

  //= RFC 3261 §16.11
  //# A stateless proxy MUST choose one and only one target from the target set. This choice MUST
  //# only rely on fields in the message and time-invariant properties of the server. In particular,
  //# a retransmitted request MUST be forwarded to the same destination each time it is processed.
  //= RFC 3261 §16.11
  //# Furthermore, CANCEL and non-Routed ACK requests MUST generate the same choice as their
  //# associated INVITE.
  #choice(servers: readonly Target[], { essentials }: Incoming): Target | undefined {
    if (servers.length < 2) return servers[0];
    const number = Number.parseInt(this.#endpoint.ids.mac(essentials.callId).slice(0, 8), 16);
    return servers[number % servers.length];
  }

  //= RFC 3261 §16.11
  //# Therefore, the component of the branch parameter that makes it unique MUST be the same each
  //# time a retransmitted request is forwarded. Thus for a stateless proxy, the branch parameter
  //# MUST be computed as a combinatoric function of message parameters which are invariant on
  //# retransmission.
  /** `NAME s HASH . WAY . SIGNATURE`: what tells it from others, and where its responses go. */
  #branch({ request, essentials, flow }: Incoming): string {
    const { via, callId, fromTag, toTag, cseq } = essentials;
    const parts = via.branch.startsWith(MAGIC_COOKIE)
      ? [via.branch, via.host, `${via.port}`]
      : [
          request.text.slice(via.start, via.end),
          toTag,
          fromTag,
          callId,
          `${cseq.number}`,
          request.uri,
        ];
    const { ids } = this.#endpoint;
    const way = formatWay(responseFlow(flow, via), this.#boot);
    const unique = ids.macOf(["stateless", way, ...parts]);
    return `${MAGIC_COOKIE}${ids.node}s${unique}_${way}_${this.#sign(unique, way)}`;
  }

  #sign(unique: string, way: string): string {
    return this.#endpoint.ids.macOf(["stateless way", unique, way]);
  }

  /** Of a branch of ours, and of no other: else anybody could have us send to anywhere. */
  #way(branch: string): Flow | undefined {
    const start = `${MAGIC_COOKIE}${this.#endpoint.ids.node}s`;
    if (!branch.startsWith(start)) return undefined;
    const [unique = "", ...rest] = branch.slice(start.length).split("_");
    const way = rest.slice(0, -1).join("_");
    if (!equalText(rest.at(-1) ?? "", this.#sign(unique, way))) return undefined;
    const flow = parseWay(way, this.#boot);
    if (!flow || flow.connection === 0) return flow;
    return this.#endpoint.connection(flow.connection);
  }
}

/** What credentials may be for is for whoever looks after the domain to say. */
const NOBODYS = "";

/** In a branch, which is a token: without colons, and without the sign of an IPv6 zone. */
function formatWay({ transport, connection, local, remote }: Flow, boot: string): string {
  const number = connection === 0 ? "0" : `${connection}.${boot}`;
  const ends = [remote, local].map(({ host, port }) => `${host}_${port}`).join("_");
  return `${transport}_${number}_${ends}`.replaceAll(":", "+").replaceAll("%", "~");
}

function parseWay(text: Octets, boot: string): Flow | undefined {
  const [transport, connection = "", ...ends] = text
    .replaceAll("+", ":")
    .replaceAll("~", "%")
    .split("_");
  const [number, since] = connection.split(".");
  const [host, port, localHost, localPort] = ends;
  if (host === undefined || localHost === undefined) return undefined;
  // The connection of an earlier run may have another one's number now.
  if (since !== undefined && since !== boot) return undefined;
  return {
    transport: transport as TransportName,
    connection: Number(number),
    remote: { host, port: Number(port) },
    local: { host: localHost, port: Number(localPort) },
  };
}
