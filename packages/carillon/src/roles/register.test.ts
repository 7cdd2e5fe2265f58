import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEssentials } from "../message/essentials.ts";
import { parseMessage, type Request } from "../message/message.ts";
import { type RequestLines, request } from "../testing/domain-stage.ts";
import type { Flow } from "../transport/flow.ts";
import type { Binding } from "./location.ts";
import { applyRegister, MAX_BINDINGS } from "./register.ts";
import { DEFAULT_EXPIRES_SECONDS, MAX_EXPIRES_SECONDS } from "./registered-contact.ts";

const NOW = 1_000_000;
const flow: Flow = {
  transport: "UDP",
  local: { host: "192.0.2.1", port: 5060 },
  remote: { host: "203.0.113.4", port: 5060 },
  connection: 0,
};

const source = { flow, credential: "desk-1" };

function apply(
  current: readonly Binding[],
  lines: readonly string[],
  parts: Partial<RequestLines> = {},
): ReturnType<typeof applyRegister> {
  const message = parseMessage(request("REGISTER", { ...parts, lines }));
  const essentials = message.ok ? readEssentials(message.value) : message;
  if (!message.ok || !essentials.ok) throw new Error(JSON.stringify([message, essentials]));
  return applyRegister(current, message.value as Request, essentials.value, source, NOW);
}

