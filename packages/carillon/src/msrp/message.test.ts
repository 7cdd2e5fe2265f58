import { describe, expect, it } from "vitest";
import {
  formatHead,
  type MsrpRequest,
  parseStartLine,
  parseStatus,
  readHead,
  reportingOf,
  reportOn,
  responseTo,
} from "./message.ts";
import { formatPath, parsePath } from "./msrp-uri.ts";

const TO = "msrp://b.example.com:9000/aeiug;tcp msrp://bob.example.com:8145/foo;tcp";
const FROM = "msrp://a.example.com:9000/kjfjan;tcp msrp://alice.example.com:7965/bar;tcp";

function request(method: string, more: readonly string[] = []): MsrpRequest {
  const start = parseStartLine(`MSRP abcd1234 ${method}`);
  if (!start) throw new Error("no start line");
  const head = readHead(start, [`To-Path: ${TO}`, `From-Path: ${FROM}`, ...more]);
  if (!head.ok || head.value.kind !== "Request") throw new Error("no request");
  return head.value;
}

describe("MSRP messages", () => {
  it("§9 tells requests from responses, with and without a comment", () => {
    expect(parseStartLine("MSRP d93kswow SEND")).toMatchObject({ method: "SEND" });
    expect(parseStartLine("MSRP d93kswow 200 OK")).toMatchObject({ status: 200, comment: "OK" });
    expect(parseStartLine("MSRP d93kswow 200")).toMatchObject({ status: 200, comment: "" });
    for (const bad of [
      "MSRP d93kswow send",
      "msrp d93kswow SEND",
      "MSRP  SEND",
      "MSRP abcd 2000",
    ]) {
      expect(parseStartLine(bad)).toBeUndefined();
    }
  });

  it.each([
    ["no To-Path", [`From-Path: ${FROM}`, "X: y"]],
    ["From-Path before To-Path", [`From-Path: ${FROM}`, `To-Path: ${TO}`]],
    ["a second To-Path", [`To-Path: ${TO}`, `From-Path: ${FROM}`, `To-Path: ${FROM}`]],
    [
      "a second Content-Type",
      [`To-Path: ${TO}`, `From-Path: ${FROM}`, "Content-Type: a/b", "content-type: c/d"],
    ],
    ["a URI that is none", ["To-Path: sip:bob@example.com", `From-Path: ${FROM}`]],
    [
      "a path that is too long",
      [`To-Path: ${Array(17).fill("msrp://b:1/x;tcp").join(" ")}`, `From-Path: ${FROM}`],
    ],
    ["a header without a name", [`To-Path: ${TO}`, `From-Path: ${FROM}`, ": x"]],
  ])("refuses a head with %s", (_, lines) => {
    expect(readHead({ kind: "Request", transactionId: "abcd", method: "SEND" }, lines).ok).toBe(
      false,
    );
  });

  it("§7.2 answers a SEND to the hop before, and all else to its sender", () => {
    //= RFC 4975 §7.2
    //# If the request triggering the response was a SEND request, the To-Path header field is
    //# formed by copying the first (leftmost) URI in the From-Path header field of the request.
    const [first = ""] = FROM.split(" ");
    expect(formatHead(responseTo(request("SEND"), 200))).toBe(
      `MSRP abcd1234 200 OK\r\nTo-Path: ${first}\r\nFrom-Path: ${TO.split(" ")[0]}\r\n`,
    );
    expect(formatPath(responseTo(request("AUTH"), 403).toPath)).toBe(FROM);
  });

  it("§7.1.1 has defaults for both reports, and takes nothing that is not defined", () => {
    //= RFC 4975 §7.1.1
    //# If no Success-Report header field is present in a SEND request, it MUST be treated the same
    //# as a Success-Report header field with a value of "no". If no Failure-Report header field is
    //# present, it MUST be treated the same as a Failure-Report header field with a value of "yes".
    expect(reportingOf(request("SEND"))).toEqual({ success: false, failure: "yes" });
    const both = ["Success-Report: YES", "Failure-Report: partial"];
    expect(reportingOf(request("SEND", both))).toEqual({ success: true, failure: "partial" });
    expect(reportingOf(request("SEND", ["Failure-Report: maybe"]))).toBeUndefined();
  });

  it("§7.1.3 reports to the whole path back", () => {
    //= RFC 4975 §7.1.3
    //# When generating a REPORT request, the endpoint inserts a To-Path header field containing the
    //# From-Path value from the original request, and a From-Path header field containing the URI
    //# identifying itself in the session.
    //= RFC 4975 §7.1.2
    //# REPORT requests MUST contain the Message-ID header field from the original SEND request.
    const own = parsePath("msrp://bob.example.com:8145/foo;tcp")?.[0];
    if (!own) throw new Error("no URI");
    const range = { start: 1, end: 39, total: 39 };
    const report = reportOn(request("SEND"), own, "yh67abcd", {
      messageId: "87652",
      range,
      status: 200,
    });
    expect(formatHead(report).split("\r\n")).toEqual([
      "MSRP yh67abcd REPORT",
      `To-Path: ${FROM}`,
      "From-Path: msrp://bob.example.com:8145/foo;tcp",
      "Message-ID: 87652",
      "Byte-Range: 1-39/39",
      "Status: 000 200 OK",
      "",
    ]);
  });

  it("§9 reads a Status with and without a comment", () => {
    expect(parseStatus("000 200 OK")).toEqual({ namespace: "000", code: 200, comment: "OK" });
    expect(parseStatus("000 413")).toEqual({ namespace: "000", code: 413, comment: "" });
    for (const bad of ["", "000", "00 200", "000 20", "000 200OK", "000-200"]) {
      expect(parseStatus(bad)).toBeUndefined();
    }
  });

  it("writes no line end into a header", () => {
    const head = request("SEND");
    expect(() => formatHead({ ...head, headers: [["Message-ID", "a\r\nX: y"]] })).toThrow(
      RangeError,
    );
    expect(() => formatHead({ ...head, contentType: "a/b\n" })).toThrow(RangeError);
  });
});

