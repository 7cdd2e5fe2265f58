import { expect, test } from "vitest";
import { shortcutOf } from "./shortcuts.ts";

const plain = { shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, repeat: false };
const press = (key: string, more: Partial<typeof plain> = {}) => ({ key, ...plain, ...more });
const idle = { typing: false, ringing: false, inCall: false };

test("m and v work in a call and only there", () => {
  expect(shortcutOf(press("m"), { ...idle, inCall: true })).toBe("Mute");
  expect(shortcutOf(press("v"), { ...idle, inCall: true })).toBe("Camera");
  expect(shortcutOf(press("m"), idle)).toBeUndefined();
});

test("hanging up needs shift, so that no slip ends a call", () => {
  const inCall = { ...idle, inCall: true };
  expect(shortcutOf(press("H", { shiftKey: true }), inCall)).toBe("HangUp");
  expect(shortcutOf(press("h"), inCall)).toBe("Hold");
});

test("a answers what rings, but never ends a call for it", () => {
  expect(shortcutOf(press("a"), { ...idle, ringing: true })).toBe("Answer");
  expect(shortcutOf(press("a"), { ...idle, ringing: true, inCall: true })).toBeUndefined();
});

test("letters typed into a box and the browser's own keys are left alone", () => {
  const inCall = { ...idle, inCall: true };
  expect(shortcutOf(press("m"), { ...inCall, typing: true })).toBeUndefined();
  expect(shortcutOf(press("v", { ctrlKey: true }), inCall)).toBeUndefined();
  expect(shortcutOf(press("m", { repeat: true }), inCall)).toBeUndefined();
});
