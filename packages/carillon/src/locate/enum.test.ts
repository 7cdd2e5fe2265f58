import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEVER } from "../grammar/millis.ts";
import { foundOf, LyingDns } from "../testing/network/lying-dns.ts";
import { asked, resolve } from "../testing/resolve.ts";
import * as enumeration from "./enum.ts";
import { lookUp } from "./lookup.ts";
import type { Answer, NaptrRecord } from "./naming.ts";
import { arrows } from "./testing-arrows.ts";

const { enumName, enumNumber } = enumeration;
type Output = enumeration.Output;

const number = "+441632960083";
const apex = "e164.arpa";
const home = "3.8.0.0.6.9.2.3.6.1.4.4.e164.arpa";
const params = { number, apex };

/** The URI, or the reason and what was declined. */
function print(output: Output): string {
  if (output.kind === "Query") return `${output.question.type} ${output.question.name}?`;
  if (output.kind === "Rewritten") return output.text;
  return [output.reason, ...output.declined].join("; ");
}

const on = (dns: LyingDns): string =>
  resolve(enumeration, params, dns).said.map(print).join(" and ");

const naptr = (more: Partial<NaptrRecord>): NaptrRecord => ({
  ...{ type: "NAPTR", order: 100, preference: 50, flags: "u", service: "E2U+sip" },
  ...{ regexp: "!^.*$!sip:a@example.com!", replacement: "" },
  ...more,
});
const record = (...records: readonly Partial<NaptrRecord>[]) =>
  new LyingDns().tell(`NAPTR ${home}`, foundOf(records.map(naptr)));

//= RFC 6116 §3.1
//# To ensure that no syntactic sugar is allowed into the AUS, all non-digits except for '+' are
//# removed, yielding "+441164960348".
//= RFC 6116 §3.7
//# An ENUM-compliant application MUST only pass numbers to the ENUM client query process that it
//# believes are E.164 numbers (e.g., it MUST NOT pass dialed digit strings to the ENUM query
//# process).
test.each([
  ["+44-116-496-0348", "+441164960348"],
  ["+44 (116) 496.0348", "+441164960348"],
  ["+1", "+1"],
  ["+123456789012345", "+123456789012345"],
  ["+1234567890123456", undefined],
  ["03069990038", undefined],
  ["00443069990038", undefined],
  ["+0441164960348", undefined],
  ["+44a", undefined],
  ["+", undefined],
  ["", undefined],
  ["++44", undefined],
  ["+44\n", undefined],
])("RFC 6116 §3.1: %j is the number %s", (text, expected) => {
  expect(enumNumber(text)).toBe(expected);
});

test("RFC 6116 §3.2: the digits turned round, with dots between", () => {
  expect(enumName("+442079460148", "e164.arpa")).toBe("8.4.1.0.6.4.9.7.0.2.4.4.e164.arpa");
});

describe("RFC 6116 §4, the example", () => {
  const zone = (dns: LyingDns) =>
    dns.zone(`
      ${home} NAPTR 100 52 "u" "E2U+email:mailto" "!^.*$!mailto:info@example.com!" .
      ${home} NAPTR 100 51 "u" "E2U+h323" "!^\\\\+441632960083$!h323:operator@example.com!" .
      ${home} NAPTR 100 50 "u" "E2U+sip" "!^(\\\\+441632960083)$!sip:\\\\1@example.com!" .
    `);

  test("the number is best reached by SIP", () => {
    const dns = zone(new LyingDns());
    expect(on(dns)).toBe("sip:+441632960083@example.com");
    expect(dns.packets).toEqual([`NAPTR ${home}`]);
  });

  test("RFC 3824 §5.5: a greedy pattern is for every number", () => {
    const dns = record(
      { preference: 20, service: "E2U+mailto", regexp: "!^.*$!mailto:info@example.com!" },
      { preference: 10, regexp: "!^.*$!sip:user@example.com!" },
    );
    expect(on(dns)).toBe("sip:user@example.com");
  });
});

