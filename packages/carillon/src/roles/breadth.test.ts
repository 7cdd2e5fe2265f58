import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import { answer, DomainStage, request, type Sent, titleOf } from "../testing/domain-stage.ts";
import { shareOf } from "./breadth.ts";

const ALICE = "203.0.113.4:5060";
const FIRST_PORT = 7000;

/** A stage on which bob has so many phones. */
function staged(phones: number): DomainStage {
  const stage = new DomainStage();
  for (let nth = 0; nth < phones; nth++) stage.register("bob", `203.0.113.9:${FIRST_PORT + nth}`);
  return stage;
}

function call(stage: DomainStage, lines: readonly string[], method = "INVITE"): Sent[] {
  const token = `Proxy-Authorization: ${stage.token("alice")}`;
  const sent = stage.say(ALICE, request(method, { lines: [token, ...lines] }));
  return sent.filter((one) => titleOf(one) !== `100 ${method}`);
}

/** What each copy may spend; or the status that came instead. */
const breadths = (sent: readonly Sent[]) =>
  sent.map(({ message }) =>
    message.kind === "Response" ? message.status : headerLines(message, "Max-Breadth").join("|"),
  );

describe("RFC 5393 §5.3.3: Max-Breadth", () => {
  //= RFC 5393 §5.3.3
  //# If a SIP proxy receives a request with no Max-Breadth header field value, it MUST add one,
  //# with a value that is RECOMMENDED to be 60.
  //= RFC 5393 §5.3.3
  //# All proxied requests MUST contain a single Max-Breadth header field value.
  test("is 60 where nobody said anything, forked or not", () => {
    expect(breadths(call(staged(1), []))).toEqual(["60"]);
    expect(breadths(call(staged(1), [], "MESSAGE"))).toEqual(["60"]);
    expect(breadths(call(staged(7), []))).toEqual(["9", "9", "9", "9", "8", "8", "8"]);
  });

  //= RFC 5393 §5.3.3
  //# Proxies MUST have a maximum allowable Incoming Max-Breadth value, which is RECOMMENDED to be
  //# 60. If this maximum is exceeded in a received request, the proxy MUST overwrite it with a
  //# value that SHOULD be no greater than its allowable maximum.
  test.each(["60", "61", "4294967296", "9".repeat(400)])("is no more than 60 of %s", (asked) => {
    expect(breadths(call(staged(2), [`Max-Breadth: ${asked}`]))).toEqual(["30", "30"]);
  });

  //= RFC 5393 §5.3.3
  //# A proxy MUST NOT decrement Max-Breadth for each hop or otherwise use it to restrict the
  //# "depth" of a request's propagation.
  //= RFC 5393 §5.3.3
  //# A SIP proxy MAY distribute Max-Breadth in an arbitrary fashion between active branches. A
  //# proxy SHOULD NOT use a smaller amount of Max-Breadth than was present in the original request
  //# unless the Incoming Max-Breadth exceeded the proxy's maximum acceptable value.
  test("goes on whole to a single device", () => {
    for (const asked of ["1", "4", "60"]) {
      expect(breadths(call(staged(1), [`Max-Breadth: ${asked}`]))).toEqual([asked]);
    }
  });

  //= RFC 5393 §5.3.3
  //# SIP proxies MUST NOT allow the Outgoing Max-Breadth to exceed the Incoming Max-Breadth in a
  //# given response context.
  test("is all given away, at least one to each, and none of it twice", () => {
    for (let copies = 1; copies <= 10; copies++) {
      for (let breadth = copies; breadth <= 60; breadth++) {
        const shares = Array.from({ length: copies }, (_, nth) => shareOf(breadth, copies, nth));
        expect(shares.reduce((sum, one) => sum + one)).toBe(breadth);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        expect(Math.min(...shares)).toBeGreaterThan(0);
      }
    }
    expect(breadths(call(staged(3), ["max-breadth :\t3 "]))).toEqual(["1", "1", "1"]);
  });

  //= RFC 5393 §5.3.3
  //# If a SIP proxy determines a response context has insufficient Incoming Max-Breadth to carry
  //# out a desired parallel fork, and the proxy is unwilling/unable to compensate by forking
  //# serially or sending a redirect, that proxy MUST return a 440 (Max-Breadth Exceeded) response.
  test("of less than there are devices is answered with 440, and none of them rings", () => {
    const [sent, ...more] = call(staged(3), ["Max-Breadth: 2"]);
    expect(more).toEqual([]);
    expect(sent?.octets).toMatch(/^SIP\/2\.0 440 Max-Breadth Exceeded\r\n/);
    expect(sent && header(sent.message, "Warning")).toBe(
      '399 Carillon "Max-Breadth 2 is too little for 3 devices at once"',
    );
  });
});

