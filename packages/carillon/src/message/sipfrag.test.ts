import fc from "fast-check";
import { expect, test } from "vitest";
import { formatSipfragStatus, parseSipfragStatus } from "./sipfrag.ts";

//= RFC 3515 §2.4.5
//# The body of a NOTIFY MUST begin with a SIP Response Status-Line as defined in [1].
test("RFC 3515 §2.4.5: a status line is read as it was written", () => {
  expect(formatSipfragStatus(180)).toBe("SIP/2.0 180 Ringing\r\n");
  const status = fc.integer({ min: 100, max: 699 });
  fc.assert(
    fc.property(status, fc.string(), (one, more) => {
      const read = parseSipfragStatus(`${formatSipfragStatus(one)}${more}`);
      expect(read).toEqual({ ok: true, value: one });
    }),
  );
});

test("RFC 3420 §2: what follows the status line does not matter, nor does its phrase", () => {
  for (const text of ["SIP/2.0 603 \r\n", "sip/2.0 603 No", "SIP/2.0 603"]) {
    expect(parseSipfragStatus(text)).toEqual({ ok: true, value: 603 });
  }
});

test("RFC 3515 §2.4.5: what is no status line is told, and nothing makes it throw", () => {
  const wrong = ["", "SIP/2.0", "SIP/2.0 20 OK", "SIP/2.0 2000", "SIP/2.0 099 x", "SIP/2.0 700 x"];
  const others = ["SIP/3.0 200 OK", "200 OK", "SIP/2.0  200 OK", "INVITE sip:a@b SIP/2.0"];
  for (const text of [...wrong, ...others]) {
    expect([text, parseSipfragStatus(text).ok]).toEqual([text, false]);
  }
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseSipfragStatus(text)));
});