describe("RFC 6116 §5.2: which record", () => {
  //= RFC 6116 §5.2
  //# ENUM clients MUST sort the records of a retrieved NAPTR RRSet into sequence using the ORDER
  //# and PREFERENCE fields of those records.
  test("the lowest order, then the lowest preference, then as they came", () => {
    const sip = (name: string) => ({ regexp: `!^.*$!sip:${name}@x!` });
    const [a, b] = [
      { order: 2, preference: 1, ...sip("a") },
      { order: 1, preference: 9, ...sip("b") },
    ];
    expect(on(record(a, b))).toBe("sip:b@x");
    expect(on(record({ ...b, ...sip("c"), preference: 3 }, b, a))).toBe("sip:c@x");
    expect(on(record(b, { ...b, ...sip("c"), preference: 3 }, a))).toBe("sip:c@x");
    expect(on(record({ ...b, ...sip("d") }, b))).toBe("sip:d@x");
  });

  test("a record of a worse order is considered when the better ones are discarded", () => {
    const dns = record({ order: 1, flags: "x" }, { order: 2 });
    expect(on(dns)).toBe("sip:a@example.com");
  });

  //= RFC 6116 §3.4.2
  //# If a client encounters a resource record with an unknown flag, it MUST ignore it and move to
  //# the next Rule.
  //= RFC 6116 §3.6
  //# Where ENUM clients can be exposed to NAPTR records that may hold field content of different
  //# capitalization, clients MUST use case-insensitive processing.
  //= RFC 6116 §5.2
  //# Unless an ENUM client is sure that it is connected to the private network for which these
  //# NAPTRs are provisioned and intended, it MUST discard any NAPTR with an Enumservice type that
  //# starts with the "P-" facet.
  //= RFC 6116 §3.4.3
  //# service-field = "E2U" 1*(servicespec)
  test.each([
    [{ flags: "U" }, "sip:a@example.com"],
    [{ service: "e2u+SIP" }, "sip:a@example.com"],
    [{ service: "E2U+voice:tel+sip" }, "sip:a@example.com"],
    [{ service: "E2U+sip:video" }, "sip:a@example.com"],
    [{ service: "sip+E2U" }, "sip:a@example.com"],
    [{ regexp: "!^.*$!sips:a@example.com!" }, "sips:a@example.com"],
    [{ flags: "s" }, 'declined; 100 50 "E2U+sip": flags s'],
    [{ service: "SIP+D2U" }, 'declined; 100 50 "SIP+D2U": it is not for SIP'],
    [{ service: "E2U" }, 'declined; 100 50 "E2U": it is not for SIP'],
    [{ service: "E2U+h323" }, 'declined; 100 50 "E2U+h323": it is not for SIP'],
    [{ service: "E2U+P-sip+sip" }, 'declined; 100 50 "E2U+P-sip+sip": it is not for SIP'],
    [{ service: "tel+sip+E2U" }, 'declined; 100 50 "tel+sip+E2U": it is not for SIP'],
    [
      { regexp: "!^\\+1.*$!sip:a@example.com!" },
      'declined; 100 50 "E2U+sip": its pattern is for other numbers',
    ],
    [
      { regexp: "!^.*$!tel:+1!" },
      'declined; 100 50 "E2U+sip": it does not make a SIP URI: only sip and sips are known',
    ],
    [{ flags: "", regexp: "x" }, 'declined; 100 50 "E2U+sip": it refers to nothing'],
  ])("of %j comes %s", (more, expected) => {
    expect(on(record(more))).toBe(expected);
  });

  test("ten thousand records: the 32 best are looked at", () => {
    const many = Array.from({ length: 10_000 }, (_, i) => naptr({ order: i, regexp: "" }));
    const dns = new LyingDns().tell(`NAPTR ${home}`, foundOf(many));
    const started = performance.now();
    const { said } = resolve(enumeration, params, dns);
    expect(said).toMatchObject([{ kind: "NotRewritten", reason: "declined" }]);
    expect(said[0]?.kind === "NotRewritten" && said[0].declined.length).toBe(32);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("RFC 6116 §5.2.1: records that refer elsewhere", () => {
  const refers = (name: string, more: Partial<NaptrRecord> = {}): Partial<NaptrRecord> => ({
    ...{ order: 1, flags: "", service: "", regexp: "", replacement: name, ...more },
  });
  const at = (dns: LyingDns, name: string, ...records: readonly Partial<NaptrRecord>[]) =>
    dns.tell(`NAPTR ${name}`, foundOf(records.map(naptr)));

  //= RFC 6116 §5.2.1
  //# ENUM clients MUST be ready to process NAPTRs with an empty Flags field ("non-terminal" NAPTRs)
  //# without failure.
  test("are followed, whatever else they hold", () => {
    const dns = record(refers("a.org", { service: "x", regexp: "!nonsense" }));
    expect(on(at(dns, "a.org", {}))).toBe("sip:a@example.com");
  });

  test("lead back to the next record when they lead to nothing", () => {
    const dns = record(refers("a.org"), { order: 2, regexp: "!^.*$!sip:b@example.com!" });
    expect(on(dns)).toBe("sip:b@example.com");
    expect(on(at(dns, "a.org", { service: "x" }))).toBe("sip:b@example.com");
    expect(on(dns.tell("NAPTR a.org", "never"))).toBe("sip:b@example.com");
  });

  //= RFC 6116 §5.2.1
  //# An ENUM client MUST discard such a non-terminal NAPTR if the Replacement field is empty or
  //# does not contain a valid FQDN.
  test("to nothing are discarded", () => {
    expect(on(record(refers("."), { order: 2 }))).toBe("sip:a@example.com");
    expect(on(record(refers("a b"), { order: 2 }))).toBe("sip:a@example.com");
  });

  //= RFC 6116 §5.2.1
  //# ENUM clients MUST be able to detect and recover from such a loop, without failure.
  test("in a circle are discarded, and the query is not made", () => {
    const dns = record(refers(home), refers("a.org"), { order: 2 });
    at(dns, "a.org", refers("b.org"));
    at(dns, "b.org", refers(home), refers("a.org"));
    expect(on(dns)).toBe("sip:a@example.com");
    expect(dns.packets).toEqual([`NAPTR ${home}`, "NAPTR a.org", "NAPTR b.org"]);
  });

  test("without end are followed five times", () => {
    const dns = record(refers("a0.org"));
    for (let i = 0; i < 10; i++) at(dns, `a${i}.org`, refers(`a${i + 1}.org`));
    expect(on(dns)).toBe('declined; 1 50 "": it refers in a circle');
    expect(dns.packets).toHaveLength(6);
  });
});

describe("a DNS that lies", () => {
  test("nobody answers: two seconds, and five for a chain of them", () => {
    expect(on(new LyingDns().otherwise("never"))).toBe("no-answer");
    expect(resolve(enumeration, params, new LyingDns().otherwise("never")).elapsedMs).toBe(2_000);
    const slow = new LyingDns().otherwise((_, nth) => ({
      afterMs: 1_900,
      answer: foundOf([naptr({ flags: "", replacement: `h${nth}.org` })]),
    }));
    expect(resolve(enumeration, params, slow).elapsedMs).toBe(5_000);
  });

  test("there is no such number", () => {
    expect(on(new LyingDns())).toBe("not-found");
  });

  test("aliases in a circle: four are followed", () => {
    const dns = new LyingDns().alias(home, "a.org").alias("a.org", home);
    expect(on(dns)).toBe("no-answer");
    expect(dns.packets).toHaveLength(5);
  });

  test("an alias is followed", () => {
    const dns = new LyingDns().alias(home, "a.org").tell("NAPTR a.org", foundOf([naptr({})]));
    expect(on(dns)).toBe("sip:a@example.com");
  });
});

test("every state, every input", () => {
  const answered = (answer: Answer): enumeration.Input => ({
    ...{ kind: "Answered", question: asked(`NAPTR ${home}`), answer },
  });
  const rules = [naptr({ regexp: "!^.*$!sip:later@example.com!" })];
  const state: enumeration.State = {
    ...{ name: "Asking", lookup: lookUp(asked(`NAPTR ${home}`), 0), rules: [], visited: [home] },
    ...{ aliasesLeft: 4, rulesLeft: 32, declined: [], timerSearch: 5_000 },
  };
  const lines = arrows<enumeration.State, enumeration.Input, Output>(
    (s, input, now) => enumeration.step(params, s, input, now),
    enumeration.deadline,
    [
      ["Asking", state],
      ["Asking, one rule left", { ...state, rules }],
      ["Asking, no alias left", { ...state, aliasesLeft: 0 }],
      ["Ended", { name: "Ended" }],
    ],
    [
      ["accepted", answered(foundOf([naptr({})])), 7],
      ["refers", answered(foundOf([naptr({ flags: "", replacement: "a.org" })])), 7],
      ["declined", answered(foundOf([naptr({ flags: "x" })])), 7],
      ["none", answered({ kind: "None", why: "NXDOMAIN", ttlSeconds: 60 }), 7],
      ["alias", answered({ kind: "Alias", name: "b.org", ttlSeconds: 60 }), 7],
      ["failed", answered({ kind: "Failed", why: "SERVFAIL" }), 7],
      [
        "another's",
        { ...answered(foundOf([naptr({})])), question: asked("NAPTR x.org") } as never,
        7,
      ],
      ["Tick", { kind: "Tick" }, 7],
      ["Tick", { kind: "Tick" }, 2_000],
      ["Tick", { kind: "Tick" }, 5_000],
      ["Abandon", { kind: "Abandon" }, 7],
    ],
    (output) => [output.kind, print(output)].join(" "),
  );
  expect(lines).toMatchSnapshot();
});

test("whatever is answered: one word, in time, within ten questions, and none after it", () => {
  const name = fc.constantFrom("a.org", "b.org", home, "");
  const rule = fc
    .tuple(fc.nat(2), fc.constantFrom("u", "", "x"), name, fc.constantFrom("E2U+sip", "x"))
    .map(([order, flags, replacement, service]) => naptr({ order, flags, replacement, service }));
  const answer = fc.oneof(
    fc.array(rule, { maxLength: 5 }).map((records) => foundOf(records)),
    name.map((to): Answer => ({ kind: "Alias", name: to, ttlSeconds: 0 })),
    fc.constant<Answer>({ kind: "None", why: "NXDOMAIN", ttlSeconds: 0 }),
  );
  const told = fc.oneof(
    answer,
    fc.constant("never" as const),
    fc.tuple(fc.nat(2_500), answer).map(([afterMs, a]) => ({ afterMs, answer: a })),
  );
  fc.assert(
    fc.property(fc.array(told, { minLength: 1 }), (script) => {
      const dns = new LyingDns().otherwise((_, nth) => script[nth % script.length] ?? "never");
      const { said, elapsedMs } = resolve(enumeration, params, dns);
      expect(said).toHaveLength(1);
      expect(elapsedMs).toBeLessThanOrEqual(enumeration.ENUM_MS);
      expect(dns.packets.length).toBeLessThanOrEqual(10);
    }),
    { numRuns: 500 },
  );
});

test("what nobody asked for uses up nothing", () => {
  const [asking] = enumeration.start(params, 0);
  const answer = { kind: "Alias", name: "a.org", ttlSeconds: 1 } as const;
  const input = { kind: "Answered", question: asked("NAPTR x.org"), answer } as const;
  expect(enumeration.step(params, asking, input, 1)).toEqual([asking]);
});

test("at any time Abandon ends it", () => {
  const [asking] = enumeration.start(params, 0);
  const [s, ...outputs] = enumeration.step(params, asking, { kind: "Abandon" }, 1);
  expect(s).toEqual({ name: "Ended" });
  expect(outputs.map(print)).toEqual(["abandoned"]);
  expect(enumeration.deadline(s)).toBe(NEVER);
  expect(enumeration.step(params, s, { kind: "Abandon" }, 2)).toEqual([s]);
});

test("inputs in any order, then Abandon: it ends, says one thing, and nothing more", () => {
  const name = fc.constantFrom(home, "a.org", "b.org");
  const answer = fc.oneof(
    fc.constantFrom("u", "", "x").map((flags) => foundOf([naptr({ flags, replacement: "a.org" })])),
    name.map((to): Answer => ({ kind: "Alias", name: to, ttlSeconds: 1 })),
    fc.constantFrom<Answer>(
      { kind: "None", why: "NXDOMAIN", ttlSeconds: 1 },
      { kind: "Failed", why: "SERVFAIL" },
    ),
  );
  const input = fc.oneof(
    fc.constant<enumeration.Input>({ kind: "Tick" }),
    fc.tuple(name, answer).map(
      ([of, told]): enumeration.Input => ({
        ...{ kind: "Answered", question: asked(`NAPTR ${of}`), answer: told },
      }),
    ),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(input, fc.nat(3_000))), (script) => {
      let now = 0;
      let [s, ...outputs] = enumeration.start(params, now);
      let words = 0;
      const all: readonly (readonly [enumeration.Input, number])[] = [
        ...script,
        [{ kind: "Abandon" }, 0],
      ];
      for (const [one, wait] of all) {
        const was = s.name;
        now += wait;
        [s, ...outputs] = enumeration.step(params, s, one, now);
        if (was === "Ended") expect(outputs).toEqual([]);
        words += outputs.filter(({ kind }) => kind !== "Query").length;
      }
      expect(s).toEqual({ name: "Ended" });
      expect(words).toBe(1);
      expect(enumeration.deadline(s)).toBe(NEVER);
    }),
  );
});
