/** What octets that arrived mean, before it is known to whom they belong. RFC 3261 §18. */
import type { Octets } from "../grammar/octets.ts";
import type { ParseError, Result } from "../grammar/result.ts";
import { type Essentials, readEssentials } from "../message/essentials.ts";
import { type Message, parseMessage, type Request, type Response } from "../message/message.ts";
import { parseWebSocketMessage } from "../message/web-socket-message.ts";
import { type Flow, isReliable, isStream } from "../transport/flow.ts";
import { type Incoming, incoming } from "./incoming.ts";
import { answerable, answerableEssentials } from "./refusal.ts";

export type Arrival =
  | { readonly kind: "Request"; readonly from: Incoming }
  | { readonly kind: "Response"; readonly response: Response; readonly essentials: Essentials }
  /** A request with something wrong in it; its sender can be told. */
  | { readonly kind: "Refused"; readonly from: Incoming; readonly error: ParseError }
  /** Nothing that could be answered. */
  | { readonly kind: "Dropped" };

/** One whole message, as this flow's transport delimits them. */
export function readMessage(flow: Flow, octets: Octets): Arrival {
  const message = parserFor(flow)(octets);
  if (!message.ok) return readBroken(flow, octets, message.error);
  const essentials = readEssentials(message.value);
  if (message.value.kind === "Response") {
    if (!essentials.ok) return DROPPED;
    return { kind: "Response", response: message.value, essentials: essentials.value };
  }
  if (!essentials.ok) return refused(flow, message.value, essentials.error);
  return { kind: "Request", from: incoming(message.value, essentials.value, flow) };
}

/** What of a message there was when it went wrong. */
export function readBroken(flow: Flow, octets: Octets, error: ParseError): Arrival {
  const request = answerable(octets, error);
  return request ? refused(flow, request, error) : DROPPED;
}

/** CRLFs that keep a flow alive (RFC 5626 §3.5.1), and STUN or other things that are not SIP. */
export const isKeepAlive = (octets: Octets): boolean =>
  octets.length < 20 ? octets.trim() === "" : octets.charCodeAt(0) < 2;

/** On a stream, framing has made sure of the length. */
const parserFor = (flow: Flow): ((octets: Octets) => Result<Message>) =>
  isReliable(flow) && !isStream(flow) ? parseWebSocketMessage : parseMessage;

function refused(flow: Flow, request: Request, error: ParseError): Arrival {
  //= RFC 3261 §8.2.7
  //# A stateless UAS MUST ignore ACK requests.
  const essentials = request.method === "ACK" ? undefined : answerableEssentials(request);
  if (!essentials) return DROPPED;
  return { kind: "Refused", from: incoming(request, essentials, flow), error };
}

const DROPPED: Arrival = Object.freeze({ kind: "Dropped" });
