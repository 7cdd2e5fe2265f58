import fc from "fast-check";
import { expect, test } from "vitest";
import {
  candidateKey,
  candidatesIn,
  fragmentOf,
  generationsIn,
  parseFragment,
  withEnd,
} from "./trickle-fragment.ts";

const text = (...lines: readonly string[]): string => [...lines, ""].join("\r\n");

/** What a browser says with two `m=` lines in one bundle. */
const description = text(
  ...["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1"],
  ...["m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0"],
  ...["a=candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host generation 0", "a=ice-ufrag:8hhY"],
  ...["a=ice-pwd:asd88fgpdd777uzjYhagZg", "a=ice-options:trickle", "a=mid:0", "a=sendrecv"],
  ...["m=video 9 UDP/TLS/RTP/SAVPF 96", "a=ice-ufrag:8hhY", "a=ice-pwd:asd88fgpdd777uzjYhagZg"],
  ...["a=mid:1", "a=sendrecv"],
);

//= RFC 8840 §4.4
//# All INFO requests MUST carry the "ice-pwd" and "ice-ufrag" attributes that allow mapping them to
//# a specific ICE generation.
//= RFC 8840 §4.4
//# Agents MUST include a pseudo "m=" line and an identification tag in a "mid" attribute for every
//# "m=" line whose candidate list they intend to update. Such "mid" attributes MUST immediately
//# precede the list of candidates for that specific "m=" line.
//= RFC 8840 §7
//# When doing so, the Answerer MUST include all identification-tags in the same order that is used
//# or will be used in the Answer.
test("RFC 8840 §4.4: the fragment of a description has its candidates and nothing else", () => {
  expect(fragmentOf(description)).toBe(
    text(
      "a=group:BUNDLE 0 1",
      "m=audio 9 UDP/TLS/RTP/SAVPF 111",
      "a=ice-ufrag:8hhY",
      "a=ice-pwd:asd88fgpdd777uzjYhagZg",
      "a=mid:0",
      "a=candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host generation 0",
    ),
  );
});

//= RFC 8840 §4.4
//# An "end-of-candidates" attribute, preceding the first pseudo "m=" line, indicates the end of all
//# trickling from that agent, as opposed to end of trickling for a specific "m=" line, which would
//# be indicated by a media-level "end-of-candidates" attribute.
test("RFC 8840 §4.4: the end of candidates is that of the session, or of every m= line", () => {
  const last = fragmentOf(withEnd(description));
  expect(last.indexOf("a=end-of-candidates")).toBeLessThan(last.indexOf("m="));
  expect(parseFragment(last)?.isLast).toBe(true);
  expect(parseFragment(fragmentOf(description))?.isLast).toBe(false);
  const section = (mid: number, ...end: string[]) =>
    ["m=audio 9 RTP/AVP 0", "a=ice-ufrag:8hhY", "a=ice-pwd:p", `a=mid:${mid}`, ...end] as const;
  const end = "a=end-of-candidates";
  expect(parseFragment(text(...section(1, end), ...section(2)))?.isLast).toBe(false);
  expect(parseFragment(text(...section(1, end), ...section(2, end)))?.isLast).toBe(true);
});

test("RFC 8840 §4.4: the example of Figure 7 is read", () => {
  const read = parseFragment(
    text(
      "a=ice-pwd:asd88fgpdd777uzjYhagZg",
      "a=ice-ufrag:8hhY",
      "m=audio 9 RTP/AVP 0",
      "a=mid:1",
      "a=candidate:1 1 UDP 2130706432 2001:db8:a0b:12f0::1 5000 typ host",
      "a=candidate:2 1 UDP 1694498815 192.0.2.3 5010 typ srflx raddr 192.0.2.1 rport 8998",
      "a=end-of-candidates",
      "m=audio 9 RTP/AVP 0",
      "a=mid:2",
      "a=candidate:1 1 UDP 2130706432 2001:db8:a0b:12f0::1 6000 typ host",
      "a=end-of-candidates",
    ),
  );
  expect(read?.generations).toEqual(new Map([["8hhY", "asd88fgpdd777uzjYhagZg"]]));
  expect(read?.candidates.map(({ mid, ufrag }) => `${mid} ${ufrag}`)).toEqual([
    ...["1 8hhY", "1 8hhY", "2 8hhY"],
  ]);
  expect(read?.candidates[1]?.line).toContain("typ srflx raddr");
  expect(read?.isLast).toBe(true);
});

