import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import { answerTo, type LonePhone, lonePhone, read } from "../testing/lone-phone.ts";
import { type RequestParts, requestText } from "../testing/request-text.ts";
import { silentMedia } from "../testing/silent-media.ts";
import type { Call } from "./call.ts";
import type { MediaSession } from "./media.ts";

const OFFER = "v=0\r\no=- 7 7 IN IP4 192.0.2.9\r\nm=audio 9 RTP/AVP 0\r\n";
const CONTACT = "Contact: <sip:bob@192.0.2.9:5060>";
const ROUTES = ["Record-Route: <sip:p2.example;lr;x=y>", "Record-Route: <sip:p1.example;lr>"];
const DESCRIBED = [CONTACT, "Content-Type: application/sdp"];

const INVITE: RequestParts = { lines: [...DESCRIBED, ...ROUTES], body: OFFER };

/** A phone that is being called. */
async function called(parts: RequestParts = INVITE, media?: () => MediaSession) {
  const lone = lonePhone(media ? { media } : {});
  await lone.register();
  lone.sent();
  const calls = lone.phone.calls();
  await lone.say(requestText("INVITE", parts));
  const { value: call } = (await calls.next()) as { value: Call };
  const responses = (): readonly Response[] =>
    lone.sent().flatMap((text) => {
      const message = read(text);
      return message.kind === "Response" ? [message] : [];
    });
  const [ringing] = responses();
  if (!ringing) throw new Error("it does not ring");
  const toTag = /tag=(\S+)/.exec(header(ringing, "To") ?? "")?.[1] ?? "";
  const inDialog = (method: string, more: RequestParts = {}) =>
    requestText(method, {
      branch: `z9hG4bK-${method}-${more.seq ?? 1}`,
      to: `<sip:alice@example.com>;tag=${toTag}`,
      ...more,
    });
  return { ...lone, call, calls, ringing, responses, toTag, inDialog };
}

const statuses = (responses: readonly Response[]) => responses.map(({ status }) => status);

/** Answers, and gives media its turn; the promise is inside, so that nobody waits for it here. */
async function answer({ call, wait }: { call: Call; wait: LonePhone["wait"] }) {
  const answered = call.answer();
  answered.catch(() => {});
  await wait(0);
  return { answered };
}

