/**
 * Flow tokens: the user part of our URI in a Path, which says over which flow whoever is behind it
 * is reached. RFC 5626 §5.2. Nothing is kept: the flow stands in it, signed.
 *
 * `NODE "!" flow "!" mac`, all of it characters that may stand in a user part; our cookies have one
 * part more.
 */
import { equalText } from "../auth/constant-time.ts";
import type { Ids } from "../endpoint/ids.ts";
import type { Flow, TransportName } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";
import { GONE } from "./cookie.ts";

/** `Forged`: it is none of ours, and is made to look like one. */
export type TokenRead =
  | { readonly kind: "Token"; readonly flow: Flow }
  | { readonly kind: "Forged" };

//= RFC 5626 §5.2
//# A proxy can use any algorithm it wants as long as the flow token is unique to a flow, the flow
//# can be recovered from the token, and the token cannot be modified by attackers.
export class FlowTokens {
  readonly #ids: Ids;
  readonly #boot: string;

  /** `boot` tells the connections of this run from those of another. */
  constructor(ids: Ids, boot: string) {
    this.#ids = ids;
    this.#boot = boot;
  }

  //= RFC 5626 §5.1
  //# The flow token MUST be an identifier that is unique to this network flow.
  /** The user part of a URI that leads over this flow. */
  make(flow: Flow): string {
    const text = formatFlowIn(flow, this.#boot);
    return `${this.#ids.node}!${text}!${this.#sign(text)}`;
  }

  /** Reads a user part; undefined where it does not look like a token of this node. */
  read(user: string): TokenRead | undefined {
    const [node, text, mac = "", ...rest] = user.split("!");
    if (node !== this.#ids.node || text === undefined || rest.length > 0) return undefined;
    //= RFC 5626 §5.3.1
    //# If the HMAC is not correct, the request has been tampered with.
    const flow = equalText(mac, this.#sign(text)) ? parseFlowIn(text, this.#boot) : undefined;
    return flow ? { kind: "Token", flow } : { kind: "Forged" };
  }

  #sign(text: string): string {
    return this.#ids.macOf(["flow token", text]);
  }
}

function formatFlowIn({ transport, connection, remote, local }: Flow, boot: string): string {
  const number = connection === 0 ? "0" : `${connection}.${boot}`;
  return [transport, number, ...[remote, local].flatMap(formatEnd)].join("/");
}

/** Colons and the percent sign of an IPv6 zone may not stand in a user part as they are. */
const formatEnd = ({ host, port }: Address): string[] => [
  host.replaceAll(":", "+").replaceAll("%", "~"),
  `${port}`,
];

const parseEnd = (host: string, port: string): Address => ({
  host: host.replaceAll("+", ":").replaceAll("~", "%"),
  port: Number(port),
});

/** A connection of an earlier run is GONE: its number may be another one's now. */
function parseFlowIn(text: string, boot: string): Flow | undefined {
  const [transport, connection = "", host, port, localHost, localPort] = text.split("/");
  if (host === undefined || port === undefined) return undefined;
  if (localHost === undefined || localPort === undefined) return undefined;
  const [number, since] = connection.split(".");
  return {
    transport: transport as TransportName,
    connection: since === undefined || since === boot ? Number(number) : GONE,
    remote: parseEnd(host, port),
    local: parseEnd(localHost, localPort),
  };
}
