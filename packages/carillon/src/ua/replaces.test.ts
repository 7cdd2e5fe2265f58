/** Calls that take the place of others, and calls that join them. RFC 3891, RFC 3911, RFC 5589. */

import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { type House, house, type PhoneChanges } from "../testing/house.ts";
import { answerTo, lonePhone, read } from "../testing/lone-phone.ts";
import { requestText } from "../testing/request-text.ts";
import { ANSWER, called, calling, type OutgoingScript, talking } from "../testing/scripted-call.ts";
import { silentMedia } from "../testing/silent-media.ts";
import type { Call } from "./call.ts";
import { joinHeaders, replacesHeaders } from "./claim.ts";
import type { Phone } from "./phone.ts";
import * as transferring from "./transferring.ts";

async function three(carols: PhoneChanges = {}, home = house()) {
  const alice = await home.signedIn("alice");
  const bob = await home.signedIn("bob", "udp", { transfers: "follow" });
  const carol = await home.signedIn("carol", "udp", carols);
  return { home, network: home.network, alice, bob, carol };
}

/** The next call that comes to a phone. */
async function next(network: House["network"], phone: Phone, begin: () => void): Promise<Call> {
  const calls = phone.calls();
  begin();
  const { value } = await network.until(calls.next());
  await calls.return?.();
  return value as Call;
}

const endsOf = (...calls: readonly Call[]): readonly string[] =>
  calls.map(({ state }) =>
    state.name === "Ended" ? `${state.end.by} ${state.end.code}` : state.name,
  );

async function isQuiet({ network, hostOf }: House, ...phones: readonly Phone[]): Promise<boolean> {
  await network.run(50_000);
  const left = phones.map((phone) => hostOf(phone).endpoint.census());
  return left.every(({ servers, clients, timers }) => servers + clients === 0 && timers <= 1);
}

