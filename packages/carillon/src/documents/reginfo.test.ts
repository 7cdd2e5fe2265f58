import { describe, expect, test } from "vitest";
import {
  type ContactState,
  formatReginfo,
  mergeReginfo,
  parseReginfo,
  type Reginfo,
} from "./reginfo.ts";

/** The example of RFC 3680 §5.3. */
const EXAMPLE = `<?xml version="1.0"?>
       <reginfo xmlns="urn:ietf:params:xml:ns:reginfo"
           xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                    version="0" state="full">
         <registration aor="sip:user@example.com" id="as9"
                       state="active">
           <contact id="76" state="active" event="registered"
                    duration-registered="7322"
                    q="0.8">
                    <uri>sip:user@pc887.example.com</uri>
           </contact>
           <contact id="77" state="terminated" event="expired"
                    duration-registered="3600"
                    q="0.5">
                    <uri>sip:user@university.edu</uri>
           </contact>
         </registration>
       </reginfo>`;

const contact = (id: string, state: "active" | "terminated" = "active"): ContactState => ({
  ...{ id, uri: `sip:a@${id}`, state, event: "registered" },
});
const info = (
  version: number,
  state: "full" | "partial",
  ...contacts: ContactState[]
): Reginfo => ({
  ...{ version, state },
  registrations: [{ id: "r", aor: "sip:a@b", state: "active", contacts }],
});

describe("registrations of somebody", () => {
  test("RFC 3680 §5.3 are read with their contacts", () => {
    const read = parseReginfo(EXAMPLE);
    expect(read).toMatchObject({
      ok: true,
      value: {
        ...{ version: 0, state: "full" },
        registrations: [
          {
            ...{ id: "as9", aor: "sip:user@example.com", state: "active" },
            contacts: [
              { id: "76", uri: "sip:user@pc887.example.com", event: "registered", q: 0.8 },
              { id: "77", state: "terminated", event: "expired", q: 0.5 },
            ],
          },
        ],
      },
    });
    const again = read.ok && parseReginfo(formatReginfo(read.value));
    expect(again).toEqual(read);
  });

  test("RFC 3680 §5.1 have a version and a state; what is not known is passed over", () => {
    //= RFC 3680 §5.1
    //# There are two attributes associated with the "reginfo" element, both of which MUST be
    //# present
    expect(parseReginfo(EXAMPLE.replace('version="0"', "")).ok).toBe(false);
    expect(parseReginfo(EXAMPLE.replace('state="full"', "")).ok).toBe(false);
    //= RFC 3680 §5.1
    //# Other elements from different namespaces MAY be present for the purposes of extensibility;
    //# elements or attributes from unknown namespaces MUST be ignored.
    const more = EXAMPLE.replace("<contact", '<x:contact xmlns:x="u:x" id="1"/><contact');
    expect(parseReginfo(more)).toEqual(parseReginfo(EXAMPLE));
  });
});

//= RFC 5627 §4.2
//# A user agent implementing both RFC 3680 [24] and GRUU MUST also implement the extensions to RFC
//# 3680 [24] for conveying information on GRUU, as defined in RFC 5628 [28], as these are necessary
//# to keep the set of temporary GRUUs synchronized between the UA and the registrar.
describe("RFC 5628: GRUUs of a contact", () => {
  const pub = "sip:a@b;gr=urn:uuid:1";
  const uri = "sip:tgruu.x@b;gr";

  test("are read, whatever prefix they have", () => {
    const text = EXAMPLE.replace(
      "<uri>sip:user@pc887.example.com</uri>",
      `$&<gr:pub-gruu xmlns:gr="urn:ietf:params:xml:ns:gruuinfo" uri="${pub}"/>
       <g:temp-gruu xmlns:g="urn:ietf:params:xml:ns:gruuinfo" uri="${uri}" first-cseq="7"/>`,
    );
    const read = parseReginfo(text);
    const [first, second] = read.ok ? (read.value.registrations[0]?.contacts ?? []) : [];
    expect(first).toMatchObject({ pubGruu: pub, tempGruu: { uri, firstCSeq: 7 } });
    expect([second?.pubGruu, second?.tempGruu]).toEqual([undefined, undefined]);
  });

  test("are written so that they are read again; one without its number is none", () => {
    const told = { ...contact("1"), pubGruu: pub, tempGruu: { uri, firstCSeq: 7 } };
    const text = formatReginfo(info(0, "full", told));
    const read = parseReginfo(text);
    expect(read.ok && read.value.registrations[0]?.contacts[0]).toMatchObject(told);
    const without = parseReginfo(text.replace(' first-cseq="7"', ""));
    expect(without.ok && without.value.registrations[0]?.contacts[0]?.tempGruu).toBeUndefined();
  });
});

describe("RFC 3680 §5.2 one view of all registrations", () => {
  test("takes in what has changed, and keeps the rest", () => {
    const known = info(0, "full", contact("1"), contact("2"));
    const merged = mergeReginfo(
      known,
      info(1, "partial", contact("2", "terminated"), contact("3")),
    );
    expect(merged).toEqual({
      ...{ kind: "New", isTorn: false },
      value: info(1, "full", contact("1"), contact("2", "terminated"), contact("3")),
    });
    const next = merged.kind === "New" && mergeReginfo(merged.value, info(2, "partial"));
    expect(next).toMatchObject({ value: info(2, "full", contact("1"), contact("3")) });
  });

  test("is not changed by what is older, and is torn where something is missing", () => {
    const known = info(7, "full", contact("1"));
    //= RFC 3680 §5.2
    //# If the value in the document is less than the local version, the document is discarded
    //# without processing.
    expect(mergeReginfo(known, info(6, "full"))).toEqual({ kind: "Old" });
    expect(mergeReginfo(known, info(7, "partial"))).toEqual({ kind: "Old" });
    expect(mergeReginfo(known, info(9, "partial"))).toMatchObject({ kind: "New", isTorn: true });
    expect(mergeReginfo(undefined, info(9, "partial"))).toMatchObject({ isTorn: true });
    expect(mergeReginfo(known, info(9, "full"))).toMatchObject({ isTorn: false });
  });
});