describe("a call that comes in", () => {
  test("RFC 3261 §20 has its INVITE, whose headers can be read", async () => {
    const lines = [...DESCRIBED, "P-Asserted-Identity: <sip:cook@example.com>", "X-Room: kitchen"];
    const { call } = await called({ ...INVITE, lines });
    if (!call.invite) throw new Error("no INVITE");
    expect(header(call.invite, "x-room")).toBe("kitchen");
    expect(header(call.invite, "P-Asserted-Identity")).toBe("<sip:cook@example.com>");
    call.decline();
    expect(call.invite, "of a call that is over, none is kept").toBeUndefined();
  });

  test("RFC 3261 §13.3.1.1 rings, and says so every minute with the same dialog", async () => {
    const { ringing, responses, wait } = await called();
    expect(ringing.status).toBe(180);
    await wait(185_000);
    const again = responses();
    //= RFC 3261 §13.3.1.1
    //# To prevent cancellation, the UAS MUST send a non-100 provisional response at every minute,
    //# to handle the possibility of lost provisional responses.
    expect(statuses(again)).toEqual([180, 180, 180]);
    //= RFC 3261 §13.3.1.1
    //# Each of these MUST indicate the same dialog ID.
    for (const { text } of again) expect(text).toBe(ringing.text);
  });

  test("RFC 3261 §13.3.1 is over when its caller said that it would be", async () => {
    const lines = [...DESCRIBED, "Expires: 30"];
    const { call, responses, wait } = await called({ ...INVITE, lines });
    await wait(30_100);
    expect(statuses(responses())).toEqual([487]);
    expect(await call.ended).toMatchObject({ by: "remote", code: "SIP_CANCELLED" });
  });

  test("RFC 3261 §13.3.1.4 is answered again and again until the ACK comes", async () => {
    const it = await called();
    const { answered } = await answer(it);
    await it.wait(10_000);
    const sent = it.responses();
    //= RFC 3261 §13.3.1.4
    //# The 2xx response is passed to the transport with an interval that starts at T1 seconds and
    //# doubles for each retransmission until it reaches T2 seconds (T1 and T2 are defined in
    //# Section 17).
    expect(statuses(sent)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(sent.map(({ text }) => text)).size).toBe(1);
    expect(it.call.state.name).toBe("Answering");
    const [ok] = sent;
    if (!ok) return;
    //= RFC 3261 §13.3.1.4
    //# If the INVITE request contained an offer, and the UAS had not yet sent an answer, the 2xx
    //# MUST contain an answer.
    //= RFC 3261 §13.2.1
    //# If the initial offer is in an INVITE, the answer MUST be in a reliable non-failure message
    //# from UAS back to UAC which is correlated to that INVITE.
    //= RFC 3261 §13.2.1
    //# Once the UAS has sent or received an answer to the initial offer, it MUST NOT generate
    //# subsequent offers in any responses to the initial INVITE.
    expect(ok.body).toContain("m=audio 40000");
    expect(it.ringing.body).toBe("");
    //= RFC 3261 §12.1.1
    //# the UAS MUST copy all Record-Route header field values from the request into the response
    //# (including the URIs, URI parameters, and any Record-Route header field parameters, whether
    //# they are known or unknown to the UAS) and MUST maintain the order of those values.
    expect(headerLines(ok, "Record-Route").map((one) => `Record-Route: ${one}`)).toEqual(ROUTES);
    //= RFC 3261 §12.1.1
    //# The UAS MUST add a Contact header field to the response.
    //= RFC 3261 §12.1.1
    //# The URI provided in the Contact header field MUST be a SIP or SIPS URI.
    expect(header(ok, "Contact")).toBe("<sip:alice@192.0.2.1:5060>");
    await it.say(it.inDialog("ACK"));
    await answered;
    expect(it.call.state.name).toBe("Established");
    await it.wait(60_000);
    expect(it.responses()).toEqual([]);
  });

  test("RFC 3261 §13.3.1.4 ends with a BYE when no ACK comes for 64*T1", async () => {
    const it = await called();
    await answer(it);
    await it.wait(31_500);
    expect(it.call.state.name).toBe("Answering");
    it.sent();
    await it.wait(1000);
    //= RFC 3261 §13.3.1.4
    //# If the server retransmits the 2xx response for 64*T1 seconds without receiving an ACK, the
    //# dialog is confirmed, but the session SHOULD be terminated.
    const [bye] = it.requests("BYE");
    expect(bye && headerLines(bye, "Route")).toEqual([
      "<sip:p2.example;lr;x=y>",
      "<sip:p1.example;lr>",
    ]);
    expect(await it.call.ended).toMatchObject({ by: "network", code: "SIP_TIMEOUT" });
    expect(it.call.state).toMatchObject({ name: "Ended" });
  });

  test("RFC 3261 §15 hangs up with a BYE only after the ACK came", async () => {
    const it = await called();
    const { answered } = await answer(it);
    await it.wait(100);
    it.call.hangUp();
    await expect(answered).rejects.toMatchObject({ code: "SIP_HUNG_UP" });
    //= RFC 3261 §15
    //# However, the callee's UA MUST NOT send a BYE on a confirmed dialog until it has received an
    //# ACK for its 2xx response or until the server transaction times out.
    await it.wait(5000);
    expect(it.requests("BYE")).toEqual([]);
    await it.say(it.inDialog("ACK"));
    expect(it.requests("BYE")).toHaveLength(1);
    expect(await it.call.ended).toMatchObject({ by: "local", code: "SIP_HUNG_UP" });
  });

  test("RFC 3261 §15 never sends a BYE before it has answered", async () => {
    const { call, sent } = await called();
    //= RFC 3261 §15
    //# The caller's UA MAY send a BYE for either confirmed or early dialogs, and the callee's UA
    //# MAY send a BYE on confirmed dialogs, but MUST NOT send a BYE on early dialogs.
    call.hangUp();
    expect(sent().map((text) => text.split("\r\n")[0])).toEqual(["SIP/2.0 603 Decline"]);
  });

  test("without an offer is answered with one, and the ACK brings the answer", async () => {
    const accepted: string[] = [];
    const media = (): MediaSession => ({
      ...silentMedia(),
      offer: async () => "our offer",
      accept: async (answer) => void accepted.push(answer),
    });
    const it = await called({ lines: [CONTACT] }, media);
    const { answered } = await answer(it);
    await it.wait(100);
    //= RFC 3261 §13.3.1
    //# It MUST provide the offer in its first non-failure reliable message back to the UAC.
    //= RFC 3261 §13.3.1.4
    //# If the INVITE did not contain an offer, the 2xx MUST contain an offer if the UAS had not yet
    //# sent an offer.
    expect(it.responses()[0]).toMatchObject({ status: 200, body: "our offer" });
    await it.say(it.inDialog("ACK", { lines: ["Content-Type: application/sdp"], body: "v=0\r\n" }));
    await answered;
    //= RFC 3261 §13.2.1
    //# If the initial offer is in the first reliable non-failure message from the UAS back to UAC,
    //# the answer MUST be in the acknowledgement for that message (in this specification, ACK for a
    //# 2xx response).
    //= RFC 3261 §13.2.1
    //# All user agents that support INVITE MUST support these two exchanges.
    expect(accepted).toEqual(["v=0\r\n"]);
  });

  test("RFC 3261 §9.2 is over when it is taken back, and cannot be answered any more", async () => {
    const it = await called();
    await it.say(requestText("CANCEL", { branch: "z9hG4bK-invite-1", lines: [] }));
    const [ok, gone] = it.responses();
    expect([ok?.status, gone?.status]).toEqual([200, 487]);
    expect(ok && header(ok, "To")).toBe(gone && header(gone, "To"));
    expect(await it.call.ended).toMatchObject({ by: "remote", code: "SIP_CANCELLED" });
    await expect(it.call.answer()).rejects.toMatchObject({ code: "SIP_CANCELLED" });
  });

  test("RFC 3326 says when another device answered", async () => {
    const it = await called();
    const lines = ['Reason: SIP;cause=200;text="Call completed elsewhere"'];
    await it.say(requestText("CANCEL", { branch: "z9hG4bK-invite-1", lines }));
    expect(await it.call.ended).toMatchObject({ code: "SIP_ANSWERED_ELSEWHERE" });
  });

  test("a CANCEL while media is being had ends it: no answer leaves afterwards", async () => {
    const media = Promise.withResolvers<string>();
    let closed = false;
    const close = () => {
      closed = true;
    };
    const slow = (): MediaSession => ({ ...silentMedia(), answer: () => media.promise, close });
    const it = await called(INVITE, slow);
    const answered = it.call.answer();
    await it.wait(10);
    await it.say(requestText("CANCEL", { branch: "z9hG4bK-invite-1", lines: [] }));
    await expect(answered).rejects.toMatchObject({ code: "SIP_CANCELLED" });
    expect(closed).toBe(true);
    it.sent();
    media.resolve("too late");
    await it.wait(5000);
    expect(it.responses().filter(({ status }) => status < 300)).toEqual([]);
  });

  test("a CANCEL after the answer has no effect", async () => {
    const it = await called();
    const { answered } = await answer(it);
    await it.wait(10);
    await it.say(requestText("CANCEL", { branch: "z9hG4bK-invite-1", lines: [] }));
    await it.say(it.inDialog("ACK"));
    await answered;
    expect(it.call.state.name).toBe("Established");
  });

  test("RFC 3261 §8.2.2.2 gets 482 when it comes a second time by another way", async () => {
    const { say, responses, call, wait } = await called();
    //= RFC 3261 §8.2.2.2
    //# If the request has no tag in the To header field, the UAS core MUST check the request
    //# against ongoing transactions.
    await say(requestText("INVITE", { ...INVITE, branch: "z9hG4bK-other-way" }));
    expect(statuses(responses())).toEqual([482]);
    call.decline();
    await wait(0);
    await say(requestText("INVITE", { ...INVITE, branch: "z9hG4bK-third-way" }));
    expect(statuses(responses()), "nor while the refusal waits for its ACK").toEqual([603, 482]);
    await wait(40_000);
    responses();
    await say(requestText("INVITE", { ...INVITE, branch: "z9hG4bK-fourth-way" }));
    expect(statuses(responses())).toEqual([180]);
  });
});

