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
});
