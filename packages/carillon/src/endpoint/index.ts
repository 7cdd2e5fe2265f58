/** The whole stack as one deterministic object: `carillon/endpoint`. */

export { type Destination, webSocketAt } from "../transport/destination.ts";
export type { ClientTransaction, ClientUser } from "./client-transaction.ts";
export { createEndpoint, type Endpoint } from "./endpoint.ts";
export { type Incoming, incoming } from "./incoming.ts";
export type { Input, Output, Standing } from "./input-output.ts";
export type { Reply } from "./reply.ts";
export type { EndpointOptions, Role, TraceEntry } from "./role.ts";
export type { ServerTransaction, ServerUser } from "./server-transaction.ts";
export {
  type Errand,
  type Failure,
  type Pursuit,
  Servers,
  type ServersOptions,
} from "./servers.ts";
