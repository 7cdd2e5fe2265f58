import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import type { Request, Response } from "../message/message.ts";
import {
  answer,
  DomainStage,
  type RequestLines,
  request,
  type Sent,
  titleOf,
} from "../testing/domain-stage.ts";
import { Pending } from "./answer.ts";
import { type Binding, MemoryLocation } from "./location.ts";

const ALICE = "203.0.113.4:5060";
const BOB = "203.0.113.9:5062";
const STRANGER = "198.51.100.66:5060";

/** A request of alice with credentials that are right. */
function signed(stage: DomainStage, method: string, parts: Partial<RequestLines> = {}): string {
  const lines = [`Proxy-Authorization: ${stage.token("alice")}`, ...(parts.lines ?? [])];
  return request(method, { ...parts, lines });
}

function onlyResponse(sent: readonly Sent[]): Response {
  expect(sent).toHaveLength(1);
  const message = sent[0]?.message;
  if (message?.kind !== "Response") throw new Error(`expected a response: ${sent.map(titleOf)}`);
  return message;
}

const status = (sent: readonly Sent[]) => onlyResponse(sent).status;
const titles = (sent: readonly Sent[]) => sent.map((one) => `${titleOf(one)} to ${one.to}`);

const METHODS = ["INVITE", "BYE", "OPTIONS", "MESSAGE", "SUBSCRIBE", "PUBLISH", "NOTIFY"].concat([
  "REFER",
  "INFO",
  "UPDATE",
  "PRACK",
  "NEWMETHOD",
]);

describe("whoever does not say who they are", () => {
  //= RFC 3261 §16.3
  //# If an element requires credentials before forwarding a request, the request MUST be inspected
  //# as described in Section 22.3.
  test.each(METHODS)("RFC 3261 §22.3: is asked, once, and gets no %s through", (method) => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    const sent = stage.say(STRANGER, request(method));
    expect(titles(sent)).toEqual([`407 ${method} to 198.51.100.66:5060`]);
    expect(stage.wait(40_000)).toEqual([]);
    expect(stage.wire.endpoint.census()).toMatchObject({ clients: 0 });
  });

  test("cannot tell who lives here: the same answer, in the same length, for everybody", () => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    for (const method of [...METHODS, "REGISTER"]) {
      const answers = ["bob", "zed"].map((user, i) => {
        const uri = method === "REGISTER" ? "sip:house.example" : `sip:${user}@house.example`;
        const address = `<sip:${user}@house.example>`;
        const branch = `z9hG4bK-${method}${i}`;
        const sent = stage.say(STRANGER, request(method, { uri, to: address, branch }));
        const text = sent[0]?.octets ?? "";
        return {
          names: text.match(/^[\w-]+(?=:)/gm),
          length: text.length,
          start: text.slice(0, 40),
        };
      });
      expect(answers[0]).toEqual(answers[1]);
    }
  });

  test("gets no ACK through, with a tag or without", () => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    expect(stage.say(STRANGER, request("ACK"))).toEqual([]);
    expect(stage.say(STRANGER, request("ACK", { to: "<sip:bob@house.example>;tag=b" }))).toEqual(
      [],
    );
  });

  test("cannot speak with another's token, or one that has ended", () => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    const late = stage.token("alice");
    stage.wire.wait(3_700_000);
    const lines = [`Proxy-Authorization: ${late}`];
    expect(status(stage.say(ALICE, request("MESSAGE", { lines })))).toBe(407);
    const other = [
      `Proxy-Authorization: ${new DomainStage({ key: new Uint8Array(32) }).token("alice")}`,
    ];
    expect(status(stage.say(ALICE, request("MESSAGE", { lines: other, branch: "z9hG4bK2" })))).toBe(
      407,
    );
  });

  test("spends hashes of ours on four credentials at most", () => {
    const stage = new DomainStage();
    const lines = Array.from({ length: 4 }, () => "Proxy-Authorization: Bearer nonsense");
    const right = `Proxy-Authorization: ${stage.token("alice")}`;
    const said = request("OPTIONS", { uri: "sip:house.example", lines: [...lines, right] });
    expect(status(stage.say(ALICE, said))).toBe(407);
  });
});

