import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { messageLabel } from "../message/message-label.ts";
import { house } from "../testing/house.ts";
import { answerTo } from "../testing/lone-phone.ts";
import {
  ANSWER,
  answer,
  called,
  calling,
  SDP_LINE,
  statuses,
  THEIR_CONTACT,
  THEIR_OFFER,
  talking,
} from "../testing/scripted-call.ts";
import type { Call } from "./call.ts";
import type { Held } from "./call-state.ts";

const heldOf = ({ state }: Call): Held | "nobody" | "over" =>
  state.name === "Established" ? (state.held ?? "nobody") : "over";

for (const way of ["udp", "ws"] as const) {
  describe(`two phones over ${way}`, () => {
    async function ready() {
      const home = house();
      const [alice, bob] = [await home.signedIn("alice", way), await home.signedIn("bob", way)];
      const { from, to } = await home.talk(alice, bob);
      return { home, network: home.network, from, to };
    }

    test("hold and resume, one by one, and each knows who holds", async () => {
      const { network, from, to } = await ready();
      const seen = () => [heldOf(from), heldOf(to)];
      expect(seen()).toEqual(["nobody", "nobody"]);
      await network.until(from.hold());
      await network.run(1000);
      expect(seen()).toEqual(["ByUs", "ByThem"]);
      await network.until(to.hold());
      await network.run(1000);
      expect(seen()).toEqual(["ByBoth", "ByBoth"]);
      await network.until(from.resume());
      await network.run(1000);
      expect(seen()).toEqual(["ByThem", "ByUs"]);
      await network.until(to.resume());
      await network.run(1000);
      expect(seen()).toEqual(["nobody", "nobody"]);
      from.hangUp();
      await network.until(to.ended);
    });

    test("RFC 3261 §14.1 change at the same moment: one waits, and both are made", async () => {
      const { home, network, from, to } = await ready();
      home.ladder();
      const seen = network.sights.length;
      await network.until(Promise.all([from.hold(), to.hold()]));
      await network.run(1000);
      const said = network.sights.slice(seen).map((one) => messageLabel(one.octets));
      expect(said.filter((one) => one.startsWith("491")).length).toBeGreaterThan(0);
      expect([heldOf(from), heldOf(to)]).toEqual(["ByBoth", "ByBoth"]);
    });

    test("and a change of a call that ends meanwhile comes to nothing, in words", async () => {
      const { network, from, to } = await ready();
      const held = from.hold();
      held.catch(() => {});
      to.hangUp();
      await expect(network.until(held)).rejects.toMatchObject({ code: "SIP_HUNG_UP" });
      await expect(from.resume()).rejects.toMatchObject({ code: "SIP_HUNG_UP" });
    });
  });
}

