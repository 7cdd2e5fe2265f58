import { describe, expect, test } from "vitest";
import { hasHeader, header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { house } from "../testing/house.ts";
import { type AnswerParts, answerTo, lonePhone, read } from "../testing/lone-phone.ts";
import { requestText } from "../testing/request-text.ts";
import {
  ANSWER,
  answer,
  called,
  calling,
  statuses,
  THEIR_CONTACT,
  talking,
} from "../testing/scripted-call.ts";

const agreed = (value: string, allow = "INVITE, ACK, BYE, UPDATE"): AnswerParts => ({
  ...ANSWER,
  lines: [
    ...(ANSWER.lines ?? []).filter((line) => !line.startsWith("Allow")),
    `Allow: ${allow}`,
    `Session-Expires: ${value}`,
    "Require: timer",
  ],
});

const REFRESHED: AnswerParts = { lines: [THEIR_CONTACT, "Session-Expires: 120;refresher=uac"] };

describe("a call that we make", () => {
  test("RFC 4028 §7.1 says that it knows session timers, and asks for half an hour", async () => {
    const { invite } = await calling();
    //= RFC 4028 §7.1
    //# A UAC that supports the session timer extension defined here MUST include a Supported header
    //# field in each request (except ACK), listing the option tag 'timer' [2].
    expect(header(invite, "Supported")).toMatch(/^100rel, timer, /);
    expect(header(invite, "Session-Expires")).toBe("1800");
    expect(hasHeader(invite, "Min-SE")).toBe(false);
  });

  test("RFC 4028 §7.4 is refreshed at half of the interval, by UPDATE if they can", async () => {
    const it = await talking(agreed("120;refresher=uac"));
    await it.wait(59_000);
    expect(it.sent()).toEqual([]);
    await it.wait(1100);
    const [update] = it.requests("UPDATE") as [Request];
    //= RFC 4028 §7.4
    //# If a UAC knows that its peer supports the UPDATE method, it is RECOMMENDED that UPDATE be
    //# used instead of a re-INVITE.
    expect(update).toMatchObject({ uri: "sip:bob@192.0.2.77:5060", body: "" });
    expect(header(update, "Session-Expires")).toBe("120;refresher=uac");
    expect(header(update, "Supported")).toMatch(/^timer, /);
    await it.say(answerTo(update, 200, REFRESHED));
    await it.wait(60_100);
    expect(it.requests("UPDATE"), "and again").toHaveLength(1);
    expect(it.call.state.name).toBe("Established");
  });

  test("RFC 4028 §7.4 or by an INVITE with an offer where they do not", async () => {
    const it = await talking(agreed("120;refresher=uac", "INVITE, ACK, BYE"));
    await it.wait(60_100);
    const [invite] = it.requests("INVITE") as [Request];
    expect(invite.body).toBe("our offer 2");
    expect(header(invite, "Session-Expires")).toBe("120;refresher=uac");
    await it.say(answerTo(invite, 200, { ...agreed("120;refresher=uac"), body: "again" }));
    expect(header(it.requests("ACK")[0] as Request, "CSeq")).toBe("2 ACK");
    expect(it.asked).toContain("accept again");
  });

  test("RFC 4028 §10 ends when the side that has to refresh is silent", async () => {
    const it = await talking(agreed("120;refresher=uas"));
    await it.wait(87_000);
    expect(it.call.state.name).toBe("Established");
    await it.wait(1100);
    //= RFC 4028 §10
    //# Similarly, if the side not performing refreshes does not receive a session refresh request
    //# before the session expiration, it SHOULD send a BYE to terminate the session, slightly
    //# before the session expiration.
    const [bye] = it.requests("BYE") as [Request];
    expect(header(bye, "Reason")).toContain("cause=408");
    expect(await it.call.ended).toMatchObject({
      by: "network",
      code: "SIP_TIMEOUT",
      message: "The other side went silent.",
    });
  });

  test("RFC 4028 §10 ends when a refresh is met with silence, or with a 481", async () => {
    for (const status of [408, 481, undefined]) {
      const it = await talking(agreed("120;refresher=uac"));
      await it.wait(60_100);
      const [update] = it.requests("UPDATE") as [Request];
      if (status) await it.say(answerTo(update, status));
      else await it.wait(32_000);
      //= RFC 4028 §10
      //# If the session refresh request transaction times out or generates a 408 or 481 response,
      //# then the UAC sends a BYE request as per Section 12.2.1.2 of RFC 3261 [2].
      expect(it.requests("BYE").length).toBeGreaterThan(0);
      expect(await it.call.ended).toMatchObject({ by: "network", code: "SIP_TIMEOUT" });
    }
  });

  test("RFC 4028 §7.3 asks again for longer when it asked for too short a time", async () => {
    const it = await calling();
    await it.says(422, { lines: ["Min-SE: 3600"] });
    const [again] = it.requests("INVITE") as [Request];
    expect(header(again, "Call-ID")).toBe(header(it.invite, "Call-ID"));
    expect(header(again, "From")).toBe(header(it.invite, "From"));
    expect([header(again, "CSeq"), header(again, "Session-Expires"), again.body]).toEqual([
      "2 INVITE",
      "3600",
      it.invite.body,
    ]);
    //= RFC 4028 §7.4
    //# Similarly, if no dialog has been established yet, a UAC MUST insert the Min-SE header field
    //# into an INVITE request if it has ever received a 422 response to a previous INVITE request
    //# with the same Call-ID.
    expect(header(again, "Min-SE")).toBe("3600");
    await it.say(answerTo(again, 200, agreed("3600;refresher=uac")));
    await it.call.answered;
  });

  test("RFC 4028 §7.3 and gives up in words where it is never long enough", async () => {
    const it = await calling();
    let pending: Request | undefined = it.invite;
    let count = 0;
    for (; pending; count++) {
      await it.say(answerTo(pending, 422, { lines: [`Min-SE: ${2000 + 10 * count}`] }));
      pending = it.requests("INVITE")[0];
    }
    expect(count).toBe(6);
    expect(await it.call.ended).toMatchObject({ by: "remote", status: 422 });
    const same = await calling();
    await same.says(422, {});
    expect(await same.call.ended).toMatchObject({ status: 422 });
  });

  test("RFC 4028 §7.3 a refresh that is too brief is tried for longer", async () => {
    const it = await talking(agreed("120;refresher=uac"));
    await it.wait(60_100);
    const [update] = it.requests("UPDATE") as [Request];
    await it.say(answerTo(update, 422, { lines: ["Min-SE: 300"] }));
    const [again] = it.requests("UPDATE") as [Request];
    expect([header(again, "Session-Expires"), header(again, "Min-SE")]).toEqual([
      "300;refresher=uac",
      "300",
    ]);
  });
});

describe("a call that comes in", () => {
  const timed = (...lines: readonly string[]) => called({ lines });

  test("RFC 4028 §9 is granted what it asks for, and the caller refreshes", async () => {
    const it = await timed("Supported: timer", "Session-Expires: 120", "Min-SE: 100");
    await answer(it);
    const ok = it.responses()[0];
    //= RFC 3261 §8.2.4
    //# Any extensions applied to a non-421 response MUST be listed in a Require header field
    //# included in the response.
    //= RFC 4028 §9
    //# If the refresher parameter in the Session-Expires header field in the 2xx response has a
    //# value of 'uac', the UAS MUST place a Require header field into the response with the value
    //# 'timer'.
    expect(ok && [header(ok, "Session-Expires"), header(ok, "Require")]).toEqual([
      "120;refresher=uac",
      "timer",
    ]);
    await it.theirs("ACK");
    await it.wait(80_000);
    const lines = [THEIR_CONTACT, "Supported: timer", "Session-Expires: 120;refresher=uac"];
    await it.theirs("UPDATE", { seq: 2, lines });
    const [refreshed] = it.responses();
    expect(refreshed && header(refreshed, "Session-Expires")).toBe("120;refresher=uac");
    await it.wait(80_000);
    expect(it.call.state.name).toBe("Established");
    await it.wait(10_000);
    expect(it.requests("BYE").length).toBeGreaterThan(0);
    expect(await it.call.ended).toMatchObject({ code: "SIP_TIMEOUT" });
  });

  test("RFC 4028 §9 is refreshed by us for a caller who knows nothing of it", async () => {
    const it = await timed("Session-Expires: 120");
    await answer(it);
    const [ok] = it.responses();
    expect(ok && [header(ok, "Session-Expires"), header(ok, "Require")]).toEqual([
      "120;refresher=uas",
      undefined,
    ]);
    await it.theirs("ACK");
    await it.wait(60_100);
    expect(it.requests("INVITE"), "its Allow lists no UPDATE").toHaveLength(1);
  });

  test("RFC 4028 §9 is asked to expire if only the caller knows how", async () => {
    const it = await timed("Supported: timer");
    await answer(it);
    const [ok] = it.responses();
    expect(ok && header(ok, "Session-Expires")).toBe("1800;refresher=uac");
  });

  test("RFC 4028 §9 is refused when it wants to be refreshed all the time", async () => {
    const lone = lonePhone();
    await lone.register();
    lone.sent();
    const lines = [THEIR_CONTACT, "Supported: timer", "Session-Expires: 60"];
    await lone.say(requestText("INVITE", { lines, body: "" }));
    const [refused] = lone.sent().map(read);
    //= RFC 4028 §9
    //# When sending the 422 response, the UAS MUST include a Min-SE header field with the value of
    //# its minimum interval.
    expect(refused).toMatchObject({ status: 422 });
    expect(refused && header(refused, "Min-SE")).toBe("90");
  });

  test("RFC 4028 §9 so is a later request, and the call goes on as before", async () => {
    const it = await called();
    await answer(it);
    await it.theirs("ACK");
    it.sent();
    const lines = [THEIR_CONTACT, "Supported: timer", "Session-Expires: 60"];
    await it.theirs("UPDATE", { seq: 2, lines });
    await it.theirs("INVITE", { seq: 3, lines });
    expect(statuses(it.responses())).toEqual([422, 422]);
    await it.theirs("UPDATE", { seq: 4, lines: [THEIR_CONTACT] });
    expect(statuses(it.responses())).toEqual([200]);
    expect(it.call.state.name).toBe("Established");
  });
});

describe("two phones", () => {
  test("RFC 4028 §7.4 keep a call for hours, refreshed every quarter of an hour", async () => {
    const { network, signedIn, talk } = house();
    const [alice, bob] = [await signedIn("alice", "ws"), await signedIn("bob", "ws")];
    const { from, to } = await talk(alice, bob);
    const seen = network.sights.length;
    await network.run(3 * 3_600_000 + 60_000);
    const updates = network.sights.slice(seen).filter(({ octets }) => octets.startsWith("UPDATE"));
    expect(updates).toHaveLength(2 * 12);
    expect([from.state.name, to.state.name]).toEqual(["Established", "Established"]);
    from.hangUp();
    await network.until(to.ended);
  });

  test("RFC 4028 §10 of which one falls silent: the other ends in half an hour", async () => {
    const { network, signedIn, talk, hostOf } = house();
    const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
    const { to } = await talk(alice, bob);
    hostOf(alice).close();
    await network.run(1_700_000);
    expect(to.state.name).toBe("Established");
    const end = await network.until(to.ended, 100_000);
    expect(end).toMatchObject({ by: "network", message: "The other side went silent." });
  });
});