describe("a person here", () => {
  test.each([
    "<sip:bob@house.example>;tag=a",
    '"Alice" <sip:alice@elsewhere.example>;tag=a',
    "<sip:house.example>;tag=a",
    "<tel:+4912345>;tag=a",
    "<sip:Alice@house.example>;tag=a",
  ])("cannot be %s", (from) => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    for (const method of METHODS) {
      const sent = stage.say(ALICE, signed(stage, method, { from, branch: `z9hG4bK${method}` }));
      expect(titles(sent)).toEqual([`403 ${method} to ${ALICE}`]);
    }
  });

  test("may spell the own address in any way that is the same", () => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    const from = '"A" <sip:%61lice@192.0.2.1:5060;transport=udp>;tag=a';
    expect(titles(stage.say(ALICE, signed(stage, "MESSAGE", { from })))).toEqual([
      `MESSAGE to ${BOB}`,
    ]);
  });

  //= RFC 3261 §16.5
  //# If the Request-URI indicates a resource at this proxy that does not exist, the proxy MUST
  //# return a 404 (Not Found) response.
  //= RFC 3261 §16.1
  //# When responding directly to a request, the element is playing the role of a UAS and MUST
  //# behave as described in Section 8.2.
  test("RFC 3261 §16.5: hears that nobody is called so, in words", () => {
    const stage = new DomainStage();
    const response = onlyResponse(
      stage.say(ALICE, signed(stage, "INVITE", { uri: "sip:z%C3%A9d@house.example" })),
    );
    expect(response.status).toBe(404);
    expect(header(response, "Warning")).toBe('399 Carillon "nobody here is called z\xc3\xa9d"');
  });

  //= RFC 3261 §16.5
  //# If the target set remains empty after applying all of the above, the proxy MUST return an
  //# error response, which SHOULD be the 480 (Temporarily Unavailable) response.
  test("RFC 3261 §16.5: hears that somebody is not online, again until the ACK comes", () => {
    const stage = new DomainStage();
    const response = onlyResponse(stage.say(ALICE, signed(stage, "INVITE")));
    expect(response.status).toBe(480);
    expect(header(response, "Warning")).toBe('399 Carillon "bob is not online"');
    expect(titles(stage.wait(600))).toEqual([`480 INVITE to ${ALICE}`]);
    stage.say(ALICE, request("ACK", { branch: "z9hG4bK-INVITE" }));
    expect(stage.wait(40_000)).toEqual([]);
  });

  //= RFC 3261 §16.4
  //# If the Request-URI contains a maddr parameter, the proxy MUST check to see if its value is in
  //# the set of addresses or domains the proxy is configured to be responsible for.
  //= RFC 3261 §16.5
  //# A proxy MUST NOT add additional targets to the target set if the Request-URI of the original
  //# request does not indicate a resource this proxy is responsible for.
  test("RFC 3261 §16.5: gets nothing to other domains, by Request-URI, Route or maddr", () => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    const ways: Partial<RequestLines>[] = [
      { uri: "sip:victim@127.0.0.99" },
      { uri: "sip:bob@house.example:9" },
      { uri: "sip:bob@house.example;maddr=127.0.0.99" },
      { uri: "sip:127.0.0.99" },
      { lines: ["Route: <sip:127.0.0.99;lr>"] },
      { lines: ["Route: <sip:house.example;lr>, <sip:127.0.0.99;lr>"] },
      { lines: ["Route: <sip:house.example;lr>", "Route: <sip:127.0.0.99>"] },
      { lines: ["Route: <sip:house.example;lr;maddr=127.0.0.99>"] },
      { lines: ["Route: <sip:n1!UDP/0/127.0.0.99/9!UDP/0/127.0.0.99/9!0123456789abcdef@x;lr>"] },
    ];
    for (const [i, parts] of ways.entries()) {
      const sent = stage.say(ALICE, signed(stage, "INVITE", { ...parts, branch: `z9hG4bK${i}` }));
      expect([i, titles(sent)]).toEqual([i, [`403 INVITE to ${ALICE}`]]);
    }
  });

  //= RFC 3261 §16.5
  //# If a target URI is already present in the set (based on the definition of equality for the URI
  //# type), it MUST NOT be added again.
  //= RFC 3261 §16.5
  //# When accessing the location service constructed by a registrar, the Request-URI MUST first be
  //# canonicalized as described in Section 10.3 before being used as an index.
  //= RFC 3261 §16.3
  //# Notice that a proxy is not required to detect merged requests and MUST NOT treat merged
  //# requests as an error condition.
  test("reaches each device once, however it is spelled, and again with a new branch", () => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    stage.register("bob", BOB, { callId: "rebooted", branch: "z9hG4bKr2" });
    const uri = "sip:%62ob@192.0.2.1:5060;user=phone;x=1";
    for (const branch of ["z9hG4bK1", "z9hG4bK2"]) {
      expect(titles(stage.say(ALICE, signed(stage, "INVITE", { uri, branch })))).toEqual([
        `INVITE to ${BOB}`,
      ]);
    }
  });

  test("reaches people through a Route that is ours alone: an outbound proxy", () => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    const lines = ["Route: <sip:192.0.2.1;lr>"];
    const [sent] = stage.say(ALICE, signed(stage, "MESSAGE", { lines }));
    expect(sent?.to).toBe(BOB);
    expect(sent?.octets).not.toMatch(/^Route/im);
  });

  test("RFC 3261 §12.2.2: is told that there is no dialog where only a To tag says so", () => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    for (const method of ["INVITE", "BYE", "NOTIFY", "INFO"]) {
      const to = "<sip:bob@house.example>;tag=b";
      expect(status(stage.say(ALICE, signed(stage, method, { to })))).toBe(481);
    }
  });

  test("can ask the server what it is, and nothing else of it", () => {
    const stage = new DomainStage();
    const uri = "sip:house.example";
    const options = onlyResponse(stage.say(ALICE, signed(stage, "OPTIONS", { uri })));
    expect([options.status, header(options, "Allow")]).toEqual([
      200,
      "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, MESSAGE",
    ]);
    const lines = ["Require: 100rel"];
    const strict = stage.say(ALICE, signed(stage, "OPTIONS", { uri, lines, branch: "z9hG4bK2" }));
    expect(status(strict)).toBe(420);
    expect(status(stage.say(ALICE, signed(stage, "MESSAGE", { uri })))).toBe(404);
  });

  test("is not called over TLS that is not there", () => {
    const stage = new DomainStage();
    const uri = "sips:bob@house.example";
    expect(status(stage.say(ALICE, signed(stage, "INVITE", { uri })))).toBe(416);
  });

  //= RFC 3261 §16.3
  //# An element MUST NOT refuse to proxy a request because it contains a method or header field it
  //# does not know about.
  //= RFC 3261 §16.2
  //# For all new requests, including any with unknown methods, an element intending to proxy the
  //# request MUST:
  test("RFC 3261 §16.3: may use methods and headers that nobody here knows", () => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    const lines = ["X-Unheard-Of: yes", "Date: malformed"];
    expect(titles(stage.say(ALICE, signed(stage, "NEWMETHOD", { lines })))).toEqual([
      `NEWMETHOD to ${BOB}`,
    ]);
  });

  test("is told when our headers do not fit any more, and the server goes on", () => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    const invite = (branch: string, lines: readonly string[], body = "") =>
      signed(stage, "INVITE", { branch, lines, body });
    const room = 16_384 - invite("z9hG4bK1", ["X: "]).length;
    const long = invite("z9hG4bK1", [`X: ${"x".repeat(room)}`]);
    expect(status(stage.say(ALICE, long))).toBe(513);
    const many = Array.from({ length: 248 }, (_, i) => `X-${i}: 1`);
    expect(status(stage.say(ALICE, invite("z9hG4bK2", many)))).toBe(513);
    const rest = 65_535 - invite("z9hG4bK3", []).length - 4;
    expect(status(stage.say(ALICE, invite("z9hG4bK3", [], "x".repeat(rest))))).toBe(513);
  });
});

