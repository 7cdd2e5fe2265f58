/** MESSAGEs with something done to them: taken or refused, and what is kept can be read. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatIsComposing } from "../documents/is-composing.ts";
import { formatJournalPage, parseJournalPage } from "../documents/journal.ts";
import { formatResourceLists } from "../documents/resource-lists.ts";
import type { Octets } from "../grammar/octets.ts";
import {
  address,
  BOB,
  messagesTo,
  office,
  receipt,
  type Written,
  wrapped,
} from "../testing/message-office.ts";

const file = { url: "https://h/f/1", name: "a.png", size: 7, type: "image/png" };
const lists = formatResourceLists([
  {
    ...{ name: undefined, displayName: "Lunch", lists: [] },
    entries: ["bob", "carol"].map((one) => ({ uri: address(one) })),
  },
]);

const COMPOSING: Written = {
  ...{
    contentType: "application/im-iscomposing+xml",
    body: formatIsComposing({ state: "active" }),
  },
};
const GOOD: readonly Written[] = [
  { body: "hello" },
  { contentType: "text/plain;charset=ISO-8859-1", body: "Gr\xfc\xdfe" },
  { contentType: "image/png", body: "\x89PNG" },
  wrapped("m1", { asks: "positive-delivery, display", chat: { replyTo: "m0", file } }),
  wrapped("m2", { chat: { replaces: "m1" } }),
  wrapped("m3", { chat: { retracts: "m1" } }),
  { ...wrapped("m4", { chat: { read: 1 } }), to: "alice" },
  receipt("bob", "m1", "display", "displayed"),
  COMPOSING,
  { to: "lunch", contentType: "application/resource-lists+xml", body: lists },
  {
    ...{ to: "sip:house.example", contentType: "multipart/mixed;boundary=b" },
    body: [
      "--b\r\nContent-Type: text/plain\r\n\r\nhello all\r\n",
      "--b\r\nContent-Type: application/resource-lists+xml\r\n",
      `Content-Disposition: recipient-list\r\n\r\n${lists}\r\n--b--\r\n`,
    ].join(""),
  },
];

const PIECES = [
  ...["\r\n", "\r\n\r\n", "--b", "--b--", ":", ";", '"', "<", ">", "\\", "\0", "\xff", "\xc3", "%"],
  ...[
    "Require: x",
    "NS: a <b>",
    "chat.Read: 9",
    "chat.Replaces: m1",
    "base64",
    "99999999999999999",
  ],
  ...["sip:dave@biloxi.example", "message/cpim", "message/imdn+xml", "{}", "=", " "],
];

const spoiled = (good: Octets): fc.Arbitrary<Octets> =>
  fc
    .array(fc.tuple(fc.nat(good.length), fc.nat(20), fc.constantFrom(...PIECES, "")), {
      ...{ minLength: 0, maxLength: 3 },
    })
    .map((changes) => {
      let text = good;
      for (const [at, length, what] of changes)
        text = text.slice(0, at) + what + text.slice(at + length);
      return text;
    });

const message = fc.constantFrom(...GOOD).chain((good) =>
  fc.record({
    good: fc.constant(good),
    body: spoiled(good.body ?? ""),
    contentType: fc.oneof(
      { weight: 3, arbitrary: fc.constant(good.contentType ?? "text/plain") },
      spoiled(good.contentType ?? "text/plain").filter((one) => !/[\r\n\0]/.test(one)),
    ),
  }),
);

test("whatever is done to a MESSAGE, it is answered, and what is kept of it can be read", () => {
  const statuses = new Set<string>();
  const property = fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (all) => {
    const made = office();
    made.stage.register("bob", BOB);
    made.stage.wait(11_000);
    for (const { good, body, contentType } of all) {
      const status = made.say({ ...good, body, contentType });
      // That somebody is writing goes on to his phone, which is in no hurry.
      const isForPhone = good.body === COMPOSING.body && status === undefined;
      if (!isForPhone) expect(status).toMatch(/^[2-6]\d\d$/);
      statuses.add(status ?? "");
    }
    for (const account of ["alice", "bob", "carol"]) {
      const page = {
        entries: made.journal(account),
        last: made.store.last(account),
        isWhole: true,
      };
      expect(parseJournalPage(formatJournalPage(page))).toEqual({ ok: true, value: page });
    }
    // What goes to his phone can be written, whatever stands in it.
    messagesTo(BOB, made.stage.wait(1000));
  });
  fc.assert(property, { numRuns: 300 });
  for (const status of ["200", "202", "400", "415", "470"]) expect([...statuses]).toContain(status);
});
