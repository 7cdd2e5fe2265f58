/** REFERs outside of the dialogs of calls. RFC 3515, RFC 4538, RFC 7647. */

import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { house } from "../testing/house.ts";
import { answerTo, lonePhone, read } from "../testing/lone-phone.ts";
import { requestText } from "../testing/request-text.ts";
import { ANSWER, type OutgoingScript, SDP_LINE, talking } from "../testing/scripted-call.ts";
import type { Call } from "./call.ts";
import type { IncomingTransfer } from "./incoming-transfer.ts";
import * as transferring from "./transferring.ts";

const GRUU = "sip:bob@example.com;gr=urn:uuid:1";

/** A call whose other side has a GRUU. */
const talkingToGruu = () => talking({ ...ANSWER, lines: [`Contact: <${GRUU}>`, SDP_LINE] });

const notify = (refer: Request, n: number, body: string, more: readonly string[] = []) =>
  requestText("NOTIFY", {
    ...{ from: "<sip:bob@example.com>;tag=n1", to: header(refer, "From") ?? "" },
    ...{ callId: header(refer, "Call-ID") ?? "", branch: `z9hG4bK-n${n}`, seq: n, body },
    lines: [
      ...["Event: refer", "Content-Type: message/sipfrag", `Contact: <${GRUU}>`],
      ...(more.length > 0 ? more : ["Subscription-State: active;expires=60"]),
    ],
  });
const ENDED = ["Subscription-State: terminated;reason=noresource"];
const statuses = (it: OutgoingScript) => it.responses().map(({ status }) => status);

describe("RFC 7647 §4: the REFER to whoever has a GRUU", () => {
  test("leaves outside of the call's dialog, and names it", async () => {
    const it = await talkingToGruu();
    const transfer = transferring.transfer(it.call, "sip:carol@example.com");
    await it.wait(0);
    const [refer] = it.requests("REFER") as [Request];
    const { callId, localTag, remoteTag } = it.call.dialog ?? {};
    //= RFC 7647 §4
    //# A user agent constructing a REFER request that could result in an implicit subscription in a
    //# dialog MUST build it as an out-of-dialog message as defined in [RFC3261], unless the remote
    //# endpoint is an older implementation of RFC 3515 that has not been updated to conform to RFC
    //# 6665 (as determined by the absence of a GRUU in the remote target).
    expect([refer.uri, header(refer, "To")]).toEqual([GRUU, `<${GRUU}>`]);
    expect(header(refer, "Call-ID")).not.toBe(callId);
    //= RFC 7647 §4
    //# A user agent wishing to identify an existing dialog (such as for call transfer as defined in
    //# [RFC5589]) MUST use the "Target-Dialog" extension defined in [RFC4538] to do so, and user
    //# agents accepting REFER MUST be able to process that extension in requests they receive.
    //= RFC 4538 §3
    //# The "remote-tag" header field parameter MUST be present and MUST contain the tag that would
    //# be viewed as the remote tag from the perspective of the recipient of the new request. The
    //# "local-tag" header field parameter MUST be present and MUST contain the tag that would be
    //# viewed as the local tag from the perspective of the recipient of the new request.
    expect(header(refer, "Target-Dialog")).toBe(
      `${callId};local-tag=${remoteTag};remote-tag=${localTag}`,
    );
    expect(header(refer, "Require")).toBe("tdialog");
    await it.say(notify(refer, 1, "SIP/2.0 100 Trying\r\n"));
    await it.say(answerTo(refer, 200, { toTag: "n1" }));
    expect(transfer.state).toEqual({ name: "Trying", status: 100 });
    await it.say(notify(refer, 2, "SIP/2.0 200 OK\r\n", ENDED));
    expect(statuses(it)).toEqual([200, 200]);
    expect([transfer.state.name, it.call.state.name]).toEqual(["Transferred", "Ended"]);
    await it.say(notify(refer, 3, "SIP/2.0 200 OK\r\n", ENDED));
    expect(statuses(it)).toEqual([481]);
  });

  test("goes into the dialog after all where they know no Target-Dialog", async () => {
    const it = await talkingToGruu();
    const transfer = transferring.transfer(it.call, "sip:carol@example.com");
    await it.wait(0);
    const [refer] = it.requests("REFER") as [Request];
    await it.say(answerTo(refer, 420, { toTag: "n1", lines: ["Unsupported: tdialog"] }));
    const [again] = it.requests("REFER") as [Request];
    expect(header(again, "Call-ID")).toBe(it.call.dialog?.callId);
    expect(header(again, "Target-Dialog")).toBeUndefined();
    await it.say(answerTo(again, 603));
    await expect(transfer.done).rejects.toMatchObject({ code: "SIP_DECLINED" });
  });

  test("RFC 6665 §4.1.4 hears one fork, in order, and refuses the others", async () => {
    const it = await talkingToGruu();
    const transfer = transferring.transfer(it.call, "sip:carol@example.com");
    await it.wait(0);
    const [refer] = it.requests("REFER") as [Request];
    await it.say(notify(refer, 5, "SIP/2.0 100 Trying\r\n"));
    const other = notify(refer, 6, "SIP/2.0 200 OK\r\n", ENDED).replace("tag=n1", "tag=n2");
    await it.say(other);
    await it.say(notify(refer, 4, "SIP/2.0 200 OK\r\n", ENDED));
    expect(statuses(it)).toEqual([200, 481, 481]);
    expect(transfer.state.name).toBe("Trying");
  });
});

