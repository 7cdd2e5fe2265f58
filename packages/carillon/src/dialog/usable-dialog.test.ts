import { describe, expect, test } from "vitest";
import { MAX_HEADER_SECTION } from "../grammar/limits.ts";
import type { Dialog } from "./dialog.ts";
import { isUsable } from "./usable-dialog.ts";

const dialog: Dialog = {
  state: "Confirmed",
  callId: "c1@h",
  localTag: "a",
  remoteTag: "b.1~",
  localUri: "<sip:alice@a.example>",
  remoteUri: "<sip:bob@b.example>",
  localSeq: 1,
  remoteSeq: undefined,
  remoteTarget: "sip:bob@192.0.2.9",
  routeSet: [],
  secure: false,
};

describe("a dialog that a peer has a say in", () => {
  test("is of use with a tag that is a token, or with none", () => {
    expect(isUsable(dialog)).toBe(true);
    // RFC 3261 §12.1.2: a peer of RFC 2543 has none.
    expect(isUsable({ ...dialog, remoteTag: "" })).toBe(true);
  });

  test.each(["b c", "b;x=1", "b\r\nRoute: x", '"b"', "b>"])("is of none with the tag %j", (tag) => {
    expect(isUsable({ ...dialog, remoteTag: tag })).toBe(false);
  });

  test("is of none once no request with its routes would be within the limits", () => {
    const route = `<sip:${"r".repeat(1000)}@p.example;lr>`;
    const routed = (count: number) => ({ ...dialog, routeSet: new Array(count).fill(route) });
    const most = Math.floor((MAX_HEADER_SECTION - 4096) / (route.length + 10));
    expect(isUsable(routed(most - 1))).toBe(true);
    expect(isUsable(routed(most + 1))).toBe(false);
  });

  test("is of none with a target that no request line and To would hold twice", () => {
    const target = (length: number) => ({ ...dialog, remoteTarget: `sip:${"t".repeat(length)}` });
    expect(isUsable(target((MAX_HEADER_SECTION - 4096) / 2 - 200))).toBe(true);
    expect(isUsable(target((MAX_HEADER_SECTION - 4096) / 2))).toBe(false);
  });
});