describe("RFC 3261 §16.3: before anything else", () => {
  //= RFC 3261 §16.3
  //# Before an element can proxy a request, it MUST verify the message's validity.
  //= RFC 3261 §16.3
  //# If any of these checks fail, the element MUST behave as a user agent server (see Section 8.2)
  //# and respond with an error code.
  //= RFC 3261 §16.3
  //# If the request contains a Max-Forwards header field with a field value of zero (0), the
  //# element MUST NOT forward the request.
  //= RFC 3261 §16.3
  //# Otherwise, the element MUST return a 483 (Too many hops) response.
  //= RFC 3261 §16.3
  //# If the request contains a Proxy-Require header field (Section 20.29) with one or more
  //# option-tags this element does not understand, the element MUST return a 420 (Bad Extension)
  //# response. The response MUST include an Unsupported (Section 20.40) header field listing those
  //# option-tags the element did not understand.
  //= RFC 3261 §16.3
  //# The request MUST be well-formed enough to be handled with a server transaction. Any components
  //# involved in the remainder of these Request Validation steps or the Request Forwarding section
  //# MUST be well-formed.
  const cases: readonly (readonly [string, Partial<RequestLines>, number])[] = [
    ["no hop left", { maxForwards: "0" }, 483],
    ["no hop left, with zeros before it", { maxForwards: "00" }, 483],
    ["hops that are no number", { maxForwards: "many" }, 400],
    ["hops below nothing", { maxForwards: "-1" }, 400],
    ["more hops than there are", { maxForwards: "256" }, 400],
    ["two counts of hops", { lines: ["Max-Forwards: 5"] }, 400],
    ["an extension required", { lines: ["Proxy-Require: foo, bar"] }, 420],
    ["an extension that is none", { lines: ['Proxy-Require: "\\\0"'] }, 400],
    ["a scheme that is not known", { uri: "tel:+4912345" }, 416],
    ["a Request-URI that is none", { uri: "sip:@" }, 400],
    ["a Route that is none", { lines: ["Route: <sip:bob@>"] }, 400],
  ];
  test.each(cases)("a request with %s is refused", (_, parts, expected) => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    const response = onlyResponse(stage.say(ALICE, signed(stage, "INVITE", parts)));
    expect(response.status).toBe(expected);
    if (expected === 420) expect(header(response, "Unsupported")).toBe("foo, bar");
    expect(stage.say(ALICE, request("ACK", { ...parts, branch: "z9hG4bK2" }))).toEqual([]);
  });

  test("a request without Max-Forwards is as good as any", () => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    const [sent] = stage.say(ALICE, signed(stage, "MESSAGE", { maxForwards: undefined }));
    expect(header(sent?.message as Request, "Max-Forwards")).toBe("70");
  });

  //= RFC 3261 §16.3
  //# If a loop is detected, the element MAY return a 482 (Loop Detected) response.
  //= RFC 3261 §16.6
  //# If a proxy wishes to detect loops, the "branch" parameter it supplies MUST depend on all
  //# information affecting processing of a request, including the incoming Request-URI and any
  //# header fields affecting the request's admission or routing.
  test("a request that comes back as it was is a loop, and a changed one is not", () => {
    const stage = new DomainStage();
    // A device that is really a server, and sends everything back here under its old name.
    stage.register("bob", BOB);
    const [sent] = stage.say(ALICE, signed(stage, "MESSAGE"));
    expect(sent?.to).toBe(BOB);
    const [, ...rest] = (sent?.octets ?? "").split("\r\n");
    const via = "Via: SIP/2.0/UDP 203.0.113.9:5062;branch=z9hG4bKback";
    const token = `Proxy-Authorization: ${stage.token("alice")}`;
    const back = (line: string) => [line, via, token, ...rest].join("\r\n");
    expect(status(stage.say(BOB, back("MESSAGE sip:bob@house.example SIP/2.0")))).toBe(482);
    const spiral = back("MESSAGE sip:carol@house.example SIP/2.0").replace("Kback", "Kagain");
    expect(status(stage.say(BOB, spiral))).toBe(480);
  });

  test("two servers that name each other stop at the first who is asked for credentials", () => {
    const [one, other] = [new DomainStage({ seed: 2 }), new DomainStage({ seed: 3, node: "n2" })];
    one.register("bob", STRANGER, { lines: ["Contact: <sip:bob@other.example>"] });
    const [sent] = one.say(ALICE, signed(one, "INVITE"));
    expect(sent?.octets).not.toContain("Bearer");
    expect(status(other.say("192.0.2.1:5060", sent?.octets ?? ""))).toBe(407);
  });
});