describe("RFC 5589 §7.3: an attended transfer through a domain's server", () => {
  test("puts two together who both talk to the same person, and nothing is left", async () => {
    const { home, network, alice, bob, carol } = await three();
    const { from, to } = await home.talk(alice, bob);
    await network.until(from.hold());
    const { from: second, to: carols } = await home.talk(alice, carol);
    await network.until(second.hold());
    home.ladder();
    const transfer = transferring.transfer(from, second);
    const taken = await next(network, carol, () => {});
    expect(transferring.replacedBy(taken)).toBe(carols);
    expect(taken.peer.uri).toBe(bob.aor);
    // Whoever answers everything need not know that this one answers by itself.
    await network.until(Promise.all([taken.answer(), transfer.done, carols.ended, second.ended]));
    await network.run(1000);
    expect(endsOf(from, to, second, carols, taken)).toEqual([
      ...["local SIP_TRANSFERRED", "remote SIP_TRANSFERRED"],
      ...["remote SIP_REPLACED", "remote SIP_REPLACED", "Established"],
    ]);
    expect(transferring.successorOf(to)?.state.name).toBe("Established");
    // Whom it is with, and not in whose place: that was said once, to be called there.
    expect(transferring.successorOf(to)?.saved?.peer.uri).toBe(carol.aor);
    expect(transferring.successorOf(carols)).toBe(taken);
    taken.hangUp();
    expect(await isQuiet(home, alice, bob, carol)).toBe(true);
  });

  test("finds the one of several devices that is meant", async () => {
    const { home, network, alice, bob, carol } = await three();
    const other = await home.signedIn("carol");
    const rung: Call[] = [];
    void (async () => {
      for await (const call of other.calls()) rung.push(call);
    })();
    const { from } = await home.talk(alice, bob);
    const { from: second } = await home.talk(alice, carol);
    const [ring] = rung;
    await network.run(1000);
    const transfer = transferring.transfer(from, second);
    await network.until(transfer.done);
    expect(ring?.state.name).toBe("Ended");
    // The other device knows of no such call, and does not ring for it.
    expect(rung).toHaveLength(1);
  });

  test("RFC 5589 §7.6: waits for whoever has not answered yet, forked or not", async () => {
    const { home, network, alice, bob, carol } = await three();
    const other = await home.signedIn("carol");
    const calls = other.calls();
    const { from, to } = await home.talk(alice, bob);
    const incoming = carol.calls();
    const second = alice.call(carol.aor);
    await network.until(incoming.next());
    const { value: late } = (await network.until(calls.next())) as { value: Call };
    const transfer = transferring.transfer(from, second);
    await network.run(3000);
    expect(transfer.state).toEqual({ name: "Waiting" });
    await network.until(Promise.all([late.answer(), transfer.done]));
    await network.run(1000);
    expect(endsOf(from, to, second, late)).toEqual([
      ...["local SIP_TRANSFERRED", "remote SIP_TRANSFERRED"],
      ...["remote SIP_REPLACED", "remote SIP_REPLACED"],
    ]);
  });

  test("RFC 5589 §7.6: comes to nothing when nobody answers there", async () => {
    const { home, network, alice, bob, carol } = await three();
    const { from, to } = await home.talk(alice, bob);
    let second: Call | undefined;
    const incoming = await next(network, carol, () => {
      second = alice.call(carol.aor);
    });
    const transfer = transferring.transfer(from, second as Call);
    incoming.decline();
    await expect(network.until(transfer.done)).rejects.toMatchObject({ status: 603 });
    expect(endsOf(from, to)).toEqual(["Established", "Established"]);
  });

  test("RFC 3891 §3: leaves the call as it was where the new one cannot be had", async () => {
    let times = 0;
    const failing = () => ({
      ...silentMedia(),
      answer: (offer: string) =>
        ++times > 1 ? Promise.reject(new Error("no microphone")) : silentMedia().answer(offer),
    });
    const { home, network, alice, bob, carol } = await three({ media: failing });
    const { from, to } = await home.talk(alice, bob);
    const { from: second, to: carols } = await home.talk(alice, carol);
    const transfer = transferring.transfer(from, second);
    //= RFC 3891 §3
    //# If the UA cannot accept the new INVITE (for example: it cannot establish required QoS or
    //# keying, or it has incompatible media), the UA MUST return an appropriate error response and
    //# MUST leave the matched dialog unchanged.
    await expect(network.until(transfer.done)).rejects.toMatchObject({ status: 488 });
    expect(endsOf(from, to, second, carols)).toEqual(Array(4).fill("Established"));
    expect(transferring.successorOf(carols)).toBeUndefined();
  });
});

describe("RFC 3891: a page that comes back into its call", () => {
  test("takes its own place by what it stored, and the other side's phone answers", async () => {
    const { home, network, alice, bob } = await three();
    const { from, to } = await home.talk(alice, bob);
    const stored = JSON.parse(JSON.stringify(from.dialog));
    const again = await home.signedIn("alice");
    const back = again.call(bob.aor, undefined, transferring.replacing(stored));
    await network.until(Promise.all([back.answered, from.ended]));
    expect(endsOf(from, to)).toEqual(["remote SIP_REPLACED", "remote SIP_REPLACED"]);
    expect(transferring.successorOf(to)?.state.name).toBe("Established");
  });

  test("is told with 481 that there is no such call any more, and no phone rings", async () => {
    const { home, network, alice, bob } = await three();
    const { from } = await home.talk(alice, bob);
    const rung: Call[] = [];
    void (async () => {
      for await (const call of bob.calls()) rung.push(call);
    })();
    const { dialog } = from;
    if (!dialog) throw new Error("no dialog");
    from.hangUp();
    await network.run(60_000);
    const back = alice.call(bob.aor, undefined, transferring.replacing(dialog));
    await expect(network.until(back.answered)).rejects.toMatchObject({ status: 481 });
    expect(rung).toEqual([]);
  });

  test("is no matter of a call that nobody has answered", async () => {
    const { network, alice, bob } = await three();
    const calls = bob.calls();
    const ringing = alice.call(bob.aor);
    const replace = () => alice.call(bob.aor, undefined, transferring.replacing(ringing));
    expect(replace).toThrow("nobody has answered");
    await network.until(calls.next());
    await network.run(500);
    expect([ringing.state.name, ringing.dialog === undefined]).toEqual(["Ringing", false]);
    //= RFC 3891 §4
    //# A UAC MUST NOT send an INVITE with a Replaces header field that attempts to replace an early
    //# dialog which was not originated by the target of the INVITE with a Replaces header field.
    expect(replace).toThrow("nobody has answered");
  });
});

