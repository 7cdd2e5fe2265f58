/**
 * Coming in: what an invite is for, and joining with it.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Outcome, refusal } from "../refusal.ts";
import { answer, refuse } from "./answer.ts";
import { aorOf, type HouseContext } from "./house-context.ts";
import { peerOf } from "./peer.ts";
import { giveCookie, seatPath } from "./seat.ts";

const joinBody = z.object({ invite: z.string().max(100), name: z.string().max(1000) });

export function joinRoutes(app: FastifyInstance, context: HouseContext): void {
  const { store, writes, people } = context;

  app.get("/api/invites/:code", async (request, reply) => {
    const { code } = request.params as { code: string };
    const invite = await guarded(context, request, reply, () => store.invites.check(code));
    if (invite === undefined) return reply;
    const { domain } = store.house;
    const house = domain === "localhost" ? "this house" : domain;
    return answer(reply, 200, { domain, house, firstPerson: !store.accounts.hasOwner() });
  });

  app.post("/api/join", async (request, reply) => {
    const body = joinBody.safeParse(request.body);
    if (!body.success) return refuse(reply, refusal("BAD_REQUEST"));
    const joined = await guarded(context, request, reply, () => writes.join(body.data));
    if (joined === undefined) return reply;
    const { name, displayName, owner } = joined.person;
    giveCookie(request, reply, name, joined.secret);
    context.log.info({ account: name, owner }, "joined");
    people.changed();
    const aor = aorOf(context, name);
    return answer(reply, 201, { seat: seatPath(name), name, displayName, aor });
  });
}

/**
 * Tries it, unless this address was wrong too often; answers the refusal itself and returns
 * undefined then. Each wrong try counts, whatever it was wrong about.
 */
async function guarded<T>(
  { attempts }: HouseContext,
  request: FastifyRequest,
  reply: FastifyReply,
  tryIt: () => Outcome<T> | Promise<Outcome<T>>,
): Promise<T | undefined> {
  const { host } = peerOf(request.raw);
  const waitSeconds = attempts.waitSeconds(host);
  if (waitSeconds > 0) {
    reply.header("retry-after", waitSeconds);
    refuse(reply, refusal("TOO_MANY_TRIES", { hint: `Try again in ${waitSeconds} seconds.` }));
    return undefined;
  }
  const outcome = await tryIt();
  if (outcome.ok) return outcome.value;
  attempts.failed(host);
  refuse(reply, outcome.refusal);
  return undefined;
}