describe("RFC 3515 §2: a REFER from outside of every dialog", () => {
  const refer = (n: number, lines: readonly string[] = [], branch = `z9hG4bK-r${n}`) =>
    requestText("REFER", {
      ...{ from: "<sip:bob@example.com>;tag=r1", callId: `refer-${n}`, branch },
      lines: ["Refer-To: <sip:carol@example.com>", "Contact: <sip:bob@192.0.2.77:5060>", ...lines],
    });

  test("is for the person to decide, and makes a dialog for its NOTIFYs", async () => {
    const lone = lonePhone();
    await lone.register();
    const wishes = transferring.transfers(lone.phone);
    lone.sent();
    await lone.say(refer(1));
    const { value: wish } = (await wishes.next()) as { value: IncomingTransfer };
    expect([wish.call, wish.target]).toEqual([undefined, "sip:carol@example.com"]);
    const call = wish.accept();
    await lone.wait(0);
    const [answer, first, invite] = lone.sent().map(read);
    expect([answer?.kind, first?.kind, invite?.kind]).toEqual(["Response", "Request", "Request"]);
    const tag = answer && /;tag=(\S+)/.exec(header(answer, "To") ?? "")?.[1];
    expect(first && header(first, "From")).toContain(`;tag=${tag}`);
    expect(first && header(first, "Call-ID")).toBe("refer-1");
    expect(invite && header(invite, "Call-ID")).not.toBe("refer-1");
    call.hangUp();
    await lone.wait(0);
    const last = lone
      .sent()
      .map(read)
      .find((one) => one.kind === "Request");
    expect(last?.body).toBe("SIP/2.0 487 Request Terminated\r\n");
  });

  test("RFC 3891 §3: its dialog is none to take the place of, or to join", async () => {
    const lone = lonePhone();
    await lone.register();
    const wishes = transferring.transfers(lone.phone);
    lone.sent();
    await lone.say(refer(1));
    ((await wishes.next()).value as IncomingTransfer).accept();
    await lone.wait(0);
    const tag = /\r\nTo: [^\r]*;tag=(\S+)/.exec(lone.sent()[0] ?? "")?.[1];
    for (const [n, name] of ["Replaces", "Join"].entries()) {
      //= RFC 3891 §3
      //# Likewise, if the Replaces header field matches a dialog which was not created with an
      //# INVITE, the UAS MUST reject the request with a 481 response.
      //= RFC 3911 §4
      //# Likewise, if the Join header field matches a dialog which was not created with an INVITE,
      //# the UAS MUST reject the request with a 481 response.
      const line = `${name}: refer-1;to-tag=${tag};from-tag=r1`;
      const lines = [line, "Contact: <sip:bob@192.0.2.77:5060>", SDP_LINE];
      const names = { callId: `invite-${n}`, branch: `z9hG4bK-i${n}` };
      await lone.say(requestText("INVITE", { ...names, lines, body: "v=0\r\n" }));
      expect(lone.sent().map((one) => one.split(" ")[1])).toEqual(["481"]);
    }
  });

  test("RFC 3261 §8.2.2.2 that comes by two branches asks once", async () => {
    const lone = lonePhone();
    await lone.register();
    const asked: unknown[] = [];
    void (async () => {
      for await (const wish of transferring.transfers(lone.phone)) asked.push(wish);
    })();
    lone.sent();
    await lone.say(refer(1));
    await lone.say(refer(1, [], "z9hG4bK-other"));
    expect(lone.sent().map((one) => one.split(" ")[1])).toEqual(["482"]);
    expect(asked).toHaveLength(1);
  });

  test("is refused where nobody listens, even by a phone that follows those in calls", async () => {
    const lone = lonePhone({ transfers: "follow" });
    await lone.register();
    lone.sent();
    await lone.say(refer(1));
    expect(lone.sent().map((one) => one.split(" ")[1])).toEqual(["603"]);
  });

  test("RFC 4538 §4 is one of a call that it names, and of none that it does not", async () => {
    const it = await talking();
    const { callId, localTag, remoteTag } = it.call.dialog ?? {};
    const wishes = transferring.transfers(it.call);
    const others = transferring.transfers(it.phone);
    const target = `Target-Dialog: ${callId};local-tag=${localTag};remote-tag=${remoteTag}`;
    await it.say(refer(1, [target, "Require: tdialog"]));
    const { value: wish } = (await wishes.next()) as { value: IncomingTransfer };
    expect(wish.call).toBe(it.call);
    // Whoever listens for all hears of this one, too.
    expect(((await others.next()).value as IncomingTransfer).call).toBe(it.call);
    //= RFC 4538 §4
    //# If the dialog identifiers don't match, or if they don't contain both a "remote-tag" and
    //# "local-tag" parameter, the header field MUST be ignored, and authorization MAY be determined
    //# by other means.
    await it.say(refer(2, [`Target-Dialog: ${callId};local-tag=${localTag}`]));
    expect(((await others.next()).value as IncomingTransfer).call).toBeUndefined();
    await it.say(refer(3, [target.replace("remote-tag=", "remote-tag=x")]));
    expect(((await others.next()).value as IncomingTransfer).call).toBeUndefined();
  });

  test("puts two together by a click, through a domain's server, and leaves nothing", async () => {
    const home = house();
    const { network } = home;
    const alice = await home.signedIn("alice");
    const bob = await home.signedIn("bob", "ws");
    const carol = await home.signedIn("carol");
    const [wishes, calls] = [transferring.transfers(bob), carol.calls()];
    const transfer = transferring.refer(alice, bob.aor, carol.aor);
    const { value: wish } = (await network.until(wishes.next())) as { value: IncomingTransfer };
    expect(wish.by?.uri).toBe(alice.aor);
    const call = wish.accept();
    const { value: incoming } = (await network.until(calls.next())) as { value: Call };
    await network.until(Promise.all([incoming.answer(), call.answered, transfer.done]));
    expect(transfer.state).toEqual({ name: "Transferred", status: 200 });
    call.hangUp();
    await network.run(50_000);
    for (const phone of [alice, carol]) {
      const { servers, clients, timers } = home.hostOf(phone).endpoint.census();
      expect([servers, clients, timers <= 1]).toEqual([0, 0, true]);
    }
    expect(() => transferring.refer(alice, "bob", carol.aor)).toThrow(RangeError);
    expect(() => transferring.refer(alice, bob.aor, "carol")).toThrow(RangeError);
  });
});
