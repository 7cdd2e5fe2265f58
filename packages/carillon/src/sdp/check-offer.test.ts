import { expect, test } from "vitest";
import { checkOffer } from "./check-offer.ts";
import { type Description, parseSdp } from "./description.ts";

const sdp = (...media: readonly string[]): Description => {
  const head = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n";
  const result = parseSdp(`${head}${media.join("\n")}\n`);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const AUDIO = "m=audio 9 RTP/AVP 0";

//= RFC 3264 §8
//# If an SDP is offered, which is different from the previous SDP, the new SDP MUST have a matching
//# media stream for each media stream in the previous SDP. In other words, if the previous SDP had
//# N "m=" lines, the new SDP MUST have at least N "m=" lines.
test("RFC 3264 §8: an offer with fewer sections than before is refused with 488", () => {
  const before = { local: sdp(AUDIO, AUDIO), remote: sdp(AUDIO, AUDIO) };
  expect(checkOffer(sdp(AUDIO), before)).toMatchObject({
    ok: false,
    error: {
      ...{ code: "bad-offer", status: 488, source: "RFC 3264 §8", offset: 0 },
      message: "1 media sections where there were 2",
    },
  });
  expect(checkOffer(sdp(AUDIO, "m=audio 0 RTP/AVP 0"), before).ok).toBe(true);
  expect(checkOffer(sdp(AUDIO, AUDIO, AUDIO), before).ok).toBe(true);
  expect(checkOffer(sdp(), undefined).ok).toBe(true);
});
