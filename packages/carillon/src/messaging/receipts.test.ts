import { describe, expect, test } from "vitest";
import { formatCpim } from "../documents/cpim.ts";
import { formatImdn } from "../documents/imdn.ts";
import type { Entry, ReceiptTold } from "../documents/journal.ts";
import { header } from "../message/headers.ts";
import { answer, type Sent } from "../testing/domain-stage.ts";
import {
  address,
  BOB,
  CAROL,
  messagesTo,
  office,
  receipt,
  wrapped,
} from "../testing/message-office.ts";

describe("receipts", () => {
  const said = (entries: readonly Entry[]) =>
    entries.flatMap(({ what, conversation }) =>
      what.kind === "Receipt" ? [`${what.id} ${what.status} ${what.by} ${conversation}`] : [],
    );

  test("RFC 5438 §7.1.2: stand in the journal of whoever sent the message, each once", () => {
    const { say, journal } = office();
    say(wrapped("m1", { asks: "positive-delivery, display" }));
    //= RFC 5438 §7.2.1
    //# In this case, the IM Recipient MUST be able to construct multiple IMDNs per IM. An IM
    //# Recipient MUST NOT construct more than one IMDN per disposition type.
    for (let i = 0; i < 2; i++) {
      expect(say(receipt("bob", "m1", "delivery", "delivered"))).toBe("200");
      expect(say(receipt("bob", "m1", "display", "displayed"))).toBe("200");
      expect(say(receipt("bob", "m1", "processing", "processed"))).toBe("200");
    }
    const bob = address("bob");
    expect(said(journal("alice"))).toEqual([
      ...[`m1 delivered ${bob} ${bob}`, `m1 displayed ${bob} ${bob}`],
    ]);
    //= RFC 5438 §7.2.1
    //# The IM Sender MUST NOT send an IMDN for an IMDN.
    expect(said(journal("bob"))).toEqual([]);
  });

  test("RFC 5438 §7.2.1: are taken though something is in them that has no place there", () => {
    const { say, journal } = office();
    say(wrapped("m1"));
    const told = receipt("bob", "m1", "display", "displayed");
    //= RFC 5438 §7.2.1
    //# IMDN-Record-Route header fields do not make sense in an IMDN and therefore MUST NOT be
    //# placed in an IMDN. IMDN Recipients MUST ignore it if present.
    const odd = "NS: imdn <urn:ietf:params:imdn>\r\nimdn.IMDN-Record-Route: <sip:evil.example>\r\n";
    expect(say({ ...told, body: odd + (told.body ?? "") })).toBe("200");
    expect(said(journal("alice"))).toHaveLength(1);
  });

  test("of those who never got the message are forgotten", () => {
    const { say, journal } = office();
    say(wrapped("m1"));
    expect(say(receipt("carol", "m1", "display", "displayed"))).toBe("200");
    expect(say(receipt("bob", "m2", "display", "displayed"))).toBe("200");
    expect(said(journal("alice"))).toEqual([]);
  });

  test("RFC 5438 §7.1.4: may come several at once", () => {
    const { say, journal } = office();
    for (const id of ["m1", "m2"]) say(wrapped(id));
    const part = (id: string) =>
      `--b\r\nContent-Type: message/imdn+xml\r\n\r\n${formatImdn({
        ...{ messageId: id, kind: "display", status: "displayed", dateTime: undefined },
      })}\r\n`;
    const body = formatCpim({
      ...{ from: { name: "", uri: address("bob") }, to: { name: "", uri: address("alice") } },
      contentHeaders: [
        ["Content-Type", 'multipart/mixed;boundary="b"'],
        ["Content-Disposition", "notification"],
      ],
      content: `${part("m1")}${part("m2")}--b--\r\n`,
    });
    expect(say({ from: "bob", to: "alice", contentType: "message/cpim", body })).toBe("200");
    expect(said(journal("alice")).map((one) => one.slice(0, 12))).toEqual([
      ...["m1 displayed", "m2 displayed"],
    ]);
  });

  test("RFC 5438 §12.2: are a tick and no IMDN where a phone has said 2xx and nothing else", () => {
    const all = office();
    all.stage.register("bob", BOB);
    all.stage.register("alice", CAROL);
    all.stage.wait(11_000);
    const asking = wrapped("m1", { asks: "positive-delivery, display" });
    const [sent] = messagesTo(BOB, all.sayRaw(all.written(asking))) as [Sent];
    const after = all.stage.say(BOB, answer(sent.octets, 200, "p"));
    const seen: ReceiptTold = {
      ...{ kind: "Receipt", id: "m1", by: address("bob"), status: "delivered" },
      isSeenByServer: true,
    };
    expect(all.journal("alice").map(({ what }) => what)).toContainEqual(seen);
    //= RFC 5438 §12.2
    //# If the Disposition-Notification header field contains a value of "positive-delivery", the
    //# intermediary MUST NOT generate a delivery notification if it receives a SIP 2xx class
    //# response for the sent IM.
    expect(messagesTo(CAROL, after)).toEqual([]);
    // What the phone says itself goes to the sender's phones, if they asked for it.
    const told = all.sayRaw(all.written(receipt("bob", "m1", "display", "displayed")));
    const [imdn] = messagesTo(CAROL, told);
    expect(imdn?.message.body).toContain("<status><displayed/></status>");
    //= RFC 5438 §12.1.1
    //# When using this extension, the Content-type header field MUST be of MIME type "message/cpim"
    //# [RFC3862] for both IMs and IMDNs.
    expect(imdn && header(imdn.message, "Content-Type")).toBe("message/cpim");
    //= RFC 5438 §7.2.1
    //# The IM Recipient MUST NOT generate "processing" notifications.
    expect(imdn?.message.body).not.toContain("processing");
    //= RFC 5438 §7.1.2
    //# This does mean the IM Sender MUST understand the Content-Disposition MIME header in CPIM
    //# messages.
    const words = { ...receipt("bob", "m1", "display", "displayed") };
    const undeclared = (words.body ?? "").replace("\r\nContent-Disposition: notification", "");
    expect(all.say({ ...words, body: undeclared })).toBe("415");
    //= RFC 5438 §7.2.1
    //# IM Recipients MUST insert a Content-Disposition header field set to the value
    //# "notification".
    expect(imdn?.message.body).toContain("\r\nContent-Disposition: notification\r\n");
    //= RFC 5438 §7.2.1
    //# A Disposition-Notification header field MUST NOT appear in an IMDN since it is forbidden to
    //# request an IMDN for an IMDN.
    expect(imdn?.message.body).not.toContain("Disposition-Notification");
    //= RFC 5438 §7.2.1
    //# An IMDN MUST contain a Message-ID header field.
    expect(imdn?.message.body).toMatch(/\r\nimdn\.Message-ID: \S+\.receipt\r\n/);
  });

  test("go to no phone of somebody who did not ask", () => {
    const all = office();
    all.stage.register("alice", CAROL);
    all.stage.wait(11_000);
    all.say(wrapped("m1"));
    const told = all.sayRaw(all.written(receipt("bob", "m1", "display", "displayed")));
    expect(messagesTo(CAROL, told)).toEqual([]);
    expect(said(all.journal("alice"))).toHaveLength(1);
  });
});
