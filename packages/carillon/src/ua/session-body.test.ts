import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import { answerTo, lonePhone, read } from "../testing/lone-phone.ts";
import { requestText } from "../testing/request-text.ts";
import type { Call } from "./call.ts";

const SDP = "v=0\r\no=- 7 7 IN IP4 192.0.2.9\r\nm=audio 9 RTP/AVP 0\r\n";
const CONTACT = "Contact: <sip:bob@192.0.2.9:5060>";

/** The parts of a body, each with its headers. */
const parts = (...all: readonly (readonly [lines: string, body: string])[]): string =>
  `${all.map(([lines, body]) => `--x\r\n${lines}\r\n\r\n${body}\r\n`).join("")}--x--\r\n`;
const typed = (subtype: string) => [CONTACT, `Content-Type: multipart/${subtype};boundary=x`];

const SESSION = ["Content-Type: application/sdp", SDP] as const;
const optional = "Content-Disposition: signal;handling=optional";
const ISUP = [
  `Content-Type: application/isup;version=itu-t92+\r\n${optional}`,
  "\x01\x02",
] as const;
const MUST = ["Content-Type: application/isup", "\x01\x02"] as const;
const INNER = [
  "Content-Type: multipart/mixed;boundary=y",
  `--y\r\n${SESSION.join("\r\n\r\n")}\r\n--y--`,
];

describe("a session description beside other parts", () => {
  test.each([
    ["mixed", parts(ISUP, SESSION), 180],
    ["mixed", parts(ISUP, [INNER[0] ?? "", INNER[1] ?? ""]), 180],
    ["alternative", parts(["Content-Type: application/newer", "?"], SESSION), 180],
    ["mixed", parts(MUST, SESSION), 415],
    ["mixed", parts(ISUP), 415],
    ["mixed", parts(ISUP, SESSION).slice(0, -6), 415],
  ])(
    "RFC 5621 §4.2 calls in %s, or is refused where it may not be alone",
    async (kind, body, status) => {
      const { phone, register, say, sent, wait } = lonePhone();
      await register();
      const calls = phone.calls();
      sent();
      await say(requestText("INVITE", { lines: typed(kind), body }));
      const [text = ""] = sent();
      const response = read(text);
      //= RFC 5621 §4.2
      //# Therefore, SIP UAs MUST support parsing 'multipart' MIME bodies, including nested body
      //# parts.
      //= RFC 5621 §4.2
      //# Additionally, UAs MUST support the 'multipart/mixed' and 'multipart/ alternative' MIME
      //# types.
      expect(response).toMatchObject({ status });
      if (status === 415) return expect(header(response, "Accept")).toContain("multipart/mixed");
      const { value: call } = (await calls.next()) as { value: Call };
      call.answer().catch(() => {});
      await wait(0);
      const [answer = ""] = sent();
      expect(answer).toMatch(/^SIP\/2\.0 200 .*\r\n\r\nv=0/s);
    },
  );

  test("RFC 5621 §4.2 answers a call, whatever a gateway says beside it", async () => {
    const { phone, register, sent, requests, wait, say } = lonePhone();
    await register();
    sent();
    const call = phone.call("sip:bob@example.com");
    await wait(0);
    const [invite] = requests("INVITE");
    if (!invite) throw new Error("no INVITE");
    await say(
      answerTo(invite, 200, { toTag: "b", lines: typed("mixed"), body: parts(MUST, SESSION) }),
    );
    expect(sent().map((one) => one.split(" ")[0])).toEqual(["ACK"]);
    await call.answered;
    expect(call.state.name).toBe("Established");
  });
});
