import { describe, expect, test } from "vitest";
import { parseRetryAfter } from "../message/header/retry-after.ts";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { readHeader } from "../message/read-header.ts";
import { answerTo, lonePhone } from "../testing/lone-phone.ts";
import { SipError } from "./sip-error.ts";

const REFUSAL = { toTag: "b1", lines: ["Retry-After: 120 (lunch)", "X-Queue: 7"] };

/** What it rejects with; fails if that is no SipError with a response. */
async function refusalOf(promise: Promise<unknown>) {
  const error: unknown = await promise.catch((cause: unknown) => cause);
  if (!(error instanceof SipError) || !error.response) throw new Error("no response in it");
  return { error, response: error.response };
}

describe("an error has the response that it comes from, with all its headers", () => {
  test("RFC 3261 §13.2.2.3 where a call is refused", async () => {
    const { phone, register, wait, requests, say, sent } = lonePhone();
    await register();
    sent();
    const call = phone.call("sip:bob@example.com");
    await wait(0);
    const [invite] = requests("INVITE") as [Request];
    await say(answerTo(invite, 503, REFUSAL));
    const { error, response } = await refusalOf(call.answered);
    expect([error.code, error.status, response.status]).toEqual(["SIP_REJECTED", 503, 503]);
    expect(header(response, "x-queue")).toBe("7");
    const later = readHeader(response, "Retry-After", parseRetryAfter);
    expect(later).toMatchObject({ ok: true, value: { seconds: 120 } });
    expect((await call.ended).response).toBe(response);
  });

  test("RFC 3261 §10.2.7 where a registration is refused", async () => {
    const { phone, wait, requests, say } = lonePhone();
    const registered = phone.register();
    registered.catch(() => {});
    await wait(0);
    const [register] = requests("REGISTER") as [Request];
    await say(answerTo(register, 403, REFUSAL));
    const { response } = await refusalOf(registered);
    expect(header(response, "x-queue")).toBe("7");
  });

  test("RFC 3428 §4 where a message is refused", async () => {
    const { phone, register, wait, requests, say, sent } = lonePhone();
    await register();
    sent();
    const delivered = phone.message("sip:bob@example.com", "Dinner!");
    delivered.catch(() => {});
    await wait(0);
    const [message] = requests("MESSAGE") as [Request];
    await say(answerTo(message, 480, REFUSAL));
    const { response } = await refusalOf(delivered);
    expect(header(response, "x-queue")).toBe("7");
  });
});
