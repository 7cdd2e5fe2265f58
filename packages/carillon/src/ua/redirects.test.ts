/** Calls that a 3xx sends elsewhere, message by message. RFC 3261 §8.1.3.4. */

import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { answerTo, type LonePhoneOptions, lonePhone } from "../testing/lone-phone.ts";
import { ANSWER } from "../testing/scripted-call.ts";
import type { Call } from "./call.ts";

import * as transferring from "./transferring.ts";

async function calling(options: LonePhoneOptions = {}, target = "sip:bob@example.com") {
  const lone = lonePhone(options);
  await lone.register();
  lone.sent();
  const call = lone.phone.call(target);
  const states: string[] = [];
  void (async () => {
    for await (const state of call.states()) states.push(told(state));
  })();
  await lone.wait(0);
  const invites: Request[] = [...lone.requests("INVITE")];
  /** Answers the last INVITE, and gives back the next. */
  const says = async (status: number, ...contacts: readonly string[]) => {
    const last = invites.at(-1) as Request;
    const lines = contacts.map((one) => `Contact: ${one}`);
    await lone.say(answerTo(last, status, { toTag: `t${invites.length}`, lines }));
    await lone.wait(0);
    const [next] = lone.requests("INVITE");
    if (next) invites.push(next);
    return next;
  };
  return { ...lone, call, states, invites, says };
}

const told = (state: Call["state"]) =>
  state.name + ("target" in state && state.target ? ` ${state.target}` : "");

