/**
 * Pages that are told of calls while they are closed: turned on and off, listed, and what a
 * notification's buttons do.
 */
import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type PushSubscription, subscriptionsOf } from "../push/push-subscriptions.ts";
import { refusal } from "../refusal.ts";
import { answer, refuse } from "./answer.ts";
import type { HouseContext } from "./house-context.ts";
import { seated } from "./seat.ts";

const base64url = z.string().regex(/^[A-Za-z0-9_-]+=*$/);
const subscribeBody = z.object({
  endpoint: z.string().max(800),
  // RFC 8291 §3.1: The public key is provided as an uncompressed point on the P-256 curve
  p256dh: base64url.min(87).max(88),
  auth: base64url.min(22).max(24),
  showsWords: z.boolean(),
});
const declineBody = z.object({ id: z.string().min(1).max(200) });

export function pushRoutes(app: FastifyInstance, context: HouseContext): void {
  const { store, writes, clock, log, push } = context;
  const shown = (one: PushSubscription, session: string) => ({
    ...{ id: nameOf(one), createdAt: one.createdAt, isThis: one.session === session },
  });

  app.get(
    "/@:name/api/push",
    seated(context, ({ person, session }, _, reply) => {
      const all = subscriptionsOf(store.db, person.name);
      const own = all.find((one) => one.session === session);
      const key = push?.services().find(({ provider }) => provider === "webpush")?.vapid;
      return answer(reply, 200, {
        ...{ key: key ?? null, endpoint: own?.endpoint ?? null },
        showsWords: own?.showsWords ?? false,
        pages: all.map((one) => shown(one, session)),
      });
    }),
  );

  app.post(
    "/@:name/api/push",
    seated(context, async ({ person, session }, request, reply) => {
      const body = subscribeBody.safeParse(request.body);
      if (!body.success) return refuse(reply, refusal("BAD_REQUEST"));
      const { endpoint } = body.data;
      const address = { provider: "webpush", param: undefined, prid: endpoint };
      if (!push?.canWake(address)) return refuse(reply, refusal("PUSH_UNKNOWN"));
      const createdAt = clock.wall();
      await writes.putPush({ ...body.data, session, account: person.name, createdAt });
      log.info({ account: person.name }, "page is told of calls while it is closed");
      return answer(reply, 200, {});
    }),
  );

  app.post(
    "/@:name/api/push/:id/revoke",
    seated(context, async ({ person, session }, request, reply) => {
      const { id } = request.params as { id: string };
      const found = subscriptionsOf(store.db, person.name).find(
        (one) => nameOf(one) === id || (id === "this" && one.session === session),
      );
      if (found) await writes.dropPush(person.name, found.endpoint);
      log.info({ account: person.name }, "page is told no more");
      return answer(reply, 200, {});
    }),
  );

  app.post(
    "/@:name/api/push/decline",
    seated(context, async ({ person }, request, reply) => {
      const body = declineBody.safeParse(request.body);
      if (!body.success) return refuse(reply, refusal("BAD_REQUEST"));
      const isDeclined = (await push?.decline(person.name, body.data.id)) === true;
      return answer(reply, 200, { isDeclined });
    }),
  );
}

/** An endpoint is a secret; this only tells it from others. */
const nameOf = ({ endpoint }: PushSubscription): string =>
  createHash("sha256").update(endpoint).digest("base64url").slice(0, 16);
