/** Nobody sends a page bodies of several parts: they are for gateways. */
import type { Octets } from "../grammar/octets.ts";
import { header } from "../message/headers.ts";
import type { Message } from "../message/message.ts";

export const BODIES = "application/sdp";

export function sessionBody(message: Message): Octets {
  const type = header(message, "Content-Type")?.split(";")[0] ?? BODIES;
  return type.trim().toLowerCase() === BODIES ? message.body : "";
}
