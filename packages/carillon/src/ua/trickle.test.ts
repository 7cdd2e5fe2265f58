import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { house } from "../testing/house.ts";
import { type AnswerParts, answerTo } from "../testing/lone-phone.ts";
import {
  ANSWER,
  answer,
  called,
  calling,
  type ScriptedCall,
  SDP_LINE,
  statuses,
  THEIR_CONTACT,
  talking,
} from "../testing/scripted-call.ts";
import { silentMedia } from "../testing/silent-media.ts";
import type { MediaSession } from "./media.ts";

const fragment = (...candidates: readonly string[]): string =>
  ["a=ice-ufrag:u", "a=ice-pwd:p", "m=audio 9 RTP/AVP 0", "a=mid:0", ...candidates, ""].join(
    "\r\n",
  );
const first = fragment("a=candidate:1 1 UDP 9 192.0.2.1 1 typ host");
const second = fragment(
  "a=candidate:1 1 UDP 9 192.0.2.1 1 typ host",
  "a=candidate:2 1 UDP 8 192.0.2.1 2 typ host",
);

/** They take fragments. */
const TAKES = ["Supported: trickle-ice", "Recv-Info: trickle-ice"];
const takes = (parts: AnswerParts): AnswerParts => ({
  ...parts,
  lines: [...(parts.lines ?? []), ...TAKES],
});
const INFO = ["Info-Package: trickle-ice", "Content-Type: application/trickle-ice-sdpfrag"];

/** Media that can trickle: what they were allowed and given, and a way to have them tell more. */
function trickling() {
  const log: string[] = [];
  const media: Partial<MediaSession> & { trickles?: boolean } = {
    async offer() {
      log.push(`offer ${this.trickles}`);
      return `v=0\r\n${first}`;
    },
    async answer() {
      log.push(`answer ${this.trickles}`);
      return "our answer";
    },
    addFragment: async (text) => void log.push(`fragment ${text.split("\r\n").length}`),
  };
  const tell = async ({ call, wait }: ScriptedCall, text: string): Promise<void> => {
    call.media?.onfragment?.(text);
    await wait(0);
  };
  return { log, media, tell };
}

describe("what is said of it", () => {
  test("RFC 8840 §10.6, RFC 6086 §5.2.3: an INVITE says what it takes", async () => {
    const { invite } = await calling({}, trickling().media);
    //= RFC 8840 §10.6
    //# SIP entities that support this specification MUST place the "trickle-ice" option-tag in a
    //# SIP Supported: or Require: header field within all SIP INVITE requests and responses.
    expect(headerLines(invite, "Supported")).toContain("trickle-ice");
    //= RFC 6086 §5.2.3
    //# The sender of an initial INVITE request MUST include a Recv-Info header field in the initial
    //# INVITE request, even if the sender is not willing to receive INFO requests associated with
    //# any Info Package.
    expect(header(invite, "Recv-Info")).toBe("trickle-ice");
    expect(header(invite, "Allow")).toContain("INFO");
    expect(invite.body).not.toBe("");
  });

  test("RFC 6086 §5.2.3: a response says it to who has said it", async () => {
    for (const [lines, expected] of [
      [TAKES, "trickle-ice"],
      [[], undefined],
    ] as const) {
      const it = await called({ lines }, trickling().media);
      await answer(it);
      const ok = it.responses().find(({ status }) => status === 200);
      //= RFC 6086 §5.2.3
      //# A UA MUST NOT include a Recv-Info header field in a response if the associated request did
      //# not contain a Recv-Info header field.
      expect(ok && header(ok, "Recv-Info")).toBe(expected);
      expect(ok && headerLines(ok, "Supported")).toContain("trickle-ice");
    }
  });

  test("RFC 8840 §10.6: OPTIONS tell of it, and media without it say nothing", async () => {
    const it = await talking(ANSWER, trickling().media);
    await it.theirs("OPTIONS", { seq: 7 });
    const [ok] = it.responses();
    //= RFC 8840 §10.6
    //# When responding to, or generating, a SIP OPTIONS request, a SIP entity MUST also include the
    //# "trickle-ice" option-tag in a SIP Supported: or Require: header field.
    expect(ok && headerLines(ok, "Supported")).toContain("trickle-ice");
    const { invite } = await calling();
    expect([header(invite, "Supported"), header(invite, "Recv-Info")]).toEqual([
      ...["100rel, timer, replaces, join", undefined],
    ]);
  });
});

