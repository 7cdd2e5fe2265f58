import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_PARAMS } from "../grammar/limits.ts";
import {
  escapeUser,
  formatSipUri,
  parseSipUri,
  type SipUri,
  sameSipUri,
  unescapeUri,
} from "./sip-uri.ts";

const uri = (text: string): SipUri => {
  const result = parseSipUri(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.value;
};
const same = (a: string, b: string) => sameSipUri(uri(a), uri(b));

describe("RFC 3261 §19.1.3: the example URIs", () => {
  test.each([
    ["sip:alice@atlanta.com", {}],
    ["sip:alice:secretword@atlanta.com;transport=tcp", { password: "secretword" }],
    [
      "sips:alice@atlanta.com?subject=project%20x&priority=urgent",
      { scheme: "sips", headers: "subject=project%20x&priority=urgent" },
    ],
    [
      "sip:+1-212-555-1212:1234@gateway.com;user=phone",
      { user: "+1-212-555-1212", password: "1234" },
    ],
    ["sips:1212@gateway.com", { scheme: "sips", user: "1212" }],
    ["sip:alice@192.0.2.4", { host: "192.0.2.4" }],
    [
      "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
      { user: undefined, host: "atlanta.com", headers: "to=alice%40atlanta.com" },
    ],
    ["sip:alice;day=tuesday@atlanta.com", { user: "alice;day=tuesday", params: new Map() }],
  ])("%s", (text, parts) => {
    expect(uri(text)).toMatchObject(parts);
    expect(formatSipUri(uri(text))).toBe(text);
  });
});

test("every part of a URI", () => {
  expect(uri("SIP:a%41:p%3A@[2001:DB8::1]:5061;LR;Transport=TCP;x=%20?A=b&c=")).toEqual({
    scheme: "sip",
    user: "a%41",
    password: "p%3A",
    host: "2001:db8::1",
    port: 5061,
    params: new Map([
      ["lr", ""],
      ["transport", "TCP"],
      ["x", "%20"],
    ]),
    headers: "A=b&c=",
  });
});

test("a user part may hold what elsewhere delimits", () => {
  expect(uri("sip:a?b;c=d,e/f@host?g=h")).toMatchObject({ user: "a?b;c=d,e/f", host: "host" });
});

const statusOf = (text: string) => {
  const result = parseSipUri(text);
  return result.ok ? "read" : result.error.status;
};

//= RFC 3261 §19.1.1
//# If the @ sign is present in a SIP or SIPS URI, the user field MUST NOT be empty.
//= RFC 3261 §19.1.1
//# Even though an arbitrary number of URI parameters may be included in a URI, any given
//# parameter-name MUST NOT appear more than once.
describe("what is refused", () => {
  test.each([
    ["a scheme of its own", ["tel:+1", "isbn:2983792873", "", "sip", "sipx", "sipsx", ":", "a:b"]],
  ])("with 416: %s", (_, texts) => {
    for (const text of texts) expect([text, statusOf(text)]).toEqual([text, 416]);
  });

  test.each([
    ["no host", ["sip:", "sips:", "sip:@", "sip:a@", "sip:;lr", "sip:?a=b"]],
    ["an empty user", ["sip:@host", "sip::pw@host"]],
    ["what a password may not hold", ["sip:a:b;c@h", "sip:a:b?c@h", "sip:a:b/c@h", "sip:a:b:c@h"]],
    ["a character a user may not hold", ["sip:a b@h", "sip:a#@h", "sip:<a@h", "sip:ü@h"]],
    ["a broken escape", ["sip:%@h", "sip:%4@h", "sip:%4x@h", "sip:h;a=%", "sip:h?a=%zz"]],
    ["a port", ["sip:h:", "sip:h:65536", "sip:h:x", "sip:h:1:2"]],
    ["a host", ["sip:2001:db8::10", "sip:[::1", "sip:a@b@c", "sip:a@300.1.1.1", "sip:a_b c"]],
    ["parameters", ["sip:h;", "sip:h;;a", "sip:h;=1", 'sip:h;a="b"', "sip:h;a b", "sip:h;a=b=c"]],
    ["a parameter twice", ["sip:h;a=1;A=2", "sip:h;lr;lr", "sip:h;lr;%6cr", "sip:h;a;%61=1"]],
    ["headers", ["sip:h?", "sip:h?a", "sip:h?=b", "sip:h?a=b&", "sip:h?a=b=c", "sip:h?a=b c"]],
    ["a line end or NUL", ["sip:h\r\n", "sip:a\0@h", "sip:h;a=\n", "sip:h?a=\r"]],
  ])("with 400: %s", (_, texts) => {
    for (const text of texts) expect([text, statusOf(text)]).toEqual([text, 400]);
  });

  test("with 400: too many parameters", () => {
    const many = (n: number) => `sip:h${Array.from({ length: n }, (_, i) => `;p${i}`).join("")}`;
    expect(statusOf(many(MAX_PARAMS))).toBe("read");
    expect(statusOf(many(MAX_PARAMS + 1))).toBe(400);
  });
});

//= RFC 3261 §19.1.2
//# URIs MUST NOT contain unescaped space and control characters.
test("RFC 3261 §19.1.2: each octet stands in each part as its rule says, and nowhere else", () => {
  const mark = "-_.!~*'()";
  const rules = [
    ["user", (one: string) => `sip:a${one}b@h`, `${mark}&=+$,;?/:`],
    ["password", (one: string) => `sip:a:b${one}c@h`, `${mark}&=+$,`],
    ["host", (one: string) => `sip:a${one}b`, "-._:;?"],
    ["parameter", (one: string) => `sip:h;x=a${one}b`, `${mark}[]/:&+$;?`],
    ["header", (one: string) => `sip:h?x=a${one}b`, `${mark}[]/?:+$@`],
  ] as const;
  for (const [part, put, allowed] of rules) {
    for (let code = 0; code < 256; code++) {
      const one = String.fromCharCode(code);
      // What ends the part is no matter of its own octets.
      if ((part === "host" || part === "parameter" || part === "header") && ":;?@&".includes(one)) {
        continue;
      }
      const isAllowed = /[A-Za-z0-9]/.test(one) || allowed.includes(one);
      expect([part, code, statusOf(put(one))]).toEqual([part, code, isAllowed ? "read" : 400]);
    }
  }
});

//= RFC 3261 §19.1.2
//# For each component, the set of valid BNF expansions defines exactly which characters may appear
//# unescaped. All other characters MUST be escaped.
test("RFC 3261 §19.1.2: a user part of any octets is escaped where it has to be", () => {
  for (let code = 0; code < 256; code++) {
    const one = String.fromCharCode(code);
    const written = escapeUser(`a${one}`);
    expect(uri(`sip:${written}@h`).user).toBe(written);
    expect(unescapeUri(written)).toBe(`a${one}`);
  }
  expect(escapeUser("j@s0n")).toBe("j%40s0n");
});

//= RFC 3261 §19.1.1
//# Since the uri-parameter mechanism is extensible, SIP elements MUST silently ignore any
//# uri-parameters that they do not understand.
test("RFC 3261 §19.1.1: parameters that nobody knows are kept, and change nothing else", () => {
  const plain = uri("sip:a@h;lr");
  const more = uri("sip:a@h;nobody=knows;lr;these");
  expect({ ...more, params: plain.params }).toEqual(plain);
  expect(formatSipUri(more)).toBe("sip:a@h;nobody=knows;lr;these");
  expect(sameSipUri(plain, more)).toBe(true);
});

test("RFC 3261 §19.1.4: a parameter's name is one, however it is escaped", () => {
  expect([...uri("sip:h;%4cR;%78=%20;%5B=1;a%3bb=c").params]).toEqual([
    ["lr", ""],
    ["x", "%20"],
    ["[", "1"],
    ["a%3Bb", "c"],
  ]);
  expect(same("sip:h;%74ransport=TCP", "sip:h;transport=t%63p")).toBe(true);
  expect(same("sip:h;%6Daddr=x", "sip:h")).toBe(false);
});

test("parameters and headers can be called after what every object has", () => {
  const parsed = uri("sip:h;__proto__=1;constructor=2?__proto__=3");
  expect([...parsed.params]).toEqual([
    ["__proto__", "1"],
    ["constructor", "2"],
  ]);
  expect(uri("sip:h").params.get("constructor")).toBeUndefined();
  expect(same("sip:h;constructor=1", "sip:h")).toBe(true);
});

describe("escapes", () => {
  test("RFC 3261 §19.1.2: are taken off and put on", () => {
    expect(unescapeUri("sips%3Auser%40example.com")).toBe("sips:user@example.com");
    expect(unescapeUri("null-%00-null")).toBe("null-\0-null");
    expect(unescapeUri("%Z%4")).toBe("%Z%4");
    expect(escapeUser("I have spaces")).toBe("I%20have%20spaces");
    expect(escapeUser("50%@home:\xff")).toBe("50%25%40home%3A%FF");
    expect(escapeUser("a;b?c/d,e")).toBe("a;b?c/d,e");
  });

  test("whatever a user is called, the escaped form is a user part that says so", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const name = String.fromCharCode(...bytes);
        const { user } = uri(`sip:${escapeUser(name)}@example.com`);
        expect(unescapeUri(user ?? "")).toBe(name);
      }),
    );
  });
});

