/**
 * Where the session description of a message is: its body, or a part of it beside what gateways
 * and others tell each other. RFC 5621 §4.2.
 */
import type { Octets } from "../grammar/octets.ts";
import { header } from "../message/headers.ts";
import type { Message } from "../message/message.ts";
import { dispositionOf, isOptional, isSdp, partsIn } from "./body-parts.ts";

/** Bodies that are understood, for Accept. */
export const BODIES = "application/sdp, multipart/mixed, multipart/alternative";

/**
 * The description; empty where there is none, and where a request has other parts that must not be
 * passed over.
 */
export function sessionBody(message: Message): Octets {
  const type = (header(message, "Content-Type")?.split(";")[0] ?? SDP).trim().toLowerCase();
  if (type === SDP) return message.body;
  //= RFC 5621 §4.2
  //# Additionally, UAs MUST support the 'multipart/mixed' and 'multipart/ alternative' MIME types.
  if (!type.startsWith("multipart/")) return "";
  const parts = partsIn(message);
  const session = parts.find((one) => isSdp(one) && dispositionOf(one) === "session");
  // Of alternatives one is enough; and a response can be refused no more.
  const isChoice = message.kind === "Response" || type === "multipart/alternative";
  const isWhole = isChoice || parts.every((one) => one === session || isOptional(one));
  return session && isWhole ? session.body : "";
}

const SDP = "application/sdp";
