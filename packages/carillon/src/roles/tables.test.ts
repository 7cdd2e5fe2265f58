/** What a domain's server writes, held against tables 2 and 3 of RFC 3261 §20. */
import { expect, test } from "vitest";
import { headerLines } from "../message/headers.ts";
import { answer, DomainStage, request, type Sent, titleOf } from "../testing/domain-stage.ts";
import { misplaced, missing } from "../testing/header-tables.ts";

const ALICE = "203.0.113.4:5060";
const BOB = "203.0.113.9:5062";

/** Answers of every kind that the server gives by itself, and what it passes on. */
function aDay(): readonly Sent[] {
  const stage = new DomainStage();
  const token = `Proxy-Authorization: ${stage.token("alice")}`;
  const own = "Contact: <sip:alice@203.0.113.4>";
  let nth = 0;
  const says = (method: string, parts: Parameters<typeof request>[1] = {}) => {
    const names = { branch: `z9hG4bK-day-${nth}`, callId: `day-${nth++}` };
    return stage.say(ALICE, request(method, { ...names, lines: [own, token], ...parts }));
  };
  const first = stage.say(BOB, request("REGISTER", { uri: "sip:house.example" }));
  const page = stage.connect();
  const sent = [...first, ...stage.register("bob", BOB), ...stage.register("bob", page)];
  const brief = ["Contact: <sip:bob@203.0.113.9>;expires=1"];
  sent.push(...stage.register("bob", BOB, { lines: brief, callId: "brief", branch: "z9hG4bKb" }));
  sent.push(...stage.register("bob", BOB, { lines: ["Require: x"], branch: "z9hG4bKr" }));
  sent.push(...says("INVITE", { lines: [] }), ...says("INVITE", { maxForwards: "0" }));
  sent.push(...says("INVITE", { uri: "sip:nobody@house.example" }));
  sent.push(...says("INVITE", { uri: "sip:carol@house.example" }));
  sent.push(...says("INVITE", { uri: "sip:bob@elsewhere.example" }));
  sent.push(...says("INVITE", { lines: [own, token, "Proxy-Require: x"] }));
  sent.push(...says("INVITE", { lines: [own, token, "Max-Breadth: 1"] }));
  sent.push(...says("INVITE", { to: "<sip:bob@house.example>;tag=x" }), ...says("FLY"));
  sent.push(...says("OPTIONS", { uri: "sip:house.example", maxForwards: "1" }), ...says("CANCEL"));
  const invites = says("INVITE", { branch: "z9hG4bK-call", callId: "call" });
  sent.push(...invites, ...stage.wait(300));
  const [one, other] = invites.filter((each) => titleOf(each) === "INVITE");
  const contact = ["Contact: <sip:bob@203.0.113.9>"];
  for (const [each, status] of [
    [one, 180],
    [other, 180],
    [other, 200],
  ] as const) {
    if (each) sent.push(...stage.say(each.to, answer(each.octets, status, "b", contact)));
  }
  if (one) sent.push(...stage.say(one.to, answer(one.octets, 487, "c")));
  return [...sent, ...stage.wait(40_000)];
}

//= RFC 3261 §20
//# A "mandatory" header field MUST be present in a request
//= RFC 3261 §20
//# A mandatory response header field MUST be present in the response
//= RFC 3261 §20
//# Similarly, a header field labeled "not applicable" for a response means that the UAS MUST NOT
//# place the header field in the response
test("RFC 3261 §20: a server's messages have what is mandatory, and what is applicable", () => {
  const sent = aDay();
  const titles = new Set(sent.map(titleOf).map((title) => title.split(" ")[0]));
  for (const status of [100, 180, 200, 401, 403, 404, 407, 420, 423, 440, 480, 481, 483]) {
    expect(titles).toContain(String(status));
  }
  for (const method of ["INVITE", "ACK", "CANCEL"]) expect(titles).toContain(method);
  for (const { message } of sent) {
    const title = message.text.slice(0, message.text.indexOf("\r\n"));
    expect([title, misplaced(message), missing(message)]).toEqual([title, [], []]);
    //= RFC 3261 §20.14
    //# If no body is present in a message, then the Content-Length header field value MUST be set
    //# to zero.
    expect(headerLines(message, "Content-Length")).toEqual([String(message.body.length)]);
  }
});
