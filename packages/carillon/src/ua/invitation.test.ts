import { expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { requestOfUri } from "../message/request-of-uri.ts";
import { answerTo, lonePhone } from "../testing/lone-phone.ts";
import { invitationTo } from "./invitation.ts";

/** A phone that calls; its INVITE is out. */
async function calling(target: string) {
  const lone = lonePhone();
  await lone.register();
  lone.sent();
  const call = lone.phone.call(target);
  await lone.wait(0);
  const [invite] = lone.requests("INVITE") as [Request];
  return { ...lone, call, invite };
}

test("RFC 3261 §19.1.5: an INVITE to a URI from a card has what the URI asks for", async () => {
  const card = "sip:bob@example.com:5070;user=phone;transport=tcp;x=y;method=INVITE";
  const { invite } = await calling(`${card}?Subject=your%20card&From=sip:evil%40x&body=v`);
  //= RFC 3261 §19.1.5
  //# An implementation MUST include any provided transport, maddr, ttl, or user parameter in the
  //# Request-URI of the formed request.
  //= RFC 3261 §19.1.5
  //# The method parameter MUST NOT be placed in the Request-URI. Unknown URI parameters MUST be
  //# placed in the message's Request-URI.
  expect(invite.uri).toBe("sip:bob@example.com:5070;user=phone;transport=tcp;x=y");
  expect(header(invite, "To")).toBe("<sip:bob@example.com;user=phone;x=y>");
  expect(header(invite, "Subject")).toBe("your card");
  expect(headerLines(invite, "From")).toHaveLength(1);
  expect(invite.body).toContain("m=audio");
});

test("RFC 3261 §19.1.5: what asks for something else than a call is refused in words", () => {
  for (const [target, why] of [
    ["tel:+1", /only sip and sips/],
    ["sip:bob@h;method=BYE", /asks for BYE/],
    ["sip:bob@h?Require=timer", /requires timer/],
  ] as const) {
    expect(() => invitationTo(target, requestOfUri)).toThrow(RangeError);
    expect(() => invitationTo(target, requestOfUri)).toThrow(why);
  }
});

test("RFC 3261 §21.5.4: a 503 ends a call as a 500 does", async () => {
  const ends = await Promise.all(
    [500, 503].map(async (status) => {
      const { call, say, invite } = await calling("sip:bob@example.com");
      await say(answerTo(invite, status));
      const { status: told, response, ...end } = await call.ended;
      expect([told, response?.status]).toEqual([status, status]);
      return end;
    }),
  );
  //= RFC 3261 §21.5.4
  //# If no Retry-After is given, the client MUST act as if it had received a 500 (Server Internal
  //# Error) response.
  expect(ends[1]).toEqual(ends[0]);
});
