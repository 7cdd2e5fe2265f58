import { expect, test } from "vitest";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { lonePhone } from "../testing/lone-phone.ts";
import type { CallOptions } from "./phone-options.ts";

type Headers = NonNullable<CallOptions["headers"]>;

async function lone() {
  const it = lonePhone();
  await it.register();
  it.sent();
  return it;
}

test("RFC 3261 §20 an INVITE has the headers that were added", async () => {
  const { phone, wait, requests } = await lone();
  const headers: Headers = [
    ["Subject", "Dinner"],
    ["X-Room", "kitchen"],
  ];
  phone.call("sip:bob@example.com", undefined, { headers });
  await wait(0);
  const [invite] = requests("INVITE") as [Request];
  expect([header(invite, "Subject"), header(invite, "x-room")]).toEqual(["Dinner", "kitchen"]);
});

const WRONG: readonly (readonly [string, string, string])[] = [
  ["From", "<sip:boss@example.com>;tag=1", "From is written by the phone itself"],
  ["f", "<sip:boss@example.com>;tag=1", "f is written by the phone itself"],
  ["VIA", "SIP/2.0/UDP a;branch=z9hG4bK1", "VIA is written by the phone itself"],
  ["Subject", "a\r\nFrom: <sip:boss@example.com>", "character 13"],
  ["Not a name", "x", "name"],
  ["Event", "presence", "INVITE"],
];

test.each(WRONG)(
  "RFC 3261 §8.1.1 %s: %j is refused to whoever calls",
  async (name, text, words) => {
    const { phone, wait, requests } = await lone();
    const call = () => phone.call("sip:bob@example.com", undefined, { headers: [[name, text]] });
    expect(call).toThrow(RangeError);
    expect(call).toThrow(words);
    await wait(0);
    expect(requests("INVITE")).toEqual([]);
  },
);
