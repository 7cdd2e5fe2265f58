/**
 * The HTTP side as one Fastify app: what holds for every request, then the routes.
 */
import type { IncomingMessage, RequestListener, Server } from "node:http";
import { createServer } from "node:http";
import fastifyCookie from "@fastify/cookie";
import { StoreBusy } from "carillon/roles";
import Fastify, { type FastifyInstance } from "fastify";
import { refusal } from "../refusal.ts";
import { answer, refusalOf, refuse } from "./answer.ts";
import { deviceRoutes } from "./device-routes.ts";
import { groupRoutes } from "./group-routes.ts";
import type { HouseContext } from "./house-context.ts";
import { crowdAt } from "./http-crowd.ts";
import { leadToHttps } from "./https-only.ts";
import { iceRoutes } from "./ice-routes.ts";
import { joinRoutes } from "./join-routes.ts";
import { messageRoutes } from "./message-routes.ts";
import { isOwnOrigin } from "./own-origin.ts";
import { pageRoutes } from "./page-routes.ts";
import { peerOf } from "./peer.ts";
import { peopleRoutes } from "./people-routes.ts";
import { presenceRoutes } from "./presence-routes.ts";
import { pushRoutes } from "./push-routes.ts";
import { seatRoutes } from "./seat-routes.ts";
import { securityHeaders } from "./security-headers.ts";
import { SERVER_LIMITS } from "./server-limits.ts";

/** Larger ones are for the routes that say so. */
const MAX_BODY_BYTES = 16 * 1024;

export async function createApp(context: HouseContext): Promise<FastifyInstance> {
  const app = Fastify({
    serverFactory: httpServer,
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 600 },
  });
  readJsonOnly(app);
  await app.register(fastifyCookie);
  if (context.httpsOnly) leadToHttps(app, context.httpsOnly);
  guard(app, context);
  log(app, context);
  app.get("/health", async (_, reply) => answer(reply, 200, { ok: true }));
  joinRoutes(app, context);
  seatRoutes(app, context);
  iceRoutes(app, context);
  deviceRoutes(app, context);
  pushRoutes(app, context);
  peopleRoutes(app, context);
  presenceRoutes(app, context);
  messageRoutes(app, context);
  groupRoutes(app, context);
  await pageRoutes(app, context);
  return app;
}

function httpServer(listener: RequestListener): Server {
  const { maxConnections: _, ...limits } = SERVER_LIMITS;
  const server = createServer(limits, listener);
  crowdAt(server);
  return server;
}

/** A form of another site can send text or form data, but never this without asking first. */
function readJsonOnly(app: FastifyInstance): void {
  const readJson = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined);
    else readJson(request, body as string, done);
  });
}

function guard(app: FastifyInstance, { names, banOf, clock }: HouseContext): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(securityHeaders);
    const ban = banOf?.(peerOf(request.raw).host);
    if (ban) {
      reply.header("retry-after", Math.ceil((ban.until - clock.wall()) / 1000));
      return refuse(reply, refusal("BANNED"));
    }
    if (!changesState(request.raw)) return;
    if (!isOwnOrigin(request.raw, names)) return refuse(reply, refusal("ORIGIN_REFUSED"));
    if (!isJson(request.headers["content-type"])) return refuse(reply, refusal("NOT_JSON"));
  });
}

const changesState = ({ method }: IncomingMessage): boolean =>
  method !== "GET" && method !== "HEAD";

const isJson = (type: string | undefined): boolean =>
  type?.split(";", 1)[0]?.trim().toLowerCase() === "application/json";

function log(app: FastifyInstance, { log }: HouseContext): void {
  app.addHook("onResponse", async (request, reply) => {
    // The route's pattern, not the path: codes and names stay out of the log.
    const route = request.routeOptions.url ?? "(none)";
    const { method } = request;
    const entry = { method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
    if (reply.statusCode >= 400 || changesState(request.raw)) log.info(entry, "http");
    else log.debug(entry, "http");
  });
  app.setErrorHandler((error, request, reply) => {
    const why = refusalOf(error);
    if (error instanceof StoreBusy) reply.header("retry-after", error.retryAfterSeconds);
    if (why !== undefined) return refuse(reply, why);
    log.error({ route: request.routeOptions.url, err: error }, "fault");
    return refuse(reply, refusal("FAULT"));
  });
}
