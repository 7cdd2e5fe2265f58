import { type Binding, MemoryLocation } from "carillon/roles";
import { expect, test } from "vitest";
import { locationWithBox } from "./box-in-house.ts";

const box = {
  contact: "sip:x@127.0.0.1:5070;transport=tcp",
  address: { host: "127.0.0.1", port: 5070 },
} as Parameters<typeof locationWithBox>[1];

const binding: Binding = {
  ...{ contact: "sip:anna@192.0.2.7", q: 1000, callId: "c", cseq: 1, expiresAt: 50 },
  flow: {
    ...{ transport: "UDP", local: { host: "192.0.2.1", port: 5060 }, connection: 0 },
    remote: { host: "192.0.2.7", port: 5060 },
  },
};

test("beside the box people are where they were, and what has expired is cleaned up", () => {
  const asked: number[] = [];
  const own = Object.assign(new MemoryLocation(), {
    expire: (now: number) => {
      asked.push(now);
      return now + 10;
    },
  });
  own.replace("anna", [binding]);
  const location = locationWithBox(own, box);
  expect(location.bindings("anna", 10)).toEqual([binding]);
  expect(location.bindings("files", 10)).toMatchObject([{ contact: box?.contact }]);
  expect([location.online("anna", 10), location.online("files", 10)]).toEqual([true, true]);
  expect([location.expire?.(60), asked]).toEqual([70, [60]]);
});

test("without a box nothing is in between", () => {
  const own = new MemoryLocation();
  expect(locationWithBox(own, undefined)).toBe(own);
});
