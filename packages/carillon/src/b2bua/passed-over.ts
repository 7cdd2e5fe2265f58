/**
 * Requests in a dialog of a bridged call that are neither about its session nor about who talks to
 * whom: INFO, MESSAGE, and whatever methods there are to come. They go over to the other end, and
 * its answer comes back. RFC 7092 §3.1.2.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import { UNCONCERNED } from "../endpoint/server-transaction.ts";
import { flat } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { header, headerLines } from "../message/headers.ts";
import type { Message } from "../message/message.ts";
import type { CallSide } from "./call-side.ts";
import { carried } from "./carried-headers.ts";
import type { HouseAgent } from "./house-agent.ts";
import { keyIn } from "./keys-across.ts";
import type { MediaEngine } from "./media-engine.ts";

/** The call that they are of. */
export interface PassingParts {
  readonly agent: HouseAgent;
  readonly engine: MediaEngine;
  /** The engine's name for the call. */
  readonly id: string;
  readonly hide: boolean;
}

/** Methods that a leg has a say in, or that change who talks to whom. */
const OF_THE_DIALOG: ReadonlySet<string> = new Set([
  ...["INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "PRACK", "OPTIONS"],
  ...["REFER", "SUBSCRIBE", "NOTIFY"],
]);

/** A request in the dialog of this end: true, and it goes over to the other one. */
export function passOver(parts: PassingParts, end: CallSide, incoming: Incoming): boolean {
  const { request } = incoming;
  const there = end.opposite;
  if (!there || there.leg.standing === "Over") return false;
  if (request.method === "BYE") there.way.farewell = reasonsOf(request);
  if (OF_THE_DIALOG.has(request.method)) return false;
  pass(parts, end, there, incoming);
  return true;
}

function pass(
  { agent, engine, id, hide }: PassingParts,
  from: CallSide,
  to: CallSide,
  incoming: Incoming,
): void {
  const { endpoint } = agent;
  const { request, essentials } = incoming;
  const received = from.leg.parts.side.received(request, essentials.cseq.number);
  if (!received) return endpoint.reply(incoming, { status: 500 });
  received.note();
  const server = endpoint.accept(incoming, UNCONCERNED);
  if (!server) return;
  const { side } = to.leg.parts;
  const key = side.allows("INFO") ? undefined : keyIn(request);
  // A phone that takes no keys by INFO hears them as its media have them.
  if (key) {
    engine.dtmf(id, to.tag, key.tone);
    return server.reply({ status: 200 });
  }
  const how = { realm: agent.host.realm, hide };
  const headers = [...carried(request, how), ...bodyHeaders(request)];
  const sent = side.send(request.method, headers, flat(request.body), {
    response: (response) => {
      const { status, text } = response;
      if (status < 200) return;
      const reasonPhrase = flat(text.slice(12, text.indexOf("\r\n")));
      const told = [...carried(response, how), ...bodyHeaders(response)];
      server.reply({ status, reasonPhrase, headers: told, body: flat(response.body) });
    },
    failed: (reason) => server.reply({ status: reason === "timeout" ? 408 : 503 }),
  });
  if (!sent) server.reply({ status: 480 });
}

/** Why somebody hung up, in their own words. RFC 3326. */
const reasonsOf = (message: Message): readonly HeaderField[] =>
  headerLines(message, "Reason").map((one): HeaderField => ["Reason", flat(one)]);

/** What is said of a body that goes over as it is. */
function bodyHeaders(message: Message): readonly HeaderField[] {
  const names = [
    ...(["Content-Type", "Content-Disposition", "Content-Encoding"] as const),
    ...(["Content-Language", "Content-ID", "MIME-Version", "Info-Package"] as const),
  ];
  return names.flatMap((name): HeaderField[] => {
    const value = header(message, name);
    return value === undefined ? [] : [[name, flat(value)]];
  });
}