describe("RFC 3261 §8.1.3.4: a call that is sent elsewhere", () => {
  test("goes there with the same To, From and Call-ID, and the next number", async () => {
    const { call, states, invites, says, say } = await calling();
    await says(180, "<sip:bob@192.0.2.77>");
    await says(302, "<sip:desk@example.net;transport=tcp;method=INVITE?Subject=hi>;q=0.5");
    const [one, two] = invites as [Request, Request];
    //= RFC 3261 §8.1.3.4
    //# In order to create a request based on a contact address in a 3xx response, a UAC MUST copy
    //# the entire URI from the target set into the Request-URI, except for the "method-param" and
    //# "header" URI parameters (see Section 19.1.1 for a definition of these parameters).
    expect(two.uri).toBe("sip:desk@example.net;transport=tcp");
    expect(header(two, "Subject")).toBe("hi");
    //= RFC 3261 §8.1.3.4
    //# It is RECOMMENDED that the UAC reuse the same To, From, and Call-ID used in the original
    //# redirected request
    for (const name of ["To", "From", "Call-ID", "Supported"] as const) {
      expect(header(two, name)).toBe(header(one, name));
    }
    expect([header(one, "CSeq"), header(two, "CSeq")]).toEqual(["1 INVITE", "2 INVITE"]);
    //= RFC 3261 §8.1.3.4
    //# Finally, once the new request has been constructed, it is sent using a new client
    //# transaction, and therefore MUST have a new branch ID in the top Via field as discussed in
    //# Section 8.1.1.7.
    expect(header(two, "Via")).not.toBe(header(one, "Via"));
    await says(180, "<sip:desk@192.0.2.78>");
    await say(answerTo(two, 200, ANSWER));
    await call.answered;
    expect(states).toEqual([
      ...["Dialing", "Ringing", "Dialing sip:desk@example.net;transport=tcp"],
      ...["Ringing sip:desk@example.net;transport=tcp", "Established"],
    ]);
  });

  test("tries the best first, and fails with the last refusal", async () => {
    const { call, invites, says } = await calling();
    await says(
      300,
      "<sip:low@b.example>;q=0.1, <sip:high@b.example>;q=0.9",
      "<sip:mid@b.example>;q=0.5",
    );
    await says(486);
    await says(480);
    await says(404);
    expect(invites.map(({ uri }) => uri)).toEqual([
      ...["sip:bob@example.com", "sip:high@b.example", "sip:mid@b.example", "sip:low@b.example"],
    ]);
    await expect(call.answered).rejects.toMatchObject({ code: "SIP_NOT_FOUND", status: 404 });
  });

  test("ends where two send it to each other", async () => {
    const { call, says } = await calling();
    expect((await says(302, "<sip:desk@b.example>"))?.uri).toBe("sip:desk@b.example");
    //= RFC 3261 §8.1.3.4
    //# As with proxy recursion, a client processing 3xx class responses MUST NOT add any given URI
    //# to the target set more than once.
    expect(await says(302, "<sip:bob@example.com>")).toBeUndefined();
    await expect(call.answered).rejects.toMatchObject({ code: "SIP_REJECTED", status: 302 });
  });

  test("cannot be made to take another call's place, nor to require the unknown", async () => {
    const { invites, says } = await calling();
    const evil = "<sip:desk@b.example?Replaces=x%3Bto-tag%3Dy%3Bfrom-tag%3Dz&Route=%3Csip:e%3E>";
    await says(302, evil, "<sip:other@b.example?Require=flying>;q=0.1");
    const [, two] = invites as [Request, Request];
    expect(two.uri).toBe("sip:desk@b.example");
    expect([header(two, "Replaces"), header(two, "Route")]).toEqual([undefined, undefined]);
    // The other one cannot be called at all: that is its refusal.
    expect(await says(486)).toBeUndefined();
  });

  test("RFC 3911 §5 still joins the call that it was to join", async () => {
    const lone = lonePhone();
    await lone.register();
    const joins = { callId: "x", localTag: "a", remoteTag: "b" };
    lone.phone.call("sip:bob@example.com", undefined, transferring.joining(joins));
    await lone.wait(0);
    const [one] = lone.requests("INVITE") as [Request];
    const lines = ["Contact: <sip:desk@b.example>"];
    await lone.say(answerTo(one, 302, { toTag: "t", lines }));
    const [two] = lone.requests("INVITE") as [Request];
    //= RFC 3911 §5
    //# If the User Agent receives a 300-class response, and acts on this response by sending an
    //# INVITE to a Contact in the response, this redirected INVITE MUST contain the same Join
    //# header which was present in the original request.
    expect([two.uri, header(two, "Join")]).toEqual([
      ...["sip:desk@b.example", "x;to-tag=b;from-tag=a"],
    ]);
  });

  test("waits for whoever calls, and goes where they say", async () => {
    const asked: (readonly string[])[] = [];
    const answers = [Promise.withResolvers<boolean>(), Promise.withResolvers<boolean>()];
    const redirects = (targets: readonly string[]) => {
      asked.push(targets);
      return answers[asked.length - 1]?.promise ?? false;
    };
    const it = await calling({ redirects });
    expect(await it.says(302, "<sip:desk@b.example>, <sip:mobile@b.example>")).toBeUndefined();
    expect(asked).toEqual([["sip:desk@b.example", "sip:mobile@b.example"]]);
    await it.wait(20_000);
    answers[0]?.resolve(true);
    await it.wait(0);
    it.invites.push(...it.requests("INVITE"));
    expect(it.invites.at(-1)?.uri).toBe("sip:desk@b.example");
    expect(await it.says(302, "<sip:third@b.example>")).toBeUndefined();
    answers[1]?.reject(new Error("no"));
    await expect(it.call.answered).rejects.toMatchObject({ status: 302 });
  });

  test("can be hung up while nobody has decided, and leaves nothing behind", async () => {
    const never = new Promise<boolean>(() => {});
    const it = await calling({ redirects: () => never });
    await it.says(302, "<sip:desk@b.example>");
    it.call.hangUp();
    await it.wait(40_000);
    expect([it.requests("CANCEL"), it.requests("INVITE")]).toEqual([[], []]);
    // As one that has called nobody in all that time.
    const idle = lonePhone();
    await idle.register();
    await idle.wait(40_000);
    expect(it.wire.endpoint.census()).toEqual(idle.wire.endpoint.census());
  });

  test("is refused as it came where the phone is told so, and never leaves sips", async () => {
    const it = await calling({ redirects: "refuse" });
    expect(await it.says(301, "<sip:desk@b.example>")).toBeUndefined();
    await expect(it.call.answered).rejects.toMatchObject({ status: 301 });
    const secure = await calling({}, "sips:bob@example.com");
    //= RFC 3261 §8.1.3.4
    //# If the original request had a SIPS URI in the Request-URI, the client MAY choose to recurse
    //# to a non-SIPS URI, but SHOULD inform the user of the redirection to an insecure URI.
    expect(await secure.says(302, "<sip:desk@b.example>")).toBeUndefined();
  });
});
