import { describe, expect, test } from "vitest";
import { formatRlmi, parseRlmi, type Rlmi } from "./rlmi.ts";

/** RFC 4662 §5.1. */
const EXAMPLE = `<?xml version="1.0"?>
   <list xmlns="urn:ietf:params:xml:ns:rlmi"
         uri="sip:adam-friends@lists.vancouver.example.com"
         version="7" fullState="true">
     <name xml:lang="en">Buddy List</name>
     <name xml:lang="fr">Liste d'amis</name>
     <resource uri="sip:bob@vancouver.example.com">
       <name>Bob Smith</name>
       <instance id="juwigmtboe" state="active"
                 cid="12345.aaa@vancouver.example.com"/>
     </resource>
     <resource uri="sip:jim@vancouver.example.com">
       <name>Jim</name>
       <instance id="oflzxqzuvg" state="terminated"
                 reason="rejected" />
     </resource>
     <resource uri="sip:ed@vancouver.example.com">
       <name>Ed</name>
       <instance id="grqhzsppxb" state="pending"/>
     </resource>
   </list>`;

function read(octets: string): Rlmi {
  const list = parseRlmi(octets);
  if (!list.ok) throw new Error(list.error.message);
  return list.value;
}

describe("RFC 4662 §5: the list of a list's states", () => {
  test("reads its example", () => {
    expect(read(EXAMPLE)).toEqual({
      ...{ uri: "sip:adam-friends@lists.vancouver.example.com", version: 7, isFull: true },
      names: ["Buddy List", "Liste d'amis"],
      resources: [
        {
          ...{ uri: "sip:bob@vancouver.example.com", names: ["Bob Smith"] },
          instances: [
            {
              ...{ id: "juwigmtboe", state: "active", cid: "12345.aaa@vancouver.example.com" },
              reason: undefined,
            },
          ],
        },
        {
          ...{ uri: "sip:jim@vancouver.example.com", names: ["Jim"] },
          instances: [{ id: "oflzxqzuvg", state: "terminated", reason: "rejected" }],
        },
        {
          ...{ uri: "sip:ed@vancouver.example.com", names: ["Ed"] },
          instances: [{ id: "grqhzsppxb", state: "pending" }],
        },
      ],
    });
  });

  test("is written as it is read", () => {
    const list = read(EXAMPLE);
    expect(read(formatRlmi(list))).toEqual(list);
    const empty: Rlmi = { uri: "sip:a@b", version: 0, isFull: false, names: [], resources: [] };
    expect(read(formatRlmi(empty))).toEqual(empty);
    expect(formatRlmi(empty)).toContain('fullState="false"');
    // In whatever language: nobody here knows which.
    //= RFC 4662 §5.4
    //# If this attribute is present, it MUST contain a valid language tag.
    expect(formatRlmi(list)).not.toContain("lang");
  });

  test("§5.2 needs what a list must have, and passes over what has it not", () => {
    //= RFC 4662 §5.2
    //# The <list> element present in a list notification MUST contain three attributes.
    for (const missing of ['uri="sip:adam-friends@lists.vancouver.example.com"', 'version="7"']) {
      expect(parseRlmi(EXAMPLE.replace(missing, "")).ok).toBe(false);
    }
    expect(parseRlmi(EXAMPLE.replace('fullState="true"', 'fullState="yes"')).ok).toBe(false);
    expect(read(EXAMPLE.replace('fullState="true"', 'fullState="0"')).isFull).toBe(false);
    //= RFC 4662 §5.3
    //# This attribute MUST be present.
    const without = EXAMPLE.replace('uri="sip:ed@vancouver.example.com"', "");
    expect(read(without).resources).toHaveLength(2);
    const [bob] = read(EXAMPLE.replace('state="active"', 'state="asleep"')).resources;
    expect(bob?.instances).toEqual([]);
  });
});
