/**
 * Groups over HTTP: which one is in, a new one, who is in it, what it is called, leaving. What is
 * changed here everybody in it is told, as if it had been asked for over SIP.
 */
import type { Group, GroupWish, Refusal as SipRefusal } from "carillon/messaging";
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { type Refusal, type RefusalCode, refusal } from "../refusal.ts";
import { answer, refuse } from "./answer.ts";
import { aorOf, type HouseContext } from "./house-context.ts";
import { type Seat, seated } from "./seat.ts";

/** Names of accounts here, or their addresses. */
const members = z.array(z.string().min(1).max(200)).max(200);
const title = z.string().trim().min(1).max(200);
const newGroup = z.strictObject({ name: z.string().min(1).max(64), title, members });
const changedGroup = z
  .strictObject({ title: title.optional(), members: members.optional() })
  .refine((wish) => wish.title !== undefined || wish.members !== undefined);

/** Changes a group, in the name of an account. */
export type ChangeGroup = (by: string, wish: GroupWish) => Promise<Group | SipRefusal>;

export function groupRoutes(app: FastifyInstance, context: HouseContext): void {
  const { messages } = context;
  const own = ({ person }: Seat, params: unknown): Group | undefined => {
    const group = messages.group((params as { group: string }).group);
    return group?.members.includes(person.name) === true ? group : undefined;
  };

  app.get(
    "/@:name/api/groups",
    seated(context, ({ person }, _, reply) => {
      const groups = messages.groupsOf(person.name).map((group) => shown(context, group));
      return answer(reply, 200, { groups });
    }),
  );

  app.get(
    "/@:name/api/groups/:group",
    seated(context, (seat, request, reply) => {
      const group = own(seat, request.params);
      return group
        ? answer(reply, 200, shown(context, group))
        : refuse(reply, refusal("GROUP_UNKNOWN"));
    }),
  );

  app.post(
    "/@:name/api/groups",
    seated(context, async ({ person }, request, reply) => {
      const body = newGroup.safeParse(request.body);
      if (!body.success) return refuse(reply, refusal("BAD_REQUEST"));
      const { name } = body.data;
      // To change one that is there is another thing.
      if (messages.group(name)) return refuse(reply, refusal("GROUP_TAKEN"));
      const wish = { ...body.data, members: body.data.members.map((one) => nameOf(context, one)) };
      return told(context, reply, 201, await context.changeGroup(person.name, wish));
    }),
  );

  app.put(
    "/@:name/api/groups/:group",
    seated(context, async (seat, request, reply) => {
      const body = changedGroup.safeParse(request.body);
      if (!body.success) return refuse(reply, refusal("BAD_REQUEST"));
      const group = own(seat, request.params);
      if (group === undefined) return refuse(reply, refusal("GROUP_UNKNOWN"));
      const wish = {
        name: group.name,
        title: body.data.title ?? group.title,
        members: body.data.members?.map((one) => nameOf(context, one)) ?? group.members,
      };
      return told(context, reply, 200, await context.changeGroup(seat.person.name, wish));
    }),
  );

  app.post(
    "/@:name/api/groups/:group/leave",
    seated(context, async (seat, request, reply) => {
      const group = own(seat, request.params);
      if (group === undefined) return refuse(reply, refusal("GROUP_UNKNOWN"));
      const { name } = seat.person;
      const others = group.members.filter((member) => member !== name);
      const left = await context.changeGroup(name, { name: group.name, members: others });
      return "why" in left ? refuse(reply, inWords(left)) : reply.code(204).send();
    }),
  );
}

const shown = (context: HouseContext, { name, title, owner, members }: Group) => ({
  ...{ name, title, owner: aorOf(context, owner), uri: aorOf(context, name) },
  members: members.map((member) => aorOf(context, member)),
});

/** The account of an address here; anything else as it is, to be refused by whoever knows. */
function nameOf({ store }: HouseContext, member: string): string {
  const [user = "", domain] = member.replace(/^sip:/, "").split("@");
  return domain === undefined || domain === store.house.domain ? user : member;
}

const told = (
  context: HouseContext,
  reply: FastifyReply,
  status: number,
  outcome: Group | SipRefusal,
) =>
  "why" in outcome
    ? refuse(reply, inWords(outcome))
    : answer(reply, status, shown(context, outcome));

const CODES: Readonly<Record<number, RefusalCode>> = {
  400: "GROUP_INVALID",
  403: "GROUP_FORBIDDEN",
  404: "PERSON_UNKNOWN",
  413: "GROUP_INVALID",
};

/** What would be said over SIP, as a sentence. */
function inWords({ status, why }: SipRefusal): Refusal {
  const message = `${why.slice(0, 1).toUpperCase()}${why.slice(1)}.`;
  const code = CODES[status];
  return code === undefined ? refusal("STORE_BUSY") : refusal(code, { message });
}
