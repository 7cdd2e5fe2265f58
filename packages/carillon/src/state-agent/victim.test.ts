import { describe, expect, test } from "vitest";
import { ALICE, again, notifies, stageOf, titles, value, words } from "../testing/agent-stage.ts";
import { answer, type Sent, titleOf } from "../testing/domain-stage.ts";

const VICTIM = "203.0.113.4:6000";

describe("HARDENING A23: a victim named in Contact", () => {
  test("at another host gets nothing: what is told goes to where it was asked for", () => {
    const { subscribe } = stageOf(words());
    const lines = ["Event: word", "Contact: <sip:alice@198.51.100.66:5060>"];
    expect(notifies(subscribe(ALICE, { lines })).map(({ to }) => to)).toEqual([ALICE]);
  });

  test("at another port gets one NOTIFY transaction, however often it is named", () => {
    const { domain, subscribe, agent } = stageOf(words());
    const lines = ["Event: word", `Contact: <sip:alice@${VICTIM}>`];
    const seen: Sent[] = [];
    const [ok, ...first] = subscribe(ALICE, { lines });
    seen.push(...first);
    for (let nth = 0; nth < 20; nth++) {
      seen.push(...subscribe(ALICE, { lines }));
      seen.push(...subscribe(ALICE, again(ok, { lines, seq: 2 + nth })));
      seen.push(...domain.wait(2500));
    }
    const hits = seen.filter(({ to }) => to === VICTIM);
    expect(new Set(hits.map((one) => value(one, "Via"))).size).toBe(1);
    expect(hits.length).toBeLessThanOrEqual(11);
    expect(agent.census().subscriptions).toBe(0);
    // One who answers there is believed from then on.
    domain.wait(600_000);
    const [, notify] = subscribe(ALICE, { lines });
    domain.say(VICTIM, answer(notify?.octets ?? "", 200, ""));
    expect(titles(subscribe(ALICE, { lines }))).toContain(`NOTIFY to ${VICTIM}`);
  });

  test("that is the server itself, or a port of another program, is told nothing", () => {
    const { subscribe } = stageOf(words());
    const at = (contact: string) =>
      subscribe("192.0.2.1:5999", { lines: ["Event: word", `Contact: <sip:a@${contact}>`] });
    expect(at("192.0.2.1:5060").map(titleOf)).toEqual(["400 SUBSCRIBE"]);
    expect(titles(at("192.0.2.1:53"))).toContain("NOTIFY to 192.0.2.1:5999");
  });

  test("by another domain's server, whose connection is gone, is not looked for", () => {
    const stage = { policy: () => ({ partners: () => true }) };
    const { domain, subscribe, say, reply, agent } = stageOf(words(), {}, stage);
    const remote = { host: "198.51.100.20", port: 40_000 };
    const server = domain.wire.open({ transport: "TLS", remote, identities: ["partner.example"] });
    const [ok, notify] = subscribe(server, {
      via: "SIP/2.0/TLS sip.partner.example;branch=z9hG4bK-partner",
      from: "<sip:zoe@partner.example>;tag=z",
      lines: ["Event: word", "Contact: <sip:zoe@198.51.100.66>"],
    });
    expect([ok && titleOf(ok), notify?.to]).toEqual(["200 SUBSCRIBE", server]);
    reply(notify);
    domain.wait(5000);
    domain.close(server);
    expect(agent.census().subscriptions).toBe(1);
    const before = domain.wire.outputs.length;
    expect(say("two")).toEqual([]);
    const asked = domain.wire.outputs.slice(before);
    expect(asked.map(({ kind }) => kind)).toContain("Query");
    expect(JSON.stringify(asked)).toContain("partner.example");
    expect(JSON.stringify(asked)).not.toContain("198.51.100.66");
  });
});
