/** `/metrics` for who may see them, and `/ready`: whether calls are to come here. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import { answer, refuse } from "../http/answer.ts";
import { peerOf } from "../http/peer.ts";
import { refusal } from "../refusal.ts";

export interface SeeingParts {
  /** Undefined: there are none. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> } | undefined;
  /** Who else than this machine may see the metrics. */
  mayLook(host: string): boolean;
  /** Whoever bears it may, from anywhere; undefined is nobody. */
  readonly token: string | undefined;
  /** Why no calls are to come, in words; undefined if they are. */
  whyNotReady(): string | undefined;
}

export function seeingRoutes(app: FastifyInstance, parts: SeeingParts): void {
  app.get("/ready", async (_, reply) => {
    const why = parts.whyNotReady();
    return why === undefined
      ? answer(reply, 200, { ready: true })
      : answer(reply, 503, { ready: false, why });
  });
  const { metrics } = parts;
  if (!metrics) return;
  app.get("/metrics", async (request, reply) => {
    // There is nothing here, for who may not look.
    if (!mayLook(request.raw, parts)) return refuse(reply, refusal("NOT_FOUND"));
    const text = await metrics.text();
    return reply.type(metrics.contentType).header("cache-control", "no-store").send(text);
  });
}

function mayLook(request: IncomingMessage, { mayLook, token }: SeeingParts): boolean {
  const { host } = peerOf(request);
  const isHere = host === "::1" || host.startsWith("127.");
  // Somebody that a proxy on this machine brings is not this machine.
  if (isHere && request.headers["x-forwarded-for"] === undefined) return true;
  if (mayLook(host)) return true;
  const [, given] = /^Bearer ([\x21-\x7e]{1,512})$/.exec(request.headers.authorization ?? "") ?? [];
  return token !== undefined && given !== undefined && isSame(given, token);
}

/** In the same time, wherever they differ. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(hashOf(one), hashOf(other));

const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();
