/**
 * What a person says about presence: contacts, who may see them, how they are, and an answer for
 * those who ask to.
 */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { readDecision } from "../presence/watcher-decisions.ts";
import { type Outcome, refusal } from "../refusal.ts";
import { PRESENCE_LIMITS } from "../store/presence-limits.ts";
import {
  readContacts,
  readRules,
  readStatus,
  STATUSES,
  WATCHER_ACTIONS,
} from "../store/presence-settings.ts";
import { wholeList } from "../store/whole-list.ts";
import { answer, refuse } from "./answer.ts";
import type { HouseContext } from "./house-context.ts";
import { type SeatHandler, seated } from "./seat.ts";

/** Longer than anything that is taken, so that what is too long is refused in words. */
const text = z.string().max(2000);
const action = z.enum(WATCHER_ACTIONS);

const contactsBody = z.object({
  contacts: z.array(
    z.object({ uri: text, name: text.default(""), favourite: z.boolean().default(false) }),
  ),
  house: z.boolean(),
});
const rulesBody = z.object({
  house: action,
  others: action,
  watchers: z.array(z.object({ who: text, action })),
});
const statusBody = z.object({
  status: z.enum(STATUSES),
  note: text.default(""),
  until: z.number().int().min(0).max(8.64e15).nullable().default(null),
});

export function presenceRoutes(app: FastifyInstance, context: HouseContext): void {
  const { store, writes, clock, presence } = context;
  const { domain } = store.house;
  const route = routeOn(app, context);

  const contactsOf = (name: string) => ({
    contacts: wholeList(store, name),
    house: store.presence.contacts(name).house,
  });
  const statusOf = (name: string) => store.presence.status(name, clock.wall());

  route("contacts", contactsOf, contactsBody, async (name, wanted) => {
    const list = readContacts(wanted, domain);
    if (!list.ok) return list;
    const put = await writes.putContacts(name, list.value);
    if (put.ok) presence.contactsChanged(name);
    return put;
  });

  route(
    "presence-rules",
    (name) => store.presence.rules(name),
    rulesBody,
    async (name, wanted) => {
      const rules = readRules(wanted, domain);
      if (!rules.ok) return rules;
      const put = await writes.putRules(name, rules.value);
      if (put.ok) presence.rulesChanged(name);
      return put;
    },
  );

  route("status", statusOf, statusBody, async (name, wanted) => {
    const status = readStatus(wanted);
    if (!status.ok) return status;
    const put = await writes.putStatus(name, status.value);
    if (put.ok) presence.statusChanged(name);
    return put;
  });

  askingRoutes(app, context);
}

/** Who waits to see one, and one's answer. */
function askingRoutes(app: FastifyInstance, context: HouseContext): void {
  const { store, writes, presence } = context;
  const asking = (name: string) => ({ asking: store.presence.asking(name) });
  app.get(
    "/@:name/api/watchers",
    seated(context, ({ person }, _, reply) => answer(reply, 200, asking(person.name))),
  );
  app.post(
    "/@:name/api/watchers",
    seated(context, async ({ person: { name } }, request, reply) => {
      const rule = readDecision(request.body, store.house.domain);
      if (!rule.ok) return refuse(reply, rule.refusal);
      const decided = await writes.decideOn(name, rule.value);
      if (!decided.ok) return refuse(reply, decided.refusal);
      presence.rulesChanged(name);
      return answer(reply, 200, asking(name));
    }),
  );
}

/** Something of a person that is read whole and written whole; a PUT answers what a GET would. */
function routeOn(app: FastifyInstance, context: HouseContext) {
  return <T>(
    what: string,
    read: (name: string) => unknown,
    schema: z.ZodType<T>,
    put: (name: string, wanted: T) => Promise<Outcome<unknown>>,
  ): void => {
    const path = `/@:name/api/${what}`;
    const show: SeatHandler = ({ person }, _, reply) => answer(reply, 200, read(person.name));
    app.get(path, seated(context, show));
    const change: SeatHandler = async (seat, request, reply) => {
      const body = schema.safeParse(request.body);
      if (!body.success) return refuse(reply, refusal("BAD_REQUEST"));
      const written = await put(seat.person.name, body.data);
      if (!written.ok) return refuse(reply, written.refusal);
      return show(seat, request, reply);
    };
    app.put(path, { bodyLimit: PRESENCE_LIMITS.body }, seated(context, change));
  };
}
