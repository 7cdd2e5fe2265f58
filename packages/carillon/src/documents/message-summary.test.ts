import { describe, expect, test } from "vitest";
import { formatMessageSummary, parseMessageSummary } from "./message-summary.ts";

describe("messages that wait", () => {
  test("RFC 3842 §4.1 are counted by kind", () => {
    const text =
      "Messages-Waiting: yes\r\nMessage-Account: sip:alice@vmail.example.com\r\n" +
      "Voice-Message: 2/8 (0/2)\r\nfax-message : 1 / 0\r\n\r\nTo: <alice@atlanta.example.com>\r\n";
    expect(parseMessageSummary(text)).toEqual({
      ok: true,
      value: {
        isWaiting: true,
        account: "sip:alice@vmail.example.com",
        counts: new Map([
          ["voice-message", { new: 2, old: 8, urgentNew: 0, urgentOld: 2 }],
          ["fax-message", { new: 1, old: 0, urgentNew: undefined, urgentOld: undefined }],
        ]),
      },
    });
  });

  test("RFC 3842 §5.2 may be no more than a yes or a no", () => {
    for (const [text, isWaiting] of [
      ["Messages-Waiting: yes\r\n", true],
      ["messages-waiting:NO", false],
    ] as const) {
      expect(parseMessageSummary(text)).toMatchObject({ ok: true, value: { isWaiting } });
    }
    const many = Array.from({ length: 33 }, (_, i) => `kind-${i}: 0/0\r\n`).join("");
    for (const text of [
      ...["", "Messages-Waiting: perhaps\r\n", "Voice-Message: 1/1\r\n"],
      ...["Messages-Waiting: yes\r\nVoice-Message: many\r\n", "Messages-Waiting: yes\r\nx\r\n"],
      ...["Messages-Waiting: yes\r\nVoice-Message: 1/2 (3)\r\n", `Messages-Waiting: no\r\n${many}`],
    ]) {
      expect([text, parseMessageSummary(text).ok]).toEqual([text, false]);
    }
  });

  test("RFC 3842 §3.5 are never more than 32 bits hold", () => {
    const text = "Messages-Waiting: yes\r\nVoice-Message: 99999999999/4294967296\r\n";
    const read = parseMessageSummary(text);
    //= RFC 3842 §3.5
    //# Subscribers MUST treat a larger value as 2^32-1.
    const all = { new: 4_294_967_295, old: 4_294_967_295 };
    expect(read.ok && read.value.counts.get("voice-message")).toMatchObject(all);
    //= RFC 3842 §3.5
    //# Notifiers MUST NOT generate a request with a larger value.
    const counts = new Map([
      ["voice-message", { new: 1e12, old: 0, urgentNew: 1, urgentOld: undefined }],
    ]);
    expect(formatMessageSummary({ isWaiting: true, account: undefined, counts })).toBe(
      "Messages-Waiting: yes\r\nVoice-Message: 4294967295/0 (1/0)\r\n",
    );
  });

  test("are written as they are read, and nothing ends a line", () => {
    const summary = {
      isWaiting: false,
      account: "sip:a@b",
      counts: new Map([["text-message", { new: 0, old: 3, urgentNew: 0, urgentOld: 1 }]]),
    };
    expect(parseMessageSummary(formatMessageSummary(summary))).toEqual({
      ok: true,
      value: summary,
    });
    for (const account of ["x\r\nVoice-Message: 9/9", "", "a b"]) {
      expect(() => formatMessageSummary({ ...summary, account })).toThrow(RangeError);
      const text = `Messages-Waiting: yes\r\nMessage-Account: ${account}\0\r\n`;
      expect(parseMessageSummary(text).ok).toBe(false);
    }
    const nothing = { new: 0, old: 0, urgentNew: undefined, urgentOld: undefined };
    for (const [kind, counts] of [
      ["a: b", nothing],
      ["voice", { ...nothing, new: -1 }],
      ["voice", { ...nothing, old: 0.5 }],
    ] as const) {
      const one = { ...summary, counts: new Map([[kind, counts]]) };
      expect(() => formatMessageSummary(one)).toThrow(RangeError);
    }
  });
});
