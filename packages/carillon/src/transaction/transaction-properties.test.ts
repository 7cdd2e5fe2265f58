/** What holds for each of the four, whatever comes: it can be ended, and is silent then. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { composeRequest, composeResponse } from "../message/compose.ts";
import type { Machine } from "./arrows.ts";
import * as inviteClient from "./invite-client.ts";
import * as inviteServer from "./invite-server.ts";
import * as nonInviteClient from "./non-invite-client.ts";
import * as nonInviteServer from "./non-invite-server.ts";
import { DEFAULT_TIMERS as timers } from "./timers.ts";

const request = (method: string) =>
  composeRequest(method, "sip:bob@example.com", [
    ["Via", "SIP/2.0/UDP a.example.com;branch=z9hG4bK1"],
    ["From", "<sip:alice@example.com>;tag=1"],
    ["To", "<sip:bob@example.com>"],
    ["Call-ID", "c1"],
    ["CSeq", `7 ${method}`],
  ]);
const trying = () => "SIP/2.0 100 Trying\r\n\r\n";

const status = fc.integer({ min: 100, max: 699 });
const common = fc.constantFrom(
  { kind: "Tick" as const },
  { kind: "Abandon" as const },
  { kind: "TransportError" as const, cause: "ECONNREFUSED" },
);
const response = status.map((one) => ({
  kind: "Response" as const,
  response: composeResponse(one, []),
}));
const respond = status.map((one) => ({
  kind: "Respond" as const,
  ...{ status: one, text: `SIP/2.0 ${one} Whatever\r\n\r\n` },
}));
const again = fc.constant({ kind: "Retransmission" as const });
const ack = fc.constant({ kind: "Ack" as const });

interface State {
  readonly name: string;
}
interface Kind {
  readonly kind: string;
}

/**
 * Any inputs at any times; then it is abandoned, and any inputs go on. Nothing throws, the end is
 * the end, and no Tick leaves a deadline standing that has come.
 */
function holds<P, S extends State, I extends Kind, O extends Kind>(
  machine: Machine<P, S, I, O>,
  params: readonly P[],
  input: fc.Arbitrary<I>,
): void {
  // Every machine takes these two.
  const [TICK, ABANDON] = [{ kind: "Tick" } as Kind as I, { kind: "Abandon" } as Kind as I];
  const events = fc.array(fc.tuple(input, fc.nat(12_000)), { maxLength: 20 });
  fc.assert(
    fc.property(fc.constantFrom(...params), events, events, (p, before, after) => {
      let now = 0;
      let [s] = machine.start(p, now);
      for (const [one, wait] of before) {
        now += wait;
        const isOver = s.name === "Terminated";
        const [next, ...said] = machine.step(p, s, one, now);
        if (isOver) expect([next.name, said]).toEqual(["Terminated", []]);
        [s] = machine.step(p, next, TICK, now);
        expect(machine.deadline(s)).toBeGreaterThan(now);
      }
      const [end, ...farewell] = machine.step(p, s, ABANDON, now);
      expect(end).toEqual({ name: "Terminated" });
      expect(farewell.filter(({ kind }) => kind !== "Failed")).toEqual([]);
      for (const [one, wait] of after) {
        now += wait;
        expect(machine.step(p, end, one, now)).toEqual([end]);
      }
      expect(machine.deadline(end)).toBe(Number.POSITIVE_INFINITY);
    }),
  );
}

const both = <P>(params: P) => [true, false].map((reliable) => ({ ...params, reliable, timers }));

test("RFC 3261 §17.1.1: the INVITE client can be ended at any time, and is silent then", () => {
  holds(inviteClient, both({ request: request("INVITE") }), fc.oneof(response, common));
});

test("RFC 3261 §17.2.1: the INVITE server can be ended at any time, and is silent then", () => {
  holds(inviteServer, both({ trying }), fc.oneof(respond, common, again, ack));
});

test("RFC 3261 §17.1.2: the other client can be ended at any time, and is silent then", () => {
  holds(nonInviteClient, both({ request: request("REGISTER") }), fc.oneof(response, common));
});

test("RFC 3261 §17.2.2: the other server can be ended at any time, and is silent then", () => {
  holds(nonInviteServer, both({ trying }), fc.oneof(respond, common, again));
});
