/** Carillon: what its own proxy calls. */
import { incoming } from "carillon/endpoint";
import { elementSpans, header, parseMessage, type Request, readEssentials } from "carillon/message";
import { type Forwarding, forwardRequest } from "carillon/roles";
import { parseNameAddr, parseSipUri, type SipUri } from "carillon/uri";
import { type Contender, type Found, recordRoute, source, target, via } from "./contender.ts";

export const flow = {
  transport: "UDP",
  local: { host: "198.51.100.1", port: 5060 },
  remote: source,
  connection: 0,
} as const;

export const carillon: Contender = {
  name: "carillon",
  read: (datagram) => found(datagram),
  forward,
};

function readRequest(datagram: Buffer) {
  const message = parseMessage(datagram.toString("latin1"));
  if (!message.ok || message.value.kind !== "Request") throw new Error("not read");
  const essentials = readEssentials(message.value);
  const uri = parseSipUri(message.value.uri);
  if (!essentials.ok || !uri.ok) throw new Error("not read");
  return { request: message.value, essentials: essentials.value, uri: uri.value };
}

function found(datagram: Buffer): Found {
  const { request, essentials, uri } = readRequest(datagram);
  const { via: top, cseq, from, to } = essentials;
  return {
    method: request.method,
    user: uri.user,
    host: uri.host,
    sentBy: top.host,
    port: top.port,
    branch: top.branch,
    from: from.uri,
    fromTag: essentials.fromTag,
    to: to.uri,
    callId: essentials.callId,
    cseq: cseq.number,
    cseqMethod: cseq.method,
    hops: Number(header(request, "Max-Forwards")),
    routes: routesOf(request).map(({ uri: { host } }) => host),
    // What it says was compared with what there is.
    length: request.body.length,
  };
}

export function routesOf(request: Request) {
  const spans = elementSpans(request, "Route");
  if (!spans.ok) throw new Error(spans.error.message);
  return spans.value.map((span) => {
    const address = parseNameAddr(request.text, span.start, span.end);
    const uri = address.ok ? parseSipUri(address.value.uri) : address;
    if (!uri.ok) throw new Error(uri.error.message);
    return { span, uri: uri.value as SipUri };
  });
}

/** What its own proxy would say, our Route taken out. */
export const forwardingOf = (routes: ReturnType<typeof routesOf>): Forwarding => ({
  uri: target,
  via,
  breadth: 60,
  recordRoutes: [recordRoute],
  usedRoutes: routes.map(({ span }) => span),
  realm: "example.com",
});

function forward(datagram: Buffer, out: Buffer): number {
  const { request, essentials } = readRequest(datagram);
  const from = incoming(request, essentials, flow);
  return out.write(forwardRequest(from, forwardingOf(routesOf(request))), "latin1");
}
