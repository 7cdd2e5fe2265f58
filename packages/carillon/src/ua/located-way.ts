/** A server by what people write, where there is a DNS. */
import { wantedByUri } from "../locate/wanted.ts";
import { isIpAddress } from "../uri/host.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { type ServerWay, webSocketWay } from "./server-way.ts";

/**
 * For a `ws:` or `wss:` URL, or for a SIP URI whose servers the DNS knows: `sip:example.com`,
 * `sips:example.com`, `sip:192.0.2.1:5070;transport=tcp`. An address names no domain that a
 * certificate could prove: it is to prove `domain` then. Throws a RangeError for anything else.
 */
export function serverWay(uri: string, domain: string): ServerWay {
  if (/^wss?:/i.test(uri)) return webSocketWay(uri);
  const parsed = parseSipUri(uri);
  if (!parsed.ok) {
    const { message } = parsed.error;
    const like = "sip:example.com and wss://example.com/sip are servers";
    throw new RangeError(`server ${JSON.stringify(uri)}: ${message}: ${like}`);
  }
  const wanted = wantedByUri(parsed.value);
  const name = isIpAddress(parsed.value.host) ? domain : wanted.name;
  return { kind: "Locate", wanted: { ...wanted, name }, name: uri };
}
