import { describe, expect, test } from "vitest";
import { formatIsComposing, parseIsComposing } from "./is-composing.ts";

/** The examples of RFC 3994 §5, with the namespace that §6 gives. */
const ACTIVE = `<?xml version="1.0" encoding="UTF-8"?>
   <isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"
   xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
   xsi:schemaLocation="urn:ietf:params:xml:ns:im-composing
   iscomposing.xsd">
     <state>active</state>
     <contenttype>text/plain</contenttype>
     <refresh>90</refresh>
   </isComposing>`;

describe("that somebody is writing", () => {
  test("RFC 3994 §5 is read", () => {
    const value = { state: "active", contentType: "text/plain", refreshSeconds: 90 } as const;
    expect(parseIsComposing(ACTIVE)).toEqual({ ok: true, value });
    expect(parseIsComposing(formatIsComposing(value))).toEqual({ ok: true, value });
    const idle = { state: "idle", lastActive: new Date(Date.UTC(2003, 0, 27, 10, 43)) } as const;
    expect(parseIsComposing(formatIsComposing(idle))).toMatchObject({ ok: true, value: idle });
  });

  test("RFC 3994 §3.5 is not so in any state but active", () => {
    //= RFC 3994 §3.5
    //# Recipients of status messages implementing this specification without extensions MUST treat
    //# state tokens other than "idle" and "active" as "idle".
    for (const state of ["thinking", "ACTIVE", ""]) {
      const text = ACTIVE.replace(">active<", `>${state}<`);
      expect(parseIsComposing(text)).toMatchObject({ ok: true, value: { state: "idle" } });
    }
    for (const refresh of ["0", "-1", "soon", "99999999999"]) {
      const read = parseIsComposing(ACTIVE.replace(">90<", `>${refresh}<`));
      expect(read.ok && read.value.refreshSeconds).toBe(undefined);
    }
    expect(parseIsComposing("<isComposing/>").ok).toBe(false);
  });
});
