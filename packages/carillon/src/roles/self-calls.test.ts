/** RFC 5393 §3: whoever registers the server's own addresses, so that it would call itself. */
import { describe, expect, test } from "vitest";
import { DomainStage, request, titleOf } from "../testing/domain-stage.ts";
import { ServedNames } from "./served-names.ts";

const ALICE = "203.0.113.4:5060";
const BOB = "203.0.113.9:5062";

/** What becomes of something that alice says to bob. */
function said(stage: DomainStage) {
  const lines = [`Proxy-Authorization: ${stage.token("alice")}`];
  return stage.say(ALICE, request("MESSAGE", { lines }));
}

test("a binding that leads to this server is not called, however it came to be there", () => {
  const origin = { q: 1000, callId: "x", cseq: 1, expiresAt: 2 ** 52 };
  const local = { host: "192.0.2.1", port: 5060 };
  const calls = (contact: string, remote = { host: "192.0.2.1", port: 7000 }) => {
    const stage = new DomainStage();
    const flow = { transport: "UDP", local, remote, connection: 0 } as const;
    stage.location.replace("bob", [{ contact, flow, ...origin }]);
    return said(stage).map((one) => `${titleOf(one)} to ${one.to}`);
  };
  const nobody = [`480 MESSAGE to ${ALICE}`];
  expect(calls("sip:bob@192.0.2.1:5060")).toEqual(nobody);
  expect(calls("sip:bob@192.0.2.1")).toEqual(nobody);
  expect(calls("sip:bob@203.0.113.9", local)).toEqual(nobody);
  expect(calls("sip:bob@house.example")).toEqual(["MESSAGE to 192.0.2.1:7000"]);
});

describe("RFC 5393 §3: a REGISTER that would make the server call itself", () => {
  const registers = (from: string, ...contacts: string[]) => {
    const stage = new DomainStage();
    const lines = contacts.map((contact) => `Contact: ${contact}`);
    return { stage, answers: stage.register("bob", from, { lines }).map(titleOf) };
  };

  test.each([
    ["<sip:bob@house.example;x=1>, <sip:bob@house.example;x=2>"],
    ["<sip:carol@HOUSE.example>"],
    ["sip:house.example"],
    ['"A phone" <sip:bob@house.example:5060;transport=ws>;expires=60'],
    ["<sip:bob@192.0.2.1>"],
    ["<sip:bob@192.0.2.1:5060>"],
    ["<sip:bob@203.0.113.9;maddr=192.0.2.1>"],
    ["<sip:bob@203.0.113.9;maddr=House.Example>"],
    ["<sip:bob@203.0.113.9>", "<sip:bob@house.example>"],
  ])("is refused: %s", (...contacts) => {
    const { stage, answers } = registers(BOB, ...contacts);
    expect(answers).toEqual(["403 REGISTER"]);
    expect(stage.location.online("bob", stage.wire.now)).toBe(false);
  });

  test.each([
    ["<sip:bob@192.0.2.1:7000>"],
    ["<sip:bob@house.example:7000>"],
    ["<sip:bob@other.example>"],
    ["<sip:house.example@203.0.113.9>"],
    ["<sip:bob@house.example;maddr=203.0.113.9>"],
  ])("is not that of another place: %s", (contact) => {
    expect(registers(BOB, contact).answers).toEqual(["200 REGISTER"]);
  });

  test("RFC 3263 §4.2: is not that of port 5060 where the server has another", () => {
    const names = new ServedNames(["house.example", "192.0.2.1"]);
    const leadsHere = (uri: string, port: number) => {
      const local = { host: "192.0.2.1", port };
      const flow = { transport: "UDP", local, remote: local, connection: 0 } as const;
      return names.leadsHere(uri, flow, []);
    };
    expect(leadsHere("sip:bob@192.0.2.1", 5060)).toBe(true);
    expect(leadsHere("sip:bob@192.0.2.1", 5080)).toBe(false);
    expect(leadsHere("sip:bob@house.example", 5080)).toBe(true);
  });

  test("is none of those that come, or seem to come, from the server's own address", () => {
    for (const contact of ["<sip:bob@203.0.113.9>", "<sip:bob@192.0.2.1:7000>"]) {
      const { stage } = registers("192.0.2.1:5060", contact);
      expect(said(stage).filter(({ to }) => to === "192.0.2.1:5060")).toEqual([]);
    }
  });
});