describe("a re-INVITE of ours", () => {
  /** Alice holds the call that she made; her re-INVITE is out. */
  async function holding() {
    const it = await talking();
    const held = it.call.hold();
    held.catch(() => {});
    await it.wait(0);
    const [invite] = it.requests("INVITE") as [Request];
    const replies = (status: number, parts = {}) => it.say(answerTo(invite, status, parts));
    return { ...it, held, invite, replies };
  }

  test("RFC 3261 §14.1 offers what media want, in the dialog", async () => {
    const it = await holding();
    expect(it.invite).toMatchObject({ uri: "sip:bob@192.0.2.77:5060", body: "our offer 2" });
    expect(header(it.invite, "CSeq")).toBe("2 INVITE");
    expect(header(it.invite, "Contact")).toBe("<sip:alice@192.0.2.1:5060>");
    const moved = {
      ...ANSWER,
      lines: ["Contact: <sip:bob@192.0.2.99>", SDP_LINE],
      body: "recvonly",
    };
    await it.replies(200, moved);
    await it.held;
    expect(heldOf(it.call)).toBe("ByUs");
    expect(it.asked).toEqual(["accept their answer", "want held", "accept recvonly"]);
    const [ack] = it.requests("ACK") as [Request];
    //= RFC 3261 §12.2.1.2
    //# When a UAC receives a 2xx response to a target refresh request, it MUST replace the dialog's
    //# remote target URI with the URI from the Contact header field in that response, if present.
    expect([ack.uri, header(ack, "CSeq")]).toEqual(["sip:bob@192.0.2.99", "2 ACK"]);
    await it.replies(200, moved);
    expect(it.sent(), "the same again").toEqual([ack.text]);
  });

  test("RFC 3261 §14.1 that is refused changes nothing", async () => {
    const it = await holding();
    await it.replies(488);
    //= RFC 3261 §14.1
    //# If a UA receives a non-2xx final response to a re-INVITE, the session parameters MUST remain
    //# unchanged, as if no re-INVITE had been issued.
    await expect(it.held).rejects.toMatchObject({ code: "SIP_NOT_ACCEPTABLE", status: 488 });
    expect(it.asked.slice(1)).toEqual(["want held", "withdraw", "want"]);
    expect(heldOf(it.call)).toBe("nobody");
  });

  test("RFC 3261 §14.1 met with 491 is sent again two to four seconds later", async () => {
    const it = await holding();
    await it.replies(491);
    await it.wait(2000);
    expect(it.requests("INVITE")).toEqual([]);
    expect(it.asked.at(-1)).toBe("withdraw");
    await it.wait(2000);
    //= RFC 3261 §14.1
    //# 1. If the UAC is the owner of the Call-ID of the dialog ID (meaning it generated the value),
    //# T has a randomly chosen value between 2.1 and 4 seconds in units of 10 ms.
    const [again] = it.requests("INVITE") as [Request];
    expect([again.body, header(again, "CSeq")]).toEqual(["our offer 3", "3 INVITE"]);
    await it.say(answerTo(again, 200, { ...ANSWER, body: "recvonly" }));
    await it.held;
  });

  test("RFC 3261 §14.1 within two seconds where the call is theirs", async () => {
    const it = await called();
    await answer(it);
    await it.theirs("ACK");
    const held = it.call.hold();
    await it.wait(0);
    const [invite] = it.requests("INVITE") as [Request];
    await it.say(answerTo(invite, 491));
    await it.wait(2000);
    const [again] = it.requests("INVITE") as [Request];
    await it.say(answerTo(again, 200, { ...ANSWER, body: "recvonly" }));
    await held;
  });

  test("RFC 3261 §14.2 met with 500 and a Retry-After is sent again then", async () => {
    const it = await holding();
    await it.replies(500, { lines: ["Retry-After: 7"] });
    await it.wait(6900);
    expect(it.requests("INVITE")).toEqual([]);
    await it.wait(200);
    expect(it.requests("INVITE")).toHaveLength(1);
  });

  test("RFC 3261 §14.1 met with silence, or 481, ends the call", async () => {
    for (const status of [undefined, 408, 481]) {
      const it = await holding();
      if (status) await it.replies(status);
      else await it.wait(32_100);
      await expect(it.held).rejects.toMatchObject({ code: "SIP_TIMEOUT" });
      expect(await it.call.ended).toMatchObject({ by: "network", code: "SIP_TIMEOUT" });
      expect(it.requests("BYE").length).toBeGreaterThan(0);
    }
  });

  test("RFC 3262 §4 gets its reliable responses acknowledged, too", async () => {
    const it = await holding();
    const lines = [THEIR_CONTACT, "Require: 100rel", "RSeq: 3", SDP_LINE];
    await it.replies(183, { lines, body: "recvonly" });
    const [prack] = it.requests("PRACK") as [Request];
    expect(header(prack, "RAck")).toBe("3 2 INVITE");
    await it.say(answerTo(prack, 200));
    await it.replies(200, { lines: [THEIR_CONTACT] });
    await it.held;
    expect(it.asked.at(-1)).toBe("accept recvonly");
  });

  test("RFC 3261 §14.2 while it is on its way theirs get 491, an UPDATE as well", async () => {
    const it = await holding();
    await it.theirs("INVITE", { body: THEIR_OFFER });
    await it.theirs("UPDATE", { seq: 2, body: THEIR_OFFER });
    await it.theirs("UPDATE", { seq: 3 });
    //= RFC 3261 §14.2
    //# A UAS that receives an INVITE on a dialog while an INVITE it had sent on that dialog is in
    //# progress MUST return a 491 (Request Pending) response to the received INVITE.
    //= RFC 3311 §5.2
    //# If an UPDATE is received that contains an offer, and the UAS has generated an offer (in an
    //# UPDATE, PRACK or INVITE) to which it has not yet received an answer, the UAS MUST reject the
    //# UPDATE with a 491 response.
    expect(statuses(it.responses())).toEqual([491, 491, 200]);
    await it.replies(200, { ...ANSWER, body: "recvonly" });
    await it.held;
  });

  test("RFC 3261 §14.1 waits for theirs, and two wishes go out as one", async () => {
    const answers = [Promise.withResolvers<string>()];
    const it = await talking(ANSWER, { answer: () => answers[0]?.promise ?? Promise.reject() });
    await it.theirs("INVITE", { body: THEIR_OFFER });
    const changes = [it.call.hold(), it.call.resume()];
    await it.wait(1000);
    expect(it.requests("INVITE")).toEqual([]);
    answers[0]?.resolve("late answer");
    await it.wait(10);
    expect(statuses(it.responses())).toEqual([200]);
    await it.theirs("ACK");
    await it.wait(0);
    const [invite, ...others] = it.requests("INVITE") as [Request];
    expect(others).toEqual([]);
    await it.say(answerTo(invite, 200, ANSWER));
    await Promise.all(changes);
    expect(heldOf(it.call)).toBe("nobody");
  });

  test("that media have no offer for is not sent", async () => {
    let count = 0;
    const offer = () =>
      count++ === 0 ? Promise.resolve("first") : Promise.reject(new Error("no"));
    const it = await talking(ANSWER, { offer });
    await expect(it.call.hold()).rejects.toMatchObject({ code: "SIP_NOT_ACCEPTABLE" });
    expect(it.sent()).toEqual([]);
    expect(heldOf(it.call)).toBe("nobody");
  });

  test("has to wait until the call goes on, and needs media that can be held", async () => {
    const ringing = await calling();
    await expect(ringing.call.hold()).rejects.toThrow("only a call that goes on");
    const it = await talking(ANSWER, { want: undefined as never });
    await expect(it.call.hold()).rejects.toMatchObject({ code: "SIP_MEDIA" });
  });

  test("does not keep a hang-up waiting; its late answer is still acknowledged", async () => {
    const it = await holding();
    it.call.hangUp();
    await expect(it.held).rejects.toMatchObject({ code: "SIP_HUNG_UP" });
    expect(it.requests("BYE")).toHaveLength(1);
    await it.replies(200, { ...ANSWER, body: "recvonly" });
    expect(it.requests("ACK")).toHaveLength(1);
  });
});

