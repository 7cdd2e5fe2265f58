/**
 * The whole stack as one deterministic object: `carillon/endpoint`. RFC 3261 §17, §18. What
 * happened and when go in, what is to be done comes out: it owns no socket, no clock and no timer.
 * A `Role` stands above it and decides what becomes of requests; `carillon/roles` has one for a
 * domain, and `carillon/ua` one for phones.
 *
 * Times are in milliseconds of the caller's clock. What a peer sends never throws; a caller's
 * mistake does, as a RangeError.
 *
 * ```ts
 * import { portableCrypto } from "carillon/auth";
 * import { createEndpoint, type Endpoint, type Role } from "carillon/endpoint";
 * import { requestText } from "carillon/testing";
 *
 * class Greeter implements Role {
 *   #endpoint: Endpoint | undefined;
 *   attach(endpoint: Endpoint) {
 *     this.#endpoint = endpoint;
 *   }
 *   request(incoming: Parameters<Role["request"]>[0]) {
 *     this.#endpoint?.reply(incoming, { status: 200, body: "hello" });
 *   }
 *   ack() {}
 * }
 *
 * const randomBytes = (count: number) => globalThis.crypto.getRandomValues(new Uint8Array(count));
 * const endpoint = createEndpoint({ role: new Greeter(), crypto: portableCrypto(randomBytes) });
 * const [local, remote] = [{ host: "192.0.2.1", port: 5060 }, { host: "192.0.2.9", port: 5060 }];
 * endpoint.handle({ kind: "Listening", transport: "UDP", local }, 0);
 * const octets = requestText("OPTIONS");
 * const [output] = endpoint.handle({ kind: "Datagram", local, remote, octets }, 10);
 * if (output?.kind === "Datagram") console.log(output.octets.split("\r\n")[0]); // SIP/2.0 200 OK
 * console.log(endpoint.deadline()); // Infinity
 * ```
 */

export { type Destination, webSocketAt } from "../transport/destination.ts";
export type { Flow, TransportName } from "../transport/flow.ts";
export type { BelowEntry, BelowKind, BelowRole } from "./below-role.ts";
export type { ClientTransaction, ClientUser } from "./client-transaction.ts";
export type { ConnectionLimits } from "./connections.ts";
export { createEndpoint, type Endpoint } from "./endpoint.ts";
export type { Ids } from "./ids.ts";
export { type Incoming, incoming } from "./incoming.ts";
export type { Input, Output, Standing } from "./input-output.ts";
export type { Enumerated, NotLocated, Outcome } from "./locator.ts";
export type { Admission, AdmissionWorld, Answer, Verdict, ViaName } from "./overload/admission.ts";
export {
  type OverloadCensus,
  type OverloadControl,
  type OverloadOptions,
  overloadControl,
} from "./overload/overload-control.ts";
export type { RetryAfter } from "./overload/turned-away.ts";
export type { Reply } from "./reply.ts";
export type { EndpointOptions, Role, TraceEntry } from "./role.ts";
export type { ServerTransaction, ServerUser } from "./server-transaction.ts";
export {
  type Errand,
  type Failure,
  type Pursuit,
  Servers,
  type ServersOptions,
  type ServersWorld,
} from "./servers.ts";
export type { OwnVia } from "./transaction-key.ts";
export { newTimer, type Timed, type Timer } from "./wheel.ts";
