/**
 * A person's phones: what there is, a new one, one that is lost.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { toString as drawQr } from "qrcode";
import { z } from "zod";
import { refusal } from "../refusal.ts";
import type { Phone } from "../store/accounts.ts";
import { answer, refuse } from "./answer.ts";
import { aorOf, type HouseContext } from "./house-context.ts";
import { seated } from "./seat.ts";

const newDeviceBody = z.object({ label: z.string().max(1000), deskPhone: z.boolean() });

export function deviceRoutes(app: FastifyInstance, context: HouseContext): void {
  const { store, writes, clock } = context;
  const shown = ({ id, label, deskPhone, createdAt, account }: Phone) => ({
    id,
    label,
    deskPhone,
    createdAt,
    /** Registered at the moment, and rings when its person is called. */
    here: context.isHere(account, id),
  });

  app.get(
    "/@:name/api/devices",
    seated(context, ({ person }, _, reply) => {
      const devices = store.accounts.devices(person.name).map(shown);
      return answer(reply, 200, { devices });
    }),
  );

  app.post(
    "/@:name/api/devices",
    seated(context, async ({ person }, request, reply) => {
      const body = newDeviceBody.safeParse(request.body);
      if (!body.success) return refuse(reply, refusal("BAD_REQUEST"));
      const { realm } = store.house;
      const now = clock.wall();
      const added = await writes.addPhone({ name: person, ...body.data, realm, now });
      if (!added.ok) return refuse(reply, added.refusal);
      const { phone, password } = added.value;
      context.log.info({ account: person.name, device: phone.id }, "phone added");
      const account = {
        server: serverFor(context, request),
        port: context.sipPort,
        user: person.name,
        password,
        domain: store.house.domain,
        aor: aorOf(context, person.name),
      };
      const qr = await drawQr(inLines(account), { type: "svg" });
      return answer(reply, 201, { device: shown(phone), ...account, qr });
    }),
  );

  app.post(
    "/@:name/api/devices/:id/revoke",
    seated(context, async ({ person }, request, reply) => {
      const { id } = request.params as { id: string };
      const gone = await writes.revokePhone(person.name, id);
      if (!gone.ok) return refuse(reply, gone.refusal);
      context.log.info({ account: person.name, device: id }, "phone revoked");
      context.people.changed();
      return answer(reply, 200, { left: gone.value.left });
    }),
  );
}

/** The name by which a phone reaches us; `localhost` would be the phone itself. */
function serverFor({ lanAddress }: HouseContext, request: FastifyRequest): string {
  const { hostname } = request;
  const isHere = hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
  return isHere ? (lanAddress() ?? hostname) : hostname;
}

/** For a camera: every app shows text, and no two agree on more. */
function inLines(account: {
  readonly server: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly domain: string;
}): string {
  const { server, port, user, password, domain } = account;
  return [
    `Server: ${server}:${port} (UDP)`,
    `User name: ${user}`,
    `Password: ${password}`,
    `Domain: ${domain}`,
  ].join("\n");
}