describe("changes of theirs", () => {
  test("RFC 3261 §14.2 a re-INVITE without an offer is answered with one", async () => {
    const it = await talking();
    await it.theirs("INVITE");
    const [ok] = it.responses();
    expect(ok).toMatchObject({ status: 200, body: "our offer 2" });
    await it.theirs("ACK", { body: "their answer again" });
    expect(it.asked.at(-1)).toBe("accept their answer again");
    await it.wait(60_000);
    expect(it.responses()).toEqual([]);
  });

  test("RFC 3261 §13.2.2.4 and an ACK that does not answer it ends the call", async () => {
    const it = await talking();
    await it.theirs("INVITE");
    await it.theirs("ACK");
    expect(await it.call.ended).toMatchObject({ by: "network", code: "SIP_NOT_ACCEPTABLE" });
    expect(it.requests("BYE")).toHaveLength(1);
  });

  test("RFC 3261 §14.2 a re-INVITE that is never acknowledged ends the call", async () => {
    const it = await talking();
    await it.theirs("INVITE", { body: THEIR_OFFER });
    await it.wait(32_100);
    //= RFC 3261 §14.2
    //# If a UAS generates a 2xx response and never receives an ACK, it SHOULD generate a BYE to
    //# terminate the dialog.
    expect(it.requests("BYE").length).toBeGreaterThan(0);
    expect(await it.call.ended).toMatchObject({ by: "network", code: "SIP_TIMEOUT" });
  });

  test("whoever begins the next has had our answer, though its ACK was lost", async () => {
    const it = await called();
    const { answered } = await answer(it);
    await it.theirs("INVITE", { seq: 2, body: THEIR_OFFER });
    await answered;
    expect(it.call.state.name).toBe("Established");
    it.sent();
    await it.theirs("ACK", { seq: 2 });
    await it.wait(60_000);
    expect(it.sent()).toEqual([]);
  });

  test("RFC 3311 §5.2 an UPDATE is answered, and moves the target", async () => {
    const it = await talking();
    const lines = ["Contact: <sip:bob@192.0.2.99>", SDP_LINE];
    await it.theirs("UPDATE", { lines, body: THEIR_OFFER });
    const [ok] = it.responses();
    expect(ok).toMatchObject({ status: 200, body: "our answer 2" });
    expect(ok && header(ok, "Contact")).toBe("<sip:alice@192.0.2.1:5060>");
    it.call.hangUp();
    expect(it.requests("BYE")[0]?.uri).toBe("sip:bob@192.0.2.99");
  });

  test("RFC 3311 §5.2 one that media cannot take gets 488, and moves nothing", async () => {
    const answer = () => Promise.reject(new Error("no such codec"));
    const it = await talking(ANSWER, { answer });
    const lines = ["Contact: <sip:bob@192.0.2.99>", SDP_LINE];
    await it.theirs("UPDATE", { lines, body: THEIR_OFFER });
    expect(statuses(it.responses())).toEqual([488]);
    it.call.hangUp();
    expect(it.requests("BYE")[0]?.uri).toBe("sip:bob@192.0.2.77:5060");
  });

  test("RFC 3311 §5.2 a second one before the first is answered gets 500", async () => {
    const it = await talking(ANSWER, { answer: () => new Promise(() => {}) });
    await it.theirs("UPDATE", { body: THEIR_OFFER });
    await it.theirs("UPDATE", { seq: 2, body: THEIR_OFFER });
    const [refused] = it.responses();
    //= RFC 3311 §5.2
    //# A UAS that receives an UPDATE before it has generated a final response to a previous UPDATE
    //# on the same dialog MUST return a 500 response to the new UPDATE, and MUST include a
    //# Retry-After header field with a randomly chosen value between 0 and 10 seconds.
    expect(refused?.status).toBe(500);
    expect(Number(refused && header(refused, "Retry-After"))).toBeLessThanOrEqual(10);
    await it.theirs("INVITE", { seq: 3, body: THEIR_OFFER });
    expect(statuses(it.responses()), "nor does an INVITE fare better").toEqual([500]);
  });

  test("RFC 3311 §5.2 one that nobody answers in time gets 504", async () => {
    const answer = Promise.withResolvers<string>();
    const it = await talking(ANSWER, { answer: () => answer.promise });
    await it.theirs("UPDATE", { body: THEIR_OFFER });
    await it.wait(3600);
    expect(statuses(it.responses())).toEqual([100, 504]);
    answer.resolve("too late");
    await it.wait(0);
    expect(it.responses()).toEqual([]);
    await it.theirs("UPDATE", { seq: 2, body: THEIR_OFFER });
    expect(it.responses()[0]).toMatchObject({ status: 200, body: "too late" });
  });

  test("RFC 3261 §15 a BYE is right while anything is open", async () => {
    const it = await talking(ANSWER, { answer: () => new Promise(() => {}) });
    await it.theirs("INVITE", { body: THEIR_OFFER });
    await it.theirs("BYE", { seq: 2 });
    expect(statuses(it.responses())).toEqual([200, 487]);
    expect(await it.call.ended).toMatchObject({ by: "remote" });
  });

  test("hold: theirs is told, by the direction or by an address that is none", async () => {
    const it = await talking();
    const session = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\n";
    const at = (address: string) => `c=IN IP4 ${address}\r\nt=0 0\r\n`;
    const audio = "m=audio 9 RTP/AVP 0\r\n";
    const seen: string[] = [];
    let seq = 1;
    for (const body of [
      `${session}${at("192.0.2.9")}${audio}a=sendonly\r\n`,
      `${session}${at("192.0.2.9")}${audio}`,
      `${session}${at("192.0.2.9")}a=inactive\r\n${audio}`,
      `${session}${at("192.0.2.9")}a=inactive\r\n${audio}a=sendrecv\r\n`,
      `${session}${at("0.0.0.0")}${audio}`,
      `${session}${at("192.0.2.9")}${audio}a=sendonly\r\nm=video 0 RTP/AVP 96\r\n`,
      `${session}${at("192.0.2.9")}${audio}a=sendonly\r\nm=video 9 RTP/AVP 96\r\n`,
    ]) {
      await it.theirs("UPDATE", { seq: seq++, body });
      seen.push(heldOf(it.call));
    }
    expect(seen).toEqual(["ByThem", "nobody", "ByThem", "nobody", "ByThem", "ByThem", "nobody"]);
  });
});