//= RFC 3261 §8.1.1.9
//# If the UAC wishes to insist that a UAS understand an extension that the UAC will apply to the
//# request in order to process the request, it MUST insert a Require header field into the request
//# listing the option tag for that extension.
test("RFC 3261 §8.1.1.9 who takes a place demands that their phone knows how", () => {
  const dialog = { callId: "c", localTag: "a", remoteTag: "b" };
  expect(replacesHeaders(dialog)).toContainEqual(["Require", "replaces"]);
  expect(joinHeaders(dialog)).toContainEqual(["Require", "join"]);
});

/** An INVITE to alice from carol, with these lines. */
const invite = (n: number, lines: readonly string[], method = "INVITE") =>
  requestText(method, {
    ...{ from: "<sip:carol@example.com>;tag=c1", callId: `claim-${n}`, branch: `z9hG4bK-c${n}` },
    lines: [...["Contact: <sip:carol@192.0.2.78:5060>", "Content-Type: application/sdp"], ...lines],
    body: "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n",
  });

const named = ({ call }: OutgoingScript, header = "Replaces", more = "") => {
  const { callId, localTag, remoteTag } = call.dialog ?? {};
  return `${header}: ${callId};to-tag=${localTag};from-tag=${remoteTag}${more}`;
};

async function statusOf(it: OutgoingScript, n: number, lines: readonly string[], method?: string) {
  it.sent();
  await it.say(invite(n, lines, method));
  await it.wait(0);
  return it.responses().at(-1)?.status;
}