describe("RFC 5393 §5.3.1: a Max-Breadth that is none", () => {
  const BAD = ["0", "000", "-1", "x", "", "1;a=b", "1, 2", "1.5", "0x10", "1 1"];

  //= RFC 5393 §5.3.1
  //# The Max-Breadth header field takes a single positive integer as its value. The Max-Breadth
  //# header field value takes no parameters.
  test.each(BAD)("is refused: %j", (value) => {
    expect(breadths(call(staged(1), [`Max-Breadth: ${value}`]))).toEqual([400]);
  });

  test("is two of them", () => {
    expect(breadths(call(staged(1), ["Max-Breadth: 1", "Max-Breadth: 1"]))).toEqual([400]);
  });

  //= RFC 5393 §5.3.5
  //# This mechanism does not affect User Agent Server (UAS) behavior. A UAS receiving a request
  //# with a Max-Breadth header field will ignore that field while processing the request.
  test("is nothing to what this server answers itself", () => {
    const stage = staged(0);
    const contact = "Contact: <sip:bob@203.0.113.9>";
    const [registered] = stage.register("bob", ALICE, { lines: [contact, "Max-Breadth: none"] });
    expect(registered && titleOf(registered)).toBe("200 REGISTER");
    const lines = [`Proxy-Authorization: ${stage.token("alice")}`, "Max-Breadth: none"];
    const [about] = stage.say(ALICE, request("OPTIONS", { uri: "sip:house.example", lines }));
    expect(about && titleOf(about)).toBe("200 OPTIONS");
  });
});

describe("RFC 5393 §5.3.3: in a dialog, Max-Breadth", () => {
  /** Says something in a call of alice to bob, with these lines. */
  function within(method: string, lines: readonly string[]) {
    const stage = staged(1);
    const contact = "Contact: <sip:alice@203.0.113.4:5060>";
    const [invite] = call(stage, [contact]);
    if (!invite) throw new Error("the INVITE did not arrive");
    const bob = invite.to;
    const [said] = stage.say(bob, answer(invite.octets, 200, "b", [`Contact: <sip:bob@${bob}>`]));
    const route = said && header(said.message, "Record-Route");
    const parts = { uri: `sip:bob@${bob}`, to: "<sip:bob@house.example>;tag=b", seq: 2 };
    return stage.say(
      ALICE,
      request(method, { ...parts, branch: "z9hG4bK-in", lines: [`Route: ${route}`, ...lines] }),
    );
  }

  test.each(["BYE", "ACK"])("goes on in a %s as anywhere else", (method) => {
    expect(breadths(within(method, []))).toEqual(["60"]);
    expect(breadths(within(method, ["Max-Breadth: 7"]))).toEqual(["7"]);
    expect(breadths(within(method, ["Max-Breadth: 70"]))).toEqual(["60"]);
  });

  test("that is none stops it, and an ACK without a word", () => {
    expect(breadths(within("BYE", ["Max-Breadth: 0"]))).toEqual([400]);
    expect(within("ACK", ["Max-Breadth: 0"])).toEqual([]);
  });
});
