import { describe, expect, test } from "vitest";
import { fromText } from "../grammar/octets.ts";
import { formatResourceLists, parseResourceLists, type ResourceList } from "./resource-lists.ts";

/** The example of RFC 4826 §3.3, its line feeds for display taken out. */
const EXAMPLE = `<?xml version="1.0" encoding="UTF-8"?>
   <resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <list name="friends">
     <entry uri="sip:bill@example.com">
      <display-name>Bill Doe</display-name>
     </entry>
     <entry-ref ref="resource-lists/users/sip:bill@example.com/index/~~/resource-lists/list"/>
     <list name="close-friends">
      <display-name>Close Friends</display-name>
      <entry uri="sip:joe@example.com">
       <display-name>Joe Smith</display-name>
      </entry>
      <external anchor="http://xcap.example.org/resource-lists/users/">
        <display-name>Marketing</display-name>
       </external>
     </list>
    </list>
   </resource-lists>`;

const wrapped = (lists: string) =>
  `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"
    xmlns:cp="urn:ietf:params:xml:ns:copycontrol">${lists}</resource-lists>`;
const entries = (count: number) =>
  Array.from({ length: count }, (_, i) => `<entry uri="sip:${i}@b"/>`).join("");

describe("lists of addresses", () => {
  test("RFC 4826 §3.3 are read, and say the same once they have been written", () => {
    const close: ResourceList = {
      ...{ name: "close-friends", displayName: "Close Friends", lists: [] },
      entries: [{ uri: "sip:joe@example.com", displayName: "Joe Smith" }],
    };
    const friends: ResourceList = {
      ...{ name: "friends", displayName: undefined, lists: [close] },
      entries: [{ uri: "sip:bill@example.com", displayName: "Bill Doe" }],
    };
    expect(parseResourceLists(EXAMPLE)).toEqual({ ok: true, value: [friends] });
    expect(parseResourceLists(formatResourceLists([friends]))).toEqual({
      ...{ ok: true, value: [friends] },
    });
    expect(parseResourceLists(formatResourceLists([]))).toEqual({ ok: true, value: [] });
  });

  test("RFC 5364 §3 say whom a message is for, who gets a copy, and who is not named", () => {
    const list: ResourceList = {
      ...{ name: undefined, displayName: "Frühstück", lists: [] },
      entries: [
        { uri: "sip:a@b", copyControl: "to" },
        { uri: "sip:b@b", copyControl: "cc", isAnonymous: true },
        { uri: "sip:c@b", copyControl: "bcc" },
      ],
    };
    expect(parseResourceLists(formatResourceLists([list]))).toEqual({ ok: true, value: [list] });
    const odd = wrapped(
      '<list><entry uri="sip:a@b" cp:copyControl="fax" copyControl="to"/></list>',
    );
    expect(parseResourceLists(odd)).toMatchObject({ value: [{ entries: [{ uri: "sip:a@b" }] }] });
  });

  test("RFC 4826 §3.1 have each address once, whatever comes twice", () => {
    const twice = '<list><entry uri="sip:a@b"/><entry uri="sip:b@b"/><entry uri="sip:a@b"/></list>';
    const entries = [{ uri: "sip:a@b" }, { uri: "sip:b@b" }];
    expect(parseResourceLists(wrapped(twice))).toMatchObject({ value: [{ entries }] });
    const list = { name: undefined, displayName: undefined, lists: [] };
    //= RFC 4826 §3.1
    //# The "uri" attribute MUST be unique amongst all other "uri" attributes in <entry> elements
    //# within the same parent.
    const octets = formatResourceLists([{ ...list, entries: [...entries, { uri: "sip:a@b" }] }]);
    expect(octets.match(/sip:a@b/g)).toHaveLength(1);
    expect(parseResourceLists(octets)).toEqual({ ok: true, value: [{ ...list, entries }] });
  });

  test("are refused where they say nothing clear, or too much", () => {
    //= RFC 4826 §3.1
    //# When present, it MUST be unique amongst all other <list> elements within the same parent
    //# element.
    const names = '<list name="a"/><list name="a"/>';
    for (const wrong of [
      ...[names, "<list><entry/></list>", '<list><entry uri=" "/></list>'],
      ...[`<list>${entries(1001)}</list>`, `${"<list>".repeat(9)}${"</list>".repeat(9)}`],
    ]) {
      expect(parseResourceLists(wrapped(wrong)).ok, wrong.slice(0, 60)).toBe(false);
    }
    expect(parseResourceLists(wrapped(`<list>${entries(1000)}</list>`)).ok).toBe(true);
    expect(parseResourceLists(wrapped('<list name="a"/><list/><list/>')).ok).toBe(true);
    expect(parseResourceLists(`${"<list>".repeat(8)}`).ok).toBe(false);
    expect(parseResourceLists(fromText("nonsense ☎")).ok).toBe(false);
    expect(parseResourceLists(EXAMPLE.replaceAll("resource-lists", "lists")).ok).toBe(false);
  });
});
