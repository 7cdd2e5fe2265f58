// A bridged call to a phone behind an edge: its Path is the way there. RFC 3327.
import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { answer, DomainStage, request, type Sent, titleOf } from "../testing/domain-stage.ts";
import { PlainEngine } from "../testing/plain-engine.ts";
import { bridging } from "./bridging.ts";

const ALICE = "203.0.113.4:5060";
/** An edge, through which bob's phone has registered. */
const EDGE = "198.51.100.20:5060";
const PATH = "<sip:token@198.51.100.20:5060;lr;ob>";
/** And the proxy between it and the phone. */
const INNER = "<sip:10.0.0.9;lr>";
const CONTACT = "sip:bob@192.168.0.2:5062";
/** What the edge writes into the INVITE: its face towards the phone on top, then the one to us. */
const RECORD_ROUTES = ["<sip:d@10.0.0.1;lr>", "<sip:d@198.51.100.20:5070;lr>"];
const HOST = "IN IP4 203.0.113.4";
const OFFER = `v=0\r\no=- 7 7 ${HOST}\r\ns=-\r\nc=${HOST}\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n`;
const SDP = "Content-Type: application/sdp";

function stage(contact = CONTACT) {
  const engine = new PlainEngine();
  const bridge = bridging({ engine, mode: () => "always" });
  const domain = new DomainStage({ services: [bridge], bridge });
  const lines = [`Contact: <${contact}>`, `Path: ${PATH}, ${INNER}`, "Supported: path"];
  domain.register("bob", EDGE, { lines });
  return { domain, engine, bridge };
}

type Stage = ReturnType<typeof stage>;

function invited({ domain }: Stage): Sent {
  const own = [`Proxy-Authorization: ${domain.token("alice")}`, "Contact: <sip:alice@203.0.113.4>"];
  return one(domain.say(ALICE, request("INVITE", { body: OFFER, lines: [...own, SDP] })), "INVITE");
}

/** The only one of this title, with where it went. */
function one(all: readonly Sent[], title: string): Sent {
  const [found, ...more] = all.filter((sent) => titleOf(sent) === title);
  if (!found || more.length > 0) throw new Error(`not one ${title} in ${all.map(titleOf).join()}`);
  return found;
}

const routesOf = ({ message }: Sent): readonly string[] => headerLines(message, "Route");

/** Bob's phone takes it; the edge has added itself to the route of the dialog. */
function talking(at: Stage) {
  const there = invited(at);
  const routes = RECORD_ROUTES.map((route) => `Record-Route: ${route}`);
  const more = [...routes, `Contact: <${CONTACT}>`, SDP, "Allow: INVITE, BYE"];
  const ok200 = answer(there.octets, 200, "bobs", more);
  const whole = ok200.replace("Length: 0\r\n\r\n", `Length: ${OFFER.length}\r\n\r\n${OFFER}`);
  const all = at.domain.say(EDGE, whole);
  return { there, ok: one(all, "200 INVITE"), ack: one(all, "ACK") };
}

/** A request of alice's in the dialog that this 200 made. */
const within = (
  method: string,
  { message }: Sent,
  seq = 2,
  more: { readonly body?: string; readonly lines?: readonly string[] } = {},
): string =>
  request(method, {
    ...{ seq, branch: `z9hG4bK-${method}-${seq}`, ...more },
    via: `SIP/2.0/UDP ${ALICE};branch=z9hG4bK-${method}-${seq}`,
    uri: /<(.*)>/.exec(header(message, "Contact") ?? "")?.[1] ?? "",
    from: header(message, "From") ?? "",
    to: header(message, "To") ?? "",
    callId: header(message, "Call-ID") ?? "",
  });

//= RFC 3327 §5.4
//# With the addition of Path, the home proxy also copies the stored path vector associated with the
//# specific contact in the registrar database into the Route header field of the outgoing request
//# as a preloaded route.
test("RFC 3327 §5.4: the INVITE of a bridge has the device's Path as its Route", () => {
  const at = stage();
  const there = invited(at);
  expect(there.to).toBe(EDGE);
  expect((there.message as Request).uri).toBe(CONTACT);
  expect(routesOf(there)).toEqual([PATH, INNER]);
});

test("RFC 3261 §9.1: and its CANCEL goes the same way", () => {
  const at = stage();
  const there = invited(at);
  at.domain.say(EDGE, answer(there.octets, 180, "bobs", [`Contact: <${CONTACT}>`]));
  const cancel = request("CANCEL", { branch: "z9hG4bK-INVITE" });
  const gone = one(at.domain.say(ALICE, cancel), "CANCEL");
  expect(gone.to).toBe(EDGE);
  expect(routesOf(gone)).toEqual([PATH, INNER]);
});

