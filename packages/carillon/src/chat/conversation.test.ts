import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Entry, What } from "../documents/journal.ts";
import { type ConversationState, emptyConversation, reduce, USUAL_WINDOW } from "./conversation.ts";
import { noConversations, reduceAll, unreadOf, viewsOf } from "./conversations-state.ts";
import type { LocalEvent } from "./local-event.ts";
import { viewOf } from "./view-of.ts";

const OWN = "sip:anna@house.example";
const BOB = "sip:bob@house.example";
const CAROL = "sip:carol@house.example";
const TEAM = "sip:team@house.example";

const entry = (seq: number, what: What, conversation = BOB): Entry => ({
  ...{ seq, at: 1_000_000 + seq * 1000, conversation, what },
});
const message = (seq: number, from: string, id = `m${seq}`, body = `text ${seq}`): Entry =>
  entry(seq, { kind: "Message", id, from, contentType: "text/plain", body });
const edited = (seq: number, from: string, id: string, body: string): Entry =>
  entry(seq, { kind: "Edited", id, from, contentType: "text/plain", body });
const retracted = (seq: number, from: string, id: string): Entry =>
  entry(seq, { kind: "Retracted", id, from });
const receipt = (
  seq: number,
  id: string,
  by: string,
  status: "delivered" | "displayed" | "failed",
) => entry(seq, { kind: "Receipt", id, by, status });
const group = (seq: number, members: readonly string[], title = "Team"): Entry =>
  entry(seq, { kind: "Group", title, members, by: OWN });
type Local<E = LocalEvent> = E extends LocalEvent ? Omit<E, "conversation"> : never;
const local = (event: Local): LocalEvent => ({ ...event, conversation: BOB }) as LocalEvent;
const written = (id: string): LocalEvent =>
  local({ kind: "Written", id, at: 5_000_000, contentType: "text/plain", text: `text ${id}` });

const after = (
  events: readonly (Entry | LocalEvent)[],
  state: ConversationState = emptyConversation(BOB, OWN),
): ConversationState => events.reduce(reduce, state);
const view = (...events: readonly (Entry | LocalEvent)[]) => viewOf(after(events), true);
const shown = (...events: readonly (Entry | LocalEvent)[]) =>
  view(...events).items.map(({ text, state }) => `${text}: ${state}`);

