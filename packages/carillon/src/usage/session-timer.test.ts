import { expect, test } from "vitest";
import { lifeOf } from "./picture.ts";
import * as timer from "./session-timer.ts";

type Input = timer.Input;

const p: timer.Params = { peerAllowsUpdate: true };

const agreed = (intervalSeconds: number, refresher: "Local" | "Remote"): Input => ({
  kind: "Agreed",
  session: { intervalSeconds, refresher },
});
const refused = (status: number, minSeSeconds?: number): Input => ({
  kind: "Refused",
  status,
  minSeSeconds,
});

/** When what was said, of a whole life. */
function said(params: timer.Params, script: readonly (readonly [number, Input])[], max = 20) {
  const lines = lifeOf(timer, params, script, max).map((line) => line.split(" | "));
  return lines.flatMap(([where = "", ...outputs]) =>
    outputs.map((one) => `${where.split(" ")[0]} ${one}`),
  );
}

//= RFC 4028 §7.2
//# If the UA seeks to continue with the session beyond the session expiration, it MUST generate a
//# refresh before the session expiration. It is RECOMMENDED that this refresh be sent once half the
//# session interval has elapsed.
//= RFC 4028 §9
//# If UA wishes to continue with the session beyond the session expiration, it MUST generate a
//# refresh before the session expiration. It is RECOMMENDED that this refresh be sent once half the
//# session interval has elapsed.
test("RFC 4028 §13: Alice refreshes after 2000 seconds, by UPDATE, without a Min-SE", () => {
  const script = [
    [0, agreed(4000, "Local")],
    [2_000_050, agreed(4000, "Local")],
  ] as const;
  expect(said(p, script, 5)).toEqual([
    "2000000 Refresh UPDATE (sessionExpires {seconds 4000, refresher uac})",
    "4000050 Refresh UPDATE (sessionExpires {seconds 4000, refresher uac})",
  ]);
});

//= RFC 4028 §10
//# Similarly, if the side not performing refreshes does not receive a session refresh request
//# before the session expiration, it SHOULD send a BYE to terminate the session, slightly before
//# the session expiration. The minimum of 32 seconds and one third of the session interval is
//# RECOMMENDED.
test("RFC 4028 §13: Bob, who hears no more of Alice, hangs up after 3968 seconds", () => {
  expect(said(p, [[0, agreed(4000, "Remote")]])).toEqual(["3968000 Bye expired"]);
  expect(said(p, [[0, agreed(90, "Remote")]])).toEqual(["60000 Bye expired"]);
});

test("RFC 4028 §7.2: every refresh begins the interval anew, and may change who refreshes", () => {
  const script = [
    [0, agreed(1800, "Remote")],
    [900_000, agreed(600, "Local")],
    [1_000_000, agreed(600, "Remote")],
  ] as const;
  expect(said(p, script)).toEqual(["1568000 Bye expired"]);
});

//= RFC 4028 §7.2
//# If the 2xx response did not contain a Session-Expires header field, there is no session
//# expiration. In this case, no refreshes need to be sent.
test("RFC 4028 §7.2: a 2xx without Session-Expires turns it off in the middle of a call", () => {
  const off: Input = { kind: "Agreed", session: undefined };
  expect(
    said(p, [
      [0, agreed(1800, "Local")],
      [5, off],
    ]),
  ).toEqual([]);
});

//= RFC 4028 §7.4
//# If a UAC knows that its peer supports the UPDATE method, it is RECOMMENDED that UPDATE be used
//# instead of a re-INVITE.
test("RFC 4028 §7.4: one who does not know UPDATE is sent an INVITE", () => {
  //= RFC 3261 §20.5
  //# The absence of an Allow header field MUST NOT be interpreted to mean that the UA sending the
  //# message supports no methods.
  expect(said({ peerAllowsUpdate: false }, [[0, agreed(1800, "Local")]])[0]).toBe(
    "900000 Refresh INVITE (sessionExpires {seconds 1800, refresher uac})",
  );
});