describe("RFC 3891 §3: an INVITE with Replaces", () => {
  test("is a 400 twice, beside Join, unreadable, and in any other request", async () => {
    const it = await talking();
    const [one, join] = [named(it), named(it, "Join")];
    //= RFC 3891 §3
    //# If more than one Replaces header field is present in an INVITE, or if a Replaces header
    //# field is present in a request other than INVITE, the UAS MUST reject the request with a 400
    //# Bad Request response.
    expect(await statusOf(it, 1, [one, one])).toBe(400);
    expect(await statusOf(it, 2, [one], "OPTIONS")).toBe(400);
    //= RFC 3891 §3
    //# If both a Replaces header field and another header field with contradictory semantics are
    //# present in a request, the request MUST be rejected with a 400 "Bad Request" response.
    //= RFC 3911 §4
    //# If both a Join header field and another header field with contradictory semantics (for
    //# example a Replaces [8] header field) are present in a request, the request MUST be rejected
    //# with a 400 "Bad Request" response.
    expect(await statusOf(it, 3, [one, join])).toBe(400);
    //= RFC 3911 §4
    //# If more than one Join header field is present in an INVITE, or if a Join header field is
    //# present in a request other than INVITE, the UAS MUST reject the request with a 400 Bad
    //# Request response.
    expect(await statusOf(it, 4, [join, join])).toBe(400);
    expect(await statusOf(it, 5, [join], "OPTIONS")).toBe(400);
    expect(await statusOf(it, 6, ["Replaces: x;to-tag=y"])).toBe(400);
    await it.theirs("UPDATE", { seq: 2, lines: [one] });
    expect(it.responses().map(({ status }) => status)).toEqual([400]);
    expect(it.call.state.name).toBe("Established");
  });

  test("is a 481 that matches nothing, and a 486 that comes too late to be early", async () => {
    const it = await talking();
    const { callId, localTag, remoteTag } = it.call.dialog ?? {};
    //= RFC 3891 §3
    //# If no match is found, the UAS rejects the INVITE and returns a 481 Call/Transaction Does Not
    //# Exist response.
    const others = [
      `Replaces: ${callId}x;to-tag=${localTag};from-tag=${remoteTag}`,
      `Replaces: ${callId};to-tag=${localTag}x;from-tag=${remoteTag}`,
      `Replaces: ${callId};to-tag=${localTag};from-tag=0`,
      `Replaces: ${callId};to-tag=${remoteTag};from-tag=${localTag}`,
    ];
    for (const [n, other] of others.entries()) expect(await statusOf(it, n, [other])).toBe(481);
    //= RFC 3891 §3
    //# If the flag is present, the UA rejects the request with a 486 Busy response.
    expect(await statusOf(it, 7, [named(it, "Replaces", ";early-only")])).toBe(486);
    expect(it.call.state.name).toBe("Established");
  });

  test("is a 603 while the last words of the call are on their way", async () => {
    const it = await talking();
    it.call.hangUp();
    await it.wait(0);
    //= RFC 3891 §3
    //# If the Replaces header field matches a dialog which has already terminated, the UA SHOULD
    //# decline the request with a 603 Declined response.
    expect(await statusOf(it, 1, [named(it)])).toBe(603);
    //= RFC 3911 §4
    //# If the Join header field matches a dialog which has already terminated, the UA SHOULD
    //# decline the request with a 603 Declined response.
    expect(await statusOf(it, 2, [named(it, "Join")])).toBe(603);
  });

  test("takes the place of a call: answered, and a BYE that says why", async () => {
    const it = await talking();
    it.sent();
    await it.say(invite(1, [named(it), "Require: replaces"]));
    await it.wait(0);
    const [ok] = it.responses();
    expect(ok?.status).toBe(200);
    expect(it.call.state.name).toBe("Established");
    const to = (ok && header(ok, "To")) ?? "";
    await it.say(
      requestText("ACK", {
        ...{ from: "<sip:carol@example.com>;tag=c1", to, callId: "claim-1" },
        branch: "z9hG4bK-ack",
      }),
    );
    //= RFC 3891 §3
    //# Otherwise, it accepts the new INVITE by sending a 200-class response, and shuts down the
    //# replaced dialog by sending a BYE.
    const [bye] = it.requests("BYE");
    expect(bye && header(bye, "Call-ID")).toBe(it.call.dialog?.callId);
    expect(bye && header(bye, "Reason")).toMatch(/^SIP;cause=200;/);
    expect(endsOf(it.call)).toEqual(["remote SIP_REPLACED"]);
    expect(transferring.successorOf(it.call)?.state.name).toBe("Established");
  });

  test("takes the place of a call of ours that still rings: answered, and CANCEL", async () => {
    const it = await calling();
    await it.says(180);
    expect(it.call.dialog?.remoteTag).toBe("b1");
    it.sent();
    await it.say(invite(1, [named(it, "Replaces", ";early-only")]));
    await it.wait(0);
    const [ok] = it.responses();
    const to = (ok && header(ok, "To")) ?? "";
    await it.say(
      requestText("ACK", {
        ...{ from: "<sip:carol@example.com>;tag=c1", to, callId: "claim-1" },
        branch: "z9hG4bK-ack",
      }),
    );
    //= RFC 3891 §3
    //# If the Replaces header field matches an early dialog that was initiated by the UA, it
    //# accepts the new INVITE by sending a 200-class response, and shuts down the replaced dialog
    //# by sending a CANCEL.
    expect(it.requests("CANCEL")).toHaveLength(1);
    expect(endsOf(it.call)).toEqual(["remote SIP_REPLACED"]);
  });
});