describe("candidates of ours", () => {
  test("RFC 8840 §4.3: follow the answer, one INFO at a time, the last one first", async () => {
    const { media, tell } = trickling();
    const it = await talking(takes(ANSWER), media);
    await tell(it, first);
    const [info] = it.requests("INFO") as [Request];
    //= RFC 8840 §10.7
    //# Entities implementing this specification MUST include a payload of type
    //# "application/trickle-ice-sdpfrag" in SIP INFO requests as defined in Section 9.2.
    expect([header(info, "Content-Type"), header(info, "Info-Package")]).toEqual([
      ...["application/trickle-ice-sdpfrag", "trickle-ice"],
    ]);
    expect(info.body).toBe(first);
    //= RFC 8840 §10.9
    //# A Trickle ICE Agent MUST NOT have more than one INFO request pending at any one time.
    await tell(it, "not this one");
    await tell(it, second);
    expect(it.requests("INFO")).toEqual([]);
    await it.say(answerTo(info, 200));
    const [next, ...more] = it.requests("INFO") as [Request];
    expect([next.body, more]).toEqual([second, []]);
  });

  test("RFC 6086 §4.2.1: are not told to who has not asked for them", async () => {
    const { media, tell } = trickling();
    const it = await talking(ANSWER, media);
    await tell(it, first);
    //= RFC 6086 §4.2.1
    //# A UA MUST NOT send an INFO request outside an invite dialog usage and MUST NOT send an INFO
    //# request for an Info Package inside an invite dialog usage if the remote UA has not indicated
    //# willingness to receive that Info Package within that dialog.
    expect(it.requests("INFO")).toEqual([]);
  });

  //= RFC 6086 §4.2.1
  //# If a UA receives a 469 (Bad Info Package) response to an INFO request, based on RFC 5057
  //# [RFC5057], the response represents a Transaction Only failure, and the UA MUST NOT terminate
  //# the invite dialog usage.
  test("RFC 6086 §4.2.1: are told no more to who refuses them, and the call goes on", async () => {
    const { media, tell } = trickling();
    const it = await talking(takes(ANSWER), media);
    await tell(it, first);
    const [info] = it.requests("INFO") as [Request];
    await tell(it, second);
    await it.say(answerTo(info, 469));
    expect(it.requests("INFO")).toEqual([]);
    expect(it.call.state.name).toBe("Established");
  });

  test("RFC 8840 §4.3.2: are told again once an answer has come that need not have", async () => {
    const it = await calling({}, trickling().media);
    it.sent();
    const early = takes({ toTag: "b1", lines: [THEIR_CONTACT, SDP_LINE], body: "their answer" });
    await it.says(183, early);
    //= RFC 8840 §4.3.2
    //# The Offerer MUST send a Trickle ICE INFO request as soon as it receives an SDP Answer in an
    //# unreliable provisional response. This INFO request MUST repeat the candidates that were
    //# already provided in the Offer (as would be the case when Half Trickle is performed or when
    //# new candidates have not been learned since then).
    const [info] = it.requests("INFO") as [Request];
    expect(info.body).toContain("a=candidate:1 1 UDP 9 192.0.2.1 1 typ host");
    await it.says(183, early);
    expect(it.requests("INFO")).toEqual([]);
  });

  test("RFC 8840 §4.3: wait for the ACK where they answer a call", async () => {
    const { log, media, tell } = trickling();
    const it = await called({ lines: TAKES }, media);
    await answer(it);
    expect(log).toEqual(["answer true"]);
    it.sent();
    await tell(it, first);
    expect(it.requests("INFO")).toEqual([]);
    await it.theirs("ACK");
    expect(it.requests("INFO").map(({ body }) => body)).toEqual([first]);
  });

  test("RFC 8840 §5.3: are waited for in a first offer, and in early answers", async () => {
    const outgoing = trickling();
    await calling({}, outgoing.media);
    expect(outgoing.log).toEqual(["offer false"]);
    const early = trickling();
    const it = await called({ lines: TAKES }, early.media);
    await it.call.startEarly();
    expect(early.log).toEqual(["answer false"]);
    const old = trickling();
    await answer(await called({}, old.media));
    expect(old.log).toEqual(["answer false"]);
  });

  //= RFC 8840 §5.3
  //# No further use of Half Trickle will therefore be necessary within that same dialog, and all
  //# subsequent exchanges can use the Full Trickle mode of operation.
  test("RFC 8840 §5.3: are not waited for once both sides know of each other", async () => {
    const { log, media } = trickling();
    const it = await talking(takes(ANSWER), media);
    it.call.hold().catch(() => {});
    await it.wait(0);
    expect(log).toEqual(["offer false", "offer true"]);
  });
});

