/**
 * What a person has said and heard, over HTTP: conversations, their history, what is found in it,
 * how long it is kept, and all of it in one file.
 */
import { Readable } from "node:stream";
import type { Entry } from "carillon/documents";
import type { StoredQuery } from "carillon/messaging";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { refusal } from "../refusal.ts";
import { exportOf } from "../store/messages/export.ts";
import type { ConversationRow } from "../store/messages/journal-reader.ts";
import { houseRetention } from "../store/messages/retention.ts";
import { promised } from "../store/pending.ts";
import { answer, refuse } from "./answer.ts";
import { aorOf, type HouseContext } from "./house-context.ts";
import { type Seat, seated } from "./seat.ts";

/** Conversations, entries and messages found: of one answer. */
const MOST = 200;
const USUAL = 50;

const limit = z.coerce.number().int().min(1).max(MOST).default(USUAL);
const before = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional();
const pageQuery = z.object({ before, limit });
const searchQuery = pageQuery.extend({
  q: z.string().min(1).max(200),
  with: z.string().max(512).optional(),
});

const retentionBody = z.strictObject({
  days: z.number().int().min(1).max(36_500).optional(),
  // Fewer would be gone before a phone that is off for a day has had them.
  entries: z.number().int().min(100).max(100_000_000).optional(),
});

export function messageRoutes(app: FastifyInstance, context: HouseContext): void {
  const { messages } = context;

  app.get(
    "/@:name/api/conversations",
    seated(context, ({ person }, request, reply) => {
      const query = z.object({ limit }).safeParse(request.query);
      if (!query.success) return refuse(reply, refusal("BAD_REQUEST"));
      const rows = messages.conversations(person.name, query.data.limit);
      return answer(reply, 200, {
        conversations: rows.map((row) => shown(context, person.name, row)),
        unread: messages.unread(person.name),
      });
    }),
  );

  app.get(
    "/@:name/api/conversations/:uri/messages",
    seated(context, ({ person }, request, reply) => {
      const { uri } = request.params as { uri: string };
      const query = pageQuery.safeParse(request.query);
      if (!query.success) return refuse(reply, refusal("BAD_REQUEST"));
      return answer(reply, 200, messages.page(person.name, { ...back(query.data), with: uri }));
    }),
  );

  app.get(
    "/@:name/api/search",
    seated(context, ({ person }, request, reply) => {
      const query = searchQuery.safeParse(request.query);
      if (!query.success) return refuse(reply, refusal("BAD_REQUEST"));
      const { q: find, with: uri } = query.data;
      const only = uri === undefined ? {} : { with: uri };
      const page = messages.page(person.name, { ...back(query.data), find, ...only });
      return answer(reply, 200, page);
    }),
  );

  retentionRoutes(app, context);
  exportRoute(app, context);
}

type Back = Extract<StoredQuery, { kind: "Before" }>;

const back = (query: { before?: number | undefined; limit: number }): Back => ({
  ...{ kind: "Before", limit: query.limit },
  before: query.before ?? Number.MAX_SAFE_INTEGER,
});

/** A conversation as a list shows it, with what was said last. */
function shown(context: HouseContext, account: string, row: ConversationRow) {
  const { messages, store } = context;
  const name = nameIn(context, row.uri);
  const group = name === undefined ? undefined : messages.group(name);
  const person = name === undefined ? undefined : store.accounts.person(name);
  const latest: Entry | undefined = messages.latestMessage(account, row.uri);
  return {
    ...row,
    title: group?.title ?? person?.displayName ?? row.uri,
    isGroup: group !== undefined,
    ...(group && { members: group.members.map((member) => aorOf(context, member)) }),
    ...(latest && { latest }),
  };
}

/** The name of the person or group here whose address this is. */
function nameIn({ store }: HouseContext, uri: string): string | undefined {
  const [name = "", domain] = uri.replace(/^sip:/, "").split("@");
  return domain === store.house.domain ? name : undefined;
}

function retentionRoutes(app: FastifyInstance, context: HouseContext): void {
  const { messages, store } = context;
  const shown = (account: string) => ({
    ...messages.retention(account),
    most: houseRetention(store.db),
  });

  app.get(
    "/@:name/api/retention",
    seated(context, ({ person }, _, reply) => answer(reply, 200, shown(person.name))),
  );

  app.put(
    "/@:name/api/retention",
    seated(context, async ({ person }, request, reply) => {
      const body = retentionBody.safeParse(request.body);
      if (!body.success) return refuse(reply, refusal("BAD_REQUEST"));
      await promised(messages.setRetention(person.name, body.data));
      return answer(reply, 200, shown(person.name));
    }),
  );
}

function exportRoute(app: FastifyInstance, context: HouseContext): void {
  /** Accounts whose export is under way: one at a time each. */
  const busy = new Set<string>();
  const send = ({ person }: Seat, _: FastifyRequest, reply: FastifyReply) => {
    const { name } = person;
    if (busy.has(name)) return refuse(reply, refusal("TOO_MANY_TRIES"));
    busy.add(name);
    const lines = exportOf(context.messages, {
      ...{ account: name, address: aorOf(context, name), at: context.clock.wall() },
    });
    const stream = Readable.from(lines);
    stream.on("close", () => busy.delete(name));
    return reply
      .header("content-type", "application/x-ndjson; charset=utf-8")
      .header("content-disposition", `attachment; filename="carillon-${name}.jsonl"`)
      .header("cache-control", "no-store")
      .send(stream);
  };
  app.get("/@:name/api/export", { exposeHeadRoute: false }, seated(context, send));
}
