import { describe, expect, test } from "vitest";
import { formatIsComposing } from "../documents/is-composing.ts";
import { MAX_MESSAGE_BODY } from "../documents/journal.ts";
import { fromText } from "../grammar/octets.ts";
import { header } from "../message/headers.ts";
import { Pending, StoreBusy } from "../roles/answer.ts";
import { request, titleOf } from "../testing/domain-stage.ts";
import {
  address,
  BOB,
  messagesTo,
  office,
  receipt,
  type Written,
  wrapped,
} from "../testing/message-office.ts";
import { MemoryMessageStore } from "./memory-message-store.ts";
import type { Posted, Posting } from "./message-store.ts";

describe("a message to somebody here", () => {
  test("RFC 3428 §7: is acknowledged with 202 once it is in both journals", () => {
    const { sayRaw, written, journal } = office();
    const [sent, ...more] = sayRaw(written({ body: fromText("Grüße ☎") }));
    expect([sent && titleOf(sent), more.length]).toEqual(["202 MESSAGE", 0]);
    //= RFC 3428 §7
    //# A 2xx response to a MESSAGE request MUST NOT contain a body. A UAS MUST NOT insert a Contact
    //# header field into a 2xx response.
    expect(sent?.message.body).toBe("");
    expect(sent && header(sent.message, "Contact")).toBe(undefined);
    const said = { kind: "Message", from: address("alice"), body: "Grüße ☎" };
    expect(journal("alice")).toMatchObject([{ seq: 1, conversation: address("bob"), what: said }]);
    expect(journal("bob")).toMatchObject([{ seq: 1, conversation: address("alice"), what: said }]);
  });

  test("is not acknowledged before it is written, and then refused where it cannot be", () => {
    const waiting: Pending<Posted>[] = [];
    class Slow extends MemoryMessageStore {
      override post(_: Posting): Posted {
        const answer = new Pending<Posted>();
        waiting.push(answer);
        return answer as unknown as Posted;
      }
    }
    const { stage, sayRaw, written } = office({ store: new Slow() });
    const later = (run: () => void) => {
      const before = stage.wire.outputs.length;
      stage.wire.call(run);
      return stage.sentSince(before);
    };
    expect(sayRaw(written({}))).toEqual([]);
    const [ok] = later(() => waiting[0]?.resolve({ kind: "New", seqs: [1, 1] }));
    expect(ok && titleOf(ok)).toBe("202 MESSAGE");
    sayRaw(written({}));
    const [busy] = later(() => waiting[1]?.reject(new StoreBusy(7)));
    expect(busy && [titleOf(busy), header(busy.message, "Retry-After")]).toEqual([
      ...["503 MESSAGE", "7"],
    ]);
    sayRaw(written({}));
    const [broken] = later(() => waiting[2]?.reject(new Error("the disk is full")));
    expect(broken && titleOf(broken)).toBe("503 MESSAGE");
  });

  test("is there once, whatever is sent again: by its Message-ID, or by its request", () => {
    const { say, sayRaw, written, journal } = office();
    for (let i = 0; i < 3; i++) expect(say(wrapped("m1"))).toBe("202");
    expect(say(wrapped("m1", { from: "carol" }))).toBe("202");
    expect(journal("bob").map(({ what }) => "from" in what && what.from)).toEqual([
      ...[address("alice"), address("carol")],
    ]);
    // The same request after a restart, with another branch: nobody has heard the answer.
    const plain = written({});
    sayRaw(plain);
    sayRaw(plain.replace("branch=z9hG4bK-m", "branch=z9hG4bK-again-m"));
    expect(journal("bob")).toHaveLength(3);
  });

  test("is lost to nobody who uses a Message-ID twice: another reader has another message", () => {
    const { say, journal } = office();
    expect(say(wrapped("1", { content: "for Bob" }))).toBe("202");
    expect(say({ ...wrapped("1", { content: "for Carol" }), to: "carol" })).toBe("202");
    expect(journal("carol")).toMatchObject([{ what: { id: "1", body: "for Carol" } }]);
    // A phone that counts its messages, and has been switched off and on.
    expect(say(wrapped("1", { content: "something else" }))).toBe("400");
    expect(say(wrapped("1", { content: "for Bob" }))).toBe("202");
    expect(journal("bob")).toMatchObject([{ what: { body: "for Bob" } }]);
    expect(journal("alice")).toHaveLength(2);
    expect(say(wrapped("x", { chat: { retracts: "1" }, content: "" }))).toBe("202");
    expect(say(wrapped("1", { content: "for Bob" }))).toBe("202");
  });

  test("says who sent it by its credentials, whatever stands in its message/cpim", () => {
    const { say, journal } = office();
    const forged = wrapped("m1");
    expect(say({ ...forged, body: (forged.body ?? "").replaceAll("alice", "carol") })).toBe("202");
    expect(journal("bob")).toMatchObject([{ what: { from: address("alice") } }]);
  });

  test("RFC 3261 §21.4.11: is refused in words where it is too large", () => {
    const { say, sayRaw, written, journal } = office();
    const [sent] = sayRaw(written({ body: "x".repeat(MAX_MESSAGE_BODY + 1) }));
    expect(sent && titleOf(sent)).toBe("413 MESSAGE");
    expect(sent && header(sent.message, "Warning")).toContain("16384 octets, and this has 16385");
    expect(say(wrapped("m1", { content: "x".repeat(MAX_MESSAGE_BODY + 1) }))).toBe("413");
    expect(journal("bob")).toEqual([]);
    expect(say(wrapped("m1", { content: "x".repeat(MAX_MESSAGE_BODY) }))).toBe("202");
  });

  test("RFC 3261 §8.2.3: is refused where nobody could read it, and told what can be", () => {
    const { say, sayRaw, written } = office();
    const [sent] = sayRaw(written({ contentType: "application/pdf" }));
    expect(sent && [titleOf(sent), header(sent.message, "Accept")]).toEqual([
      "415 MESSAGE",
      expect.stringMatching(/^text\/plain, .*message\/cpim/),
    ]);
    expect(say({ contentType: "text/plain;charset=utf-16" })).toBe("415");
    expect(say({ lines: ["Content-Encoding: gzip"] })).toBe("415");
    expect(say({ contentType: "message/cpim", body: "nonsense" })).toBe("400");
    expect(say({ contentType: "nonsense" })).toBe("400");
    //= RFC 3261 §8.2.2.3
    //# If a UAS does not understand an option-tag listed in a Require header field, it MUST respond
    //# by generating a response with status code 420 (Bad Extension).
    expect(say({ lines: ["Require: vital"] })).toBe("420");
    //= RFC 3862 §3.5
    //# By using the mandatory-to-recognize indicator, a sender is notifying the recipient that it
    //# MUST understand the named header or feature in order to properly understand the message.
    const vital = (wrapped("m1").body ?? "").replace("\r\n\r\n", "\r\nRequire: Vital\r\n\r\n");
    expect(say({ contentType: "message/cpim", body: vital })).toBe("400");
  });

  test("keeps pictures as they are, and Latin-1 as letters", () => {
    const { say, journal } = office();
    expect(say({ contentType: "image/png", body: "\x89PNG\0\xff" })).toBe("202");
    expect(say({ contentType: "text/plain;charset=ISO-8859-1", body: "Gr\xfc\xdfe" })).toBe("202");
    expect(journal("bob").map(({ what }) => what)).toMatchObject([
      { contentType: "image/png", body: "iVBORwD/", encoding: "base64" },
      { contentType: "text/plain;charset=UTF-8", body: "Grüße" },
    ]);
  });

  test("is refused where its sender sends too many, and told when to go on", () => {
    const { stage, say, sayRaw, written } = office({ rate: { burst: 3, perSecond: 1 } });
    expect([say(), say(), say()]).toEqual(["202", "202", "202"]);
    const [sent] = sayRaw(written({}));
    expect(sent && [titleOf(sent), header(sent.message, "Retry-After")]).toEqual([
      ...["503 MESSAGE", "1"],
    ]);
    expect(say({ from: "carol" })).toBe("202");
    stage.wait(1000);
    expect([say(), say()]).toEqual(["202", "503"]);
  });

  test("is refused where somebody does not want it, and where nobody is", () => {
    const mayWrite = (from: string, to: string) => from !== address("alice") || to !== "bob";
    const { say, journal } = office({ mayWrite });
    expect([say(), say({ to: "carol" }), say({ to: "nobody" })]).toEqual(["403", "202", "404"]);
    expect([journal("bob"), journal("carol").length]).toEqual([[], 1]);
  });

  test("costs no receipts: what devices send by themselves has a budget of its own", () => {
    const { say } = office({ rate: { burst: 3, perSecond: 1 } });
    const receipts = Array.from({ length: 12 }, () =>
      say(receipt("bob", "m", "display", "displayed")),
    );
    expect(receipts).toEqual(Array(12).fill("200"));
    expect(say(receipt("bob", "m", "display", "displayed"))).toBe("503");
    expect([say({ from: "bob", to: "alice" }), say({ from: "bob", to: "alice" })]).toEqual([
      ...["202", "202"],
    ]);
  });

  test("RFC 5630 §5.1.1: to a sips address goes on over TLS or not at all, and is not kept", () => {
    const { stage, journal } = office();
    stage.register("bob", BOB);
    const page = stage.wire.open({ transport: "TLS" });
    const [sent] = stage.say(
      page,
      request("MESSAGE", {
        ...{ uri: "sips:bob@house.example", via: "SIP/2.0/TLS x;branch=z9hG4bK-s", body: "x" },
        lines: [`Proxy-Authorization: ${stage.token("alice")}`, "Content-Type: text/plain"],
      }),
    );
    expect(sent && titleOf(sent)).toBe("480 MESSAGE");
    expect(journal("bob")).toEqual([]);
  });

  test("to oneself is a note, and stands in one journal once", () => {
    const { say, journal } = office();
    expect(say({ to: "alice" })).toBe("202");
    expect(journal("alice")).toMatchObject([{ conversation: address("alice") }]);
  });
});

