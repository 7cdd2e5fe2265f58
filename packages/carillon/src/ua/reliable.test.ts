import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { type AnswerParts, answerTo, read } from "../testing/lone-phone.ts";
import {
  ANSWER,
  answer,
  called,
  calling,
  SDP_LINE,
  statuses,
  THEIR_CONTACT,
  THEIR_OFFER,
} from "../testing/scripted-call.ts";

const methods = (texts: readonly string[]) => texts.map((text) => text.split(" ")[0]);

/** A response that has to be acknowledged. */
const reliable = (rseq: number, parts: AnswerParts = {}): AnswerParts => ({
  toTag: "b1",
  ...parts,
  lines: [
    ...(parts.lines ?? [THEIR_CONTACT]),
    "Require: 100rel",
    `RSeq: ${rseq}`,
    ...(parts.body ? [SDP_LINE] : []),
  ],
});

/** RFC 3262, 3891, 3911, 3959, 4028, 4488, 4538, 5626, 5627, 7614, 7866, 8840. */
const STANDARDS_TRACK: ReadonlySet<string> = new Set([
  ...["100rel", "replaces", "join", "early-session", "timer", "norefersub", "tdialog"],
  ...["outbound", "path", "gruu", "explicitsub", "nosub", "record-aware", "trickle-ice"],
]);

describe("responses that we acknowledge", () => {
  test("RFC 3262 §4 every INVITE says that it can be", async () => {
    const { invite } = await calling();
    //= RFC 3262 §4
    //# If the UAC does not wish to insist on usage of reliable provisional responses, but merely
    //# indicate that it supports them if the UAS needs to send one, a Supported header MUST be
    //# included in the request with the option tag 100rel.
    expect(header(invite, "Supported")).toMatch(/^100rel, timer, /);
    //= RFC 3261 §8.1.1.9
    //# The option tags listed MUST only refer to extensions defined in standards-track RFCs.
    const tags = (header(invite, "Supported") ?? "").split(", ");
    expect(tags.filter((tag) => !STANDARDS_TRACK.has(tag))).toEqual([]);
  });

  test("RFC 3262 §4 get a PRACK in their dialog, once", async () => {
    const it = await calling();
    const lines = [THEIR_CONTACT, "Record-Route: <sip:p1.example;lr>"];
    await it.says(180, reliable(7, { lines }));
    //= RFC 3262 §4
    //# Assuming the response is to be transmitted reliably, the UAC MUST create a new request with
    //# method PRACK.
    const [prack] = it.requests("PRACK") as [Request];
    expect(prack.uri).toBe("sip:bob@192.0.2.77:5060");
    expect(headerLines(prack, "Route")).toEqual(["<sip:p1.example;lr>"]);
    expect([header(prack, "RAck"), header(prack, "CSeq")]).toEqual(["7 1 INVITE", "2 PRACK"]);
    expect(it.call.state.name).toBe("Ringing");
    //= RFC 3262 §4
    //# Once a reliable provisional response is received, retransmissions of that response MUST be
    //# discarded.
    await it.says(180, reliable(7, { lines }));
    await it.says(180, reliable(9, { lines }));
    expect(it.requests("PRACK")).toEqual([]);
    await it.says(180, reliable(8, { lines }));
    expect(header(it.requests("PRACK")[0] as Request, "RAck")).toBe("8 1 INVITE");
  });

  test("RFC 3262 §5 with an answer: heard early, and taken once the call is there", async () => {
    const it = await calling();
    await it.says(183, reliable(1, { body: "early answer" }));
    expect(it.call.state).toEqual({ name: "Ringing", earlyMedia: true });
    expect(it.asked).toEqual(["preview early answer"]);
    const [prack] = it.requests("PRACK") as [Request];
    expect(prack.body).toBe("");
    await it.say(answerTo(prack, 200));
    await it.says(200, { toTag: "b1", lines: [THEIR_CONTACT] });
    await it.call.answered;
    expect(it.asked).toEqual(["preview early answer", "accept early answer"]);
    const [ack] = it.requests("ACK") as [Request];
    expect([header(ack, "CSeq"), ack.body]).toEqual(["1 ACK", ""]);
    it.call.hangUp();
    expect(header(it.requests("BYE")[0] as Request, "CSeq")).toBe("3 BYE");
  });

  test("RFC 3261 §13.2.2.4 of several devices: each has a dialog, the last counts", async () => {
    const it = await calling();
    await it.says(183, reliable(5, { toTag: "b1", body: "from b" }));
    const lines = ["Contact: <sip:bob@192.0.2.88>"];
    await it.says(183, reliable(9, { toTag: "c1", body: "from c", lines }));
    const pracks = it.requests("PRACK");
    expect(pracks.map(({ uri }) => uri)).toEqual(["sip:bob@192.0.2.77:5060", "sip:bob@192.0.2.88"]);
    expect(pracks.map((one) => header(one, "CSeq"))).toEqual(["2 PRACK", "2 PRACK"]);
    await it.says(200, { toTag: "c1", lines });
    await it.call.answered;
    expect(it.asked).toEqual(["preview from b", "preview from c", "accept from c"]);
    await it.theirs("BYE", { tag: "b1" });
    expect(statuses(it.responses()), "the other dialog is gone").toEqual([481]);
    expect(it.call.state.name).toBe("Established");
  });

  test("RFC 6337 §3.1.1 without 100rel are a preview that the answer may repeat", async () => {
    const it = await calling();
    await it.says(183, { ...ANSWER, body: "preview" });
    await it.says(183, { ...ANSWER, body: "another" });
    await it.says(200, { ...ANSWER, body: "preview" });
    await it.call.answered;
    expect(it.asked).toEqual(["preview preview", "accept preview"]);
    expect(it.requests("PRACK")).toEqual([]);
  });

  test("are acknowledged though the call is being taken back", async () => {
    const it = await calling();
    await it.says(180, { toTag: "b1", lines: [THEIR_CONTACT] });
    it.call.hangUp();
    it.sent();
    await it.says(183, reliable(1));
    expect(methods(it.sent())).toEqual(["PRACK"]);
  });

  test("a call that was answered in a way that breaks the rules ends in words", async () => {
    const it = await calling();
    await it.says(200, { toTag: "b1", lines: [THEIR_CONTACT] });
    expect(await it.call.ended).toMatchObject({ code: "SIP_NOT_ACCEPTABLE" });
    expect(methods(it.sent())).toEqual(["ACK", "BYE"]);
  });
});