//= RFC 4028 §7.4
//# The UAC MUST insert the Min-SE header field into a session refresh request for a particular
//# dialog if it has ever received a 422 response to a previous session refresh request on the same
//# dialog, or if it has received a session refresh request on that dialog that contained a Min-SE
//# header field.
//= RFC 4028 §7.3
//# If the response to a session refresh request is a 422 (Session Interval Too Small) response
//# message, then the UAC MAY retry the request.
test("RFC 4028 §7.3, §7.4: after a 422 it asks for longer; the old time still counts", () => {
  const script = [
    [0, agreed(1800, "Local")],
    [900_100, refused(422, 3600)],
    [900_200, refused(422, 4000)],
  ] as const;
  expect(said(p, script)).toEqual([
    "900000 Refresh UPDATE (sessionExpires {seconds 1800, refresher uac})",
    "900100 Refresh UPDATE (sessionExpires {seconds 3600, refresher uac}, minSeSeconds 3600)",
    "900200 Refresh UPDATE (sessionExpires {seconds 4000, refresher uac}, minSeSeconds 4000)",
    "1768000 Bye expired",
  ]);
});

test("RFC 4028 §7.4: the Min-SE of a request of theirs goes into ours", () => {
  const script = [
    [0, agreed(1800, "Local")],
    [5, { kind: "MinSe", seconds: 2000 }],
  ] as const;
  expect(said(p, script)[0]).toBe(
    "900000 Refresh UPDATE (sessionExpires {seconds 2000, refresher uac}, minSeSeconds 2000)",
  );
});

test("a peer that always wants longer is asked six times", () => {
  const script = Array.from({ length: 20 }, (_, n) => [900_000, refused(422, 2000 + n)] as const);
  const lines = said(p, [[0, agreed(1800, "Local")], [900_000, { kind: "Tick" }], ...script]);
  expect(lines.filter((line) => line.startsWith("900000 Refresh"))).toHaveLength(6);
});

//= RFC 4028 §10
//# If the session refresh request transaction times out or generates a 408 or 481 response, then
//# the UAC sends a BYE request as per Section 12.2.1.2 of RFC 3261 [2].
test("RFC 4028 §10: silence or a 481 ends the call", () => {
  for (const status of [408, 481]) {
    expect(
      said(p, [
        [0, agreed(1800, "Local")],
        [932_000, refused(status)],
      ]).at(-1),
    ).toBe("932000 Bye unanswered");
  }
});

//= RFC 4028 §10
//# If the session refresh request does not generate a 2xx response (and, as a result, the session
//# is not refreshed), and a response other than 408 or 481 is received, the UAC SHOULD follow the
//# rules specific to that response code and retry if possible.
//= RFC 4028 §10
//# However, the UAC SHOULD NOT continuously retry the request if the server indicates the same
//# error response.
test("RFC 4028 §10: another refusal is tried again once, and then the session expires", () => {
  const script = [
    [0, agreed(1800, "Local")],
    [900_000, { kind: "Tick" }],
    [900_000, refused(500)],
    [1_334_000, { kind: "Tick" }],
    [1_334_000, refused(500)],
  ] as const;
  expect(said(p, script)).toEqual([
    "900000 Refresh UPDATE (sessionExpires {seconds 1800, refresher uac})",
    "1334000 Refresh UPDATE (sessionExpires {seconds 1800, refresher uac})",
    "1768000 Bye expired",
  ]);
});

//= RFC 4028 §4
//# In other words, SIP entities MUST be prepared to handle Session-Expires header field values of
//# any duration greater than 90 seconds
test("RFC 4028 §4: any interval of more than 90 seconds will do", () => {
  expect(said(p, [[0, agreed(91, "Local")]])[0]).toContain("45500 Refresh");
  const century = 2 ** 32 - 1;
  expect(said(p, [[0, agreed(century, "Remote")]])).toEqual([
    `${1000 * century - 32_000} Bye expired`,
  ]);
});

//= RFC 4028 §4
//# The absolute minimum for the Session-Expires header field is 90 seconds.
test("RFC 4028 §4: less than 90 seconds counts as 90", () => {
  expect(said(p, [[0, agreed(1, "Local")]])[0]).toContain("45000 Refresh");
});