test("RFC 3261 §12.2.1.1: in the dialog it is the route set that leads to the device", () => {
  const at = stage();
  const { ok, ack } = talking(at);
  const bye = one(at.domain.say(ALICE, within("BYE", ok)), "BYE");
  for (const sent of [ack, bye]) {
    expect((sent.message as Request).uri).toBe(CONTACT);
    expect(routesOf(sent)).toEqual([...RECORD_ROUTES].reverse());
    expect(sent.to).toBe("198.51.100.20:5070");
  }
});

test("RFC 5626 §7: 430 has the device called over its other flow, by that Path", () => {
  const at = stage();
  const other = "198.51.100.21:5060";
  const urn = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"';
  for (const [nth, edge] of [EDGE, other].entries()) {
    const contact = `Contact: <sip:bob@192.168.0.2:${5070 + nth};ob>;reg-id=${nth + 1};${urn}`;
    const path = `Path: <sip:token${nth}@${edge};lr;ob>`;
    const lines = [contact, path, "Supported: path, outbound"];
    at.domain.register("bob", edge, { lines, branch: `z9hG4bK-flow-${nth}`, seq: 2 + nth });
  }
  at.domain.register("bob", EDGE, {
    lines: [`Contact: <${CONTACT}>;expires=0`, "Supported: path"],
    ...{ seq: 9, branch: "z9hG4bK-off" },
  });
  const first = invited(at);
  expect([first.to, routesOf(first)]).toEqual([other, [`<sip:token1@${other};lr;ob>`]]);
  const second = one(at.domain.say(other, answer(first.octets, 430, "e")), "INVITE");
  expect([second.to, routesOf(second)]).toEqual([EDGE, [`<sip:token0@${EDGE};lr;ob>`]]);
});

test("a page behind an edge is offered what browsers speak, however the edge comes", () => {
  for (const [contact, isWeb] of [
    ["sip:x@y.invalid;transport=ws", true],
    [CONTACT, false],
  ] as const) {
    const at = stage(contact);
    const { body } = invited(at).message;
    expect([contact, body.includes("UDP/TLS/RTP/SAVPF")]).toEqual([contact, isWeb]);
  }
});