describe("an INVITE of ours that offers nothing", () => {
  const late = { lateOffer: true } as const;

  test("RFC 3261 §13.2.1 is answered with an offer, and our ACK with the answer", async () => {
    const it = await calling(late);
    expect([it.invite.body, header(it.invite, "Content-Type")]).toEqual(["", undefined]);
    await it.says(200, { ...ANSWER, body: THEIR_OFFER });
    const [ack] = it.requests("ACK") as [Request];
    //= RFC 3261 §13.2.2.4
    //# If the 2xx contains an offer (based on the rules above), the ACK MUST carry an answer in its
    //# body.
    expect([ack.body, header(ack, "Content-Type")]).toEqual(["our answer 1", "application/sdp"]);
    await it.call.answered;
    await it.says(200, { ...ANSWER, body: THEIR_OFFER });
    expect(it.sent(), "the same again").toEqual([ack.text]);
  });

  test("RFC 3262 §5 is offered to while it rings, and the PRACK has the answer", async () => {
    const it = await calling(late);
    await it.says(183, reliable(1, { body: THEIR_OFFER }));
    const [prack] = it.requests("PRACK") as [Request];
    //= RFC 3262 §5
    //# If the UAC receives a reliable provisional response with an offer (this would occur if the
    //# UAC sent an INVITE without an offer, in which case the first reliable provisional response
    //# will contain the offer), it MUST generate an answer in the PRACK.
    expect([prack.body, header(prack, "RAck")]).toEqual(["our answer 1", "1 1 INVITE"]);
    await it.say(answerTo(prack, 200));
    await it.says(200, { toTag: "b1", lines: [THEIR_CONTACT] });
    await it.call.answered;
    expect((it.requests("ACK")[0] as Request).body).toBe("");
  });

  test("RFC 3261 §13.2.2.4 and cannot take what it is offered, says so in an answer", async () => {
    const answer = () => Promise.reject(new Error("no such codec"));
    const it = await calling(late, { answer });
    await it.says(200, { ...ANSWER, body: THEIR_OFFER });
    const [ack, bye] = it.sent().map((text) => read(text) as Request);
    //= RFC 3261 §13.2.2.4
    //# If the offer in the 2xx response is not acceptable, the UAC core MUST generate a valid
    //# answer in the ACK and then send a BYE immediately.
    expect(ack?.body).toContain("m=audio 0 RTP/AVP 0\r\n");
    expect([ack?.method, bye?.method]).toEqual(["ACK", "BYE"]);
    expect(bye && header(bye, "Reason")).toContain("cause=488");
    expect(await it.call.ended).toMatchObject({ by: "local", code: "SIP_MEDIA" });
  });
});

