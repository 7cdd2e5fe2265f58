/** What is mutated: the torture messages, and messages that hold every header there is. */
import { readdirSync, readFileSync } from "node:fs";
import { fromText, KNOWN_HEADERS } from "carillon/message";
import { LINES } from "./lines.ts";
import type { Random } from "./random.ts";

const FOLDER = new URL("../packages/carillon/src/testing/torture/", import.meta.url);

/** RFC 4475 and RFC 5118, as octets. */
export const TORTURE: readonly string[] = ["rfc4475", "rfc5118"].flatMap((rfc) =>
  readdirSync(new URL(rfc, FOLDER))
    .filter((file) => file.endsWith(".dat"))
    .map((file) => readFileSync(new URL(`${rfc}/${file}`, FOLDER)).toString("latin1")),
);

const ESSENTIALS = [
  "Via: SIP/2.0/WSS h.example:8443;branch=z9hG4bKa;rport;received=192.0.2.1",
  'From: "Al \\"x\\"" <sip:alice@example.com;lr>;tag=1',
  "t: <sips:bob@[2001:db8::1]>",
  "i: c1@h",
  "CSeq: 7 MESSAGE",
];

const BODIES: readonly (readonly [type: string, body: string])[] = [
  ["text/plain", fromText("grüß dich\r\n")],
  ["application/sdp", "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"],
  [
    "multipart/mixed;boundary=b",
    "pre\r\n--b\r\nContent-ID: <a@b>\r\n\r\nx\r\n--b \r\nc: multipart/x;boundary=c\r\n\r\n" +
      "--c\r\n\r\ny\r\n--c--\r\n--b--\r\npost",
  ],
];

/** A message with the headers every message has and up to eight others. */
export function generated(random: Random): string {
  const lines = [...ESSENTIALS];
  for (let n = random.below(9); n > 0; n--) {
    const name = random.pick(KNOWN_HEADERS);
    lines.push(`${name}: ${random.pick(LINES[name] ?? ["x"])}`);
  }
  const [type, body] = random.pick(BODIES);
  lines.push(`c: ${type}`, `Content-Length: ${body.length}`);
  const start = random.pick(["MESSAGE sip:bob@h;x=1?Subject=a SIP/2.0", "SIP/2.0 200 OK"]);
  return `${start}\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}