describe("a call that goes on", () => {
  async function talking(parts: RequestParts = INVITE, media?: () => MediaSession) {
    const it = await called(parts, media);
    const { answered } = await answer(it);
    await it.wait(10);
    await it.say(it.inDialog("ACK"));
    await answered;
    it.sent();
    return it;
  }

  test("RFC 3261 §15.1.2 ends when they hang up, whoever sends the BYE twice", async () => {
    const it = await talking();
    const bye = it.inDialog("BYE", { seq: 2, lines: [] });
    await it.say(bye);
    //= RFC 3261 §15.1.2
    //# Whether or not it ends its participation on the session, the UAS core MUST generate a 2xx
    //# response to the BYE, and MUST pass that to the server transaction for transmission.
    expect(statuses(it.responses())).toEqual([200]);
    expect(await it.call.ended).toMatchObject({ by: "remote", code: "SIP_HUNG_UP" });
    await it.say(bye);
    expect(statuses(it.responses())).toEqual([200]);
  });

  test("RFC 3261 §15.1.2 ends with their BYE, whatever that requires or brings along", async () => {
    const odd = [
      ["Content-Type: application/gtd"],
      ["Content-Type: multipart/mixed;boundary=x"],
      ["Require: flying"],
    ];
    for (const lines of odd) {
      const it = await talking();
      await it.say(it.inDialog("BYE", { seq: 2, lines, body: "REL,\r\nPRN,isdn*,,NI***," }));
      //= RFC 3261 §15.1.2
      //# Whether or not it ends its participation on the session, the UAS core MUST generate a 2xx
      //# response to the BYE, and MUST pass that to the server transaction for transmission.
      expect(statuses(it.responses())).toEqual([200]);
      expect(await it.call.ended).toMatchObject({ by: "remote", code: "SIP_HUNG_UP" });
    }
  });

  test("RFC 5407 §3.2 two BYEs that cross are both answered with 200", async () => {
    const it = await talking();
    it.call.hangUp();
    const [own] = it.requests("BYE");
    await it.say(it.inDialog("BYE", { seq: 2, lines: [] }));
    expect(statuses(it.responses())).toEqual([200]);
    expect(await it.call.ended).toMatchObject({ by: "local" });
    if (own) await it.say(answerTo(own, 200));
    await it.say(it.inDialog("BYE", { seq: 3, lines: [], branch: "z9hG4bK-late" }));
    expect(statuses(it.responses())).toEqual([481]);
  });

  test("RFC 3261 §15.1.1 is over with our BYE, whatever becomes of that", async () => {
    for (const status of [200, 481, 408, undefined]) {
      let closed = false;
      const close = () => {
        closed = true;
      };
      const it = await talking(INVITE, () => ({ ...silentMedia(), close }));
      it.call.hangUp();
      //= RFC 3261 §15.1.1
      //# The UAC MUST consider the session terminated (and therefore stop sending or listening for
      //# media) as soon as the BYE request is passed to the client transaction.
      expect([closed, it.call.state.name]).toEqual([true, "Ended"]);
      const [bye] = it.requests("BYE");
      if (bye && status) await it.say(answerTo(bye, status));
      else await it.wait(33_000);
      it.sent();
      //= RFC 3261 §15.1.1
      //# If the response for the BYE is a 481 (Call/Transaction Does Not Exist) or a 408 (Request
      //# Timeout) or no response at all is received for the BYE (that is, a timeout is returned by
      //# the client transaction), the UAC MUST consider the session and the dialog terminated.
      await it.say(it.inDialog("BYE", { seq: 2, lines: [] }));
      expect(statuses(it.responses())).toEqual([481]);
    }
  });

  test("RFC 3261 §15.1.2 a BYE while it still waits for the ACK ends it, too", async () => {
    const it = await called();
    await answer(it);
    await it.say(it.inDialog("BYE", { seq: 2, lines: [] }));
    expect(await it.call.ended).toMatchObject({ by: "remote", code: "SIP_HUNG_UP" });
    it.sent();
    await it.wait(60_000);
    expect(it.sent()).toEqual([]);
  });

  test("RFC 3261 §15.1.2 a BYE before the answer ends it, and the INVITE is answered", async () => {
    const it = await called();
    await it.say(it.inDialog("BYE", { seq: 2, lines: [] }));
    //= RFC 3261 §15.1.2
    //# The UAS MUST still respond to any pending requests received for that dialog.
    expect(statuses(it.responses())).toEqual([200, 487]);
    expect(await it.call.ended).toMatchObject({ by: "remote" });
  });

  test("RFC 3261 §12.2.2 a request out of order gets 500", async () => {
    const it = await talking();
    await it.say(it.inDialog("OPTIONS", { seq: 5, lines: [] }));
    await it.say(it.inDialog("BYE", { seq: 4, lines: [] }));
    //= RFC 3261 §15.1.2
    //# A UAS core receiving a BYE request for an existing dialog MUST follow the procedures of
    //# Section 12.2.2 to process the request.
    //= RFC 3261 §12.2.2
    //# If the remote sequence number was not empty, but the sequence number of the request is lower
    //# than the remote sequence number, the request is out of order and MUST be rejected with a 500
    //# (Server Internal Error) response.
    expect(statuses(it.responses())).toEqual([200, 500]);
    expect(it.call.state.name).toBe("Established");
  });

  test("a re-INVITE is answered, and its own ACK is waited for", async () => {
    const it = await talking();
    const again: RequestParts = { ...INVITE, seq: 2 };
    await it.say(it.inDialog("INVITE", again));
    expect(statuses(it.responses())).toEqual([200]);
    await it.say(it.inDialog("ACK", { seq: 1, branch: "z9hG4bK-late-ack" }));
    await it.wait(600);
    expect(statuses(it.responses()), "the old ACK again is not its ACK").toEqual([200]);
    await it.say(it.inDialog("ACK", { seq: 2 }));
    await it.wait(60_000);
    expect(it.responses()).toEqual([]);
    expect(it.call.state.name).toBe("Established");
  });

  test("RFC 3261 §14.2 adjusts to what it offers", async () => {
    const offers: string[] = [];
    const media = (): MediaSession => ({
      ...silentMedia(),
      answer: async (offer) => {
        offers.push(offer);
        return "answer";
      },
    });
    const it = await talking(INVITE, media);
    //= RFC 3261 §14.2
    //# If a UA receives a re-INVITE for an existing dialog, it MUST check any version identifiers
    //# in the session description or, if there are no version identifiers, the content of the
    //# session description to see if it has changed. If the session description has changed, the
    //# UAS MUST adjust the session parameters accordingly, possibly after asking the user for
    //# confirmation.
    await it.say(it.inDialog("INVITE", { ...INVITE, seq: 2, body: `${OFFER}a=sendonly\r\n` }));
    expect(offers).toEqual([OFFER, `${OFFER}a=sendonly\r\n`]);
  });

  test("a re-INVITE that cannot be had leaves everything as it was", async () => {
    let count = 0;
    const media = (): MediaSession => ({
      ...silentMedia(),
      answer: async () => {
        if (count++ > 0) throw new Error("no such codec");
        return "answer";
      },
    });
    const it = await talking(INVITE, media);
    const lines = ["Contact: <sip:bob@192.0.2.99>", "Content-Type: application/sdp"];
    await it.say(it.inDialog("INVITE", { lines, body: OFFER, seq: 2 }));
    expect(statuses(it.responses())).toEqual([488]);
    it.call.hangUp();
    //= RFC 3261 §8.2
    //# If a request is accepted, all state changes associated with it MUST be performed. If it is
    //# rejected, all state changes MUST NOT be performed.
    expect(it.requests("BYE")[0]?.uri, "the old target holds").toBe("sip:bob@192.0.2.9:5060");
  });

  test("RFC 3261 §14.2 a second INVITE before the first is answered gets 500", async () => {
    const media = (): MediaSession => {
      let count = 0;
      const never = new Promise<string>(() => {});
      return { ...silentMedia(), answer: () => (count++ > 0 ? never : Promise.resolve("answer")) };
    };
    const it = await talking(INVITE, media);
    await it.say(it.inDialog("INVITE", { ...INVITE, seq: 2 }));
    const waits = new Set<string>();
    for (let seq = 3; seq < 40; seq++) {
      it.sent();
      await it.say(it.inDialog("INVITE", { ...INVITE, seq }));
      const [refused] = it.responses();
      //= RFC 3261 §14.2
      //# A UAS that receives a second INVITE before it sends the final response to a first INVITE
      //# with a lower CSeq sequence number on the same dialog MUST return a 500 (Server Internal
      //# Error) response to the second INVITE and MUST include a Retry-After header field with a
      //# randomly chosen value of between 0 and 10 seconds.
      expect(refused?.status).toBe(500);
      const seconds = refused ? (header(refused, "Retry-After") ?? "") : "";
      expect(Number(seconds)).toBeLessThanOrEqual(10);
      waits.add(seconds);
    }
    expect(waits.size).toBeGreaterThan(5);
    await it.say(requestText("CANCEL", { branch: "z9hG4bK-INVITE-2", seq: 2, lines: [] }));
    expect(statuses(it.responses())).toContain(487);
    expect(it.call.state.name).toBe("Established");
  });

  test("methods that it does not serve get 405 in a dialog, too", async () => {
    const it = await talking();
    await it.say(it.inDialog("PUBLISH", { seq: 2, lines: [] }));
    await it.say(it.inDialog("REGISTER", { seq: 3, lines: ["Require: timer"] }));
    expect(statuses(it.responses())).toEqual([405, 405]);
  });

  test("what has another From tag is of another dialog", async () => {
    const it = await talking();
    const from = "<sip:bob@example.com>;tag=other";
    await it.say(it.inDialog("BYE", { seq: 2, from, lines: [] }));
    expect(statuses(it.responses())).toEqual([481]);
    expect(it.call.state.name).toBe("Established");
  });
});