describe("responses that they have to acknowledge", () => {
  const required = { lines: ["Require: 100rel"] };
  const supported = { lines: ["Supported: 100rel"] };
  const rack = (rseq: string, more: readonly string[] = []) => [`RAck: ${rseq} 1 INVITE`, ...more];

  /** The RSeq of what it said first, and how often it said it. */
  async function rung() {
    const it = await called(required);
    return { ...it, rseq: (it.first && header(it.first, "RSeq")) ?? "" };
  }

  test("RFC 3262 §3 a 180 to whoever demands it comes again until the PRACK", async () => {
    const it = await rung();
    //= RFC 3262 §3
    //# The UAS MUST send any non-100 provisional response reliably if the initial request contained
    //# a Require header field with the option tag 100rel.
    expect(it.first).toMatchObject({ status: 180 });
    expect(it.first && header(it.first, "Require")).toBe("100rel");
    await it.wait(3600);
    expect(it.sent(), "after 500, 1500 and 3500 ms").toEqual(new Array(3).fill(it.first?.text));
    await it.theirs("PRACK", { seq: 2, lines: rack(`${Number(it.rseq) + 1}`) });
    await it.theirs("PRACK", { seq: 3, lines: ["RAck: nonsense"] });
    expect(statuses(it.responses())).toEqual([481, 400]);
    await it.theirs("PRACK", { seq: 4, lines: rack(it.rseq) });
    //= RFC 3262 §3
    //# If the PRACK does match an unacknowledged reliable provisional response, it MUST be
    //# responded to with a 2xx response.
    expect(statuses(it.responses())).toEqual([200]);
    await it.wait(20_000);
    expect(it.sent()).toEqual([]);
    await answer(it);
    const [ok] = it.responses();
    expect(ok).toMatchObject({ status: 200, body: "our answer 1" });
    await it.theirs("ACK");
    expect(it.call.state.name).toBe("Established");
  });

  test("RFC 3262 §3 when nobody acknowledges, the INVITE is refused: it is over", async () => {
    const it = await rung();
    await it.wait(32_100);
    //= RFC 3262 §3
    //# If a reliable provisional response is retransmitted for 64*T1 seconds without reception of a
    //# corresponding PRACK, the UAS SHOULD reject the original request with a 5xx response.
    expect(it.responses().at(-1)?.status).toBe(504);
    expect(await it.call.ended).toMatchObject({ by: "network", code: "SIP_TIMEOUT" });
  });

  test("RFC 3262 §3 nothing of the kind goes to a caller who does not know it", async () => {
    const it = await called();
    //= RFC 3261 §8.2.4
    //# A UAS that wishes to apply some extension when generating the response MUST NOT do so unless
    //# support for that extension is indicated in the Supported header field in the request.
    //= RFC 3261 §8.2.4
    //# Of course, the server MUST NOT apply extensions not listed in the Supported header field in
    //# the request.
    //= RFC 3262 §3
    //# If the request did not include either a Supported or Require header field indicating this
    //# feature, the UAS MUST NOT send the provisional response reliably.
    expect(await it.call.startEarly()).toBe(true);
    const [early] = it.responses();
    expect(early).toMatchObject({ status: 183, body: "our answer 1" });
    expect(early && header(early, "RSeq")).toBeUndefined();
    await answer(it);
    expect(it.responses()[0], "the same again").toMatchObject({
      status: 200,
      body: "our answer 1",
    });
    await it.theirs("PRACK", { seq: 2, lines: rack("1") });
    expect(statuses(it.responses())).toContain(481);
  });

  test("RFC 3262 §5 an answer told early delays the 2xx until it was heard", async () => {
    const it = await called(supported);
    const early = it.call.startEarly();
    await it.wait(0);
    expect(await early).toBe(true);
    const [first] = it.responses();
    expect(first).toMatchObject({ status: 183, body: "our answer 1" });
    const { answered } = await answer(it);
    //= RFC 3262 §5
    //# If the UAS had placed a session description in any reliable provisional response that is
    //# unacknowledged when the INVITE is accepted, the UAS MUST delay sending the 2xx until the
    //# provisional response is acknowledged.
    expect(it.responses()).toEqual([]);
    await it.theirs("PRACK", { seq: 2, lines: rack((first && header(first, "RSeq")) ?? "") });
    const [prack, ok] = it.responses();
    expect([prack?.status, ok?.status, ok?.body]).toEqual([200, 200, ""]);
    await it.theirs("ACK");
    await answered;
  });

  //= RFC 3311 §5.1
  //# If a UA uses an UPDATE request or response to modify the remote target while an INVITE
  //# transaction is in progress, and it is a UAS for that INVITE transaction, it MUST place the
  //# same value into the Contact header field of the 2xx to the INVITE that it placed into the
  //# UPDATE request or response.
  test("RFC 3311 §5.1 the 2xx has the Contact of the 2xx to an UPDATE before it", async () => {
    const it = await called(supported);
    void it.call.startEarly();
    await it.wait(0);
    const [first] = it.responses();
    await it.theirs("PRACK", { seq: 2, lines: rack((first && header(first, "RSeq")) ?? "") });
    it.responses();
    await it.theirs("UPDATE", { seq: 3, body: THEIR_OFFER });
    const [update] = it.responses();
    await answer(it);
    const [ok] = it.responses();
    expect([update?.status, ok?.status]).toEqual([200, 200]);
    const contacts = [update, ok].map((one) => one && header(one, "Contact"));
    expect(contacts[0]).toMatch(/^<sip:/);
    expect(contacts[1]).toBe(contacts[0]);
  });

  for (const [who, code] of [
    ["they", "SIP_CANCELLED"],
    ["we", "SIP_HUNG_UP"],
  ] as const) {
    test(`a 2xx that waits is not sent any more when ${who} give up`, async () => {
      const it = await called(supported);
      void it.call.startEarly();
      await it.wait(0);
      const [first] = it.responses();
      await answer(it);
      if (who === "we") it.call.hangUp();
      else await it.theirs("CANCEL", { branch: "z9hG4bK-invite-1", to: "<sip:alice@example.com>" });
      expect(await it.call.ended).toMatchObject({ code });
      const finals = it.responses().filter(({ status }) => status >= 300);
      expect(statuses(finals)).toEqual([who === "we" ? 603 : 487]);
      await it.theirs("PRACK", { seq: 2, lines: rack((first && header(first, "RSeq")) ?? "") });
      expect(statuses(it.responses())).toEqual([200]);
    });
  }

  test("RFC 3262 §5 an offer of ours in one is answered by the PRACK", async () => {
    const it = await called({ ...required, body: "" });
    expect(it.first, "it cannot ring without an offer").toBeUndefined();
    await it.call.startEarly();
    const [first] = it.responses();
    //= RFC 3262 §5
    //# Similarly, if a reliable provisional response is the first reliable message sent back to the
    //# UAC, and the INVITE did not contain an offer, one MUST appear in that reliable provisional
    //# response.
    expect(first).toMatchObject({ status: 183, body: "our offer 1" });
    const rseq = (first && header(first, "RSeq")) ?? "";
    await it.theirs("PRACK", { seq: 2, lines: rack(rseq, [SDP_LINE]), body: "their answer" });
    expect(it.asked).toEqual(["accept their answer"]);
    await answer(it);
    expect(it.responses().at(-1)).toMatchObject({ status: 200, body: "" });
  });

  test("RFC 3262 §5 an offer of theirs in a PRACK is answered in its 2xx", async () => {
    for (const isTaken of [true, false]) {
      let count = 0;
      const answers = ["our answer", ...(isTaken ? ["another answer"] : [])];
      const it = await called(supported, {
        answer: async () => answers[count++] ?? Promise.reject(new Error("nothing in common")),
      });
      void it.call.startEarly();
      await it.wait(0);
      const [first] = it.responses();
      const rseq = (first && header(first, "RSeq")) ?? "";
      await it.theirs("PRACK", { seq: 2, lines: rack(rseq, [SDP_LINE]), body: "another offer" });
      const [reply] = it.responses();
      //= RFC 3262 §5
      //# If the UAS receives a PRACK with an offer, it MUST place the answer in the 2xx to the
      //# PRACK.
      if (isTaken) expect(reply).toMatchObject({ status: 200, body: "another answer" });
      else expect(reply?.status).toBe(488);
    }
  });
});