describe("RFC 3261 §19.1.4: the URIs within each of the following sets are equivalent", () => {
  test.each([
    ["sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"],
    ["sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"],
    ["sip:carol@chicago.com", "sip:carol@chicago.com;security=on"],
    ["sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"],
    [
      "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
      "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ],
    [
      "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
      "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ],
  ])("%s and %s", (a, b) => {
    expect(same(a, b)).toBe(true);
    expect(same(b, a)).toBe(true);
  });
});

describe("RFC 3261 §19.1.4: the URIs within each of the following sets are not equivalent", () => {
  test.each([
    ["SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"],
    ["sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"],
    ["sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"],
    ["sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"],
    ["sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"],
    ["sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"],
    ["sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"],
  ])("%s and %s", (a, b) => {
    expect(same(a, b)).toBe(false);
    expect(same(b, a)).toBe(false);
  });

  //= RFC 3261 §19.1.4
  //# A SIP and SIPS URI are never equivalent.
  //= RFC 3261 §19.1.4
  //# A URI omitting the user component will not match a URI that includes one. A URI omitting the
  //# password component will not match a URI that includes one.
  //= RFC 3261 §19.1.4
  //# A URI omitting any component with a default value will not match a URI explicitly containing
  //# that component with its default value.
  //= RFC 3261 §19.1.4
  //# A user, ttl, or method uri-parameter appearing in only one URI never matches, even if it
  //# contains the default value.
  //= RFC 3261 §19.1.4
  //# A URI that includes an maddr parameter will not match a URI that contains no maddr parameter.
  test.each([
    ["sip:a@h", "sips:a@h"],
    ["sip:a@h", "sip:h"],
    ["sip:a@h", "sip:a:@h"],
    ["sip:a:p@h", "sip:a:P@h"],
    ["sip:a@h;user=ip", "sip:a@h"],
    ["sip:a@h;ttl=1", "sip:a@h"],
    ["sip:a@h;method=INVITE", "sip:a@h"],
    ["sip:a@h;maddr=192.0.2.1", "sip:a@h"],
    ["sip:%00@h", "sip:%00%00@h"],
    ["sip:a@h?x=1", "sip:a@h?x=1&x=1"],
  ])("%s and %s", (a, b) => {
    expect(same(a, b)).toBe(false);
    expect(same(b, a)).toBe(false);
  });
});

//= RFC 3261 §19.1.4
//# Characters other than those in the "reserved" set (see RFC 2396 [5]) are equivalent to their
//# ""%" HEX HEX" encoding.
test("RFC 3261 §19.1.4: an escape is its character, unless it would delimit", () => {
  expect(same("sip:%61%6c@h", "sip:al@h")).toBe(true);
  expect(same("sip:a%20b@h", "sip:a%20b@h")).toBe(true);
  expect(same("sip:a%3bb@h", "sip:a%3Bb@h")).toBe(true);
  expect(same("sip:a%3bb@h", "sip:a;b@h")).toBe(false);
  expect(same("sip:a%2541@h", "sip:a%41@h")).toBe(false);
  expect(same("sip:h?a=b%26c%3Dd", "sip:h?a=b&c=d")).toBe(false);
});

test("comparing is reflexive and symmetric, and formatting changes nothing that counts", () => {
  const word = fc.stringMatching(/^(?:[a-zA-Z0-9._~-]|%[0-9a-f]{2}){1,8}$/);
  const params = fc.dictionary(fc.constantFrom("lr", "transport", "user", "x", "Y"), word);
  const any = fc
    .record({
      scheme: fc.constantFrom("sip", "sips"),
      user: fc.option(word),
      host: fc.constantFrom("a.example", "[::1]", "192.0.2.1"),
      port: fc.option(fc.nat(65_535)),
      params,
      headers: fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), word),
    })
    .map(({ scheme, user, host, port, params: p, headers }) => {
      const names = Object.entries(p).map(([name, value]) => `;${name}=${value}`);
      const list = Object.entries(headers).map(([name, value]) => `${name}=${value}`);
      const at = user === null ? "" : `${user}@`;
      const colon = port === null ? "" : `:${port}`;
      const question = list.length === 0 ? "" : `?${list.join("&")}`;
      return `${scheme}:${at}${host}${colon}${names.join("")}${question}`;
    });
  fc.assert(
    fc.property(any, any, (a, b) => {
      expect(same(a, a)).toBe(true);
      expect(same(a, formatSipUri(uri(a)))).toBe(true);
      expect(same(a, b)).toBe(same(b, a));
    }),
  );
});
