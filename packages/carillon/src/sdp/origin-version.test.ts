import { expect, test } from "vitest";
import { type Description, parseSdp } from "./description.ts";
import { hasChanged } from "./origin-version.ts";

const sdp = (version: string, port: number, address = "192.0.2.1"): Description => {
  const head = `v=0\no=- 1 ${version} IN IP4 ${address}\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n`;
  const result = parseSdp(`${head}m=audio ${port} RTP/AVP 0\n`);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};

//= RFC 3311 §5.2
//# If a UA receives an UPDATE for an existing dialog, it MUST check any version identifiers in the
//# session description or, if there are no version identifiers, the content of the session
//# description to see if it has changed.
test("RFC 3311 §5.2: a description has changed by its version, or by what stands in it", () => {
  const before = sdp("4", 9);
  expect(hasChanged(sdp("4", 9), before)).toBe(false);
  expect(hasChanged(sdp("5", 9), before)).toBe(true);
  expect(hasChanged(sdp("4", 7), before)).toBe(true);
  expect(hasChanged(sdp("4", 9, "192.0.2.9"), before)).toBe(true);
});
