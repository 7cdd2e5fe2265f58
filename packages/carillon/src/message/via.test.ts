import { describe, expect, test } from "vitest";
import { type Message, parseMessage } from "./message.ts";
import { MAGIC_COOKIE, readVia, topVia } from "./via.ts";

const message = (...lines: string[]): Message => {
  const result = parseMessage(`OPTIONS sip:h SIP/2.0\r\n${lines.join("\r\n")}\r\n\r\n`);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const read = (text: string) => {
  const result = readVia(text, 0, text.length);
  if (!result.ok) return undefined;
  const { transport, host, port, params } = result.value;
  return [transport, host, port, Object.fromEntries(params)];
};

describe("RFC 3261 §20.42: the forms of a Via", () => {
  test.each([
    [
      "SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7",
      ["UDP", "erlang.bell-telephone.com", 5060, { branch: "z9hG4bK87asdks7" }],
    ],
    [
      "SIP/2.0/UDP 192.0.2.1:5060 ;received=192.0.2.207\r\n ;branch=z9hG4bK77asjd",
      ["UDP", "192.0.2.1", 5060, { received: "192.0.2.207", branch: "z9hG4bK77asjd" }],
    ],
    [
      "SIP / 2.0 / UDP first.example.com: 4000;ttl=16\r\n  ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6",
      ["UDP", "first.example.com", 4000, { ttl: "16", maddr: "224.2.0.1", branch: "z9hG4bKa7c6" }],
    ],
    [
      "SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw",
      ["UDP", "192.0.2.2", undefined, { branch: "390skdjuw" }],
    ],
    [
      "SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ",
      ["TCP", "spindle.example.com", undefined, { branch: "z9hG4bK9ikj8" }],
    ],
    ["SIP/2.0/TLS\t[2001:DB8::9:1]", ["TLS", "2001:db8::9:1", undefined, {}]],
    ["SIP/2.0/UDP [2001:db8::9:1]:6050;rport", ["UDP", "2001:db8::9:1", 6050, { rport: "" }]],
    ["SIP/2.0/UDP [::1] : 5060 ;rport=5", ["UDP", "::1", 5060, { rport: "5" }]],
    ["SIP/2.0/UDP host\r\n :\r\n 5060", ["UDP", "host", 5060, {}]],
    ["sip/2.0/udp a;BRANCH=x", ["UDP", "a", undefined, { branch: "x" }]],
    ["SIP/2.0/wss 9kx.invalid;alias", ["WSS", "9kx.invalid", undefined, { alias: "" }]],
    ["SIP/2.0/UNKNOWN t4.example.com", ["UNKNOWN", "t4.example.com", undefined, {}]],
    ['SIP/2.0/UDP a;x="b, c;d"', ["UDP", "a", undefined, { x: "b, c;d" }]],
  ])("%s", (text, expected) => expect(read(text)).toEqual(expected));
});

test("RFC 5118 §4.5: received with brackets and without", () => {
  const [a, b] = ["received=[2001:db8::9:255]", "received=2001:db8::9:255"].map((received) =>
    read(`SIP/2.0/UDP [2001:db8::9:1];${received}`),
  );
  expect(a?.[3]).toEqual({ received: "[2001:db8::9:255]" });
  expect(b?.[3]).toEqual({ received: "2001:db8::9:255" });
});

describe("what is refused", () => {
  test.each([
    ["nothing", ["", " ", ";branch=x"]],
    [
      "another protocol",
      ["SIP/7.0/UDP c", "HTTP/1.1/TCP c", "SIP/2.0 c", "SIP/2.0/ c", "SIP//UDP c"],
    ],
    ["no white space before sent-by", ["SIP/2.0/UDP", "SIP/2.0/UDP;branch=x", "SIP/2.0/UDP[::1]"]],
    ["a transport that is no token", ["SIP/2.0/U[DP a", "SIP/2.0/U/DP a", 'SIP/2.0/"UDP" a']],
    ["no host", ["SIP/2.0/UDP ", "SIP/2.0/UDP :5060", "SIP/2.0/UDP ;branch=x"]],
    [
      "a host that is none",
      ["SIP/2.0/UDP a b", "SIP/2.0/UDP a b:1", "SIP/2.0/UDP ::1", "SIP/2.0/UDP [::1"],
    ],
    [
      "a port that is none",
      ["SIP/2.0/UDP a:", "SIP/2.0/UDP a:65536", "SIP/2.0/UDP a:x", "SIP/2.0/UDP a:1 2"],
    ],
    [
      "its parameters",
      [
        "SIP/2.0/UDP 192.0.2.15;;",
        "SIP/2.0/UDP a;",
        "SIP/2.0/UDP a;branch=x;branch=y",
        'SIP/2.0/UDP a;branch="x',
        "SIP/2.0/UDP a;branch=x y",
      ],
    ],
  ])("%s", (_, texts) => {
    for (const text of texts) expect([text, read(text)]).toEqual([text, undefined]);
  });
});

describe("the top Via", () => {
  test("is the first element of the first line, and says where it stands", () => {
    const m = message(
      "To: <sip:a>",
      'v:\r\n  SIP/2.0/UDP a:1;x="1,2" ;branch=z9hG4bK1 , SIP/2.0/TCP b',
      "Via: SIP/2.0/TLS c",
    );
    const via = topVia(m);
    if (!via.ok) throw new Error(via.error.message);
    const { start, paramsStart, end, branch, host, port } = via.value;
    expect(m.text.slice(start, end)).toBe('SIP/2.0/UDP a:1;x="1,2" ;branch=z9hG4bK1');
    expect(m.text.slice(start, paramsStart)).toBe("SIP/2.0/UDP a:1");
    expect([host, port, branch]).toEqual(["a", 1, "z9hG4bK1"]);
    expect(branch.startsWith(MAGIC_COOKIE)).toBe(true);
  });

  test("has parameters that start at its end where it has none", () => {
    const m = message("Via: SIP/2.0/UDP a  ");
    const end = m.text.indexOf("a  ") + 1;
    expect(topVia(m)).toMatchObject({ value: { branch: "", paramsStart: end, end } });
  });

  test("is not there, or bad", () => {
    for (const lines of [
      ["To: x"],
      ["Via:"],
      ["Via: ,SIP/2.0/UDP a"],
      ['Via: SIP/2.0/UDP a;x="1'],
    ]) {
      expect(topVia(message(...lines))).toMatchObject({ error: { code: "bad-via", status: 400 } });
    }
  });

  test("is read where later ones are bad", () => {
    expect(topVia(message("Via: SIP/2.0/UDP a,,;;", "Via: nonsense")).ok).toBe(true);
  });
});