describe("a conversation", () => {
  test("has its messages in the order of the journal, whatever came first", () => {
    const all = [message(3, BOB), message(1, OWN), message(2, CAROL)];
    expect(view(...all).items.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  test("shows a message of one's own at once, and in the same place when it has come", () => {
    const typed = [message(1, BOB), written("a"), written("b")];
    expect(shown(...typed)).toEqual(["text 1: Sent", "text a: Waiting", "text b: Waiting"]);
    const accepted = [...typed, local({ kind: "Accepted", id: "a" })];
    expect(shown(...accepted)).toEqual(["text 1: Sent", "text a: Sent", "text b: Waiting"]);
    const arrived = view(...accepted, message(2, OWN, "a", "text a"));
    expect(arrived.items.map(({ id, seq }) => [id, seq])).toEqual([
      ...[
        ["m1", 1],
        ["a", 2],
      ],
      ["b", undefined],
    ]);
  });

  test("takes a message that has arrived for one, though its sender heard nothing", () => {
    const refused = local({ kind: "Refused", id: "a", why: "No answer." });
    expect(view(written("a"), refused).items).toMatchObject([
      { state: "Failed", why: "No answer." },
    ]);
    const arrived = [message(1, OWN, "a", "text a")];
    expect(shown(written("a"), refused, ...arrived)).toEqual(["text a: Sent"]);
    expect(shown(...arrived, written("a"), refused)).toEqual(["text a: Sent"]);
  });

  test("keeps what was refused where it was, until it is tried again", () => {
    const refused = local({ kind: "Refused", id: "a", why: "Too long." });
    const events = [message(1, BOB), written("a"), refused, message(2, BOB), written("b")];
    expect(shown(...events)).toEqual([
      ...["text 1: Sent", "text a: Failed", "text 2: Sent", "text b: Waiting"],
    ]);
    expect(shown(...events, local({ kind: "Again", id: "a" }))).toEqual([
      ...["text 1: Sent", "text 2: Sent", "text b: Waiting", "text a: Waiting"],
    ]);
    expect(shown(...events, local({ kind: "Forgotten", id: "a" }))).toHaveLength(3);
  });

  test("shows the last edit of who wrote a message, and of nobody else", () => {
    const edits = [edited(4, BOB, "m1", "third"), edited(2, BOB, "m1", "second")];
    expect(view(...edits, message(1, BOB)).items).toMatchObject([
      { text: "third", isEdited: true },
    ]);
    expect(view(message(1, BOB), ...edits).items).toMatchObject([
      { text: "third", isEdited: true },
    ]);
    const other = edited(5, CAROL, "m1", "forged");
    for (const all of [
      [other, message(1, BOB)],
      [message(1, BOB), other],
    ]) {
      expect(view(...all).items).toMatchObject([{ text: "text 1", isEdited: false }]);
    }
  });

  test("shows nothing of a message that was taken back, though that came first", () => {
    const gone = { text: "", isRetracted: true, isEdited: false };
    const forged = retracted(4, CAROL, "m1");
    expect(
      view(message(1, BOB), edited(2, BOB, "m1", "x"), retracted(3, BOB, "m1")).items,
    ).toMatchObject([gone]);
    expect(view(retracted(3, BOB, "m1"), message(1, BOB)).items).toMatchObject([gone]);
    expect(view(message(1, BOB), forged).items).toMatchObject([{ isRetracted: false }]);
    expect(view(forged, message(1, BOB)).items).toMatchObject([{ isRetracted: false }]);
  });

  test("shows one's own changes at once, and takes them back if they are refused", () => {
    const change = local({ kind: "Changing", key: "k", id: "m1", text: "better" });
    const base = [message(1, OWN), change];
    expect(view(...base).items).toMatchObject([{ text: "better", isEdited: true }]);
    const refused = local({ kind: "ChangeRefused", key: "k" });
    expect(view(...base, refused).items).toMatchObject([{ text: "text 1", isEdited: false }]);
    const accepted = local({ kind: "ChangeAccepted", key: "k" });
    const mine = edited(2, OWN, "m1", "better");
    const other = edited(3, OWN, "m1", "from the other device");
    for (const order of [
      [accepted, mine, other],
      [mine, accepted, other],
      [mine, other, accepted],
    ]) {
      const state = after([...base, ...order]);
      expect(viewOf(state, true).items).toMatchObject([{ text: "from the other device" }]);
      expect(state.changes).toEqual([]);
    }
    const gone = local({ kind: "Changing", key: "k", id: "m1" });
    expect(view(message(1, OWN), gone).items).toMatchObject([{ text: "", isRetracted: true }]);
    expect(after([message(1, OWN), gone, retracted(2, OWN, "m1")]).changes).toEqual([]);
  });

  test("tells how far a message has come: in a group, with the last of its members", () => {
    expect(shown(message(1, OWN), receipt(2, "m1", BOB, "delivered"))).toEqual([
      "text 1: Delivered",
    ]);
    const both = [receipt(3, "m1", BOB, "displayed"), receipt(2, "m1", BOB, "delivered")];
    expect(shown(message(1, OWN), ...both)).toEqual(["text 1: Displayed"]);
    expect(shown(...both.toReversed(), message(1, OWN))).toEqual(["text 1: Displayed"]);
    const team = [group(1, [OWN, BOB, CAROL]), message(2, OWN)];
    expect(shown(...team, receipt(3, "m2", BOB, "displayed"))).toEqual(["text 2: Sent"]);
    const seen = view(
      ...team,
      receipt(3, "m2", BOB, "displayed"),
      receipt(4, "m2", CAROL, "delivered"),
    );
    expect(seen.items).toMatchObject([{ state: "Delivered", displayedBy: [BOB] }]);
    expect(view(message(1, OWN), receipt(2, "m1", BOB, "failed")).items).toMatchObject([
      { state: "Failed", why: "It could not be delivered." },
    ]);
    const late = [receipt(2, "m1", BOB, "delivered"), receipt(3, "m1", BOB, "failed")];
    expect(shown(message(1, OWN), ...late)).toEqual(["text 1: Delivered"]);
  });

  test("counts what nobody has shown on any of one's devices", () => {
    const all = [message(1, BOB), message(2, OWN), message(3, BOB), message(4, BOB)];
    expect(view(...all).unread).toBe(3);
    expect(view(...all, retracted(5, BOB, "m4")).unread).toBe(2);
    expect(view(entry(6, { kind: "Read", upTo: 3 }), ...all).unread).toBe(1);
    expect(view(...all, local({ kind: "Shown", upTo: 4 })).unread).toBe(0);
    expect(view(...all, local({ kind: "Shown", upTo: 4 }), message(5, BOB)).unread).toBe(1);
    const two = { ...message(9, CAROL), conversation: CAROL };
    expect(unreadOf(reduceAll(noConversations(OWN), [...all, two]))).toBe(4);
  });

  test("of a group has the title and members of its last change", () => {
    const changes = [group(1, [OWN, BOB]), group(5, [BOB, CAROL], "Others")];
    const now = { isGroup: true, title: "Others", members: [BOB, CAROL] };
    expect(view(...changes)).toMatchObject(now);
    expect(view(...changes.toReversed())).toMatchObject(now);
    expect(view(message(1, BOB))).toMatchObject({ isGroup: false, title: "bob@house.example" });
  });

  test("knows who is writing, until they send it", () => {
    const writing = local({ kind: "Composing", from: BOB, isComposing: true });
    expect(view(writing, writing).composing).toEqual([BOB]);
    expect(view(writing, message(1, BOB)).composing).toEqual([]);
    expect(view(writing, { ...writing, isComposing: false } as LocalEvent).composing).toEqual([]);
  });

  test("keeps the latest messages, and says that there are earlier ones", () => {
    const many = Array.from({ length: USUAL_WINDOW + 10 }, (_, i) => message(i + 1, BOB));
    const state = after(many);
    expect([state.items.length, state.items[0]?.seq]).toEqual([USUAL_WINDOW, 11]);
    expect(viewOf(state, true).hasEarlier).toBe(true);
    // In any order: what has been dropped does not come back by itself.
    expect(after(many.toReversed()).items).toEqual(state.items);
    expect(after(many, state)).toEqual(state);
    const page = many.slice(0, 10);
    const earlier = local({ kind: "Earlier", count: 10, from: 1, isWhole: true });
    // What was said about them later is not forgotten with them.
    const edit = edited(USUAL_WINDOW + 11, BOB, "m5", "edited");
    const before = after([...many.slice(0, USUAL_WINDOW), edit, ...many.slice(USUAL_WINDOW)]);
    expect(after([earlier, ...page], before).items[4]?.marks).toEqual([edit]);
    const grown = viewOf(after([earlier, ...page], state), false);
    expect([grown.items.length, grown.hasEarlier]).toEqual([USUAL_WINDOW + 10, false]);
    expect([viewOf(after([]), true), viewOf(after([]), false)]).toMatchObject([
      ...[{ hasEarlier: false }, { hasEarlier: true }],
    ]);
  });

  test("has a date, whatever the server's clock says", () => {
    const late = { ...message(1, BOB), at: Number.MAX_SAFE_INTEGER };
    expect(view(late).items[0]?.at.toISOString()).toBe("+275760-09-13T00:00:00.000Z");
  });

  test("carries what is no text as it came", () => {
    const picture = { kind: "Message", id: "p", from: BOB, contentType: "image/png" } as const;
    const all = view(entry(1, { ...picture, body: "iVBORw0=", encoding: "base64" }));
    expect(all.items).toMatchObject([{ text: "", data: "iVBORw0=", contentType: "image/png" }]);
  });
});

describe("conversations", () => {
  test("are listed with the latest first", () => {
    const all = [message(1, BOB), { ...message(2, CAROL), conversation: CAROL }];
    const state = reduceAll(noConversations(OWN), all);
    expect(viewsOf(state).map(({ uri }) => uri)).toEqual([CAROL, BOB]);
    const next = reduceAll(state, [message(3, OWN)]);
    expect(viewsOf(next).map(({ uri }) => uri)).toEqual([BOB, CAROL]);
    expect(reduceAll(state, [])).toBe(state);
  });
});

// ---- properties --------------------------------------------------------------------------------

const people = fc.constantFrom(OWN, BOB, CAROL);
const ids = fc.constantFrom("a", "b", "c", "d", "e");
const whats: fc.Arbitrary<What> = fc.oneof(
  fc.record({
    ...{ kind: fc.constant("Message" as const), id: ids, from: people },
    ...{ contentType: fc.constant("text/plain"), body: fc.string() },
  }),
  fc.record({
    ...{ kind: fc.constant("Edited" as const), id: ids, from: people },
    ...{ contentType: fc.constant("text/plain"), body: fc.string() },
  }),
  fc.record({ kind: fc.constant("Retracted" as const), id: ids, from: people }),
  fc.record({
    ...{ kind: fc.constant("Receipt" as const), id: ids, by: people },
    status: fc.constantFrom("delivered" as const, "displayed" as const, "failed" as const),
  }),
  fc.record({ kind: fc.constant("Read" as const), upTo: fc.nat(60) }),
  fc.record({
    ...{ kind: fc.constant("Group" as const), title: fc.string(), by: people },
    members: fc.uniqueArray(people),
  }),
);
/** A journal: a message is in it once, as the server has it. */
const journals = fc
  .array(fc.tuple(whats, fc.constantFrom(BOB, TEAM)), { maxLength: 60 })
  .map((all) => {
    const seen = new Set<string>();
    return all.flatMap(([what, conversation], i) => {
      if (what.kind !== "Message") return [entry(i + 1, what, conversation)];
      const key = `${what.from} ${what.id} ${conversation}`;
      return seen.has(key) ? [] : [seen.add(key) && entry(i + 1, what, conversation)];
    });
  });

const start = noConversations(OWN);

describe("the same entries", () => {
  test("in any order, in any pieces, however often each, come to the same view", () => {
    const shuffled = journals.chain((all) =>
      fc.tuple(
        fc.constant(all),
        fc.shuffledSubarray([...all, ...all, ...all], { minLength: all.length }),
        fc.integer({ min: 1, max: 7 }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([all, some, size]) => {
        // Every entry at least once.
        const mixed = [...some, ...all.filter((one) => !some.includes(one))];
        let state = start;
        for (let i = 0; i < mixed.length; i += size) {
          state = reduceAll(state, mixed.slice(i, i + size));
        }
        expect(viewsOf(state)).toEqual(viewsOf(reduceAll(start, all)));
      }),
      { numRuns: 1000 },
    );
  });

  test("whatever was written here meanwhile, once all of it has come", () => {
    const stories = journals.chain((all) =>
      fc.tuple(fc.constant(all), fc.infiniteStream(fc.nat(6)), fc.nat(100)),
    );
    fc.assert(
      fc.property(stories, ([all, dice]) => {
        const events: (Entry | LocalEvent)[] = [];
        for (const one of all) {
          const { what, conversation } = one;
          const at = { conversation, id: "id" in what ? what.id : "" };
          const isMine = what.kind === "Message" && what.from === OWN;
          const isChange =
            (what.kind === "Edited" || what.kind === "Retracted") && what.from === OWN;
          const key = `k${one.seq}`;
          const roll = dice.next().value;
          if (isMine) {
            const content = { contentType: what.contentType, text: what.body };
            events.push({ ...at, kind: "Written", at: 1, ...content });
            if (roll === 1) events.push({ ...at, kind: "Refused", why: "?" });
            if (roll === 2) events.push({ ...at, kind: "Accepted" });
          }
          if (isChange) {
            const text = what.kind === "Edited" ? { text: what.body } : {};
            events.push({ ...at, kind: "Changing", key, ...text });
            if (roll < 3) events.push({ ...at, kind: "ChangeAccepted", key });
          }
          events.push(one);
          if (isMine) events.push({ ...at, kind: "Accepted" });
          if (isChange) events.push({ ...at, kind: "ChangeAccepted", key });
        }
        // Changes to what never came are of no account: no message of that name is there.
        expect(viewsOf(reduceAll(start, events))).toEqual(viewsOf(reduceAll(start, all)));
      }),
      { numRuns: 1000 },
    );
  });
});