//= RFC 8840 §9.2
//# A sender SHOULD use lower case for attributes from such earlier grammar, but a receiver MUST
//# treat them as case insensitive.
//= RFC 8840 §9.2
//# An Agent MUST ignore any received unknown extension-attribute-fields.
test("RFC 8840 §9.2: other case, other line ends and unknown attributes do no harm", () => {
  const odd = "a=ICE-PWD:p\na=Ice-Ufrag:u\na=future:1\nm=audio 9 RTP/AVP 0\na=MID:x\na=what\n";
  const read = parseFragment(`${odd}a=Candidate:1 1 UDP 1 192.0.2.1 1 typ host\n`);
  expect(read?.candidates).toEqual([
    { mid: "x", line: "candidate:1 1 UDP 1 192.0.2.1 1 typ host", ufrag: "u" },
  ]);
});

test("what says not what it is for, or is too much, is not taken", () => {
  expect(parseFragment("")).toBeUndefined();
  expect(parseFragment(text("a=ice-ufrag:u", "m=audio 9 RTP/AVP 0", "a=mid:1"))).toBeUndefined();
  const many = Array.from(
    { length: 129 },
    (_, i) => `a=candidate:1 1 UDP 1 192.0.2.1 ${i} typ host`,
  );
  const head = ["a=ice-ufrag:u", "a=ice-pwd:p", "m=audio 9 RTP/AVP 0", "a=mid:1"];
  expect(parseFragment(text(...head, ...many))).toBeUndefined();
  expect(parseFragment(text(...head, ...many.slice(1)))?.candidates).toHaveLength(128);
  expect(parseFragment(text(...head, "x".repeat(70_000)))).toBeUndefined();
  expect(fragmentOf("v=0\r\nm=audio 9 RTP/AVP 0\r\na=mid:1\r\n")).toBe("");
});

//= RFC 8840 §4.4
//# Such candidates are considered to be equal if their IP address port, transport, and component ID
//# are the same.
test("RFC 8840 §4.4: candidates are one if address, port, transport and component are", () => {
  const key = (line: string) => candidateKey({ mid: "1", ufrag: "u", line: `candidate:${line}` });
  const first = key("1 1 UDP 2130706431 192.0.2.1 6010 typ host");
  expect(key("7 1 udp 5 192.0.2.1 6010 typ srflx raddr 10.0.0.1 rport 9")).toBe(first);
  for (const other of ["192.0.2.2 6010", "192.0.2.1 6011"]) {
    expect(key(`1 1 UDP 2130706431 ${other} typ host`)).not.toBe(first);
  }
  expect(key("1 2 UDP 2130706431 192.0.2.1 6010 typ host")).not.toBe(first);
  expect(key("1 1 TCP 2130706431 192.0.2.1 6010 typ host")).not.toBe(first);
  expect(key("not one")).toBeUndefined();
});

test("what a description holds is what its fragment holds", () => {
  expect(candidatesIn(fragmentOf(withEnd(description)))).toEqual(candidatesIn(description));
  expect(generationsIn(fragmentOf(description))).toEqual(generationsIn(description));
});

test("any text ends, and gives candidates or nothing", () => {
  const line = fc.constantFrom(
    ...["a=mid:0", "a=ice-ufrag:a", "a=ice-pwd:b", "m=audio 9 RTP/AVP 0", "a=end-of-candidates"],
    ...["a=candidate:1 1 UDP 1 192.0.2.1 1 typ host", "a=candidate:", "", "m=", "a=", "\u0000"],
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const read = parseFragment(lines.join("\r\n"));
      for (const one of read?.candidates ?? []) expect(one.mid).not.toBe("");
    }),
  );
});
