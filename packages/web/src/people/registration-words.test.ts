import { SipError } from "carillon";
import { expect, test } from "vitest";
import { registrationWords } from "./registration-words.ts";

const lost = new SipError("SIP_TRANSPORT", "The connection to the server is gone.");

test("only a registered phone is shown as online", () => {
  expect(registrationWords({ name: "Registered" }).tone).toBe("live");
  expect(registrationWords({ name: "Offline" }).tone).toBe("off");
  expect(registrationWords({ name: "Connecting" }).tone).toBe("waiting");
  expect(registrationWords({ name: "Failed", error: lost }).tone).toBe("off");
});

test("connecting says why it has to, once there is a reason", () => {
  expect(registrationWords({ name: "Connecting" }).long).toBe("Connecting to the house.");
  expect(registrationWords({ name: "Connecting", error: lost }).long).toBe(
    "The connection to the server is gone. The page tries again by itself; check your network.",
  );
});

test("a failure says what to do", () => {
  const said = (error: SipError): string => registrationWords({ name: "Failed", error }).long;
  expect(said(new SipError("SIP_UNAUTHORIZED", ""))).toContain("invite link");
  expect(said(lost)).toContain("Check your network");
  expect(said(new SipError("SIP_REJECTED", ""))).toContain("Reload");
});