describe("RFC 3891 §3: who may take a call's place", () => {
  test("is whoever comes by the way of that call: no stranger who knows it all", async () => {
    const lone = lonePhone({ accept: "anyone" });
    await lone.register();
    lone.sent();
    const call = lone.phone.call("sip:bob@example.com");
    await lone.wait(0);
    const [sent] = lone.requests("INVITE") as [Request];
    await lone.say(answerTo(sent, 200, ANSWER));
    await call.answered;
    lone.sent();
    const { callId, localTag, remoteTag } = call.dialog ?? {};
    const stranger = { host: "192.0.2.66", port: 5060 };
    for (const [n, header] of ["Replaces", "Join"].entries()) {
      const line = `${header}: ${callId};to-tag=${localTag};from-tag=${remoteTag}`;
      //= RFC 3891 §3
      //# If the Replaces header field matches an active dialog, the UA MUST verify that the
      //# initiator of the new INVITE is authorized to replace the matched dialog.
      //= RFC 3911 §4
      //# If the Join header field matches an active dialog (n.b. unlike the Replaces header, the
      //# Join header has no limitation on its use with early dialogs), the UA MUST verify that the
      //# initiator of the new INVITE is authorized to join the matched dialog.
      const [answer] = lone.wire.datagram(invite(n, [line]), stranger).map(read);
      expect(answer).toMatchObject({ status: 481 });
    }
    expect(call.state.name).toBe("Established");
  });

  test("says in every INVITE that it can be done", async () => {
    const { invite: sent } = await calling();
    //= RFC 3891 §6.2
    //# UAs which support the Replaces header MUST include the "replaces" option tag in a Supported
    //# header field.
    //= RFC 3911 §7.2
    //# UAs which support the Join header MUST include the "join" option tag in a Supported header
    //# field.
    expect(header(sent, "Supported")).toMatch(/\breplaces, join\b/);
  });
});

describe("RFC 3891 §3: an INVITE that names a call which rings here", () => {
  test("is a 481, and that call rings on", async () => {
    const it = await called();
    const { callId, localTag, remoteTag } = it.call.dialog ?? {};
    it.sent();
    //= RFC 3891 §3
    //# If the Replaces header field matches an early dialog that was not initiated by this UA, it
    //# returns a 481 (Call/Transaction Does Not Exist) response to the new INVITE, and leaves the
    //# matched dialog unchanged.
    await it.say(invite(1, [`Replaces: ${callId};to-tag=${localTag};from-tag=${remoteTag}`]));
    expect(it.responses().map(({ status }) => status)).toEqual([481]);
    expect(it.call.state.name).toBe("Incoming");
  });
});

describe("RFC 3911 §4: an INVITE with Join", () => {
  test("rings where somebody listens for such, and does not touch the call", async () => {
    const { home, network, alice, bob, carol } = await three();
    const { from, to } = await home.talk(alice, bob);
    const joins = transferring.joins(to);
    const ordinary: Call[] = [];
    void (async () => {
      for await (const call of bob.calls()) ordinary.push(call);
    })();
    const third = carol.call(bob.aor, undefined, transferring.joining(from));
    const { value: joining } = (await network.until(joins.next())) as { value: Call };
    expect([transferring.joinedBy(joining), joining.peer.uri]).toEqual([to, carol.aor]);
    await network.until(Promise.all([joining.answer(), third.answered]));
    expect(endsOf(from, to, third, joining)).toEqual(Array(4).fill("Established"));
    expect(ordinary).toEqual([]);
  });

  test("is a 488 where nobody does, and a 481 where there is no such call", async () => {
    const it = await talking();
    //= RFC 3911 §4
    //# If the UAS is incapable of satisfying the Join request, it MUST return a 488 "Not Acceptable
    //# Here" response.
    expect(await statusOf(it, 1, [named(it, "Join")])).toBe(488);
    //= RFC 3911 §4
    //# If the UA cannot accept the new INVITE (for example: it cannot establish required QoS or
    //# keying, or it has incompatible media), the UA MUST return an appropriate error response and
    //# MUST leave the matched dialog unchanged.
    expect(it.call.state.name).toBe("Established");
    //= RFC 3911 §4
    //# Otherwise if no match is found, the UAS rejects the INVITE and returns a 481
    //# Call/Transaction Does Not Exist response.
    expect(await statusOf(it, 2, [named(it, "Join", "x")])).toBe(481);
    expect(it.call.state.name).toBe("Established");
  });
});
