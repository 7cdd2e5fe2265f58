import { describe, expect, test } from "vitest";
import { elements, hasHeader, header, headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { topVia } from "../message/via.ts";
import { type AnswerParts, answerTo, lonePhone, read } from "../testing/lone-phone.ts";
import { eachSpoiled } from "../testing/nasty.ts";
import { requestText } from "../testing/request-text.ts";
import { silentMedia } from "../testing/silent-media.ts";
import type { MediaSession } from "./media.ts";

const ANSWER: AnswerParts = {
  toTag: "b1",
  lines: [
    "Contact: <sip:bob@192.0.2.77:5060>",
    "Record-Route: <sip:p1.example;lr>, <sip:p2.example;lr>",
    "Content-Type: application/sdp",
  ],
  body: "v=0\r\n",
};

/** A phone that calls bob; its INVITE is out. */
async function calling(options: Parameters<typeof lonePhone>[0] = {}) {
  const lone = lonePhone(options);
  await lone.register();
  lone.sent();
  const call = lone.phone.call("sip:bob@example.com");
  await lone.wait(0);
  const [invite] = lone.requests("INVITE") as [Request];
  const says = (status: number, parts: AnswerParts = ANSWER) =>
    lone.say(answerTo(invite, status, parts));
  return { ...lone, call, invite, says };
}

/** The values of a header that name one thing, such as what a test expects to be the same. */
const value = (request: Request | undefined, name: string) => request && header(request, name);

describe("a call that goes out", () => {
  test("RFC 3261 §8.1.1 begins with an INVITE that has all that a request needs", async () => {
    const { invite } = await calling({ displayName: "Alice" });
    //= RFC 3261 §8.1.1
    //# A valid SIP request formulated by a UAC MUST, at a minimum, contain the following header
    //# fields: To, From, CSeq, Call-ID, Max-Forwards, and Via; all of these header fields are
    //# mandatory in all SIP requests.
    //= RFC 3261 §8.1.1.7
    //# When the UAC creates a request, it MUST insert a Via into that request.
    for (const name of ["To", "From", "CSeq", "Call-ID", "Max-Forwards", "Via"]) {
      expect(headerLines(invite, name)).toHaveLength(1);
    }
    //= RFC 3261 §8.1.1.2
    //# A request outside of a dialog MUST NOT contain a To tag
    expect(header(invite, "To")).toBe("<sip:bob@example.com>");
    expect(invite.uri).toBe("sip:bob@example.com");
    //= RFC 3261 §8.1.1.3
    //# The From field MUST contain a new "tag" parameter, chosen by the UAC.
    expect(header(invite, "From")).toMatch(/^"Alice" <sip:alice@example\.com>;tag=\w{20,}$/);
    //= RFC 3261 §8.1.1.6
    //# A UAC MUST insert a Max-Forwards header field into each request it originates with a value
    //# that SHOULD be 70.
    expect(header(invite, "Max-Forwards")).toBe("70");
    //= RFC 3261 §8.1.1.7
    //# The protocol name and protocol version in the header field MUST be SIP and 2.0,
    //# respectively. The Via header field value MUST contain a branch parameter.
    //= RFC 3261 §8.1.1.7
    //# The branch ID inserted by an element compliant with this specification MUST always begin
    //# with the characters "z9hG4bK".
    //= RFC 3261 §18.1.1
    //# Before a request is sent, the client transport MUST insert a value of the "sent-by" field
    //# into the Via header field.
    expect(header(invite, "Via")).toMatch(
      /^SIP\/2\.0\/UDP 192\.0\.2\.1:5060;branch=z9hG4bK\S+;rport$/,
    );
    //= RFC 3261 §8.1.1.8
    //# The Contact header field MUST be present and contain exactly one SIP or SIPS URI in any
    //# request that can result in the establishment of a dialog.
    expect(elements(invite, "Contact")).toEqual({
      ok: true,
      value: ["<sip:alice@192.0.2.1:5060>"],
    });
    //= RFC 3261 §13.2.1
    //# The initial offer MUST be in either an INVITE or, if not there, in the first reliable
    //# non-failure message from the UAS back to the UAC.
    expect(invite.body).toContain("m=audio");
  });

  test("RFC 3261 §8.1.1.4 no two calls have a Call-ID, a tag or a branch in common", async () => {
    const seen = new Set<string>();
    const lone = lonePhone();
    await lone.register();
    lone.sent();
    for (let i = 0; i < 50; i++) lone.phone.call("sip:bob@example.com");
    await lone.wait(0);
    const invites = lone.requests("INVITE");
    //= RFC 3261 §8.1.1.4
    //# In a new request created by a UAC outside of any dialog, the Call-ID header field MUST be
    //# selected by the UAC as a globally unique identifier over space and time unless overridden by
    //# method-specific behavior.
    //= RFC 3261 §8.1.1.7
    //# The branch parameter value MUST be unique across space and time for all requests sent by the
    //# UA.
    for (const invite of invites) {
      const via = topVia(invite);
      if (via.ok) seen.add(via.value.branch);
      seen.add(header(invite, "Call-ID") ?? "").add(header(invite, "From") ?? "");
    }
    expect(seen.size).toBe(150);
  });

  test("RFC 3261 §8.1.3.2 rings with any provisional response but 100", async () => {
    const { call, says } = await calling();
    //= RFC 3261 §8.1.3.2
    //# A UAC MUST treat any provisional response different than 100 that it does not recognize as
    //# 183 (Session Progress). A UAC MUST be able to process 100 and 183 responses.
    await says(100, {});
    expect(call.state.name).toBe("Dialing");
    await says(155, {});
    expect(call.state.name).toBe("Ringing");
  });

  test("RFC 3261 §13.2.2.4 a 2xx makes the dialog that its ACK belongs to", async () => {
    const { call, says, invite, requests } = await calling();
    const early = ["Record-Route: <sip:early.example;lr>", "Contact: <sip:bob@192.0.2.70>"];
    await says(180, { toTag: "b1", lines: early });
    //= RFC 3261 §13.2.2.4
    //# If the dialog identifier in the 2xx response matches the dialog identifier of an existing
    //# dialog, the dialog MUST be transitioned to the "confirmed" state, and the route set for the
    //# dialog MUST be recomputed based on the 2xx response using the procedures of Section
    //# 12.2.1.2.
    //= RFC 3261 §13.2.2.4
    //# Otherwise, a new dialog in the "confirmed" state MUST be constructed using the procedures of
    //# Section 12.1.2.
    await says(200);
    await call.answered;
    expect(call.state.name).toBe("Established");
    const [ack] = requests("ACK");
    //= RFC 3261 §8.2.2.3
    //# An ACK request for a 2xx response MUST contain only those Require and Proxy-Require values
    //# that were present in the initial request.
    expect(ack?.text).not.toMatch(/Require/);
    expect(ack?.uri).toBe("sip:bob@192.0.2.77:5060");
    expect(ack && headerLines(ack, "Route")).toEqual([
      "<sip:p2.example;lr>",
      "<sip:p1.example;lr>",
    ]);
    //= RFC 3261 §13.2.2.4
    //# The sequence number of the CSeq header field MUST be the same as the INVITE being
    //# acknowledged, but the CSeq method MUST be ACK.
    expect(value(ack, "CSeq")).toBe(header(invite, "CSeq")?.replace("INVITE", "ACK"));
    //= RFC 3261 §8.1.1.4
    //# It MUST be the same for all requests and responses sent by either UA in a dialog.
    expect(value(ack, "Call-ID")).toBe(header(invite, "Call-ID"));
    expect(value(ack, "To")).toBe("<sip:bob@example.com>;tag=b1");
    //= RFC 3261 §17.1.1.3
    //# A UAC core that generates an ACK for 2xx MUST instead follow the rules described in Section
    //# 13.
    expect(value(ack, "Via")).not.toBe(header(invite, "Via"));
  });

  test("RFC 3261 §13.2.2.4 the same 2xx again gets the same ACK again", async () => {
    const { call, says, sent, wait } = await calling();
    await says(200);
    const acks = sent();
    //= RFC 3261 §13.2.2.4
    //# The ACK MUST be passed to the client transport every time a retransmission of the 2xx final
    //# response that triggered the ACK arrives.
    for (let i = 0; i < 5; i++) {
      await wait(4000);
      await says(200);
      expect(sent()).toEqual(acks);
    }
    expect(call.state.name).toBe("Established");
    call.hangUp();
    sent();
    await says(200);
    expect(sent(), "though it was hung up").toEqual(acks);
  });

  test("RFC 3261 §13.2.2.4 a second answer of a forked call is ACKed and hung up", async () => {
    const { call, says, requests, sent } = await calling();
    await says(200);
    sent();
    const other = { ...ANSWER, toTag: "c1", lines: ["Contact: <sip:bob@192.0.2.88>"] };
    await says(200, other);
    //= RFC 3261 §13.2.2.4
    //# The UAC core MUST generate an ACK request for each 2xx received from the transaction layer.
    //= RFC 3261 §13.2.2.4
    //# If, after acknowledging any 2xx response to an INVITE, the UAC does not want to continue
    //# with that dialog, then the UAC MUST terminate the dialog by sending a BYE request as
    //# described in Section 15.
    const both = sent().map((text) => read(text) as Request);
    expect(both.map(({ method, uri }) => `${method} ${uri}`)).toEqual([
      "ACK sip:bob@192.0.2.88",
      "BYE sip:bob@192.0.2.88",
    ]);
    expect(both.map((one) => header(one, "To"))).toEqual(
      new Array(2).fill("<sip:bob@example.com>;tag=c1"),
    );
    await says(200, other);
    expect(requests("ACK"), "its ACK again, and no second BYE").toHaveLength(1);
    expect(call.state.name).toBe("Established");
  });

  test("RFC 3261 §13.2.2.4 the ACK carries the INVITE's credentials", async () => {
    const it = await calling({ password: "secret" });
    await it.says(407, { lines: [challenge("example.com")] });
    const [again] = it.requests("INVITE") as [Request];
    const proof = header(again, "Proxy-Authorization");
    expect(proof).toMatch(/^Digest /);
    await it.say(answerTo(again, 200, ANSWER));
    //= RFC 3261 §13.2.2.4
    //# The ACK MUST contain the same credentials as the INVITE.
    expect(value(it.requests("ACK")[0], "Proxy-Authorization")).toBe(proof);
  });

  test("a 2xx that no ACK can be made for ends the call in words", async () => {
    const { call, says } = await calling();
    await says(180, {});
    await says(200, { toTag: "b1", body: "v=0\r\n" });
    expect(await call.ended).toMatchObject({ by: "network", code: "SIP_NOT_ACCEPTABLE" });
  });

  test("a hundred answers from as many forks cost no more than a few", async () => {
    const { call, says, requests } = await calling();
    for (let i = 0; i < 100; i++) await says(200, { ...ANSWER, toTag: `fork${i}` });
    expect(requests("BYE").length).toBeLessThan(64);
    expect(call.state.name).toBe("Established");
  });
});

describe("an answer with nonsense in it", () => {
  test("never makes the phone throw: it is taken, or the call ends in words", async () => {
    const lone = lonePhone({ password: "secret" });
    await lone.register();
    const lines = [...(ANSWER.lines ?? []), 'Warning: 399 carillon "x"', challenge("example.com")];
    const answer = answerTo((await placed(lone)).invite, 200, { ...ANSWER, lines });
    let talked = 0;
    for (const spoiled of eachSpoiled(answer)) {
      for (const status of ["200", "407"]) {
        const { call, invite } = await placed(lone);
        const fitting = /^Via: .*$/m.exec(answerTo(invite, 200))?.[0] ?? "";
        await lone.say(spoiled.replace(/^Via: .*$/m, fitting).replace("200", status));
        if (call.state.name === "Established") talked++;
        call.hangUp();
        await lone.wait(100);
        expect(call.state.name).toBe("Ended");
      }
    }
    expect(talked).toBeGreaterThan(100);
  });

  async function placed(lone: ReturnType<typeof lonePhone>) {
    lone.sent();
    const call = lone.phone.call("sip:bob@example.com");
    await lone.wait(0);
    const [invite] = lone.requests("INVITE") as [Request];
    return { call, invite };
  }
});

describe("a call that is not answered", () => {
  const refusals: readonly (readonly [number, string])[] = [
    [486, "SIP_BUSY"],
    [603, "SIP_DECLINED"],
    [480, "SIP_UNAVAILABLE"],
    [404, "SIP_NOT_FOUND"],
    [488, "SIP_NOT_ACCEPTABLE"],
    [302, "SIP_REJECTED"],
    [503, "SIP_REJECTED"],
    [699, "SIP_BUSY"],
    [431, "SIP_REJECTED"],
  ];
  for (const [status, code] of refusals) {
    test(`RFC 3261 §13.2.2.3 ends with ${code} on ${status}`, async () => {
      const { call, says, sent } = await calling();
      await says(status, { toTag: "b1" });
      //= RFC 3261 §8.1.3.2
      //# A UAC MUST treat any final response it does not recognize as being equivalent to the x00
      //# response code of that class, and MUST be able to process the x00 response code for all
      //# classes.
      const end = await call.ended;
      expect(end).toMatchObject({ by: "remote", code, status });
      expect(end.message).toMatch(/^[A-Z].*\.$/);
      await expect(call.answered).rejects.toMatchObject({ name: "SipError", code, status });
      sent();
      //= RFC 3261 §13.2.2.3
      //# Subsequent final responses (which would only arrive under error conditions) MUST be
      //# ignored.
      await says(500, { toTag: "b1" });
      expect(call.state).toMatchObject({ end: { status } });
    });
  }

  test("RFC 3261 §20.18 says where more is to be had, and nothing that is no URI", async () => {
    const { call, says } = await calling();
    const lines = ["Error-Info: <sip:news@example.com>", "Error-Info: <https://example.com/why>;x"];
    await says(403, { lines });
    //= RFC 3261 §20.18
    //# The Error-Info header field provides a pointer to additional information about the error
    //# status response.
    const moreAt = ["sip:news@example.com", "https://example.com/why"];
    expect(await call.ended).toMatchObject({ code: "SIP_FORBIDDEN", moreAt });
    const other = await calling();
    await other.says(403, { lines: ["Error-Info: <>", "Error-Info: sip:a@b"] });
    expect((await other.call.ended).moreAt).toBeUndefined();
    const many = await calling();
    const twenty = Array.from({ length: 20 }, (_, n) => `Error-Info: <sip:n${n}@example.com>`);
    await many.says(403, { lines: twenty });
    expect((await many.call.ended).moreAt).toHaveLength(8);
  });

  test("RFC 3261 §20.43 says the server's own words, and not too many", async () => {
    const { call, says, sent, wait } = await calling();
    await says(480, { lines: ['Warning: 399 Carillon "bob is not online"'] });
    expect((await call.ended).message).toBe("bob is not online");
    await wait(60_000);
    //= RFC 3261 §20.43
    //# A system receiving this warning MUST NOT take any automated action.
    expect(sent().map((text) => text.slice(0, 3))).toEqual(["ACK"]);
    const { call: long, says: saysLong } = await calling();
    await saysLong(480, { lines: [`Warning: 399 carillon "${"x".repeat(999)}"`] });
    expect((await long.ended).message).toHaveLength(200);
  });

  test("RFC 3261 §8.1.3.1 ends as with a 408 if nothing comes at all", async () => {
    const { call, wait } = await calling();
    await wait(33_000);
    //= RFC 3261 §8.1.3.1
    //# When a timeout error is received from the transaction layer, it MUST be treated as if a 408
    //# (Request Timeout) status code has been received.
    expect(await call.ended).toMatchObject({ by: "network", code: "SIP_TIMEOUT", status: 408 });
  });

  test("RFC 3261 §8.1.3.1 ends as with a 503 if the server cannot be reached", async () => {
    const { call, wire, server } = await calling();
    wire.input({ kind: "Unreachable", remote: server, cause: "refused" });
    //= RFC 3261 §8.1.3.1
    //# If a fatal transport error is reported by the transport layer (generally, due to fatal ICMP
    //# errors in UDP or connection failures in TCP), the condition MUST be treated as a 503
    //# (Service Unavailable) status code.
    expect(await call.ended).toMatchObject({ by: "network", code: "SIP_TRANSPORT", status: 503 });
  });

  test("fails in words where there is no way to the server yet", async () => {
    const { phone, wait } = lonePhone();
    const call = phone.call("sip:bob@example.com");
    await wait(0);
    expect(await call.ended).toMatchObject({ by: "network", code: "SIP_TRANSPORT" });
  });
});

describe("a call that is taken back", () => {
  test("before its INVITE is out ends without a word on the wire", async () => {
    const offer = Promise.withResolvers<string>();
    const media = (): MediaSession => ({ ...silentMedia(), offer: () => offer.promise });
    const lone = lonePhone({ media });
    await lone.register();
    lone.sent();
    const call = lone.phone.call("sip:bob@example.com");
    call.hangUp();
    expect(await call.ended).toMatchObject({ by: "local", code: "SIP_HUNG_UP" });
    offer.resolve("too late");
    await lone.wait(1000);
    expect(lone.sent()).toEqual([]);
  });

  test("RFC 3261 §9.1 waits with its CANCEL for a provisional response", async () => {
    const { call, says, sent, requests } = await calling();
    call.hangUp();
    expect(await call.ended).toMatchObject({ by: "local", code: "SIP_HUNG_UP" });
    //= RFC 3261 §15
    //# A UA MUST NOT send a BYE outside of a dialog.
    expect(sent()).toEqual([]);
    await says(180);
    expect(requests("CANCEL")).toHaveLength(1);
    await says(487);
    sent();
    expect(call.state).toMatchObject({ end: { by: "local" } });
  });

  //= RFC 3261 §13.2.1
  //# The UAC MAY add an Expires header field (Section 20.19) to limit the validity of the
  //# invitation. If the time indicated in the Expires header field is reached and no final answer
  //# for the INVITE has been received, the UAC core SHOULD generate a CANCEL request for the
  //# INVITE, as per Section 9.
  test("RFC 3261 §13.2.1 says how long it waits, and is taken back when that is over", async () => {
    const { call, invite, says, wait, requests } = await calling();
    expect(value(invite, "Expires")).toBe("180");
    await says(180);
    await wait(179_900);
    expect(call.state.name).toBe("Ringing");
    await wait(200);
    expect(requests("CANCEL")).toHaveLength(1);
    expect(await call.ended).toEqual({
      ...{ by: "local", code: "SIP_TIMEOUT", status: 408, message: "Nobody answered." },
    });
    await says(200);
    expect(requests("ACK")).toHaveLength(1);
  });

  test("RFC 3261 §13.2.1 is not taken back once it was answered", async () => {
    const { call, says, wait, sent } = await calling();
    await says(200);
    await wait(400_000);
    expect(call.state.name).toBe("Established");
    expect(sent().filter((text) => /^(?:CANCEL|BYE) /.test(text))).toEqual([]);
  });

  test("RFC 3261 §15 ACKs and hangs up on a 200 that crosses the CANCEL", async () => {
    const { call, says, sent } = await calling();
    await says(180);
    call.hangUp();
    sent();
    await says(200);
    expect(sent().map((text) => (read(text) as Request).method)).toEqual(["ACK", "BYE"]);
    expect(await call.ended).toMatchObject({ by: "local", code: "SIP_HUNG_UP" });
  });
});

describe("requests from the other side", () => {
  const inDialog = (invite: Request, method: string, seq = 1) =>
    requestText(method, {
      from: "<sip:bob@example.com>;tag=b1",
      to: header(invite, "From") ?? "",
      callId: header(invite, "Call-ID") ?? "",
      branch: `z9hG4bK-${method}-${seq}`,
      seq,
      lines: ["Contact: <sip:bob@192.0.2.77:5060>", "Content-Type: application/sdp"],
      body: "v=0\r\n",
    });
  const statusesOf = (texts: readonly string[]) =>
    texts.flatMap((text) => {
      const message = read(text);
      return message.kind === "Response" ? [message.status] : [];
    });

  test("RFC 3261 §14.2 an INVITE while ours is not answered gets 491", async () => {
    const { invite, says, say, sent } = await calling();
    await says(180);
    sent();
    await say(inDialog(invite, "INVITE"));
    //= RFC 3261 §14.2
    //# A UAS that receives an INVITE on a dialog while an INVITE it had sent on that dialog is in
    //# progress MUST return a 491 (Request Pending) response to the received INVITE.
    expect(statusesOf(sent())).toEqual([491]);
  });

  test("a re-INVITE of theirs is answered, and their BYE ends the call", async () => {
    const { invite, says, say, sent, call } = await calling();
    await says(200);
    await call.answered;
    sent();
    await say(inDialog(invite, "INVITE", 1));
    expect(statusesOf(sent())).toEqual([200]);
    await say(inDialog(invite, "ACK", 1));
    await say(inDialog(invite, "BYE", 2));
    expect(statusesOf(sent())).toEqual([200]);
    expect(await call.ended).toMatchObject({ by: "remote", code: "SIP_HUNG_UP" });
  });

  test("a BYE of a fork that was hung up does not end the call with the other", async () => {
    const { invite, says, say, call } = await calling();
    await says(200, { ...ANSWER, toTag: "a-first-one" });
    await call.answered;
    await says(200);
    await say(inDialog(invite, "BYE", 1));
    expect(call.state.name).toBe("Established");
  });
});

describe("challenges in a dialog", () => {
  test("a BYE that a stranger challenges goes nowhere with our password", async () => {
    const it = await calling({ password: "secret" });
    await it.says(200);
    await it.call.answered;
    it.call.hangUp();
    for (const status of [401, 407]) {
      const [bye] = it.requests("BYE");
      const name = status === 401 ? "WWW-Authenticate" : "Proxy-Authenticate";
      if (bye) await it.say(answerTo(bye, status, { lines: [challenge("evil.example", name)] }));
      expect(it.sent().filter((text) => /Authorization/i.test(text))).toEqual([]);
    }
  });

  test("a BYE that our own server challenges is sent again with the next number", async () => {
    const it = await calling({ password: "secret" });
    await it.says(200);
    await it.call.answered;
    it.call.hangUp();
    const [bye] = it.requests("BYE") as [Request];
    await it.say(answerTo(bye, 407, { lines: [challenge("example.com")] }));
    const [again] = it.requests("BYE") as [Request];
    expect(hasHeader(again, "Proxy-Authorization")).toBe(true);
    expect([header(bye, "CSeq"), header(again, "CSeq")]).toEqual(["2 BYE", "3 BYE"]);
  });
});

function challenge(realm: string, name = "Proxy-Authenticate"): string {
  return `${name}: Digest realm="${realm}", nonce="n1", algorithm=SHA-256, qop="auth"`;
}