describe("RFC 5626 §7: in the dialog, a device with two flows by two edges", () => {
  const URN = "urn:uuid:00000000-0000-1000-8000-000a95a0e128";
  const GRUU = `sip:bob@house.example;gr=${URN}`;
  const EDGES = ["198.51.100.20:5060", "198.51.100.21:5060"] as const;
  const PATHS = EDGES.map((edge, nth) => `<sip:token${nth}@${edge};lr;ob>`);
  const CONTACTS = [0, 1].map((nth) => `sip:bob@192.168.0.2:${5070 + nth};ob`);
  const ROUTE = `<sip:dialog@${EDGES[1]};lr>`;

  /** Alice talks to bob's phone, which she has reached by the second edge. */
  function begun() {
    const at = stage();
    for (const [nth, edge] of EDGES.entries()) {
      const contact = `Contact: <${CONTACTS[nth]}>;reg-id=${nth + 1};+sip.instance="<${URN}>"`;
      const lines = [contact, `Path: ${PATHS[nth]}`, "Supported: path, outbound"];
      at.domain.register("bob", edge, { lines, branch: `z9hG4bK-flow-${nth}`, seq: 2 + nth });
    }
    at.domain.register("bob", EDGE, {
      lines: [`Contact: <${CONTACT}>;expires=0`, "Supported: path"],
      ...{ seq: 9, branch: "z9hG4bK-off" },
    });
    const there = invited(at);
    const ok = one(at.domain.say(EDGES[1], accepted(there)), "200 INVITE");
    at.domain.say(ALICE, within("ACK", ok, 1));
    return { ...at, ok };
  }

  const accepted = ({ octets }: Sent): string => {
    const lines = [`Record-Route: ${ROUTE}`, `Contact: <${GRUU}>`, SDP, "Allow: INVITE, BYE"];
    const ok200 = answer(octets, 200, "bobs", lines);
    return ok200.replace("Length: 0\r\n\r\n", `Length: ${OFFER.length}\r\n\r\n${OFFER}`);
  };
  const wayOf = ({ to, message }: Sent) => [
    to,
    (message as Request).uri,
    headerLines(message, "Route"),
  ];
  const BY_ITS_ROUTE = [EDGES[1], GRUU, [ROUTE]];
  const BY_THE_OTHER = [EDGES[0], CONTACTS[0], [PATHS[0]]];
  const held = OFFER.replace("s=-", "s=held").replace("7 7", "7 8");

  function reinvited({ domain, ok }: ReturnType<typeof begun>): Sent {
    const lines = ["Contact: <sip:alice@203.0.113.4>", SDP];
    const text = within("INVITE", ok, 2, { body: held, lines });
    return one(domain.say(ALICE, text), "INVITE");
  }

  test("its requests go along the dialog's route, as long as that leads anywhere", () => {
    const at = begun();
    expect(wayOf(reinvited(at))).toEqual(BY_ITS_ROUTE);
  });

  test("430 has them go by the other Path, and the ACK after them, and what is said later", () => {
    const at = begun();
    const first = reinvited(at);
    const second = one(at.domain.say(EDGES[1], answer(first.octets, 430, "e")), "INVITE");
    expect(wayOf(second)).toEqual(BY_THE_OTHER);
    const numbers = [first, second].map(({ message }) => header(message, "CSeq"));
    expect(new Set(numbers).size).toBe(2);
    const all = at.domain.say(EDGES[0], accepted(second));
    expect(wayOf(one(all, "ACK"))).toEqual(BY_THE_OTHER);
    expect(header(one(all, "ACK").message, "CSeq")).toBe(numbers[1]?.replace("INVITE", "ACK"));
    at.domain.say(ALICE, within("ACK", at.ok, 2));
    const bye = one(at.domain.say(ALICE, within("BYE", at.ok, 3)), "BYE");
    expect(wayOf(bye)).toEqual(BY_THE_OTHER);
  });

  test("RFC 5626 §7: any other answer is the device's own: nothing goes by the other flow", () => {
    const at = begun();
    const first = reinvited(at);
    const all = at.domain.say(EDGES[1], answer(first.octets, 488, "bobs"));
    expect(all.filter((sent) => titleOf(sent) === "INVITE")).toEqual([]);
    expect(one(all, "488 INVITE").to).toBe(ALICE);
  });

  test("an edge that says nothing for two seconds is left, and a 2xx by it is acknowledged", () => {
    const at = begun();
    const first = reinvited(at);
    expect(at.domain.wait(1900).filter(({ to }) => to === EDGES[0])).toEqual([]);
    const second = one(
      at.domain.wait(200).filter(({ to }) => to === EDGES[0]),
      "INVITE",
    );
    expect(wayOf(second)).toEqual(BY_THE_OTHER);
    const late = at.domain.say(EDGES[1], accepted(first));
    expect(late.map(titleOf)).toEqual(["ACK"]);
    expect(wayOf(one(late, "ACK"))).toEqual(BY_ITS_ROUTE);
    expect(one(at.domain.say(EDGES[0], accepted(second)), "200 INVITE").to).toBe(ALICE);
  });

  test("an edge that has said that it tries is waited for", () => {
    const at = begun();
    const first = reinvited(at);
    at.domain.say(EDGES[1], answer(first.octets, 100, ""));
    expect(at.domain.wait(10_000).filter(({ to }) => to === EDGES[0])).toEqual([]);
  });

  test("a BYE waits five seconds for an edge that says nothing", () => {
    const at = begun();
    expect(wayOf(one(at.domain.say(ALICE, within("BYE", at.ok, 2)), "BYE"))).toEqual(BY_ITS_ROUTE);
    expect(at.domain.wait(4900).filter(({ to }) => to === EDGES[0])).toEqual([]);
    const all = at.domain.wait(200).filter(({ to }) => to === EDGES[0]);
    expect(wayOf(one(all, "BYE"))).toEqual(BY_THE_OTHER);
  });

  test("RFC 5627 §6.1: who is no longer registered by its edge is sought by the other", () => {
    const at = begun();
    const gone = [`Contact: <${CONTACTS[1]}>;expires=0;reg-id=2;+sip.instance="<${URN}>"`];
    const lines = [...gone, `Path: ${PATHS[1]}`, "Supported: path, outbound"];
    at.domain.register("bob", EDGES[1], { lines, seq: 10, branch: "z9hG4bK-gone" });
    expect(wayOf(reinvited(at))).toEqual(BY_THE_OTHER);
  });

  test("a device that is nowhere else is sought along the route, and nowhere else", () => {
    const at = begun();
    at.domain.register("bob", EDGES[0], {
      lines: ["Contact: *", "Expires: 0"],
      ...{ seq: 10, branch: "z9hG4bK-none" },
    });
    const first = reinvited(at);
    expect(wayOf(first)).toEqual(BY_ITS_ROUTE);
    const all = at.domain.say(EDGES[1], answer(first.octets, 430, "e"));
    expect(all.filter((sent) => titleOf(sent) === "INVITE")).toEqual([]);
  });
});
