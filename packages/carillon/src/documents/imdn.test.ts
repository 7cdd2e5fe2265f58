import { describe, expect, test } from "vitest";
import { formatImdn, type Imdn, parseImdn } from "./imdn.ts";

/** The example of RFC 5438 §7.2.1.1. */
const EXAMPLE = `<?xml version="1.0" encoding="UTF-8"?>
   <imdn xmlns="urn:ietf:params:xml:ns:imdn">
         <message-id>34jk324j</message-id>
         <datetime>2008-04-04T12:16:49-05:00</datetime>
        <recipient-uri>im:bob@example.com</recipient-uri>

         <original-recipient-uri
           >im:bob@example.com</original-recipient-uri>
         <delivery-notification>
            <status>
               <delivered/>
            </status>
         </delivery-notification>
       </imdn>`;

describe("a notice of what became of a message", () => {
  test("RFC 5438 §7.2.1 says which, when, and how", () => {
    const read = parseImdn(EXAMPLE);
    const value: Imdn = {
      ...{ messageId: "34jk324j", dateTime: new Date(Date.UTC(2008, 3, 4, 17, 16, 49)) },
      ...{ recipientUri: "im:bob@example.com", originalRecipientUri: "im:bob@example.com" },
      ...{ kind: "delivery", status: "delivered" },
    };
    expect(read).toEqual({ ok: true, value });
    //= RFC 5438 §11.1.4
    //# It MUST be present if the IM carried the Original-To header field.
    expect(parseImdn(formatImdn(value))).toEqual({ ok: true, value });
    const shown: Imdn = { ...value, kind: "display", status: "displayed" };
    expect(parseImdn(formatImdn(shown))).toEqual({ ok: true, value: shown });
  });

  test("is none if it is about nothing or says nothing", () => {
    for (const text of [
      EXAMPLE.replace("34jk324j", ""),
      EXAMPLE.replace("<delivered/>", ""),
      EXAMPLE.replaceAll("delivery-notification", "other-notification"),
      EXAMPLE.replaceAll("imdn", "idmn"),
    ]) {
      expect(parseImdn(text).ok).toBe(false);
    }
  });
});
