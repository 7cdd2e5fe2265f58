import { expect, test } from "vitest";
import { JOURNAL_TYPE } from "../documents/journal.ts";
import { Pending } from "../roles/answer.ts";
import { request, titleOf } from "../testing/domain-stage.ts";
import { address, BOB, type Office, office, receipt, wrapped } from "../testing/message-office.ts";
import { MemoryMessageStore } from "./memory-message-store.ts";
import type { Posted, Posting } from "./message-store.ts";

const ticks = ({ journal }: Office): readonly string[] =>
  journal("alice").flatMap(({ what }) => (what.kind === "Receipt" ? [what.status] : []));

test("a receipt is acknowledged once it is kept: whoever tells it, tells it until then", () => {
  const store = new MemoryMessageStore();
  const post = store.post.bind(store);
  let sync = (): void => {};
  const late = (posting: Posting): Posted | Pending<Posted> => {
    if (posting.what.kind !== "Receipt") return post(posting);
    const answer = new Pending<Posted>();
    sync = () => answer.resolve(post(posting));
    return answer;
  };
  store.post = late as typeof store.post;
  const all = office({ store });
  all.say(wrapped("m1"));
  expect(all.say(receipt("bob", "m1", "display", "displayed"))).toBeUndefined();
  const sent = all.stage.wire.call(() => sync());
  expect(sent.map((octets) => octets.split("\r\n", 1)[0])).toContain("SIP/2.0 200 OK");
  expect(ticks(all)).toEqual(["displayed"]);
});

test("a receipt that cannot be kept now is to be told again", () => {
  const store = new MemoryMessageStore();
  const all = office({ store });
  all.say(wrapped("m1"));
  store.said = (() => {
    const failing = new Pending<never>();
    failing.reject(new Error("EIO"));
    return failing;
  }) as unknown as typeof store.said;
  expect(all.say(receipt("bob", "m1", "display", "displayed"))).toBe("503");
});

test("who goes on from a number has what was before, whatever the server remembers", () => {
  const store = new MemoryMessageStore();
  office({ store }).say(wrapped("m1"));
  // Another run of the server: nobody remembers that Bob's device has said 200.
  const all = office({ store });
  const sent = all.stage.say(
    BOB,
    request("SUBSCRIBE", {
      ...{ uri: address("bob"), to: `<${address("bob")}>`, from: `<${address("bob")}>;tag=w` },
      ...{ callId: "s1", branch: "z9hG4bK-s1" },
      lines: [
        `Proxy-Authorization: ${all.stage.token("bob")}`,
        ...[`Contact: <sip:bob@${BOB}>`, "Event: carillon-journal;after=1", "Expires: 600"],
        `Accept: ${JOURNAL_TYPE}`,
      ],
    }),
  );
  expect(sent.map(titleOf)).toContain("NOTIFY");
  expect(ticks(all)).toEqual(["delivered"]);
});
