import { describe, expect, test } from "vitest";
import { formatResourceLists } from "../documents/resource-lists.ts";
import { header } from "../message/headers.ts";
import { titleOf } from "../testing/domain-stage.ts";
import { address, office, type Written } from "../testing/message-office.ts";

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
    const uris = [address("bob"), `${address("bob")};method=INVITE`, address("carol")];
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

  test("costs as much as several", () => {
    const { say } = office({ rate: { burst: 3, perSecond: 1 } });
    expect([say(several(address("bob"), address("carol"))), say(), say()]).toEqual([
      ...["202", "202", "503"],
    ]);
  });
});
