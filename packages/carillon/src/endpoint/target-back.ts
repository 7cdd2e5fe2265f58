/** Where a response goes when the connection its request came on is gone. RFC 3261 §18.2.2. */
import { responseAttempts } from "../locate/response-attempts.ts";
import type { Target } from "../locate/target.ts";
import { FIRST_USER_PORT } from "../transport/flow.ts";
import type { Incoming } from "./incoming.ts";

//= RFC 3261 §18.2.2
//# If that connection is no longer open, the server SHOULD open a connection to the IP address in
//# the "received" parameter, if present, using the port in the "sent-by" value, or the default port
//# for that transport, if no port is specified.
/**
 * Back to the host that the request came from, which nobody can forge on a connection, and to no
 * port where other services live. Undefined over UDP, and for browsers, which nobody can call.
 */
export function targetBack({ flow, essentials }: Incoming): Target | undefined {
  const again = responseAttempts(flow, essentials.via).find(({ kind }) => kind === "Target");
  if (again?.kind !== "Target" || again.target.address.port < FIRST_USER_PORT) return undefined;
  return again.target;
}
