/**
 * The torture messages of RFC 4475 and RFC 5118, as far as the message layer decides about them.
 * What endpoint and roles answer to the others is tested there.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromBytes } from "../grammar/octets.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri, unescapeUri } from "../uri/sip-uri.ts";
import { readEssentials } from "./essentials.ts";
import { elements, header } from "./headers.ts";
import { type Message, parseMessage } from "./message.ts";

const FOLDER = new URL("../testing/torture/", import.meta.url);
const filesOf = (rfc: string) =>
  readdirSync(new URL(rfc, FOLDER)).filter((file) => file.endsWith(".dat"));
const bytesOf = (rfc: string, name: string) =>
  fromBytes(readFileSync(new URL(`${rfc}/${name}.dat`, FOLDER)));

/** "read", or the code and the status with which one of the first two readers refused it. */
function outcome(rfc: string, name: string): string {
  const message = parseMessage(bytesOf(rfc, name));
  const result = message.ok ? readEssentials(message.value) : message;
  return result.ok ? "read" : `${result.error.code} ${result.error.status}`;
}

function torture(name: string, rfc = "rfc4475"): Message {
  const message = parseMessage(bytesOf(rfc, name));
  if (!message.ok) throw new Error(`${name}: ${message.error.message}`);
  return message.value;
}