describe("changes before the call is answered", () => {
  const ANSWERED_EARLY = [THEIR_CONTACT, "Require: 100rel", "RSeq: 1", SDP_LINE];

  test("RFC 3311 §5.1 ours goes by UPDATE, once the first exchange is over", async () => {
    const it = await calling();
    await it.says(183, {
      toTag: "b1",
      lines: [...ANSWERED_EARLY, "Allow: INVITE, ACK, BYE, PRACK, UPDATE"],
      body: "early answer",
    });
    const [prack] = it.requests("PRACK") as [Request];
    const changed = it.call.change({ video: true });
    await it.wait(100);
    expect(it.requests("UPDATE"), "the PRACK is open").toEqual([]);
    await it.say(answerTo(prack, 200));
    await it.wait(0);
    const [update] = it.requests("UPDATE") as [Request];
    expect(update.body).toBe("our offer 2");
    await it.say(answerTo(update, 200, { lines: [THEIR_CONTACT, SDP_LINE], body: "with video" }));
    await changed;
    await it.says(200, { toTag: "b1", lines: [THEIR_CONTACT] });
    await it.call.answered;
    expect(it.asked).toEqual([
      "preview early answer",
      "want video",
      "accept early answer",
      "accept with video",
    ]);
  });

  test("RFC 3311 §5.2 theirs is answered, by the media that the call will have", async () => {
    const it = await calling();
    await it.says(183, { toTag: "b1", lines: ANSWERED_EARLY, body: "early answer" });
    await it.theirs("UPDATE", { body: THEIR_OFFER });
    expect(it.responses()[0]?.status, "the PRACK is open").toBe(491);
  });
});
