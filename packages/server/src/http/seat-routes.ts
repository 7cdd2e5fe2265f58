/**
 * What a page does once it sits: who am I, a token for SIP, an invite for a friend, leaving.
 */
import type { FastifyInstance } from "fastify";
import { toString as drawQr } from "qrcode";
import { answer } from "./answer.ts";
import { aorOf, type HouseContext } from "./house-context.ts";
import { peerOf } from "./peer.ts";
import { renewCookie, seated, takeCookie } from "./seat.ts";

/** A stolen token is worth little; the page asks for a new one whenever it needs one. */
const TOKEN_SECONDS = 300;

/** A link for the family, the class, the club: sent once, opened by several. */
const INVITE_USES = 10;
const INVITE_VALID_MS = 7 * 24 * 3_600_000;

export function seatRoutes(app: FastifyInstance, context: HouseContext): void {
  const { store, writes, clock, people } = context;

  app.get(
    "/@:name/api/me",
    seated(context, ({ person }, request, reply) => {
      renewCookie(request, reply, person.name);
      return answer(reply, 200, {
        ...person,
        aor: aorOf(context, person.name),
        domain: store.house.domain,
        sip: `${peerOf(request.raw).secure ? "wss" : "ws"}://${request.host}/sip`,
      });
    }),
  );

  app.post(
    "/@:name/api/token",
    seated(context, ({ person, session }, _, reply) => {
      const expiresAt = clock.steady() + TOKEN_SECONDS * 1000;
      const token = context.mintToken({ account: person.name, session, expiresAt });
      return answer(reply, 200, { token, expiresSeconds: TOKEN_SECONDS });
    }),
  );

  app.post(
    "/@:name/api/invites",
    seated(context, async ({ person }, request, reply) => {
      const invite = await writes.makeInvite({
        madeBy: person.name,
        uses: INVITE_USES,
        validMs: INVITE_VALID_MS,
      });
      const scheme = peerOf(request.raw).secure ? "https" : "http";
      const link = `${scheme}://${request.host}/join/${invite.code}`;
      const qr = await drawQr(link, { type: "svg" });
      return answer(reply, 201, { link, qr, expires: invite.expiresAt });
    }),
  );

  app.post(
    "/@:name/api/leave",
    seated(context, async ({ person, session }, request, reply) => {
      await writes.endSession(session);
      takeCookie(request, reply, person.name);
      people.changed();
      return reply.code(204).send();
    }),
  );
}
