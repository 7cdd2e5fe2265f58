import { SipError } from "carillon/ua";
import { expect, test } from "vitest";
import { CannotStart } from "../cannot-start.ts";
import { signIn } from "./sign-in.ts";

const refusing = (cause: Error) => ({
  aor: "sip:anna@example.com",
  register: () => Promise.reject(cause),
});

test.each([
  ["SIP_UNAUTHORIZED", "wrong", "Is CARILLON_PASSWORD that of anna?"],
  ["SIP_UNAUTHORIZED", undefined, "Set CARILLON_PASSWORD"],
  ["SIP_TRANSPORT", "right", "--server"],
  ["SIP_FORBIDDEN", "right", "operator"],
] as const)("%s with the password %s says what to do", async (code, password, words) => {
  const phone = refusing(new SipError(code, "The server said no."));
  const account = { user: "anna", password };
  const cause: unknown = await signIn(phone, account).catch((one: unknown) => one);
  if (!(cause instanceof CannotStart)) throw new Error("it is told with a stack", { cause });
  expect(cause.message).toMatch(/^sip:anna@example\.com cannot sign in: The server said no\. /);
  expect(cause.message).toContain(words);
});

test("what is a mistake of the program's own stays one", async () => {
  const account = { user: "anna", password: "x" };
  await expect(signIn(refusing(new TypeError("x")), account)).rejects.toThrow(TypeError);
});
