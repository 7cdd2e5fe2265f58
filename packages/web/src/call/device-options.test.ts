import { expect, test } from "vitest";
import { choicesOf } from "./device-options.ts";

const devices = [
  { kind: "audioinput", deviceId: "default", label: "Default" },
  { kind: "audioinput", deviceId: "a1", label: "" },
  { kind: "audiooutput", deviceId: "s", label: "Headset" },
  { kind: "videoinput", deviceId: "", label: "" },
];

test("devices of one kind are offered, those without a name by number", () => {
  expect(choicesOf(devices, "audioinput")).toEqual([
    { id: "default", label: "Default" },
    { id: "a1", label: "Microphone 2" },
  ]);
  expect(choicesOf(devices, "audiooutput")).toEqual([{ id: "s", label: "Headset" }]);
});

test("what a page may not use yet has no id, and cannot be chosen", () => {
  expect(choicesOf(devices, "videoinput")).toEqual([]);
});