describe("a message that is about another one", () => {
  test("puts other words in its place, or takes it back, for whoever wrote it", () => {
    const { say, journal } = office();
    say(wrapped("m1"));
    expect(say(wrapped("m2", { chat: { replaces: "m1" }, content: "better" }))).toBe("202");
    expect(journal("bob")[1]).toMatchObject({
      what: { kind: "Edited", id: "m1", from: address("alice"), body: "better" },
    });
    expect(say(wrapped("m3", { chat: { replaces: "m1" }, from: "carol" }))).toBe("404");
    expect(say(wrapped("m4", { chat: { retracts: "nothing" } }))).toBe("404");
    const picture = { chat: { replaces: "m1" }, type: "image/png" };
    expect(say(wrapped("m5", picture))).toBe("415");
    expect(say(wrapped("m6", { chat: { retracts: "m1" } }))).toBe("202");
    expect(journal("bob").map(({ what }) => ["body" in what && what.body, what.kind])).toEqual([
      ...[
        ["", "Message"],
        ["", "Edited"],
        [false, "Retracted"],
      ],
    ]);
    const other = { ...wrapped("m7", { chat: { retracts: "m1" } }), to: "carol" };
    expect(say(other)).toBe("404");
  });

  test("answers it, and brings a file along", () => {
    const { say, journal } = office();
    const file = { url: "https://h/f/1/a.png", name: "a.png", size: 7, type: "image/png" };
    expect(say(wrapped("m1", { chat: { replyTo: "m0", file }, asks: "display" }))).toBe("202");
    expect(journal("bob")[0]?.what).toMatchObject({ replyTo: "m0", file, wants: ["displayed"] });
  });

  test("says what its reader has seen, to their other devices alone", () => {
    const { say, journal } = office();
    say(wrapped("m1", { from: "carol" }));
    const read = (seq: number, to = "bob") => ({
      ...{ ...wrapped(`r${seq}`, { chat: { read: seq }, from: "bob" }), to },
    });
    expect([say(read(1)), say(read(1)), say(read(7)), say(read(1, "carol"))]).toEqual([
      ...["202", "202", "200", "403"],
    ]);
    expect(journal("bob").slice(1)).toMatchObject([
      { conversation: address("carol"), what: { kind: "Read", upTo: 1 } },
    ]);
    expect(journal("carol")).toHaveLength(1);
  });
});

describe("that somebody is writing", () => {
  const composing: Written = {
    contentType: "application/im-iscomposing+xml",
    body: formatIsComposing({ state: "active" }),
  };

  test("RFC 3994 §3: goes on to who is there, and is not kept", () => {
    const all = office();
    expect(all.say(composing)).toBe("480");
    all.stage.register("bob", BOB);
    const [sent] = messagesTo(BOB, all.sayRaw(all.written(composing)));
    expect(sent?.message.body).toBe(composing.body);
    expect([all.journal("alice"), all.journal("bob")]).toEqual([[], []]);
    expect(all.say({ ...composing, body: "nonsense" })).toBe("400");
  });
});
