import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import { answer, DomainStage, type Sent } from "../testing/domain-stage.ts";
import {
  ALICE,
  BOB,
  CAROL,
  messagesTo,
  messageText,
  type OfficeOptions,
  office,
  takeAll,
  textIn,
  wrapped,
} from "../testing/message-office.ts";
import { messaging } from "./messaging.ts";

describe("a plain phone", () => {
  /** Bob's phone, which is known and then goes away. */
  function known(options: OfficeOptions = {}) {
    const made = office(options);
    made.stage.register("bob", BOB);
    made.stage.wait(11_000);
    return made;
  }
  const gone = (stage: DomainStage) =>
    stage.register("bob", BOB, {
      seq: 2,
      lines: ["Contact: *", "Expires: 0"],
      branch: "z9hG4bK-x",
    });
  const back = (stage: DomainStage, seq = 3) =>
    stage.register("bob", BOB, { seq, branch: `z9hG4bK-back${seq}` });

  test("RFC 3428 §8: gets what was kept for it when it comes, in order, one at a time", () => {
    const all = known();
    gone(all.stage);
    for (let i = 1; i <= 120; i++)
      expect(all.say(wrapped(`m${i}`, { content: `${i}` }))).toBe("202");
    const said = takeAll(all, BOB, back(all.stage));
    expect(said).toEqual(Array.from({ length: 120 }, (_, i) => `${i + 1}`));
    expect([all.store.cursor("bob", "page"), back(all.stage, 4).length]).toEqual([120, 1]);
  });

  test("that is new has missed nothing, and waits a moment, for it may read the journal", () => {
    const all = office();
    all.say(wrapped("before"));
    all.stage.register("bob", BOB);
    expect(messagesTo(BOB, all.sayRaw(all.written(wrapped("after", { content: "2" }))))).toEqual(
      [],
    );
    expect(takeAll(all, BOB, all.stage.wait(10_000))).toEqual(["2"]);
  });

  test("RFC 3862: gets a message as it was written, with its Message-ID", () => {
    const all = known();
    const [sent] = messagesTo(BOB, all.sayRaw(all.written(wrapped("m1", { asks: "display" }))));
    expect(sent && header(sent.message, "From")).toMatch(/^<sip:alice@house.example>;tag=/);
    expect(sent && header(sent.message, "Content-Type")).toBe("message/cpim");
    expect(sent?.message.body).toContain("imdn.Message-ID: m1\r\n");
    expect(sent?.message.body).toContain("imdn.Disposition-Notification: display\r\n");
    //= RFC 3428 §4
    //# User Agents MUST NOT insert Contact header fields into MESSAGE requests.
    expect(sent && header(sent.message, "Contact")).toBe(undefined);
  });

  test("that reads no message/cpim gets plain text, and is not asked again", () => {
    const all = known();
    const answers = (sent: readonly Sent[]) =>
      takeAll(all, BOB, sent, ({ message }) =>
        header(message, "Content-Type")?.startsWith("text/plain") ? 200 : 415,
      );
    expect(answers(all.sayRaw(all.written(wrapped("m1", { content: "1" }))))).toEqual(["415", "1"]);
    expect(answers(all.sayRaw(all.written(wrapped("m2", { content: "2" }))))).toEqual(["2"]);
    const picture = { contentType: "image/png", body: "12345" };
    expect(answers(all.sayRaw(all.written(picture)))).toEqual(["415", "[image/png, 5 octets]"]);
    const edit = wrapped("m3", { chat: { replaces: "m2" }, content: "two" });
    expect(answers(all.sayRaw(all.written(edit)))).toEqual(["* two"]);
    const retraction = wrapped("m4", { chat: { retracts: "m2" } });
    expect(answers(all.sayRaw(all.written(retraction)))).toEqual([]);
  });

  test("gets what was written without message/cpim so, and can tell a second copy", () => {
    const all = known();
    const [first] = messagesTo(BOB, all.sayRaw(all.written({ body: "hello" }))) as [Sent];
    expect(header(first.message, "Content-Type")).toBe("text/plain");
    expect(first.message.body).toBe("hello");
    all.stage.wait(33_000);
    const [second] = messagesTo(BOB, back(all.stage)) as [Sent];
    const idOf = ({ message }: Sent) => header(message, "Call-ID");
    expect([second.message.body, idOf(second)]).toEqual(["hello", idOf(first)]);
    expect(header(second.message, "From")).not.toBe(header(first.message, "From"));
    const picture = { contentType: "image/png", body: "\x89PNG" };
    const sent = all.stage.say(BOB, answer(second.octets, 200, "p"));
    expect(messagesTo(BOB, sent)).toEqual([]);
    const [shown] = messagesTo(BOB, all.sayRaw(all.written(picture)));
    expect(shown && header(shown.message, "Content-Type")).toBe("image/png");
    expect(shown?.message.body).toBe("\x89PNG");
  });

  test("that refuses one for good gets the next one", () => {
    const all = known();
    gone(all.stage);
    for (const id of ["1", "2", "3"]) all.say(wrapped(id, { content: id }));
    const said = takeAll(all, BOB, back(all.stage), (one) => (textIn(one) === "2" ? 603 : 200));
    expect(said).toEqual(["1", "603", "3"]);
  });

  test("that does not answer keeps its place until it registers, and is tried now and then", () => {
    const all = known();
    const [first] = messagesTo(BOB, all.sayRaw(all.written(wrapped("m1", { content: "1" }))));
    all.say(wrapped("m2", { content: "2" }));
    const silence = all.stage.wait(32_000);
    // Timer E of the transaction, and nothing else.
    expect(new Set(messagesTo(BOB, silence).map(({ octets }) => octets))).toEqual(
      new Set([first?.octets]),
    );
    expect(takeAll(all, BOB, back(all.stage))).toEqual(["1", "2"]);
    all.sayRaw(all.written(wrapped("m3", { content: "3" })));
    all.stage.wait(33_000);
    const [again] = messagesTo(BOB, all.stage.wait(30_000));
    expect(textIn(again)).toBe("3");
  });

  test("does not get what its owner wrote on another device", () => {
    const all = known();
    expect(messagesTo(BOB, all.sayRaw(all.written(wrapped("m1", { from: "bob" }))))).toEqual([]);
    all.sayRaw(all.written({ from: "bob", to: "alice" }));
    expect(messagesTo(BOB, all.stage.wait(60_000))).toEqual([]);
  });

  test("of somebody who has two is no reason to wait for the other", () => {
    const all = office();
    all.stage.register("bob", BOB, { lines: ["Contact: <sip:bob@203.0.113.9:5062>"] });
    all.stage.wait(11_000);
    all.stage.register("bob", CAROL);
    const sent = all.sayRaw(all.written(wrapped("m1")));
    expect(messagesTo(BOB, sent)).toHaveLength(1);
    expect(messagesTo(CAROL, sent)).toHaveLength(1);
  });

  test("that was known before messages were kept gets them at once from its second one on", () => {
    const all = office();
    all.stage.location.replace("bob", []);
    all.stage.register("bob", BOB);
    const { stage, store } = all;
    // Another server with the same bindings, which has heard no REGISTER.
    const services = [messaging({ store })];
    const other = { ...all, stage: new DomainStage({ services, location: stage.location }) };
    other.stage.wire.now = stage.wire.now;
    const write = (id: string) =>
      messageText(other.stage, wrapped(id, { content: id }), {
        callId: id,
        branch: `z9hG4bK-${id}`,
      });
    expect(messagesTo(BOB, other.stage.say(ALICE, write("1")))).toEqual([]);
    expect(takeAll(other, BOB, other.stage.wait(10_000))).toEqual(["1"]);
    expect(takeAll(other, BOB, other.stage.say(ALICE, write("2")))).toEqual(["2"]);
  });

  test("goes on where it was after the server was started anew", () => {
    const { stage, say, store } = known();
    gone(stage);
    say(wrapped("m1", { content: "1" }));
    const restarted = new DomainStage({
      ...{ services: [messaging({ store })], seed: 2, location: stage.location },
    });
    restarted.wire.now = stage.wire.now;
    const all = { ...office({ store }), stage: restarted };
    expect(takeAll(all, BOB, restarted.register("bob", BOB, { seq: 9 }))).toEqual(["1"]);
  });
});