function applied(...args: Parameters<typeof apply>): readonly Binding[] {
  const result = apply(...args);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

const refused = (...args: Parameters<typeof apply>) => {
  const result = apply(...args);
  return result.ok ? undefined : [result.error.code, result.error.status];
};

const contacts = (bindings: readonly Binding[]) => bindings.map(({ contact }) => contact);
const seconds = (bindings: readonly Binding[]) =>
  bindings.map(({ expiresAt }) => (expiresAt - NOW) / 1000);

const one = applied([], ["Contact: <sip:alice@a.example>"]);
const two = applied(one, ["Contact: <sip:alice@b.example>"], { callId: "call-2", seq: 5 });

test("a binding tells what it signed in with, so that it can end with that", () => {
  expect(one[0]?.credential).toBe("desk-1");
});

describe("RFC 3261 §10.3: how long", () => {
  //= RFC 3261 §10.3
  //# If the field value has an "expires" parameter, that value MUST be taken as the requested
  //# expiration. If there is no such parameter, but the request has an Expires header field, that
  //# value MUST be taken as the requested expiration. If there is neither, a locally-configured
  //# default value MUST be taken as the requested expiration.
  //= RFC 3261 §10.2
  //# Malformed values SHOULD be treated as equivalent to 3600.
  test.each([
    [["Contact: <sip:a@b>;expires=60", "Expires: 120"], 60],
    [["Contact: <sip:a@b>", "Expires: 120"], 120],
    [["Contact: sip:a@b;expires=90"], 90],
    [["Contact: <sip:a@b>"], DEFAULT_EXPIRES_SECONDS],
    [["Contact: <sip:a@b>;expires=soon"], 3600],
    [["Contact: <sip:a@b>;expires"], 3600],
    [["Contact: <sip:a@b>;expires=-1"], 3600],
    [["Contact: <sip:a@b>", "Expires: Thu, 01 Dec 1994 16:00:00 GMT"], 3600],
    [["Contact: <sip:a@b;expires=5>", "Expires: 77"], 77],
    [["Contact: <sip:a@b>;expires=4294967295"], MAX_EXPIRES_SECONDS],
    [["Contact: <sip:a@b>;expires=99999999999999"], 3600],
    [['Contact: <sip:a@b>;expires="600"'], 600],
  ])("%j are %i s", (lines, expected) => {
    expect(seconds(applied([], lines))).toEqual([expected]);
  });

  //= RFC 3261 §10.3
  //# If and only if the requested expiration interval is greater than zero AND smaller than one
  //# hour AND less than a registrar-configured minimum, the registrar MAY reject the registration
  //# with a response of 423 (Interval Too Brief).
  test("a few seconds are too brief, and nothing is changed", () => {
    expect(refused(one, ["Contact: <sip:x@y>", "Contact: <sip:a@b>;expires=29"])).toEqual([
      "too-brief",
      423,
    ]);
    expect(seconds(applied([], ["Contact: <sip:a@b>;expires=30"]))).toEqual([30]);
  });

  test("none at all takes a binding away, or does nothing", () => {
    expect(applied(one, ["Contact: <sip:alice@a.example>", "Expires: 0"], { seq: 2 })).toEqual([]);
    expect(contacts(applied(two, ["Contact: <sip:alice@b.example>;expires=0"]))).toEqual([
      "sip:alice@a.example",
    ]);
    expect(contacts(applied(one, ["Contact: <sip:other@x>;expires=0"], { seq: 2 }))).toEqual(
      contacts(one),
    );
  });
});

describe("RFC 3261 §10.3: Contact", () => {
  test("that is left out asks what there is", () => {
    expect(applied(two, [])).toBe(two);
    expect(applied(two, ["Expires: 0"])).toBe(two);
  });

  test("may name several, in one line or many, each with its own time and weight", () => {
    const bindings = applied(
      [],
      [
        'Contact: <sip:a@1.example>;q=0.5;expires=60, "A, B" <sip:a@2.example>',
        "m: sip:a@3.example;q=0.333",
        "Expires: 99",
      ],
    );
    expect(bindings.map(({ contact, q }) => [contact, q])).toEqual([
      ["sip:a@1.example", 500],
      ["sip:a@2.example", 1000],
      ["sip:a@3.example", 333],
    ]);
    expect(seconds(bindings)).toEqual([60, 99, 99]);
  });

  test.each(["1.5", "-1", "0.1234", "high", "1.001", ""])("with a q of %j counts as 1", (q) => {
    expect(applied([], [`Contact: <sip:a@b>;q=${q}`])[0]?.q).toBe(1000);
  });

  //= RFC 3261 §10.3
  //# For each address, the registrar then searches the list of current bindings using the URI
  //# comparison rules.
  test.each([
    ["sip:%61lice@A.example", true],
    ["sip:alice@a.example;ob", true],
    ["sip:ALICE@a.example", false],
    ["sip:alice@a.example:5060", false],
    ["sip:alice@a.example;transport=tcp", false],
    ["sip:alice@b.example", false],
  ])("%s is the one that was there: %s", (uri, same) => {
    const bindings = applied(one, [`Contact: <${uri}>`], { seq: 2 });
    expect(contacts(bindings)).toEqual(same ? [uri] : ["sip:alice@a.example", uri]);
  });

  test("that stands there twice is what it says last", () => {
    const bindings = applied([], ["Contact: <sip:a@b>;expires=60, <sip:a@b>;expires=70"]);
    expect(seconds(bindings)).toEqual([70]);
    expect(applied([], ["Contact: <sip:a@b>;expires=60, <sip:a@b>;expires=0"])).toEqual([]);
  });

  //= RFC 5627 §5.1
  //# If the contact is not a SIP URI, the REGISTER request MUST be rejected with a 403.
  test.each(["<tel:+1234>", "<mailto:alice@a.example>"])(
    "RFC 5627 §5.1: %s is no SIP URI, and is forbidden",
    (contact) => {
      const lines = ["Contact: <sip:x@y>", `Contact: ${contact}`];
      expect(refused(one, lines)).toEqual(["no-sip-uri", 403]);
    },
  );

  test.each([
    "<sips:alice@a.example>",
    "<sip:>",
    "sip:a@b, ",
    '"open <sip:a@b>',
    `<sip:${"a".repeat(1025)}@b>`,
  ])("%s is refused, and nothing is changed", (contact) => {
    const [, status] = refused(one, ["Contact: <sip:x@y>", `Contact: ${contact}`]) ?? [];
    expect(status).toBe(400);
  });

  test("is for so many devices and no more", () => {
    const lines = (n: number) =>
      Array.from({ length: n }, (_, i) => `Contact: <sip:a@${i}.example>`);
    expect(applied([], lines(MAX_BINDINGS))).toHaveLength(MAX_BINDINGS);
    expect(refused([], lines(MAX_BINDINGS + 1))).toEqual(["too-many-bindings", 403]);
    const full = applied([], lines(MAX_BINDINGS));
    const refresh = { seq: 2 };
    expect(applied(full, ["Contact: <sip:a@0.example>"], refresh)).toHaveLength(MAX_BINDINGS);
    const swap = ["Contact: <sip:a@0.example>;expires=0", "Contact: <sip:new@x>"];
    expect(applied(full, swap, refresh)).toHaveLength(MAX_BINDINGS);
  });
});

describe("RFC 3261 §10.3: Contact: *", () => {
  //= RFC 3261 §10.3
  //# If the request has additional Contact fields or an expiration time other than zero, the
  //# request is invalid, and the server MUST return a 400 (Invalid Request) and skip the remaining
  //# steps.
  test.each([
    [["Contact: *"]],
    [["Contact: *", "Expires: 60"]],
    [["Contact: *", "Expires: zero"]],
    [["Contact: *, <sip:a@b>", "Expires: 0"]],
    [["Contact: *", "Contact: *", "Expires: 0"]],
    [["Contact: <*>", "Expires: 0"]],
    [["Contact: *;expires=0"]],
  ])("%j is refused", (lines) => {
    expect(refused(two, lines)?.[1]).toBe(400);
  });

  //= RFC 3261 §10.3
  //# If not, it MUST remove the binding. If it does agree, it MUST remove the binding only if the
  //# CSeq in the request is higher than the value stored for that binding. Otherwise, the update
  //# MUST be aborted and the request fails.
  test("takes all away, unless one of them was made later by the same phone", () => {
    const star = ["Contact: *", "Expires: 0"];
    expect(applied(two, star, { callId: "another" })).toEqual([]);
    expect(applied(two, star, { callId: "call-2", seq: 6 })).toEqual([]);
    expect(refused(two, star, { callId: "call-2", seq: 5 })).toEqual(["out-of-order", 500]);
    expect(refused(two, star, { callId: "call-2", seq: 4 })).toEqual(["out-of-order", 500]);
  });
});

describe("RFC 3261 §10.3: order", () => {
  //= RFC 3261 §10.3
  //# If the Call-ID value in the existing binding differs from the Call-ID value in the request,
  //# the binding MUST be removed if the expiration time is zero and updated otherwise.
  //= RFC 3261 §10.3
  //# If the value is higher than that of the existing binding, it MUST update or remove the binding
  //# as above. If not, the update MUST be aborted and the request fails.
  test("an older REGISTER of the same phone changes nothing, one of another phone does", () => {
    const lines = ["Contact: <sip:new@x>", "Contact: <sip:alice@b.example>;expires=60"];
    expect(refused(two, lines, { callId: "call-2", seq: 5 })).toEqual(["out-of-order", 500]);
    expect(applied(two, lines, { callId: "call-2", seq: 6 })).toHaveLength(3);
    expect(applied(two, lines, { callId: "rebooted", seq: 1 })).toHaveLength(3);
    expect(applied(two, ["Contact: <sip:alice@b.example>;expires=0"], { callId: "c" })).toEqual(
      one,
    );
  });

  //= RFC 3261 §10.3
  //# The binding updates MUST be committed (that is, made visible to the proxy or redirect server)
  //# if and only if all binding updates and additions succeed.
  //= RFC 3261 §10.3
  //# REGISTER requests MUST also be processed atomically, meaning that a particular REGISTER
  //# request is either processed completely or not at all.
  test("what is refused changes nothing, and what is not never makes two of one", () => {
    const contact = fc.constantFrom(
      "sip:a@b",
      "sip:A@b",
      "sip:a@B",
      "sip:a@c",
      "sip:a@b;x=1",
      "tel:1",
    );
    const line = fc.tuple(contact, fc.constantFrom("", ";expires=0", ";expires=60", ";expires=1"));
    const register = fc.tuple(
      fc.array(line, { maxLength: 4 }),
      fc.constantFrom("call-1", "call-2"),
      fc.integer({ min: 1, max: 4 }),
    );
    fc.assert(
      fc.property(fc.array(register, { maxLength: 8 }), (registers) => {
        let current: readonly Binding[] = [];
        for (const [all, callId, seq] of registers) {
          const before = JSON.stringify(current);
          const lines = all.map(([uri, expires]) => `Contact: <${uri}>${expires}`);
          const result = apply(current, lines, { callId, seq });
          expect(JSON.stringify(current)).toBe(before);
          if (result.ok) current = result.value;
          expect(new Set(contacts(current)).size).toBe(current.length);
          expect(current.every(({ expiresAt }) => expiresAt > NOW)).toBe(true);
        }
      }),
    );
  });
});

describe("RFC 5626 §6: a device and its flows", () => {
  const URN = "<urn:uuid:00000000-0000-1000-8000-000A95A0E128>";
  const flowOf = (regId: number | string, uri = "sip:bob@192.0.2.2;transport=tcp") =>
    `Contact: <${uri}>;reg-id=${regId};+sip.instance="${URN}"`;

  test("instance and reg-id are kept with the binding, and the Path it came by", () => {
    const path = "<sip:token@edge.example;lr;ob>, <sip:p2.example;lr>;of=us";
    const [binding] = applied([], [flowOf(1), `Path: ${path}`]);
    expect(binding).toMatchObject({ instance: URN, regId: 1 });
    //= RFC 3327 §5.3
    //# If a Path header field exists in a successful REGISTER request, the registrar constructs an
    //# ordered list of route elements (a path vector) from the nodes listed in the Path header
    //# field values, preserving the order as indicated in the Path header field values.
    expect(binding?.path).toEqual(["<sip:token@edge.example;lr;ob>", "<sip:p2.example;lr>;of=us"]);
  });

  //= RFC 5626 §6
  //# When a "+sip.instance" Contact header field parameter and a "reg-id" Contact header field
  //# parameter are present in a Contact header field of a REGISTER request (after the Contact
  //# header validation as described above), the corresponding binding is between an AOR and the
  //# combination of the instance-id (from the "+sip.instance" Contact header parameter) and the
  //# value of "reg-id" Contact header field parameter parameter.
  test("the same reg-id replaces a binding whatever its URI, another is beside it", () => {
    const first = applied([], [flowOf(1)]);
    const second = applied(first, [flowOf(2)], { callId: "call-2" });
    expect(second.map(({ regId }) => regId)).toEqual([1, 2]);
    const third = applied(second, [flowOf(1, "sip:bob@198.51.100.9:4711")], { callId: "call-3" });
    expect(third.map(({ regId, contact }) => [regId, contact])).toEqual([
      [2, "sip:bob@192.0.2.2;transport=tcp"],
      [1, "sip:bob@198.51.100.9:4711"],
    ]);
    const late = { callId: "call-3" };
    expect(refused(third, [flowOf(1, "sip:bob@192.0.2.7")], late)).toEqual(["out-of-order", 500]);
    expect(applied(third, [flowOf(2), "Expires: 0"]).map(({ regId }) => regId)).toEqual([1]);
  });

  test("those of phones that number their flows and of others are side by side", () => {
    //= RFC 5626 §6
    //# The registrar MUST be prepared to receive, simultaneously for the same AOR, some
    //# registrations that use instance-id and reg-id and some registrations that do not.
    const numbered = applied([], [flowOf(1)]);
    const both = applied(numbered, ["Contact: <sip:bob@192.0.2.7>"], { callId: "call-2" });
    expect(both.map(({ regId }) => regId)).toEqual([1, undefined]);
  });

  test("a phone that begins to number its flows means what it registered before", () => {
    const plain = applied([], ["Contact: <sip:bob@192.0.2.2;transport=tcp>"]);
    const numbered = applied(plain, [flowOf(1)], { seq: 2 });
    expect(numbered.map(({ regId }) => regId)).toEqual([1]);
  });

  //= RFC 5626 §6
  //# If the registrar processes a Contact header field value with a reg-id but no instance-id, it
  //# simply ignores the reg-id parameter.
  test("a reg-id without an instance is ignored, and so is one out of its range", () => {
    const [alone] = applied([], ["Contact: <sip:bob@192.0.2.2>;reg-id=1"]);
    expect(alone).not.toHaveProperty("regId");
    //= RFC 5626 §10
    //# The value of the reg-id MUST NOT be 0 and MUST be less than 2^31.
    for (const number of [0, 2 ** 31, "x"]) {
      const [binding] = applied([], [flowOf(number)]);
      expect(binding).toMatchObject({ instance: URN });
      expect(binding).not.toHaveProperty("regId");
    }
  });

  test.each(["urn:uuid:1", "<>", `<urn:uuid:${"0".repeat(300)}>`, "<urn uuid>"])(
    "an instance %s is none",
    (instance) => {
      const [binding] = applied([], [`Contact: <sip:b@a.example>;+sip.instance="${instance}"`]);
      expect(binding).not.toHaveProperty("instance");
    },
  );

  test.each([
    "sip:edge.example;lr",
    "<sip:edge.example>",
    "<tel:+49301>",
    '<sip:edge.example;lr>;a="\u0001"',
    Array.from({ length: 9 }, () => "<sip:e.example;lr>").join(),
    `<sip:${"e".repeat(2100)}>`,
  ])("RFC 3327 §4: a Path that no Route can be made of is refused: %s", (path) => {
    const contact = "Contact: <sip:b@a.example>";
    //= RFC 3327 §4
    //# As suggested therein, such values MUST include the loose-routing indicator parameter ";lr"
    //# for full compliance with [1].
    expect(refused([], [contact, `Path: ${path}`])).toEqual(["bad-path", 400]);
  });
});
