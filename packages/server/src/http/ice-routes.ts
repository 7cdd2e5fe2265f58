/** Which STUN and TURN servers somebody's page may use, with credentials for a while. */
import type { FastifyInstance } from "fastify";
import type { IceServers } from "../turn/ice-servers.ts";
import { answer } from "./answer.ts";
import type { HouseContext } from "./house-context.ts";
import { seated } from "./seat.ts";

/** `host` is the name by which the page has reached the house: it reaches the relay there, too. */
export type IceServersFor = (account: string, host: string) => IceServers;

export function iceRoutes(app: FastifyInstance, context: HouseContext): void {
  app.get(
    "/@:name/api/ice-servers",
    seated(context, ({ person }, request, reply) =>
      answer(reply, 200, context.iceServers(person.name, plainHost(request.hostname))),
    ),
  );
}

/** Fastify leaves an IPv6 address its brackets. */
const plainHost = (host: string): string => host.replace(/^\[|\]$/g, "");
