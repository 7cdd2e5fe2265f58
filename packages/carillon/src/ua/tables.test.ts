/** What a phone writes and what it overlooks, held against tables 2 and 3 of RFC 3261 §20. */
import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import type { Message, Request } from "../message/message.ts";
import { isApplicable, misplaced, missing, TABLED } from "../testing/header-tables.ts";
import { answerTo, lonePhone, read } from "../testing/lone-phone.ts";
import { requestText } from "../testing/request-text.ts";

const CONTACT = "Contact: <sip:bob@192.0.2.77:5060>";
const SDP = "Content-Type: application/sdp";
const ANSWER = { toTag: "b1", lines: [CONTACT, SDP], body: "v=0\r\n" };
const challenge = (realm: string) =>
  `Authenticate: Digest realm="${realm}", nonce="n", algorithm=SHA-256, qop="auth"`;

/** A registered phone, and everything that it has sent. */
async function watched(options: Parameters<typeof lonePhone>[0] = { password: "secret" }) {
  const lone = lonePhone(options);
  const all: Message[] = [];
  const take = () => {
    const messages = lone.sent().map(read);
    all.push(...messages);
    return messages;
  };
  const registered = lone.phone.register();
  await lone.wait(0);
  const [first] = take() as [Request];
  await lone.say(answerTo(first, 401, { lines: [`WWW-${challenge("r")}`] }));
  const [again] = take() as [Request];
  await lone.say(answerTo(again, 200, { lines: [`Contact: ${header(again, "Contact")}`] }));
  await registered;
  const called = async () => {
    const call = lone.phone.call("sip:bob@example.com");
    await lone.wait(0);
    const invite = take().find((one) => titleOf(one) === "INVITE") as Request;
    return { call, invite };
  };
  return { ...lone, all, take, called };
}

/** Requests that are answered at once; those with a second line have a body. */
const REFUSED: readonly (readonly [method: string, lines: readonly string[]])[] = [
  ["OPTIONS", []],
  ["REGISTER", [CONTACT]],
  ["INVITE", [CONTACT, "Require: x"]],
  ["INVITE", [CONTACT, "Content-Type: text/plain"]],
  ["INVITE", []],
  ["BYE", []],
];

/** A call that is made and ended, one that is taken back, one that comes in, what is refused. */
async function aDay(): Promise<readonly Message[]> {
  const { phone, say, take, wait, called, all } = await watched();
  const one = await called();
  await say(answerTo(one.invite, 407, { lines: [`Proxy-${challenge("r")}`] }));
  const invite = take().find((each) => titleOf(each) === "INVITE") as Request;
  await say(answerTo(invite, 180, { toTag: "b1", lines: [CONTACT] }));
  await say(answerTo(invite, 200, ANSWER));
  one.call.hangUp();
  await wait(0);
  const two = await called();
  await say(answerTo(two.invite, 180, { toTag: "b2" }));
  two.call.hangUp();
  await wait(0);
  await say(answerTo(two.invite, 487, { toTag: "b2" }));
  phone.calls();
  await say(requestText("INVITE", { lines: [CONTACT, SDP], body: "v=0\r\n" }));
  await say(requestText("CANCEL", { branch: "z9hG4bK-invite-1" }));
  for (const [n, [method, lines]] of REFUSED.entries()) {
    const names = { branch: `z9hG4bK-refused-${n}`, callId: `refused-${n}` };
    await say(requestText(method, { ...names, lines, body: lines.length > 1 ? "x" : "" }));
  }
  const closed = phone.close();
  await wait(3000);
  await closed;
  take();
  return all;
}

const titleOf = (one: Message) => (one.kind === "Request" ? one.method : String(one.status));

