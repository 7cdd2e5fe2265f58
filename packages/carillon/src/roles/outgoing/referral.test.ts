// REFER from somewhere else: whom people who live here may be asked to call. RFC 3515.
import { describe, expect, test } from "vitest";
import { DomainStage, request, titleOf } from "../../testing/domain-stage.ts";
import { OUTGOING_LIMITS } from "./ledger.ts";
import type { OutgoingPolicy } from "./outgoing-policy.ts";

const ABROAD = "198.51.100.50:5060";
const BOB = "203.0.113.5:5060";

const outgoing: OutgoingPolicy = {
  limits: () => OUTGOING_LIMITS,
  objection: () => undefined,
};

function stage() {
  const trusts = ({ remote }: { readonly remote: { readonly host: string } }) =>
    remote.host === "198.51.100.50";
  const domain = new DomainStage({ trusts, policy: () => ({ outgoing, relay: () => true }) });
  domain.register("bob", BOB);
  return domain;
}

/** What becomes of a REFER to bob's phone that names this. */
function referred(from: string, lines: readonly string[]): readonly string[] {
  const via = `SIP/2.0/UDP ${from};branch=z9hG4bKrefer`;
  const sender = "<sip:jon@biloxi.example>;tag=j";
  const text = request("REFER", {
    ...{ via, from: sender, uri: "sip:bob@house.example" },
    lines: ["Contact: <sip:jon@198.51.100.9>", ...lines],
  });
  return stage()
    .say(from, text)
    .map((sent) => `${titleOf(sent)} to ${sent.to}`);
}

describe("A25: another domain has somebody here call", () => {
  const REFUSED = [`403 REFER to ${ABROAD}`];

  test("whoever lives here, whom it may call itself, and in whose place the call may come", () => {
    for (const target of [
      "<sip:carol@house.example>",
      "<sip:carol@house.example?Replaces=c%3Bto-tag%3Da%3Bfrom-tag%3Db>",
    ]) {
      const heard = referred(ABROAD, [`Refer-To: ${target}`]);
      expect(heard.filter((one) => one === `REFER to ${BOB}`)).toHaveLength(1);
    }
  });

  test("and nobody else: not elsewhere, no number, and nothing that cannot be read", () => {
    for (const target of [
      "<sip:0900123@gateway.example>",
      "<tel:+19005551234>",
      "<sip:0900123@house.example>",
      "<sip:nobody@house.example>",
      "<sip:carol@house.example>, <tel:+19005551234>",
    ]) {
      expect([target, referred(ABROAD, [`Refer-To: ${target}`])]).toEqual([target, REFUSED]);
    }
    expect(referred(ABROAD, [])).toEqual(REFUSED);
    const two = ["Refer-To: <sip:carol@house.example>", "Refer-To: <tel:+19005551234>"];
    expect(referred(ABROAD, two)).toEqual(REFUSED);
  });
});
