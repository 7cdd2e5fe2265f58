import { describe, expect, test } from "vitest";
import { formatResourceLists } from "../documents/resource-lists.ts";
import { header } from "../message/headers.ts";
import { type Sent, titleOf } from "../testing/domain-stage.ts";
import {
  address,
  BOB,
  messagesTo,
  office,
  receipt,
  takeAll,
  type Written,
  wrapped,
} from "../testing/message-office.ts";
import { MemoryMessageStore } from "./memory-message-store.ts";
import type { Posted, Posting } from "./message-store.ts";

describe("a group", () => {
  const list = (...members: readonly string[]): Written => ({
    ...{ to: "lunch", contentType: "application/resource-lists+xml" },
    body: formatResourceLists([
      {
        ...{ name: undefined, displayName: "Lunch ☕", lists: [] },
        entries: members.map((one) => ({ uri: one.startsWith("sip:") ? one : address(one) })),
      },
    ]),
  });

  test("RFC 4826: is made by a list that is sent to its address, and everybody is told", () => {
    const { say, journal, store } = office();
    expect(say(list("bob", "carol"))).toBe("202");
    expect(store.group("lunch")).toMatchObject({
      ...{ title: "Lunch ☕", owner: "alice", members: ["alice", "bob", "carol"], version: 1 },
    });
    for (const member of ["alice", "bob", "carol"]) {
      expect(journal(member)).toMatchObject([
        {
          conversation: address("lunch"),
          what: { kind: "Group", title: "Lunch ☕", by: address("alice") },
        },
      ]);
    }
  });

  test("is changed by its owner, and left by anybody", () => {
    const { say, journal, store } = office();
    say(list("bob", "carol"));
    expect(say({ ...list("alice", "bob"), from: "bob" })).toBe("403");
    expect(say({ ...list("alice", "bob"), from: "alice" })).toBe("400");
    expect(say({ ...list("alice", "bob"), from: "carol" })).toBe("202");
    expect(store.group("lunch")).toMatchObject({ members: ["alice", "bob"], version: 2 });
    expect(journal("carol").at(-1)).toMatchObject({
      what: { kind: "Group", members: [address("alice"), address("bob")], by: address("carol") },
    });
    expect(say({ ...list("bob"), from: "alice" })).toBe("202");
    expect(store.group("lunch")).toMatchObject({ members: ["bob"], owner: "bob" });
    expect(say({ ...list("alice", "bob", "carol"), from: "bob" })).toBe("202");
    expect(store.group("lunch")).toMatchObject({ members: ["alice", "bob", "carol"], version: 4 });
  });

  test("has three members or more, people here, and a name of its own", () => {
    const { say, sayRaw, written } = office({ isReserved: (name) => name === "admin" });
    expect(say(list("bob"))).toBe("400");
    expect(say(list("bob", "nobody"))).toBe("404");
    expect(say({ ...list("bob", "carol"), to: "bob" })).toBe("403");
    expect(say({ ...list("bob", "carol"), to: "admin" })).toBe("403");
    expect(say({ ...list("bob", "carol"), to: "No%20Name" })).toBe("400");
    const [sent] = sayRaw(written(list("bob", "sip:dave@biloxi.example")));
    expect(sent && titleOf(sent)).toBe("470 MESSAGE");
    //= RFC 5360 §5.9.1
    //# The relay SHOULD add a Permission-Missing header field with the URIs for which the relay has
    //# no permissions.
    expect(sent && header(sent.message, "Permission-Missing")).toBe("<sip:dave@biloxi.example>");
  });

  test("hears what its members write, and nobody else", () => {
    const all = office();
    all.say(list("bob", "carol"));
    expect(all.say({ ...wrapped("m1", { content: "Soup?" }), to: "lunch" })).toBe("202");
    for (const member of ["alice", "bob", "carol"]) {
      expect(all.journal(member)[1]).toMatchObject({
        ...{ conversation: address("lunch"), what: { body: "Soup?", from: address("alice") } },
      });
    }
    all.say({ ...list("alice", "bob"), from: "carol" });
    expect(all.say({ ...wrapped("m2", { from: "carol" }), to: "lunch" })).toBe("403");
    expect(all.say({ ...wrapped("m3"), to: "dinner" })).toBe("404");
    expect(all.journal("carol")).toHaveLength(3);
  });

  test("speaks to plain phones by its own address, and says who it is that speaks", () => {
    const all = office();
    all.say(list("bob", "carol"));
    all.stage.register("bob", BOB);
    all.stage.wait(11_000);
    const message = { ...wrapped("m1", { content: "Soup?" }), to: "lunch" };
    const [sent] = messagesTo(BOB, all.sayRaw(all.written(message))) as [Sent];
    expect(header(sent.message, "From")).toMatch(/^<sip:lunch@house.example>;tag=/);
    const said = takeAll(all, BOB, [sent], ({ message }) =>
      header(message, "Content-Type") === "message/cpim" ? 415 : 200,
    );
    expect(said).toEqual(["415", "alice: Soup?"]);
  });

  test("RFC 5438: has receipts of each member, to the group or to who wrote", () => {
    const { say, journal } = office();
    say(list("bob", "carol"));
    say({ ...wrapped("m1"), to: "lunch" });
    expect(say({ ...receipt("bob", "m1", "display", "displayed"), to: "lunch" })).toBe("200");
    expect(say(receipt("carol", "m1", "display", "displayed"))).toBe("200");
    expect(journal("alice").slice(2)).toMatchObject([
      { conversation: address("lunch"), what: { by: address("bob"), status: "displayed" } },
      { conversation: address("lunch"), what: { by: address("carol"), status: "displayed" } },
    ]);
  });

  test("is not told twice though two change it at the same time", () => {
    class Racing extends MemoryMessageStore {
      isRaced = false;
      override post(posting: Posting): Posted {
        if (posting.group && !this.isRaced) {
          this.isRaced = true;
          super.post({
            ...posting,
            key: { from: "other", id: "m other" },
            group: { ...posting.group, group: { ...posting.group.group, title: "Other" } },
          });
        }
        return super.post(posting);
      }
    }
    const store = new Racing();
    const { say } = office({ store });
    expect(say(list("alice", "bob", "carol"))).toBe("202");
    expect(store.group("lunch")).toMatchObject({ title: "Lunch ☕", version: 2 });
  });
});
