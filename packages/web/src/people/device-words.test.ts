import { expect, test } from "vitest";
import { deviceName, deviceState, settingsOf } from "./device-words.ts";

const device = {
  id: "d1",
  label: "Kitchen",
  deskPhone: true,
  createdAt: Date.UTC(2026, 10, 28, 12),
  here: false,
};

test("a phone is called what its person calls it, else what it is", () => {
  expect(deviceName(device)).toBe("Kitchen");
  expect(deviceName({ label: "", deskPhone: true })).toBe("Desk phone");
  expect(deviceName({ label: "", deskPhone: false })).toBe("Phone");
});

test("whether it rings is said first, and since when it is there where it does not", () => {
  expect(deviceState({ ...device, here: true })).toBe("Here, and rings when you are called");
  expect(deviceState(device, "en-GB")).toBe("Not here at the moment; connected since 28 November");
});

test("what is to be typed comes in the order in which phones ask for it", () => {
  const account = { server: "tower", port: 5060, user: "anna", password: "secret" };
  const made = { device, ...account, domain: "house.example", aor: "", qr: "" };
  expect(settingsOf(made)).toEqual([
    ["Server", "tower:5060 (UDP)"],
    ["User name", "anna"],
    ["Password", "secret"],
    ["Domain", "house.example"],
  ]);
});