describe("nothing that is secret travels on", () => {
  test.each([
    (token: string) => [`Proxy-Authorization: ${token}`, `Authorization: ${token}`],
    (token: string) => [`proxy-authorization : ${token}`, `AUTHORIZATION\t:\r\n ${token}`],
    (token: string) => [`Proxy-Authorization: ${token}`, `Authorization: ${token.toLowerCase()} x`],
  ])("no token, however it is spelled", (lines) => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    const [sent] = stage.say(ALICE, request("INVITE", { lines: lines(stage.token("alice")) }));
    expect(sent?.to).toBe(BOB);
    expect(sent?.octets).not.toMatch(/bearer|authorization/i);
  });

  //= RFC 3325 §6
  //# The proxy MUST remove the user-provided P-Preferred-Identity header from any message it
  //# forwards.
  test("RFC 3325 §5: and nobody asserts an identity here", () => {
    const stage = new DomainStage();
    stage.register("bob", BOB);
    const lines = [
      "p-asserted-identity : <sip:boss@house.example>",
      "P-Preferred-Identity: <sip:b@c>",
    ];
    const [sent] = stage.say(ALICE, signed(stage, "INVITE", { lines }));
    expect(sent?.octets).not.toMatch(/boss|P-.*-Identity/i);
    const said = answer(sent?.octets ?? "", 180, "b", [
      "Contact: <sip:bob@203.0.113.9>",
      "P-Asserted-Identity: <sip:boss@house.example>",
    ]);
    const [ringing] = stage.say(BOB, said);
    expect(ringing?.to).toBe(ALICE);
    expect(ringing?.octets).not.toContain("boss");
  });
});

