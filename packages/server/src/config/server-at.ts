/** A server that the operator names by a URI: `sip:192.0.2.7:5061;transport=tls`. */
import { isIP } from "node:net";
import type { Target } from "carillon/locate";
import { parseSipUri } from "carillon/uri";

const TRANSPORTS = { udp: "UDP", tcp: "TCP", tls: "TLS" } as const;

/** Over TLS it has to show a certificate of `name`. Undefined if it is no such URI. */
export function serverAt(text: string, name: string): Target | undefined {
  const uri = parseSipUri(text);
  if (!uri.ok || isIP(uri.value.host) === 0 || uri.value.user !== undefined) return undefined;
  const { scheme, host, params } = uri.value;
  const wanted = params.get("transport")?.toLowerCase() ?? (scheme === "sips" ? "tls" : "udp");
  if (!(wanted in TRANSPORTS) || (scheme === "sips" && wanted !== "tls")) return undefined;
  const transport = TRANSPORTS[wanted as keyof typeof TRANSPORTS];
  const { port = transport === "TLS" ? 5061 : 5060 } = uri.value;
  return { transport, address: { host, port }, name };
}
