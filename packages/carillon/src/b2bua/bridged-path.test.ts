// A bridged call to a phone behind an edge: its Path is the way there. RFC 3327.
import { expect, test } from "vitest";
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
const within = (method: string, { message }: Sent): string =>
  request(method, {
    ...{
      seq: 2,
      branch: `z9hG4bK-${method}`,
      via: `SIP/2.0/UDP ${ALICE};branch=z9hG4bK-${method}`,
    },
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