describe("RFC 3261 §20: what a phone sends", () => {
  test("has every header that is mandatory there, and none but applicable ones", async () => {
    const all = await aDay();
    const titles = new Set(all.map(titleOf));
    const requests = ["REGISTER", "INVITE", "ACK", "BYE", "CANCEL"];
    const responses = ["180", "200", "400", "405", "415", "420", "481", "487"];
    for (const title of [...requests, ...responses]) expect(titles).toContain(title);
    //= RFC 3261 §20
    //# A "mandatory" header field MUST be present in a request, and MUST be understood by the UAS
    //# receiving the request. A mandatory response header field MUST be present in the response,
    //# and the header field MUST be understood by the UAC processing the response. "Not applicable"
    //# means that the header field MUST NOT be present in a request.
    //= RFC 3261 §20
    //# Similarly, a header field labeled "not applicable" for a response means that the UAS MUST
    //# NOT place the header field in the response, and the UAC MUST ignore the header field in the
    //# response.
    for (const one of all) {
      expect([titleOf(one), misplaced(one), missing(one)]).toEqual([titleOf(one), [], []]);
    }
  });

  test("says in every message how long its body is, and of what type", async () => {
    for (const one of await aDay()) {
      //= RFC 3261 §20.14
      //# If no body is present in a message, then the Content-Length header field value MUST be set
      //# to zero.
      expect(headerLines(one, "Content-Length")).toEqual([String(one.body.length)]);
      //= RFC 3261 §20.15
      //# The Content-Type header field MUST be present if the body is not empty.
      //= RFC 3261 §7.4.1
      //# The Internet media type of the message body MUST be given by the Content-Type header
      //# field.
      //= RFC 3261 §7.4.1
      //# Implementations that send requests containing multipart message bodies MUST send a session
      //# description as a non-multipart message body if the remote implementation requests this
      //# through an Accept header field that does not contain multipart.
      expect(header(one, "Content-Type")).toBe(one.body === "" ? undefined : "application/sdp");
      //= RFC 3261 §7.4.1
      //# otherwise, Content-Encoding MUST be omitted.
      //= RFC 3261 §20.12
      //# The server MUST only use encodings listed in the Accept-Encoding header field in the
      //# request.
      expect(header(one, "Content-Encoding")).toBeUndefined();
    }
  });

  test("names no extension but those of standards-track RFCs", async () => {
    const standard =
      "100rel timer replaces join path gruu outbound norefersub tdialog answermode ice".split(" ");
    for (const one of await aDay()) {
      for (const name of ["Require", "Proxy-Require", "Supported"]) {
        const tags = headerLines(one, name).flatMap((line) => line.split(/, */));
        //= RFC 3261 §20.32
        //# A UAC compliant to this specification MUST only include option tags corresponding to
        //# standards-track RFCs.
        //= RFC 3261 §20.37
        //# A UA compliant to this specification MUST only include option tags corresponding to
        //# standards-track RFCs.
        expect(standard).toEqual(expect.arrayContaining(tags));
      }
    }
  });
});

/** Values that would say much if they were looked at. */
const SAYING: Readonly<Record<string, string>> = {
  "Max-Forwards": "0",
  Route: "<sip:evil.example;lr>",
  "Record-Route": "<sip:evil.example;lr>",
  Require: "flying",
  "Proxy-Require": "flying",
  Contact: "<sip:evil@evil.example>",
  Expires: "0",
  "Min-Expires": "4000",
  "Retry-After": "4000",
  Unsupported: "everything",
  Accept: "text/plain",
  "Content-Encoding": "gzip",
};
const linesOf = (names: readonly string[]) =>
  names.map((name) => `${name}: ${SAYING[name] ?? "x"}`);

describe("RFC 3261 §20: what a phone overlooks", () => {
  //= RFC 3261 §7.3.2
  //# If a header field appears in a message not matching its category (such as a request header
  //# field in a response), it MUST be ignored.
  //= RFC 3261 §20
  //# If one is placed in a request by mistake, it MUST be ignored by the UAS receiving the request.
  test.each([
    ["INVITE", 180],
    ["OPTIONS", 200],
  ])("in an %s is every header that is not applicable there", async (method, status) => {
    const { phone, say, take } = await watched();
    phone.calls();
    const plain = read(requestText(method, { lines: [CONTACT] }));
    const odd = TABLED.filter((name) => !isApplicable(plain, name));
    expect(odd).toContain("WWW-Authenticate");
    await say(requestText(method, { lines: [CONTACT, ...linesOf(odd)] }));
    expect(take().map(titleOf)).toEqual([String(status)]);
  });

  test("in a BYE is every header that is not applicable there", async () => {
    const { say, take, called } = await watched();
    const { call, invite } = await called();
    await say(answerTo(invite, 200, ANSWER));
    take();
    const dialog = {
      from: "<sip:bob@example.com>;tag=b1",
      to: header(invite, "From") ?? "",
      callId: header(invite, "Call-ID") ?? "",
      uri: "sip:alice@192.0.2.1:5060",
    };
    const odd = TABLED.filter((name) => !isApplicable(read(requestText("BYE")), name));
    await say(requestText("BYE", { ...dialog, lines: linesOf(odd) }));
    expect(take().map(titleOf)).toEqual(["200"]);
    expect(call.state.name).toBe("Ended");
  });

  //= RFC 3261 §7.3.2
  //# If a header field appears in a message not matching its category (such as a request header
  //# field in a response), it MUST be ignored.
  //= RFC 3261 §20
  //# and the UAC MUST ignore the header field in the response.
  test("in the answer to its INVITE is every header that is not applicable there", async () => {
    const { say, take, called } = await watched();
    const { call, invite } = await called();
    const plain = read(answerTo(invite, 200, ANSWER));
    const odd = TABLED.filter((name) => !isApplicable(plain, name));
    for (const name of ["Route", "Max-Forwards", "Authorization"]) expect(odd).toContain(name);
    const lines = [...ANSWER.lines, ...linesOf(odd)];
    await say(answerTo(invite, 200, { ...ANSWER, lines }));
    const [ack] = take() as [Request];
    expect([ack.method, ack.uri]).toEqual(["ACK", "sip:bob@192.0.2.77:5060"]);
    expect([header(ack, "Route"), header(ack, "Max-Forwards")]).toEqual([undefined, "70"]);
    expect(call.state.name).toBe("Established");
  });
});
