/**
 * A seat: one person in one browser, at a path of its own. The cookie goes to that path only, so
 * that two tabs of one browser can be two people.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { refusal } from "../refusal.ts";
import type { Person } from "../store/accounts.ts";
import { SESSION_IDLE_MS } from "../store/sessions.ts";
import { refuse } from "./answer.ts";
import type { HouseContext } from "./house-context.ts";
import { keepConnection } from "./http-crowd.ts";
import { peerOf } from "./peer.ts";

const COOKIE = "carillon";

export interface Seat {
  readonly person: Person;
  /** The session's id, which is not the cookie. */
  readonly session: string;
}

export const seatPath = (name: string): string => `/@${name}/`;

export type SeatHandler = (seat: Seat, request: FastifyRequest, reply: FastifyReply) => unknown;

/** A route for whoever sits at the seat in its path; everybody else reads SIGNED_OUT. */
export function seated(
  { store }: HouseContext,
  handle: SeatHandler,
): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
  return async (request, reply) => {
    const { name } = request.params as { name: string };
    const secret = request.cookies[COOKIE];
    const session = secret === undefined ? undefined : store.sessions.find(secret);
    const person = store.accounts.person(name);
    // The cookie has to be of this very seat: nothing but the browser keeps it to its path.
    if (session === undefined || person === undefined || session.account !== name) {
      return refuse(reply, refusal("SIGNED_OUT"));
    }
    keepConnection(request.raw, name);
    return handle({ person, session: session.id }, request, reply);
  };
}

export function giveCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  secret: string,
): void {
  reply.setCookie(COOKIE, secret, {
    ...cookieScope(request, name),
    maxAge: Math.floor(SESSION_IDLE_MS / 1000),
  });
}

/** A browser that is used keeps its cookie as long as the session, which is kept by being used. */
export function renewCookie(request: FastifyRequest, reply: FastifyReply, name: string): void {
  const secret = request.cookies[COOKIE];
  if (secret !== undefined) giveCookie(request, reply, name, secret);
}

export function takeCookie(request: FastifyRequest, reply: FastifyReply, name: string): void {
  reply.clearCookie(COOKIE, cookieScope(request, name));
}

function cookieScope(request: FastifyRequest, name: string) {
  return {
    path: seatPath(name),
    httpOnly: true,
    sameSite: "strict",
    secure: peerOf(request.raw).secure,
  } as const;
}
