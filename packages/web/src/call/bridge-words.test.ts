import { describe, expect, test } from "vitest";
import { bridgeWords, missingPicture } from "./bridge-words.ts";

const why = "the two devices have no kind of voice in common";

describe("a call that goes through the house", () => {
  test("is told in a sentence, and exactly to who looks further", () => {
    const told = { why, here: "opus DTLS-SRTP", there: "PCMA RTP" };
    expect(bridgeWords(told, "Bob")).toEqual({
      plain:
        "Bob’s phone and this page speak different languages. The house stands in between and " +
        "translates. From there on it is not encrypted.",
      details: [
        { name: "You and the house", value: "Opus, encrypted (DTLS-SRTP)" },
        { name: "The house and Bob", value: "G.711 A-law, not encrypted (RTP)" },
        { name: "Why", value: "The two devices have no kind of voice in common." },
      ],
    });
  });

  test("is not said to be translated where the two only cannot reach each other", () => {
    for (const other of [
      "the phone that is called is behind a router that hides it",
      "one of them has IPv4 only, and the other IPv6",
      "every call goes through this server",
    ]) {
      expect(bridgeWords({ why: other }, "Bob").plain).toBe(
        "What you and Bob say goes through the house.",
      );
    }
  });

  test("says nothing of encryption where both ends have it, or nobody knows", () => {
    const safe = bridgeWords({ why, here: "opus DTLS-SRTP", there: "G722 SRTP" }, "Bob");
    expect(safe.plain).not.toContain("encrypted");
    expect(safe.details[1]?.value).toBe("G.722, encrypted (SRTP)");
    const little = bridgeWords({ why }, "Bob");
    expect([little.plain.includes("encrypted"), little.details.length]).toEqual([false, 1]);
  });

  test("says of this side what is heard here, where it was told no more", () => {
    const { details } = bridgeWords({ why }, "Bob", "PCMU");
    expect(details[0]).toEqual({
      name: "You and the house",
      value: "G.711 µ-law, encrypted (DTLS-SRTP)",
    });
  });

  test("says what became of the picture", () => {
    const picture = (told: object) =>
      bridgeWords({ why, ...told }, "Bob").details.find(({ name }) => name === "Picture")?.value;
    expect(picture({})).toBeUndefined();
    expect(picture({ video: "passed" })).toBe("Goes through.");
    expect(picture({ video: "dropped" })).toBe("None.");
    expect(picture({ video: "dropped", videoWhy: "VP8 is not known there" })).toBe(
      "VP8 is not known there.",
    );
    const said = [{ why, video: "dropped" as const }, { why, video: "passed" as const }, { why }];
    expect(said.map(missingPicture)).toEqual([
      "The other phone has no picture. You hear each other.",
      ...[undefined, undefined],
    ]);
  });

  test("shows no characters that would turn the line around it", () => {
    const { details } = bridgeWords({ why: "a\u202Eb\nc", there: "x\u200By RTP" }, "Bob");
    expect(details.map(({ value }) => value)).toEqual(["xy, not encrypted (RTP)", "Ab c."]);
  });
});