describe("RFC 4976 §3 and §5.1, octet for octet", () => {
  const ALICE = "msrps://alice.example.org:7965/bar;tcp";
  const [A, B] = ["msrps://a.example.org:9000/kjfjan;tcp", "msrps://b.example.net:9000/aeiug;tcp"];
  const BOB = "msrps://bob.example.net:8145/foo;tcp";
  const NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
  const NEXT = "40f2e879449675f288476d772627370a";
  const PROOF = "7327570c586207eca2afae94fc20903d";
  const COUNTED = 'cnonce="0a4f113b", nc=00000001, qop=auth';
  /** Without the folds of the page, of which RFC 4976 says that they are none of MSRP's. */
  const HEADS: readonly (readonly string[])[] = [
    [
      "MSRP 6aef SEND",
      `To-Path: ${A} ${B} ${BOB}`,
      `From-Path: ${ALICE}`,
      "Success-Report: yes",
      "Byte-Range: 1-*/*",
      "Message-ID: 87652",
      "Content-Type: text/plain",
    ],
    ["MSRP 6aef 200 OK", `To-Path: ${ALICE}`, `From-Path: ${A}`, "Message-ID: 87652"],
    [
      "MSRP juh76 SEND",
      `To-Path: ${B} ${BOB}`,
      `From-Path: ${A} ${ALICE}`,
      "Success-Report: yes",
      "Message-ID: 87652",
      "Byte-Range: 1-*/*",
      "Content-Type: text/plain",
    ],
    ["MSRP juh76 200 OK", `To-Path: ${A}`, `From-Path: ${B}`, "Message-ID: 87652"],
    [
      "MSRP xght6 SEND",
      `To-Path: ${BOB}`,
      `From-Path: ${B} ${A} ${ALICE}`,
      "Success-Report: yes",
      "Message-ID: 87652",
      "Byte-Range: 1-*/*",
      "Content-Type: text/plain",
    ],
    [
      "MSRP yh67 REPORT",
      `To-Path: ${B} ${A} ${ALICE}`,
      `From-Path: ${BOB}`,
      "Message-ID: 87652",
      "Byte-Range: 1-39/39",
      "Status: 000 200 OK",
    ],
    [
      "MSRP 49fh AUTH",
      "To-Path: msrps://alice@intra.example.com;tcp",
      "From-Path: msrps://alice.example.com:9892/98cjs;tcp",
    ],
    [
      "MSRP 49fh 401 Unauthorized",
      "To-Path: msrps://alice.example.com:9892/98cjs;tcp",
      "From-Path: msrps://alice@intra.example.com;tcp",
      `WWW-Authenticate: Digest realm="intra.example.com", qop="auth", nonce="${NONCE}"`,
    ],
    [
      "MSRP 49fi 200 OK",
      "To-Path: msrps://alice.example.com:9892/98cjs;tcp",
      "From-Path: msrps://alice@intra.example.com;tcp",
      "Use-Path: msrps://intra.example.com:9000/jui787s2f;tcp",
      `Authentication-Info: nextnonce="${NEXT}", rspauth="${PROOF}", ${COUNTED}`,
      "Expires: 900",
    ],
  ];

  it.each(HEADS.map((lines) => [lines[0] ?? "", lines] as const))(
    "%s is read, and written the same",
    (first, lines) => {
      const start = parseStartLine(first);
      const head = start && readHead(start, lines.slice(1));
      if (!head?.ok) throw new Error("not read");
      const hasBody = lines.at(-1)?.startsWith("Content-Type") === true;
      expect(formatHead(head.value)).toBe(`${lines.join("\r\n")}\r\n${hasBody ? "\r\n" : ""}`);
    },
  );

  it("the message that goes through two relays has 39 octets, as its report says", () => {
    expect("Hi Bob, I'm about to send you file.mpeg").toHaveLength(39);
  });
});