const CLAIMS = [
  "y: eyJ..x;info=<https://evil.example/c.pem>;alg=ES256",
  "diversion : <sip:boss@house.example>;reason=unconditional",
  "History-Info: <sip:boss@house.example>;index=1",
  "Remote-Party-ID: <sip:boss@house.example>;party=calling",
];
const CLAIMED = /^(?:y|identity|diversion|history-info|remote-party-id)\s*:/im;

test("what only servers say of a call is believed of nobody who signs in", () => {
  const stage = new DomainStage();
  stage.register("bob", BOB);
  const [sent] = stage.say(ALICE, signed(stage, "INVITE", { lines: [...CLAIMS, "Subject: x"] }));
  expect(sent?.octets).toContain("Subject: x");
  expect(sent?.octets).not.toMatch(CLAIMED);
});

test("a trusted place is believed in what it says of a call", () => {
  const stage = new DomainStage({
    trusts: ({ remote }) => `${remote.host}:${remote.port}` === ALICE,
  });
  stage.register("bob", BOB);
  const [sent] = stage.say(
    ALICE,
    request("INVITE", { uri: "sip:bob@house.example", lines: CLAIMS }),
  );
  for (const line of CLAIMS) expect(sent?.octets).toContain(`${line}\r\n`);
});

class SlowLocation extends MemoryLocation {
  waiting: Pending<readonly Binding[]>[] = [];
  #isSlow = false;

  slow(): void {
    this.#isSlow = true;
  }

  override bindings(user: string, now: number): readonly Binding[] {
    if (!this.#isSlow) return super.bindings(user, now);
    const pending = new Pending<readonly Binding[]>();
    this.waiting.push(pending);
    return pending as unknown as readonly Binding[];
  }

  arrive(stage: DomainStage, user: string): readonly string[] {
    const found = super.bindings(user, stage.wire.now);
    return stage.wire
      .call(() => this.waiting.shift()?.resolve(found))
      .map((text) => text.slice(0, 7));
  }
}

describe("a location service that takes its time", () => {
  function slowStage(): { stage: DomainStage; location: SlowLocation } {
    const location = new SlowLocation();
    const stage = new DomainStage({ location });
    stage.register("bob", BOB);
    location.slow();
    return { stage, location };
  }

  test("is asked once, however often the request is repeated meanwhile", () => {
    const { stage, location } = slowStage();
    const invite = signed(stage, "INVITE");
    expect(stage.say(ALICE, invite)).toEqual([]);
    expect(stage.say(ALICE, invite)).toEqual([]);
    expect(titles(stage.wait(250))).toEqual([`100 INVITE to ${ALICE}`]);
    expect(location.waiting).toHaveLength(1);
    expect(location.arrive(stage, "bob")).toEqual(["INVITE "]);
  });

  test("is not heard any more once the call was taken back", () => {
    const { stage, location } = slowStage();
    stage.say(ALICE, signed(stage, "INVITE"));
    const cancel = request("CANCEL", { branch: "z9hG4bK-INVITE" });
    expect(titles(stage.say(ALICE, cancel)).sort()).toEqual([
      `200 CANCEL to ${ALICE}`,
      `487 INVITE to ${ALICE}`,
    ]);
    expect(location.arrive(stage, "bob")).toEqual([]);
  });

  test("that fails makes a 503 that says when to try again", () => {
    const { stage, location } = slowStage();
    stage.say(ALICE, signed(stage, "MESSAGE"));
    const [text = ""] = stage.wire.call(() => location.waiting.shift()?.reject(new Error("disk")));
    expect(text).toMatch(/^SIP\/2.0 503 /);
    expect(text).toMatch(/^Retry-After: 10\r$/m);
    expect(stage.log.at(-1)?.why).toBe("the location service failed: Error: disk");
  });
});
