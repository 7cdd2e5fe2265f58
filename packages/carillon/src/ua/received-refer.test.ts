/** REFERs that a phone gets in a call, message by message. RFC 3515. */

import { describe, expect, test } from "vitest";
import type { Request } from "../message/message.ts";
import { answerTo, read } from "../testing/lone-phone.ts";
import { talking } from "../testing/scripted-call.ts";
import type { IncomingTransfer } from "./incoming-transfer.ts";
import * as transferring from "./transferring.ts";

function readRequest(text: string | undefined): Request {
  const message = read(text);
  if (message.kind !== "Request") throw new RangeError(`no request: ${text}`);
  return message;
}

const REFER = ["Refer-To: <sip:carol@example.com>", "Contact: <sip:bob@192.0.2.77:5060>"];

describe("RFC 3515: the REFER that a phone gets", () => {
  async function asked(lines: readonly string[] = REFER) {
    const it = await talking();
    const wishes = transferring.transfers(it.call);
    await it.theirs("REFER", { seq: 2, lines });
    return { it, wishes };
  }

  test("§2.4.2 is a 400 with no Refer-To or two of them, and not for other schemes", async () => {
    const [to = "", contact = ""] = REFER;
    const statusOf = async (...lines: readonly string[]) => {
      const { it } = await asked([...lines, contact]);
      return it.responses().map(({ status }) => status);
    };
    //= RFC 3515 §2.4.2
    //# An agent responding to a REFER method MUST return a 400 (Bad Request) if the request
    //# contained zero or more than one Refer-To header field values.
    expect(await statusOf()).toEqual([400]);
    expect(await statusOf(to, to)).toEqual([400]);
    expect(await statusOf(`${to}, <sip:dave@example.com>`)).toEqual([400]);
    //= RFC 3515 §2.4.2
    //# A UA not capable of accessing non-SIP URIs SHOULD NOT accept REFER requests to them.
    expect(await statusOf("Refer-To: <https://example.com>")).toEqual([416]);
    expect(await statusOf("Refer-To: <sip:carol@example.com;method=BYE>")).toEqual([603]);
    expect(await statusOf("Refer-To: <sip:c@example.com?Require=flying>")).toEqual([603]);
    //= RFC 3892 §2.1
    //# A REFER request MUST NOT contain more than one Referred-By header field value.
    const by = "Referred-By: <sip:bob@example.com>";
    expect(await statusOf(to, by, by)).toEqual([400]);
  });

  test("§2.4.2 is answered after a second though nobody has decided", async () => {
    const { it } = await asked();
    expect(it.sent()).toEqual([]);
    await it.wait(1000);
    const [answer, notify, ...more] = it.sent();
    //= RFC 3515 §2.4.2
    //# If no final response has been generated according to the rules above, the UA MUST return a
    //# 202 Accepted response before the REFER transaction expires.
    //= RFC 7647 §5
    //# Wherever [RFC3515] requires sending a 202 response code, a 200 response code MUST be sent
    //# instead.
    expect(answer).toMatch(/^SIP\/2\.0 200 /);
    //= RFC 3515 §2.4.5
    //# If a NOTIFY is generated when the subscription state is pending, its body should consist
    //# only of a status line containing a response code of 100.
    expect(notify).toMatch(/Subscription-State: pending;expires=\d+\r\n/);
    expect(notify).toMatch(/\r\n\r\nSIP\/2\.0 100 Trying\r\n$/);
    expect(more).toEqual([]);
  });

  test("§2.4.4 tells how the call goes, and copies who asked for it", async () => {
    const by = 'Referred-By: "Bob" <sip:bob@example.com>;x="a, b"';
    const { it, wishes } = await asked([...REFER, by]);
    const { value: wish } = await wishes.next();
    const call = (wish as IncomingTransfer).accept();
    await it.wait(0);
    const sent = it.sent();
    const [answer, first, invite] = sent;
    expect(sent).toHaveLength(3);
    //= RFC 3515 §2.4.2
    //# If approval is granted, the UA MUST contact the resource identified by the URI in the
    //# Refer-To header field value as discussed in Section 2.4.3.
    expect(invite).toMatch(/^INVITE sip:carol@example\.com SIP/);
    //= RFC 3892 §2.2
    //# A UA accepting a REFER request (a referee) to a SIP URI (using either the sip: or sips:
    //# scheme) MUST copy any Referred-By header field value and token into the referenced request
    //# without modification.
    expect(invite).toContain(`\r\n${by}\r\n`);
    //= RFC 3515 §2.4.2
    //# If a REFER request is accepted (that is, a 2xx class response is returned), the recipient
    //# MUST create a subscription and send notifications of the status of the refer as described in
    //# Section 2.4.4.
    expect(answer).toMatch(/^SIP\/2\.0 200 /);
    expect(answer).toContain("Contact: <sip:alice@192.0.2.1:5060>");
    //= RFC 3515 §2.4.4
    //# Each NOTIFY MUST contain an Event header field with a value of refer and possibly an id
    //# parameter (see Section 2.4.6).
    expect(first).toMatch(/^NOTIFY sip:bob@192\.0\.2\.77:5060 SIP/);
    expect(first).toContain("\r\nEvent: refer\r\n");
    //= RFC 3515 §2.4.4
    //# The NOTIFY mechanism defined in [2] MUST be used to inform the agent sending the REFER of
    //# the status of the reference.
    //= RFC 3515 §2.4.4
    //# Each NOTIFY MUST contain a body of type "message/sipfrag" [3].
    //= RFC 3515 §2.4.5
    //# Each NOTIFY MUST contain a body of type "message/sipfrag" [3].
    expect(first).toContain("\r\nContent-Type: message/sipfrag\r\n");
    expect(first).toMatch(/Subscription-State: active;expires=300\r\n/);
    //= RFC 3515 §2.4.7
    //# The final NOTIFY sent in response to a REFER MUST indicate the subscription has been
    //# "terminated" with a reason of "noresource".
    call.hangUp();
    await it.wait(0);
    const last = it.sent().find((one) => one.startsWith("NOTIFY"));
    expect(last).toMatch(/Subscription-State: terminated;reason=noresource\r\n/);
    expect(last).toMatch(/\r\n\r\nSIP\/2\.0 487 Request Terminated\r\n$/);
  });

  test("§3.10 is told of at most once a second", async () => {
    const { it, wishes } = await asked();
    const { value: wish } = await wishes.next();
    (wish as IncomingTransfer).accept();
    await it.wait(0);
    const [, notify, invite] = it.sent();
    await it.say(answerTo(readRequest(notify), 200));
    await it.say(answerTo(readRequest(invite), 180, { toTag: "c1" }));
    await it.wait(900);
    //= RFC 3515 §3.10
    //# NOTIFYs to event refer SHOULD NOT be sent more frequently than once per second.
    expect(it.sent()).toEqual([]);
    await it.wait(100);
    expect(it.sent().map((one) => one.split("\r\n\r\n")[1])).toEqual(["SIP/2.0 180 Ringing\r\n"]);
  });

  test("§2.4.4 can be listened to no more, and is done all the same", async () => {
    const { it, wishes } = await asked();
    const { value: wish } = await wishes.next();
    const call = (wish as IncomingTransfer).accept();
    await it.wait(0);
    const notify = readRequest(it.sent()[1]);
    await it.say(answerTo(notify, 200));
    const lines = ["Event: refer;id=2", "Expires: 0", "Contact: <sip:bob@192.0.2.77:5060>"];
    await it.theirs("SUBSCRIBE", { seq: 3, lines });
    const [answer, last] = it.sent();
    expect(answer).toMatch(/^SIP\/2\.0 200 /);
    expect(answer).toContain("\r\nExpires: 0\r\n");
    expect(last).toMatch(/Subscription-State: terminated;reason=timeout\r\n/);
    //= RFC 3515 §2.4.4
    //# In particular, an agent acting on a REFER request SHOULD NOT issue a CANCEL to any
    //# referenced SIP requests because the agent sending the REFER terminated its subscription to
    //# the refer event before the referenced request completes.
    await it.wait(1000);
    expect(call.state.name).toBe("Dialing");
    //= RFC 3515 §2.4.4
    //# If a SUBSCRIBE request for event refer is received for a subscription that does not already
    //# exist, it MUST be rejected with a 403.
    await it.say(answerTo(readRequest(last), 200));
    it.sent();
    await it.theirs("SUBSCRIBE", { seq: 4, branch: "z9hG4bK-s4", lines });
    expect(it.responses().map(({ status }) => status)).toEqual([403]);
  });

  test("RFC 4488 §4 makes no subscription where they want none", async () => {
    const { it, wishes } = await asked([...REFER, "Refer-Sub: false"]);
    const { value: wish } = await wishes.next();
    (wish as IncomingTransfer).accept();
    await it.wait(0);
    const [answer, ...more] = it.sent();
    //= RFC 4488 §4
    //# If the REFER-Recipient supports the extension and is willing to process the REFER
    //# transaction without establishing an implicit subscription, it MUST insert the "Refer-Sub"
    //# header field set to "false" in the 2xx response to the REFER-Issuer.
    expect(answer).toMatch(/^SIP\/2\.0 200 /);
    expect(answer).toContain("\r\nRefer-Sub: false\r\n");
    expect(more.map((one) => one.split(" ")[0])).toEqual(["INVITE"]);
  });

  test("§2.4.6 names itself by its number from the second on; eight at most", async () => {
    const { it } = await asked();
    for (let n = 0; n < 7; n++) {
      await it.theirs("REFER", { seq: 3 + n, branch: `z9hG4bK-r${n}`, lines: REFER });
    }
    await it.wait(1000);
    const events = it.sent().filter((one) => one.startsWith("NOTIFY"));
    //= RFC 3515 §2.4.6
    //# Thus, for the second and subsequent REFER requests a UA receives in a given dialog, it MUST
    //# include an id parameter[2] in the Event header field of each NOTIFY containing the sequence
    //# number (the number from the CSeq header field value) of the REFER this NOTIFY is associated
    //# with.
    expect(events.map((one) => /\r\nEvent: (\S+)/.exec(one)?.[1])).toEqual([
      ...["refer", "refer;id=3", "refer;id=4", "refer;id=5"],
      ...["refer;id=6", "refer;id=7", "refer;id=8", "refer;id=9"],
    ]);
    await it.theirs("REFER", { seq: 20, branch: "z9hG4bK-r20", lines: REFER });
    expect(it.responses().map(({ status }) => status)).toEqual([486]);
  });
});
