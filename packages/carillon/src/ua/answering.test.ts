/** Calls that ask to be answered by themselves. RFC 5373. */

import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import { house } from "../testing/house.ts";
import { lonePhone, read } from "../testing/lone-phone.ts";
import { requestText } from "../testing/request-text.ts";
import type { AutoAnswer } from "./answering.ts";
import { answering } from "./answering.ts";

/** What a phone answers to an INVITE with these lines, in order. */
async function answers(lines: readonly string[], autoAnswer?: AutoAnswer) {
  const lone = lonePhone(autoAnswer ? { autoAnswer } : {});
  await lone.register();
  lone.sent();
  lone.phone.calls();
  const contact = "Contact: <sip:bob@192.0.2.77:5060>";
  const all = [contact, "Content-Type: application/sdp", ...lines];
  await lone.say(requestText("INVITE", { lines: all, body: "v=0\r\n" }));
  await lone.wait(0);
  return lone.sent().map((text) => text.split("\r\n")[0]?.slice(8));
}

const AUTO = "Answer-Mode: Auto";
const PRIVILEGED = "Priv-Answer-Mode: auto";
const always: AutoAnswer = () => true;

describe("RFC 5373: a call that asks to be answered", () => {
  test("§4.5.1 rings unless the person has allowed it", async () => {
    //= RFC 5373 §4
    //# This decision-making MUST consider the risk model of the media session corresponding to the
    //# request, and the UAS MUST NOT answer without user input in cases where the privacy or
    //# security of the user would be compromised as a result.
    expect(await answers([AUTO])).toEqual(["180 Ringing"]);
    expect(await answers([AUTO], () => false)).toEqual(["180 Ringing"]);
    const failing = () => {
      throw new Error("no list of friends");
    };
    expect(await answers([AUTO], failing)).toEqual(["180 Ringing"]);
    expect(await answers([AUTO], always)).toEqual(["200 OK"]);
    expect(await answers(["Answer-Mode: Manual"], always)).toEqual(["180 Ringing"]);
    expect(await answers(["Answer-Mode: Fast"], always)).toEqual(["180 Ringing"]);
    expect(await answers([], always)).toEqual(["180 Ringing"]);
  });

  test("§4.5.1 is refused where it would rather not ring at all", async () => {
    //= RFC 5373 §4.5.1
    //# The UAS MUST NOT allow "manual" answer of this request, but MAY reject it.
    //= RFC 5373 §4.5.1
    //# If, for whatever reason, the UAS chooses not to accept the request automatically, the UAS
    //# MUST reject the request, SHOULD do so with a "403 (Forbidden)" response, and MAY include a
    //# reason phrase of "automatic answer forbidden".
    expect(await answers([`${AUTO};require`])).toEqual(["403 Automatic Answer Forbidden"]);
    expect(await answers([`${PRIVILEGED};require`])).toEqual(["403 Automatic Answer Forbidden"]);
    expect(await answers([`${AUTO};require`], always)).toEqual(["200 OK"]);
    //= RFC 5373 §4.5.1
    //# For a request having an Answer-Mode value of "Manual" and an Answer-Mode parameter of
    //# "require", the UAS MUST defer accepting the request until the user of the UAS has confirmed
    //# willingness to accept the request.
    expect(await answers(["Answer-Mode: Manual;require"], always)).toEqual(["180 Ringing"]);
  });

  test("§4.1 by privilege needs more: its own leave, and that one comes first", async () => {
    const asked: boolean[] = [];
    const only =
      (allowed: boolean): AutoAnswer =>
      ({ uri }, privileged) => {
        expect(uri).toBe("sip:bob@example.com");
        asked.push(privileged);
        return privileged === allowed;
      };
    //= RFC 5373 §4.1
    //# The default policy SHOULD be to refuse requests containing Priv-Answer-Mode header fields
    //# unless the requester is authenticated and specifically authorized to make Priv-Answer-Mode
    //# requests.
    expect(await answers([PRIVILEGED], only(false))).toEqual(["180 Ringing"]);
    expect(await answers([PRIVILEGED], only(true))).toEqual(["200 OK"]);
    asked.length = 0;
    //= RFC 5373 §4.1
    //# If both are present, the UAS will first test the authorization of the requester for
    //# Priv-Answer-Mode and, if authorized, process the request as if only Priv-Answer-Mode had
    //# been included. If the requester is not authorized for Priv-Answer-Mode, then the UAS will
    //# process the request as if only Answer-Mode had been included.
    expect(await answers([PRIVILEGED, AUTO], only(false))).toEqual(["200 OK"]);
    expect(asked).toEqual([true, false]);
  });

  test("§2 is a 400 that cannot be read", async () => {
    expect(await answers(["Answer-Mode: ,"], always)).toEqual(["400 Bad Request"]);
    expect(await answers([AUTO, AUTO], always)).toEqual(["400 Bad Request"]);
  });

  test("§4.3.3 is made so by a phone, and passes the domain's server", async () => {
    const home = house();
    const alice = await home.signedIn("alice");
    const bob = await home.signedIn("bob", "udp", {
      autoAnswer: ({ uri }) => uri === "sip:alice@house.example",
    });
    const calls = bob.calls();
    const from = alice.call(bob.aor, undefined, answering({ mode: "Auto", require: true }));
    await home.network.until(from.answered);
    const { value: to } = await calls.next();
    // It is told of all the same, and does not mind to be answered.
    await home.network.until(to.answer());
    expect(to.state.name).toBe("Established");
    const lone = lonePhone();
    await lone.register();
    const answerMode = { mode: "Auto", privileged: true } as const;
    lone.phone.call("sip:bob@example.com", undefined, answering(answerMode));
    await lone.wait(0);
    const invite = read(lone.sent().at(-1));
    expect(header(invite, "Priv-Answer-Mode")).toBe("Auto");
    expect(header(invite, "Answer-Mode")).toBeUndefined();
  });
});
