import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromText } from "../grammar/octets.ts";
import { formatPidf, isOpen, type Presence, parsePidf } from "./pidf.ts";

const read = (text: string): Presence => {
  const presence = parsePidf(fromText(text));
  if (!presence.ok) throw new Error(presence.error.message);
  return presence.value;
};

/** The example of RFC 3863 §4.3.1. */
const EXAMPLE = `<?xml version="1.0" encoding="UTF-8"?>
   <impp:presence xmlns:impp="urn:ietf:params:xml:ns:pidf"
       entity="pres:someone@example.com">
     <impp:tuple id="sg89ae">
       <impp:status>
         <impp:basic>open</impp:basic>
       </impp:status>
       <impp:contact priority="0.8">tel:+09012345678</impp:contact>
     </impp:tuple>
   </impp:presence>`;

/** After RFC 4480 §4. */
const RICH = `<?xml version="1.0" encoding="UTF-8"?>
   <presence xmlns="urn:ietf:params:xml:ns:pidf"
        xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
        xmlns:lt="urn:ietf:params:xml:ns:location-type"
        xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid"
        entity="pres:someone@example.com">
     <tuple id="bs35r9">
       <status><basic>open</basic></status>
       <dm:deviceID>urn:device:0003ba4811e3</dm:deviceID>
       <rpid:relationship><rpid:self/></rpid:relationship>
       <rpid:service-class><rpid:electronic/></rpid:service-class>
       <contact priority="0.8">im:someone@mobile.example.net</contact>
       <note xml:lang="en">Don't Disturb Please!</note>
       <note xml:lang="fr">Ne derangez pas, s'il vous plait</note>
       <timestamp>2005-10-27T16:49:29Z</timestamp>
     </tuple>
     <tuple id="eg92n8">
       <status><basic>closed</basic></status>
       <contact priority="1.0">mailto:someone@example.com</contact>
     </tuple>
     <note>I'll be in Tokyo next week</note>
     <dm:device id="pc147"><rpid:user-input>idle</rpid:user-input></dm:device>
     <dm:person id="p1">
       <rpid:activities from="2005-05-30T12:00:00+05:00" until="2005-05-30T17:00:00+05:00">
         <rpid:note>Far away</rpid:note>
         <rpid:away/>
         <rpid:other>reading</rpid:other>
       </rpid:activities>
     </dm:person>
   </presence>`;

describe("a presence document", () => {
  test("RFC 3863 §4.3 says who can be reached, and by what", () => {
    const presence = read(EXAMPLE);
    expect(presence).toMatchObject({
      entity: "pres:someone@example.com",
      tuples: [{ id: "sg89ae", basic: "open", contact: "tel:+09012345678", priority: 0.8 }],
    });
    expect(isOpen(presence)).toBe(true);
  });

  test("RFC 4480 §3.2 says what the person is doing", () => {
    const presence = read(RICH);
    expect(presence.activities).toEqual(["away", "reading"]);
    expect(presence.notes).toEqual(["I'll be in Tokyo next week"]);
    expect(presence.tuples[0]?.notes).toHaveLength(2);
    expect(presence.tuples[0]?.timestamp?.toISOString()).toBe("2005-10-27T16:49:29.000Z");
    expect(presence.tuples[1]).toMatchObject({ basic: "closed", priority: 1 });
  });

  test("RFC 4480 §3.14 says whether they are at a device, RFC 4479 what they note", () => {
    expect(read(RICH).userInput).toBe("idle");
    const both = RICH.replace(
      "<dm:person id",
      "<tuple><rpid:user-input>active</rpid:user-input></tuple><dm:person id",
    );
    expect(read(both).userInput).toBe("active");
    expect(read(EXAMPLE).userInput).toBe(undefined);
    const noted = RICH.replace("</dm:person>", "<dm:note>At lunch</dm:note></dm:person>");
    expect(read(noted).notes).toEqual(["I'll be in Tokyo next week", "At lunch"]);
  });

  test("RFC 3863 §4.2.3 is read without what is not known", () => {
    const text = `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:a@b" xmlns:x="u:x">
      <x:tuple id="no"/><tuple id="t"><status><x:basic>open</x:basic><basic>closed</basic></status>
      </tuple><else><tuple id="hidden"/></else></presence>`;
    //= RFC 3863 §4.2.3
    //# This includes all of the element content, even if it appears to contain elements with
    //# recognized names.
    expect(read(text).tuples).toMatchObject([{ id: "t", basic: "closed" }]);
  });

  test("RFC 3863 §4.1.5 has priorities from 0 to 1, and others are none", () => {
    const priority = (text: string) =>
      read(EXAMPLE.replace('"0.8"', JSON.stringify(text))).tuples[0]?.priority;
    //= RFC 3863 §4.1.5
    //# Examples of priority values are 0, 0.021, 0.5, 1.00.
    expect(["0", "0.021", "0.5", "1.00"].map(priority)).toEqual([0, 0.021, 0.5, 1]);
    for (const text of ["1.1", "0.0001", "-1", "", "1e0"]) expect(priority(text)).toBe(undefined);
  });

  test("RFC 3863 §4.1.1 is of somebody", () => {
    //= RFC 3863 §4.1.1
    //# The <presence> element MUST have an 'entity' attribute.
    for (const text of [
      '<presence xmlns="urn:ietf:params:xml:ns:pidf"/>',
      '<presence entity="pres:a@b"/>',
      '<tuple xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:a@b"/>',
      "nothing",
    ]) {
      expect(parsePidf(text).ok).toBe(false);
    }
  });

  test("RFC 3863 §4.1 is written with its declaration, and read as what it was", () => {
    const word = fc.stringMatching(/^[a-z<&"'>é☎]{1,8}$/);
    const tuple = fc.record({
      id: word,
      basic: fc.constantFrom("open" as const, "closed" as const, undefined),
      contact: fc.option(word, { nil: undefined }),
      priority: fc.constantFrom(undefined, 0, 0.5, 0.123, 1),
      notes: fc.array(word, { maxLength: 2 }),
      timestamp: fc.constantFrom(undefined, new Date(1_000_000_000_000)),
    });
    const presence = fc.record({
      entity: word,
      tuples: fc.array(
        tuple.map((one) => (one.contact === undefined ? { ...one, priority: undefined } : one)),
        { maxLength: 3 },
      ),
      notes: fc.array(word, { maxLength: 2 }),
      activities: fc.uniqueArray(fc.constantFrom("away", "on-the-phone", "reading & writing")),
      userInput: fc.constantFrom("active" as const, "idle" as const, undefined),
    });
    fc.assert(
      fc.property(presence, (one) => {
        const text = formatPidf(one);
        //= RFC 3863 §4.1
        //# It MUST have the XML declaration and it SHOULD contain an encoding declaration in the
        //# XML declaration
        expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>/);
        const again = parsePidf(text);
        expect(again.ok && again.value).toEqual(one);
      }),
    );
  });
});