describe("candidates of theirs", () => {
  test("are given to the media", async () => {
    const { log, media } = trickling();
    const it = await talking(takes(ANSWER), media);
    await it.theirs("INFO", { seq: 2, lines: INFO, body: second });
    //= RFC 6086 §4.2.2
    //# Otherwise, if the INFO request is syntactically correct and well structured, the UA MUST
    //# send a 200 (OK) response.
    expect(statuses(it.responses())).toEqual([200]);
    expect(log).toEqual(["offer false", "fragment 7"]);
  });

  test("wait for the answer to their offer, and the last says it all", async () => {
    const { log, media } = trickling();
    const it = await called({ lines: TAKES }, media);
    await it.theirs("INFO", { seq: 2, lines: INFO, body: first });
    await it.theirs("INFO", { seq: 3, lines: INFO, body: second });
    expect(statuses(it.responses())).toEqual([200, 200]);
    expect(log).toEqual([]);
    await answer(it);
    expect(log).toEqual(["answer true", "fragment 7"]);
  });

  test("RFC 6086 §4.2.2: another package, or another body, is refused", async () => {
    const it = await talking(takes(ANSWER), trickling().media);
    const other = ["Info-Package: foo", "Content-Type: application/foo"];
    await it.theirs("INFO", { seq: 2, lines: other, body: "x" });
    const [bad] = it.responses();
    //= RFC 6086 §4.2.2
    //# If a UA receives an INFO request associated with an Info Package that the UA has not
    //# indicated willingness to receive, the UA MUST send a 469 (Bad Info Package) response (see
    //# Section 11.6), which contains a Recv-Info header field with Info Packages for which the UA
    //# is willing to receive INFO requests.
    expect([bad?.status, bad && header(bad, "Recv-Info")]).toEqual([469, "trickle-ice"]);
    const odd = ["Info-Package: trickle-ice", "Content-Type: text/plain"];
    await it.theirs("INFO", { seq: 3, lines: odd, body: "x" });
    expect(statuses(it.responses())).toEqual([415]);
    expect(it.call.state.name).toBe("Established");
  });
});

test("two phones behind a server find each other's later candidates", async () => {
  const home = house();
  const given: string[] = [];
  const media = (): MediaSession => ({
    ...silentMedia(),
    addFragment: async (text) => void given.push(text),
  });
  const options = { media, trickles: true };
  const alice = await home.signedIn("alice", "ws", options);
  const bob = await home.signedIn("bob", "ws", options);
  const { from, to } = await home.talk(alice, bob);
  from.media?.onfragment?.(first);
  to.media?.onfragment?.(second);
  await home.network.run(1000);
  expect(given.toSorted()).toEqual([first, second].toSorted());
  from.hangUp();
  await home.network.until(to.ended);
});
