/**
 * How every route answers: a value as JSON, a refusal as its status and words.
 */
import { StoreBusy } from "carillon/roles";
import type { FastifyReply } from "fastify";
import { type Refusal, type RefusalCode, refusal } from "../refusal.ts";

export function answer(reply: FastifyReply, status: number, value: unknown): FastifyReply {
  return reply.code(status).header("cache-control", "no-store").send(value);
}

export function refuse(reply: FastifyReply, why: Refusal): FastifyReply {
  const { code, message, hint } = why;
  return answer(reply, why.status, { error: { code, message, hint } });
}

/** What Fastify itself refuses, or a disk that is behind; undefined if it is a fault of ours. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof StoreBusy) return refusal("STORE_BUSY");
  const { statusCode } = error as { statusCode?: number };
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return undefined;
  const codes: Readonly<Record<number, RefusalCode>> = {
    404: "NOT_FOUND",
    413: "TOO_LARGE",
    415: "NOT_JSON",
  };
  return refusal(codes[statusCode] ?? "BAD_REQUEST");
}
