/** Whatever peers do in whatever order: one NOTIFY at a time, numbers that grow, and an end. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { header } from "../message/headers.ts";
import { again, notifies, stageOf, words } from "../testing/agent-stage.ts";
import type { Place, Sent } from "../testing/domain-stage.ts";
import type { Standing } from "./source.ts";

const EVENTS = ["word", "word;id=1", "word;max-rate=0.2", "word;min-rate=0.05", "other", ";", ""];
const CONTACTS = ["203.0.113.4:5060", "203.0.113.4:7000", "198.51.100.66", "192.0.2.1:5060", "x;y"];
const HEADERS = ["Expires: 0", "Expires: 60", "Expires: 7200", "Expires: x", "Accept: a/b", "A: b"];

type Act =
  | { readonly kind: "Subscribe"; readonly event: string; readonly contact: string; line: string }
  | { readonly kind: "Again"; readonly nth: number; readonly line: string; readonly seq: number }
  | { readonly kind: "Reply"; readonly status: number }
  | { readonly kind: "Say"; readonly standing: Standing }
  | { readonly kind: "Wait"; readonly ms: number }
  | { readonly kind: "Close" };

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant("Subscribe" as const),
    event: fc.constantFrom(...EVENTS),
    contact: fc.constantFrom(...CONTACTS),
    line: fc.constantFrom(...HEADERS),
  }),
  fc.record({
    ...{ kind: fc.constant("Again" as const), nth: fc.nat(5) },
    ...{ line: fc.constantFrom(...HEADERS), seq: fc.integer({ min: 1, max: 9 }) },
  }),
  fc.record({
    kind: fc.constant("Reply" as const),
    status: fc.constantFrom(100, 200, 200, 200, 302, 401, 481, 500, 503, 604),
  }),
  fc.record({
    kind: fc.constant("Say" as const),
    standing: fc.constantFrom<Standing>("Allowed", "Allowed", "Waiting", "Refused"),
  }),
  fc.record({
    kind: fc.constant("Wait" as const),
    ms: fc.constantFrom(100, 1000, 6000, 40_000, 300_000),
  }),
  fc.record({ kind: fc.constant("Close" as const) }),
);

const dialogOf = (sent: Sent) =>
  `${header(sent.message, "Call-ID")} ${header(sent.message, "From")}`;
const seqOf = (sent: Sent) => Number(header(sent.message, "CSeq")?.split(" ")[0]);

/** Plays them, and keeps an eye on what goes out. */
function play(acts: readonly Act[]): void {
  const given = words();
  const { agent, domain, subscribe, say, reply } = stageOf(given, { limits: { perWatcher: 4 } });
  let page: number = domain.connect();
  const begun: Sent[] = [];
  const open = new Map<string, { readonly sent: Sent; readonly at: number }>();
  const last = new Map<string, number>();
  const see = (sent: readonly Sent[]): void => {
    begun.push(
      ...sent.filter(({ message }) => message.kind === "Response" && message.status === 200),
    );
    for (const one of notifies(sent)) {
      const [dialog, seq] = [dialogOf(one), seqOf(one)];
      // Said again, not anew.
      if (seq === last.get(dialog)) continue;
      expect(open.has(dialog), "one at a time").toBe(false);
      expect(seq, "numbers grow").toBeGreaterThan(last.get(dialog) ?? 0);
      last.set(dialog, seq);
      open.set(dialog, { sent: one, at: domain.wire.now });
    }
  };
  const answer = (status: number): void => {
    const [one] = open.values();
    if (!one) return;
    if (status >= 200) open.delete(dialogOf(one.sent));
    see(reply(one.sent, status));
  };
  const wait = (ms: number): void => {
    for (let left = ms; left > 0; left -= 1000) {
      see(domain.wait(Math.min(left, 1000)));
      const { now } = domain.wire;
      // Who says nothing for so long is given up.
      for (const [dialog, { at }] of open) if (now - at >= 32_000) open.delete(dialog);
    }
  };
  const close = (): void => {
    for (const [dialog, { sent }] of open) if (sent.to === page) open.delete(dialog);
    domain.close(page);
    page = domain.connect();
  };
  for (const act of acts) {
    if (act.kind === "Subscribe") {
      const place: Place = act.contact === "x;y" ? page : "203.0.113.4:5060";
      const event = act.event === "" ? [] : [`Event: ${act.event}`];
      const lines = [...event, `Contact: <sip:alice@${act.contact}>`, act.line];
      see(subscribe(place, { lines }));
    } else if (act.kind === "Again") {
      const of = begun[act.nth];
      const lines = ["Event: word", "Contact: <sip:alice@203.0.113.4:5060>", act.line];
      if (of) see(subscribe("203.0.113.4:5060", again(of, { lines, seq: act.seq })));
    } else if (act.kind === "Reply") answer(act.status);
    else if (act.kind === "Say") {
      given.said.standing = act.standing;
      see(say("said"));
    } else if (act.kind === "Wait") wait(act.ms);
    else close();
  }
  domain.wait(8_000_000);
  expect(agent.census().subscriptions, "all are over").toBe(0);
  expect(domain.wire.endpoint.census()).toMatchObject({ servers: 0, clients: 0 });
  const closed = given.told.filter((one) => one.startsWith("closed")).length;
  expect(closed, "each source is closed once").toBe(given.asked.length);
}

test("RFC 6665 §4.2: whatever peers do, in whatever order", () => {
  fc.assert(
    fc.property(fc.array(anyAct, { maxLength: 40 }), (acts) => play(acts)),
    { numRuns: 200 },
  );
});
