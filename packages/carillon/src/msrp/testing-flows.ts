/**
 * The messages of RFC 4975 §5.1 and §11, octet for octet, with the body that each has. Where a line
 * is folded or indented for the page, it is not here; `sip:` descriptions are not among them. The
 * ranges are the RFC's: some do not fit the bodies it shows (`isMiscounted`).
 */

export interface Shown {
  /** Its section in RFC 4975. */
  readonly section: string;
  readonly head: readonly string[];
  /** Undefined without one. */
  readonly body?: string;
  readonly flag: "$" | "+" | "#";
  /** The Byte-Range counts another body than the page shows. */
  readonly isMiscounted?: true;
}

const ALICE = "msrp://alicepc.example.com:7777/iau39soe2843z;tcp";
const BOB = "msrp://bob.example.com:8888/9di4eae923wzd;tcp";

export const RFC_4975_FLOWS: readonly Shown[] = [
  {
    section: "11.1 (4)",
    head: [
      "MSRP d93kswow SEND",
      `To-Path: ${BOB}`,
      `From-Path: ${ALICE}`,
      "Message-ID: 12339sdqwer",
      "Byte-Range: 1-16/16",
      "Content-Type: text/plain",
    ],
    // 16 octets with its CRLF, as the Byte-Range has it.
    body: "Hi, I'm Alice!\r\n",
    flag: "$",
  },
  {
    section: "11.1 (5)",
    head: ["MSRP d93kswow 200 OK", `To-Path: ${ALICE}`, `From-Path: ${BOB}`],
    flag: "$",
  },
  {
    section: "11.1 (6)",
    head: [
      "MSRP dkei38sd SEND",
      `To-Path: ${ALICE}`,
      `From-Path: ${BOB}`,
      "Message-ID: 456s9wlk3",
      "Byte-Range: 1-21/21",
      "Content-Type: text/plain",
    ],
    body: "Hi, Alice!  I'm Bob!",
    flag: "$",
    isMiscounted: true,
  },
  {
    section: "11.1 (7)",
    head: ["MSRP dkei38sd 200 OK", `To-Path: ${BOB}`, `From-Path: ${ALICE}`],
    flag: "$",
  },
  {
    section: "11.2",
    head: [
      "MSRP dsdfoe38sd SEND",
      "To-Path: msrp://alice.example.com:7777/iau39soe2843z;tcp",
      `From-Path: ${BOB}`,
      "Message-ID: 456so39s",
      "Byte-Range: 1-374/374",
      "Content-Type: application/xhtml+xml",
    ],
    body: [
      '<?xml version="1.0" encoding="UTF-8"?>',
      "<!DOCTYPE html",
      'PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"',
      '"_http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd_">',
      '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">',
      "  <head>",
      "    <title>FY2005 Results</title>",
      "</head>",
      "  <body>",
      "   <p>See the results at <a",
      'href="http://example.org/">example.org</a>.</p>',
      "  </body>",
      "</html>",
    ].join("\r\n"),
    flag: "$",
    isMiscounted: true,
  },
  {
    section: "11.4, first chunk",
    head: [
      "MSRP d93kswow SEND",
      "To-Path: msrp://bobpc.example.com:8888/9di4eae923wzd;tcp",
      "From-Path: msrp://alicepc.example.com:7654/iau39soe2843z;tcp",
      "Message-ID: 12339sdqwer",
      "Byte-Range: 1-137/148",
      "Content-Type: message/cpim",
    ],
    body: [
      "To: Bob <sip:bob@example.com>",
      "From: Alice <sip:alice@example.com>",
      "DateTime: 2006-05-15T15:02:31-03:00",
      "Content-Type: text/plain",
      "",
      "ABCD",
    ].join("\r\n"),
    flag: "+",
  },
  {
    section: "11.4, second chunk",
    head: [
      "MSRP op2nc9a SEND",
      "To-Path: msrp://bobpc.example.com:8888/9di4eae923wzd;tcp",
      "From-Path: msrp://alicepc.example.com:7654/iau39soe2843z;tcp",
      "Message-ID: 12339sdqwer",
      "Byte-Range: 138-148/148",
      "Content-Type: message/cpim",
    ],
    body: "1234567890",
    flag: "$",
    isMiscounted: true,
  },
  {
    section: "11.5",
    head: [
      "MSRP d93kswow SEND",
      "To-Path: msrp://alicepc.example.com:8888/9di4eae923wzd;tcp",
      "From-Path: msrp://example.com:7777/iau39soe2843z;tcp",
      "Message-ID: 12339sdqwer",
      "Byte-Range: 1-38/38",
      "Failure-Report: no",
      "Success-Report: no",
      "Content-Type: text/plain",
    ],
    body: "This conference will end in 5 minutes",
    flag: "$",
    isMiscounted: true,
  },
  {
    section: "11.6, request",
    head: [
      "MSRP d93kswow SEND",
      `To-Path: ${BOB}`,
      `From-Path: ${ALICE}`,
      "Message-ID: 12339sdqwer",
      "Byte-Range: 1-106/106",
      "Success-Report: yes",
      "Failure-Report: no",
      "Content-Type: text/html",
    ],
    body: [
      "<html><body>",
      "<p>Here is that important link...",
      '<a href="http://www.example.com/foobar">foobar</a>',
      "</p>",
      "</body></html>",
    ].join("\r\n"),
    flag: "$",
    isMiscounted: true,
  },
  {
    section: "11.6, report",
    head: [
      "MSRP dkei38sd REPORT",
      `To-Path: ${ALICE}`,
      `From-Path: ${BOB}`,
      "Message-ID: 12339sdqwer",
      "Byte-Range: 1-106/106",
      "Status: 000 200 OK",
    ],
    flag: "$",
  },
];

/** As it goes over the wire. */
export function wireOf({ head, body, flag }: Shown): string {
  const id = head[0]?.split(" ")[1] ?? "";
  const text = body === undefined ? [] : ["", body];
  return [...head, ...text, `-------${id}${flag}`, ""].join("\r\n");
}
