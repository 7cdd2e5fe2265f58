/** An element that sends requests to whatever serves a URI, and writes down what it hears. */
import { createEndpoint, type Endpoint } from "../endpoint/endpoint.ts";
import type { EndpointOptions, Role } from "../endpoint/role.ts";
import { type Errand, type Pursuit, Servers } from "../endpoint/servers.ts";
import { wantedByUri } from "../locate/wanted.ts";
import { composeRequest } from "../message/compose.ts";
import type { Flow } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";
import { formatAddress } from "../uri/host.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Host, Network } from "./network.ts";

export interface Errands {
  readonly host: Host<Endpoint>;
  /** What was heard, and how many milliseconds after sending: `20 200`, `5000 failed …`. */
  readonly heard: string[];
  send(method: string, uri: string, changes?: Partial<Errand>): Pursuit;
}

export interface ErrandsOptions extends Partial<EndpointOptions> {
  readonly at?: Address;
  /** Octets of body, to make a request large. */
  readonly bodyBytes?: number;
}

const HERE: Address = { host: "192.0.2.10", port: 5060 };

export function errands(network: Network, options: ErrandsOptions = {}): Errands {
  const { at = HERE, bodyBytes = 0, ...more } = options;
  const role: Role = { attach() {}, request() {}, ack() {} };
  const endpoint = createEndpoint({ role, crypto: network.crypto, ...more });
  endpoint.find(() => new Servers(endpoint, endpoint.serversOptions));
  const host = network.host("here", at, endpoint);
  const heard: string[] = [];
  let calls = 0;
  return {
    host,
    heard,
    send(method, text, changes) {
      const uri = parseSipUri(text);
      if (!uri.ok) throw new RangeError(uri.error.message);
      const since = network.now;
      const nth = ++calls;
      const via = ({ transport, local }: Flow) =>
        `SIP/2.0/${transport} ${formatAddress(local)};branch=${endpoint.ids.branch(method)}`;
      const say = (what: string) => heard.push(`${network.now - since} ${what}`);
      let sent: Pursuit | undefined;
      host.call(() => {
        sent = endpoint.servers.send(wantedByUri(uri.value), method, {
          compose: (flow) =>
            composeRequest(
              method,
              text,
              [
                ["Via", via(flow)],
                ["Max-Forwards", "70"],
                ["From", `<sip:here@${formatAddress(at)}>;tag=h${nth}`],
                ["To", `<${text}>`],
                ["Call-ID", `errand-${nth}`],
                ["CSeq", `1 ${method}`],
                ["Contact", `<sip:here@${formatAddress(at)}>`],
              ],
              "x".repeat(bodyBytes),
            ),
          response: (_, { status }) => void say(`${status}`),
          failed: ({ reason, message }) => void say(`failed ${reason}: ${message}`),
          ...changes,
        });
      });
      if (!sent) throw new RangeError("the host is off");
      return sent;
    },
  };
}
