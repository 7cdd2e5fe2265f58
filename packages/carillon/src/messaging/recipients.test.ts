import { describe, expect, test } from "vitest";
import { formatResourceLists } from "../documents/resource-lists.ts";
import { header, headerLines } from "../message/headers.ts";
import { titleOf } from "../testing/domain-stage.ts";
import {
  address,
  BOB,
  messagesTo,
  office,
  textIn,
  type Written,
} from "../testing/message-office.ts";

describe("a message for several people", () => {
  const several = (...uris: readonly string[]): Written => {
    const lists = formatResourceLists([
      { name: undefined, displayName: undefined, lists: [], entries: uris.map((uri) => ({ uri })) },
    ]);
    const parts = [
      "--b\r\nContent-Type: text/plain\r\n\r\nhello all\r\n",
      "--b\r\nContent-Type: application/resource-lists+xml\r\n",
      `Content-Disposition: recipient-list\r\n\r\n${lists}\r\n--b--\r\n`,
    ];
    return {
      ...{ to: "sip:house.example", contentType: "multipart/mixed;boundary=b" },
      ...{ body: parts.join(""), lines: ["Require: recipient-list-message"] },
    };
  };

  test("RFC 5365 §7: is acknowledged with 202, and each of them has it once, alone", () => {
    const { say, journal } = office();
    const bob = address("bob");
    const uris = [bob, `${bob};method=INVITE`, bob, address("carol")];
    //= RFC 5365 §7.3
    //# MESSAGE URI-list services MUST generate only MESSAGE requests, regardless of the "method"
    //# parameter that the URIs in the list indicate. Effectively, MESSAGE URI-list services MUST
    //# ignore the "method" parameter in each of the URIs present in the URI list.
    expect(say(several(...uris))).toBe("202");
    //= RFC 5365 §7.1
    //# In order to avoid duplicated requests, MESSAGE URI-list services MUST take those actions
    //# specified in RFC 5363 [RFC5363] into account to avoid sending duplicated requests to the
    //# same recipient.
    for (const one of ["bob", "carol"]) {
      expect(journal(one)).toMatchObject([
        { conversation: address("alice"), what: { body: "hello all", from: address("alice") } },
      ]);
    }
    expect(journal("alice").map(({ conversation }) => conversation)).toEqual([
      ...[address("bob"), address("carol")],
    ]);
  });

  test("RFC 5360 §5.9.1: goes to nobody where one of them has not agreed to it", () => {
    const { sayRaw, written, journal } = office({ mayWrite: (_, to) => to !== "carol" });
    const [sent] = sayRaw(
      written(several(address("bob"), address("carol"), "sip:dave@biloxi.example")),
    );
    expect(sent && titleOf(sent)).toBe("470 MESSAGE");
    //= RFC 5360 §5.9.1
    //# If it lacks permissions for one or more URIs, the relay MUST NOT perform the translation and
    //# SHOULD return an error response.
    expect(journal("bob")).toEqual([]);
    expect(sent && header(sent.message, "Permission-Missing")).toBe(
      "<sip:carol@house.example>, <sip:dave@biloxi.example>",
    );
  });

  test("names up to thirty of them, at the server itself", () => {
    const { say } = office();
    const many = Array.from({ length: 31 }, (_, i) => `${address("bob")};x=${i}`);
    expect([say(several(...many)), say(several(...many.slice(1)))]).toEqual(["413", "202"]);
    expect(say(several())).toBe("400");
    expect(say(several(address("nobody")))).toBe("404");
    expect(say({ ...several(address("bob")), to: "bob" })).toBe("400");
    expect(say({ to: "sip:house.example" })).toBe("404");
  });

  test("RFC 3261 §21.4.11: is told what is wrong with it, where it cannot be read", () => {
    const { say } = office();
    const large = several(address("bob"));
    const body = large.body?.replace("hello all", "a".repeat(40_000));
    expect(say({ ...large, body: body ?? "" })).toBe("413");
    expect(say({ ...large, body: "--b\r\n" })).toBe("400");
  });

  test("RFC 5365 §7.2: comes to a phone from whoever wrote it, by a Via of the server", () => {
    const all = office();
    all.stage.register("bob", BOB);
    all.stage.wait(11_000);
    const sent = all.sayRaw(all.written(several(address("bob"), address("carol"))));
    const [message, ...more] = messagesTo(BOB, sent);
    expect(more).toEqual([]);
    //= RFC 5365 §7.2
    //# A MESSAGE URI-list service MUST include a From header field whose value is the same as the
    //# From header field included in the incoming MESSAGE request
    expect(message && header(message.message, "From")).toMatch(/^<sip:alice@house.example>;tag=/);
    //= RFC 5365 §7.2
    //# A MESSAGE URI-list service MUST include its own value in the Via header field.
    expect(message && headerLines(message.message, "Via")).toEqual([
      expect.stringMatching(/^SIP\/2.0\/UDP 192.0.2.1:5060;branch=z9hG4bK/),
    ]);
    //= RFC 5365 §7.3
    //# If there is only one body left, the MESSAGE URI-list service MUST remove the multipart/mixed
    //# wrapper in the outgoing MESSAGE request.
    expect(textIn(message)).toBe("hello all");
  });

  test("costs as much as several", () => {
    const { say } = office({ rate: { burst: 3, perSecond: 1 } });
    expect([say(several(address("bob"), address("carol"))), say(), say()]).toEqual([
      ...["202", "202", "503"],
    ]);
  });
});