function essentials(message: Message) {
  const result = readEssentials(message);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

const list = (message: Message, name: string) => {
  const result = elements(message, name);
  return result.ok ? result.value : [];
};

const REFUSED_4475 = {
  badinv01: "bad-via 400",
  clerr: "bad-content-length 400",
  ncl: "bad-content-length 400",
  scalar02: "bad-cseq 400",
  scalarlg: "bad-cseq 400",
  quotbal: "bad-address 400",
  ltgtruri: "bad-start-line 400",
  lwsruri: "bad-start-line 400",
  lwsstart: "bad-start-line 400",
  trws: "bad-start-line 400",
  badaspec: "bad-address 400",
  // As printed it also lacks the empty line.
  baddn: "no-end 400",
  badvers: "bad-version 505",
  mismatch01: "bad-cseq 400",
  mismatch02: "bad-cseq 400",
  bigcode: "bad-start-line 400",
  insuf: "missing-header 400",
  multi01: "repeated-header 400",
  mcl01: "bad-content-length 400",
};

test("RFC 4475: all 49 messages are here, and each is read or refused as it should be", () => {
  const names = filesOf("rfc4475").map((file) => file.slice(0, -".dat".length));
  expect(names).toHaveLength(49);
  const expected = names.map((name) => [name, "read"]);
  expect(Object.fromEntries(names.map((name) => [name, outcome("rfc4475", name)]))).toEqual({
    ...Object.fromEntries(expected),
    ...REFUSED_4475,
  });
});

test("RFC 5118: all 15 messages are read, but for one whose length is wrong as printed", () => {
  const names = filesOf("rfc5118").map((file) => file.slice(0, -".dat".length));
  expect(names).toHaveLength(15);
  const refused = names.filter((name) => outcome("rfc5118", name) !== "read");
  expect(refused).toEqual(["ipv6-in-sdp"]);
  expect(outcome("rfc5118", "ipv6-in-sdp")).toBe("bad-content-length 400");
});

describe("RFC 4475 §3.1.1: valid messages say what they say", () => {
  test("wsinv", () => {
    const m = torture("wsinv");
    expect(essentials(m)).toMatchObject({
      via: { transport: "UDP", host: "192.0.2.2", branch: "390skdjuw" },
      cseq: { number: 9, method: "INVITE" },
      callId: "wsinv.ndaksdj@192.0.2.1",
      from: { displayName: 'J Rosenberg \\"', uri: "sip:jdrosen@example.com" },
      fromTag: "98asjd8",
      to: { uri: "sip:vivekg@chair-dnrc.example.com" },
      toTag: "1918181833n",
    });
    expect(list(m, "Via")).toHaveLength(3);
    expect(header(m, "newfangledheader")).toBe("newfangled value continued newfangled value");
    expect(header(m, "unknownheaderwithunusualvalue")).toBe(";;,,;;,;");
    expect(header(m, "Subject")).toBe("");
    expect(m.body).toHaveLength(150);
    expect(list(m, "Contact").map((text) => parseNameAddr(text))).toMatchObject([
      {
        value: {
          displayName: 'Quoted string ""',
          uri: "sip:jdrosen@example.com",
          params: new Map([
            ["newparam", "newvalue"],
            ["secondparam", ""],
            ["q", "0.33"],
          ]),
        },
      },
    ]);
  });

  test("intmeth", () => {
    const m = torture("intmeth");
    const { to, from, cseq } = essentials(m);
    expect(cseq.method).toBe("!interesting-Method0123456789_*+`.%indeed'~");
    expect(to.displayName).toBe("BEL:\x07 NUL:\0 DEL:\x7f");
    expect(from.displayName).toBe("token1~` token2'+_ token3*%!.-");
    expect(from.params.get("tag")).toBe("_token~1'+`*%!-.");
    expect(m.kind === "Request" && parseSipUri(m.uri)).toMatchObject({
      value: {
        user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
        password: "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
        host: "example.com",
      },
    });
  });

  test("esc01 and escnull: escapes are what they escape", () => {
    const m = torture("esc01");
    const uri = parseSipUri(m.kind === "Request" ? m.uri : "");
    expect(uri.ok && unescapeUri(uri.value.user ?? "")).toBe("sips:user@example.com");
    expect(uri).toMatchObject({ value: { host: "example.net" } });
    const users = list(torture("escnull"), "Contact").map((text) => {
      const contact = parseNameAddr(text);
      const parsed = parseSipUri(contact.ok ? contact.value.uri : "");
      return parsed.ok ? unescapeUri(parsed.value.user ?? "") : parsed;
    });
    expect(users).toEqual(["\0", "\0\0"]);
  });

  test("esc02: a percent sign in a token is a percent sign", () => {
    const m = torture("esc02");
    expect(m).toMatchObject({ kind: "Request", method: "RE%47IST%45R" });
    expect(list(m, "Contact")).toHaveLength(2);
    expect(header(m, "c%6fntact")).toBe("<sip:alias2@host2.example.com>");
    expect(essentials(m).from.displayName).toBe("%Z%45");
  });

  test("lwsdisp, longreq, semiuri, transports, unreason, noreason", () => {
    expect(essentials(torture("lwsdisp")).from).toMatchObject({ displayName: "caller" });
    expect(list(torture("longreq"), "Via")).toHaveLength(34);
    const semiuri = torture("semiuri");
    expect(semiuri.kind === "Request" && parseSipUri(semiuri.uri)).toMatchObject({
      value: { user: "user;par=u%40example.net", host: "example.com" },
    });
    const transports = list(torture("transports"), "Via").map((via) => via.split(/[/ ]/)[2]);
    expect(transports).toEqual(["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);
    expect(torture("unreason")).toMatchObject({ status: 200 });
    expect(torture("noreason")).toMatchObject({ status: 100, reasonPhrase: "" });
  });

  test("dblreq: what follows the body is another message, and not read here", () => {
    const m = torture("dblreq");
    expect(m).toMatchObject({ method: "REGISTER", body: "" });
    expect(essentials(m).callId).toBe("dblreq.0ha0isndaksdj99sdfafnl3lk233412");
  });
});

describe("RFC 4475 §3.1.2, §3.3: what the layers above decide about can be seen", () => {
  test.each([
    ["unkscm", 416],
    ["novelsc", 416],
  ])("%s: a Request-URI of another scheme", (name, status) => {
    const m = torture(name);
    const uri = parseSipUri(m.kind === "Request" ? m.uri : "");
    expect(uri).toMatchObject({ error: { code: "unsupported-scheme", status } });
  });

  test("escruri and regbadct: escaped headers stay in the URI they stand in", () => {
    const m = torture("escruri");
    const uri = parseSipUri(m.kind === "Request" ? m.uri : "");
    expect(uri).toMatchObject({ value: { headers: "Route=%3Csip:example.com%3E" } });
    expect(header(m, "Route")).toBeUndefined();
    const [contact = ""] = list(torture("regbadct"), "Contact");
    expect(parseNameAddr(contact)).toMatchObject({ error: { code: "bad-address", status: 400 } });
  });

  test("badbranch and inv2543: a branch that says nothing", () => {
    expect(essentials(torture("badbranch")).via.branch).toBe("z9hG4bK");
    expect(essentials(torture("inv2543")).via.branch).toBe("");
    expect(essentials(torture("inv2543")).fromTag).toBe("");
  });

  test("cparam01, cparam02, regescrt: parameters of the header and of the URI", () => {
    const contact = (name: string) => parseNameAddr(list(torture(name), "Contact")[0] ?? "");
    expect(contact("cparam01")).toMatchObject({
      value: { params: new Map([["unknownparam", ""]]) },
    });
    expect(contact("cparam02")).toMatchObject({
      value: { uri: "sip:+19725552222@gw1.example.net;unknownparam", params: new Map() },
    });
    expect(contact("regescrt")).toMatchObject({
      value: { uri: "sip:user@example.com?Route=%3Csip:sip.example.com%3E" },
    });
  });
});

describe("RFC 5118 §4: IPv6", () => {
  const uriOf = (name: string) => {
    const m = torture(name, "rfc5118");
    return parseSipUri(m.kind === "Request" ? m.uri : "");
  };

  test("§4.1, §4.2: an address stands in brackets", () => {
    expect(uriOf("ipv6-good")).toMatchObject({ value: { host: "2001:db8::10" } });
    expect(uriOf("ipv6-bad")).toMatchObject({ error: { code: "bad-uri", status: 400 } });
  });

  test("§4.3, §4.4: a port stands behind them", () => {
    const ambiguous = { host: "2001:db8::10:5070", port: undefined };
    expect(uriOf("port-ambiguous")).toMatchObject({ value: ambiguous });
    expect(uriOf("port-unambiguous")).toMatchObject({
      value: { host: "2001:db8::10", port: 5070 },
    });
  });

  test("§4.5: received with and without brackets", () => {
    const received = (name: string) =>
      essentials(torture(name, "rfc5118")).via.params.get("received");
    expect(received("via-received-param-with-delim")).toBe("[2001:db8::9:255]");
    expect(received("via-received-param-no-delim")).toBe("2001:db8::9:255");
  });

  test("§4.9, §4.10: IPv4 in IPv6, with the extra colon of RFC 3261's grammar", () => {
    const { via } = essentials(torture("ipv4-mapped-ipv6.fixed", "rfc5118"));
    expect(via).toMatchObject({ host: "::ffff:192.0.2.10", port: 19_823 });
    const same = { value: { user: "user", host: "2001:db8::192.0.2.1" } };
    expect(uriOf("ipv6-correct-abnf-2-colons")).toMatchObject(same);
    expect(uriOf("ipv6-bug-abnf-3-colons")).toMatchObject(same);
  });
});
