// What comes to nothing before the role hears of it is told, with a reason.
import { expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { requestText } from "../testing/request-text.ts";
import { type BelowEntry, causeWords, methodIn } from "./below-role.ts";
import { createEndpoint } from "./endpoint.ts";
import type { Gate } from "./gate.ts";
import type { Admission, Verdict } from "./overload/admission.ts";

const local = { host: "192.0.2.1", port: 5060 };
const remote = { host: "192.0.2.9", port: 5070 };
const crypto = portableCrypto((count) => new Uint8Array(count).fill(7));

function stage(more: { readonly gate?: Gate; readonly admission?: Admission } = {}) {
  const told: BelowEntry[] = [];
  const asked: string[] = [];
  const endpoint = createEndpoint({
    role: { attach() {}, request: ({ request }) => void asked.push(request.method), ack() {} },
    ...{ crypto, below: (entry) => void told.push(entry), ...more },
  });
  endpoint.handle({ kind: "Listening", transport: "UDP", local }, 0);
  const hear = (octets: string) =>
    endpoint.handle({ kind: "Datagram", local, remote, octets }, 10).length;
  const open = () =>
    endpoint.handle({ kind: "Opened", transport: "TCP", connection: 5, local, remote }, 10);
  const said = () => told.map(({ what, method, status, why }) => ({ what, method, status, why }));
  return { endpoint, told, asked, hear, open, said };
}

test("a request that cannot be read, and what is none at all", () => {
  const { hear, said, told, asked } = stage();
  expect(hear(requestText("OPTIONS"))).toBe(0);
  hear(requestText("OPTIONS").replace(/^Call-ID:.*\r\n/m, ""));
  hear("this is not a message, nor anything that is like one\r\n\r\n");
  expect(asked).toEqual(["OPTIONS"]);
  expect(said()).toMatchObject([
    { what: "Malformed", method: "OPTIONS", status: 400, why: "Call-ID is missing" },
    { what: "Malformed", method: "this", status: undefined },
  ]);
  expect(told[0]).toMatchObject({ at: 10, flow: { transport: "UDP", remote } });
});

test("whoever is banned, and whoever has had their answers", () => {
  const gate = { hears: () => true, answers: () => false };
  const silenced = stage({ gate });
  expect(silenced.hear(requestText("CANCEL"))).toBe(0);
  expect(silenced.said()).toMatchObject([{ what: "Silenced", method: "CANCEL" }]);
  const banned = stage({ gate: { hears: () => false, answers: () => true } });
  expect(banned.hear(requestText("INVITE"))).toBe(0);
  banned.open();
  expect(banned.said()).toEqual([
    { what: "Banned", method: undefined, status: undefined, why: "who is there is banned" },
    { what: "Banned", method: undefined, status: undefined, why: "who is there is banned" },
  ]);
});

test("RFC 3261 §21.5.4: whoever is turned away, and whoever is too late to be", () => {
  let verdict: Verdict = "drop";
  const admission: Admission = {
    ...{ attach() {}, judge: () => verdict, leaving: (response) => response },
  };
  const at = stage({ admission });
  at.hear(requestText("INVITE"));
  at.hear(requestText("ACK"));
  const flow = { transport: "UDP", local, remote, connection: 0 } as const;
  verdict = { octets: "SIP/2.0 503 Service Unavailable\r\n\r\n", flow };
  expect(at.hear(requestText("REGISTER"))).toBe(1);
  expect(at.said()).toMatchObject([
    { what: "Late", method: "INVITE", status: undefined },
    { what: "TurnedAway", method: "REGISTER", status: 503 },
  ]);
});

test("a connection that breaks, or is ended from here", () => {
  const at = stage();
  at.open();
  at.endpoint.handle({ kind: "Received", connection: 5, octets: "INVITE sip:a" }, 20);
  at.endpoint.handle({ kind: "Tick" }, 60_000);
  at.open();
  at.endpoint.handle({ kind: "Closed", connection: 5, cause: { code: "ECONNRESET" } }, 60_100);
  at.open();
  at.endpoint.handle({ kind: "Closed", connection: 5 }, 60_200);
  expect(at.said()).toMatchObject([
    { what: "Ended", why: "a message took too long" },
    { what: "Lost", why: "ECONNRESET" },
  ]);
});

test("no more of a peer than the beginning of its method, and one line of a cause", () => {
  expect(methodIn(`${"A".repeat(32)} sip:x`)).toBe("A".repeat(32));
  expect(methodIn(`${"A".repeat(33)} sip:x`)).toBeUndefined();
  expect(methodIn("SIP/2.0 200 OK")).toBeUndefined();
  expect(causeWords(new Error("x".repeat(500)))).toHaveLength(120);
  expect([causeWords("gone"), causeWords(undefined), causeWords({})]).toEqual([
    ...["gone", "it broke", "it broke"],
  ]);
});
