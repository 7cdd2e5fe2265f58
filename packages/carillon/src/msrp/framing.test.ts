import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBytes, toBytes } from "../grammar/octets.ts";
import { type Framing, frame, isWithin, type MsrpFrame, startFraming } from "./framing.ts";
import { endLine, formatHead, type MsrpHead, rangeOf } from "./message.ts";
import { RFC_4975_FLOWS, wireOf } from "./testing-flows.ts";

/** What octets in these pieces bring, bodies put together. */
function read(pieces: readonly string[]): { kinds: string; heads: MsrpHead[]; bodies: string[] } {
  let state: Framing = startFraming;
  const kinds: string[] = [];
  const heads: MsrpHead[] = [];
  const bodies: string[] = [];
  for (const piece of pieces) {
    const [next, ...frames] = frame(state, toBytes(piece));
    state = next;
    for (const one of frames) take(one);
  }
  function take(one: MsrpFrame): void {
    if (one.kind === "Octets") {
      bodies[bodies.length - 1] += fromBytes(one.octets);
      return;
    }
    kinds.push(one.kind === "End" ? one.flag : one.kind);
    if (one.kind === "Head") {
      heads.push(one.head);
      bodies.push("");
    }
  }
  return { kinds: kinds.join(" "), heads, bodies };
}

const send = (id: string, body: string, flag = "$"): string =>
  `MSRP ${id} SEND\r\nTo-Path: msrp://b:1/x;tcp\r\nFrom-Path: msrp://a:1/y;tcp\r\n` +
  `Message-ID: mess\r\nContent-Type: text/plain\r\n\r\n${body}\r\n-------${id}${flag}\r\n`;

describe("framing", () => {
  it.each(RFC_4975_FLOWS)("RFC 4975 §$section reads, and is written the same", (shown) => {
    const wire = wireOf(shown);
    const { kinds, heads, bodies } = read([wire]);
    expect(kinds).toBe(`Head ${shown.flag}`);
    expect(bodies[0]).toBe(shown.body ?? "");
    const [head] = heads;
    if (!head) throw new Error("no head");
    const hasBody = shown.body !== undefined;
    const end = endLine(head.transactionId, shown.flag, hasBody);
    expect(formatHead(head) + (shown.body ?? "") + end).toBe(wire);
  });

  it("§11 has bodies as long as their Byte-Range says, but for those that are marked", () => {
    for (const shown of RFC_4975_FLOWS.filter(({ body }) => body !== undefined)) {
      const { heads, bodies } = read([wireOf(shown)]);
      const range = heads[0] && rangeOf(heads[0]);
      if (typeof range !== "object" || range.end === undefined) throw new Error(shown.section);
      const isRight = range.end - range.start + 1 === bodies[0]?.length;
      expect([shown.section, isRight]).toEqual([shown.section, shown.isMiscounted !== true]);
    }
  });

  it("§7.1 finds the same messages wherever the octets are cut", () => {
    const body = fc.string({
      unit: fc.constantFrom("\r", "\n", "-", "a", "$", "d93kswow"),
      maxLength: 40,
    });
    const all = fc.array(body, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(all, fc.array(fc.nat(400), { maxLength: 30 }), (bodies, cuts) => {
        const clean = bodies.filter((one) => !one.includes("-------d93kswow"));
        const wire = clean.map((one) => send("d93kswow", one)).join("");
        const places = [...new Set(cuts.map((cut) => cut % (wire.length + 1)))].sort(
          (a, b) => a - b,
        );
        const pieces = [0, ...places].map((at, i) => wire.slice(at, places[i] ?? wire.length));
        expect(read(pieces).bodies).toEqual(clean);
        expect(read([...wire]).bodies).toEqual(clean);
      }),
    );
  });

  it("§7.1 takes an end-line of another transaction for content", () => {
    const body = "a\r\n-------other123$\r\nb";
    expect(read([send("d93kswow", body)]).bodies).toEqual([body]);
  });

  it("§5.1 tells a chunk that goes on and one that is given up", () => {
    expect(read([send("abcd", "x", "+"), send("abce", "y", "#")]).kinds).toBe("Head + Head #");
  });

  it("reads a body of nothing without the CRLF before its end-line, as some peers send it", () => {
    const wire = send("abcd", "").replace("\r\n\r\n\r\n", "\r\n\r\n");
    expect(read([wire, send("abce", "z")])).toMatchObject({
      kinds: "Head $ Head $",
      bodies: ["", "z"],
    });
  });

  it("passes over a message whose head makes no sense, and goes on behind it", () => {
    const strange = send("abcd", "x").replace("To-Path", "Two-Path");
    expect(read([strange, send("abce", "y")])).toMatchObject({
      kinds: "Unread Head $",
      bodies: ["y"],
    });
  });

  it.each([
    ["no start line", "GET / HTTP/1.1\r\n\r\n"],
    ["an id that is too short", "MSRP abc SEND\r\n"],
    ["an id with a character that none has", "MSRP ab_cd SEND\r\n"],
    ["a line that ends with LF", "MSRP abcd SEND\nTo-Path: x\n"],
    ["a start line that does not end", `MSRP ${"a".repeat(2000)}`],
    ["a head that does not end", `MSRP abcd SEND\r\nX: ${"a".repeat(20_000)}`],
    ["too many lines", `MSRP abcd SEND\r\n${"X: y\r\n".repeat(200)}`],
  ])("closes after %s, and hears nothing behind it", (_, wire) => {
    expect(read([wire, send("abce", "y")]).kinds).toBe("Error");
  });

  it("§7.1 takes no more than 10240 octets of a body that is no SEND's", () => {
    const report = (size: number) => send("abcd", "x".repeat(size)).replace("SEND", "REPORT");
    expect(read([report(10_240)]).kinds).toBe("Head $");
    expect(read([report(10_241)]).kinds).toBe("Head Error");
  });

  it("is linear, whatever an end-line could begin with", () => {
    const id = "a".repeat(32);
    for (const unit of ["\r", "\r\n------", `\r\n-------${id.slice(1)}`, `\r\n-------${id}`]) {
      const body = toBytes(unit.repeat(Math.ceil(2_000_000 / unit.length)));
      const head = toBytes(`${send(id, "").split("\r\n\r\n")[0]}\r\n\r\n`);
      const began = performance.now();
      let state = frame(startFraming, head)[0];
      for (let at = 0; at < body.length; at += 1000)
        state = frame(state, body.subarray(at, at + 1000))[0];
      expect(performance.now() - began).toBeLessThan(2000);
      expect(isWithin(state)).toBe(true);
    }
  });

  it("any octets in any state never throw", () => {
    const wire = toBytes(send("abcd", "hello"));
    fc.assert(
      fc.property(fc.nat(wire.length), fc.uint8Array({ maxLength: 200 }), (cut, more) => {
        const [state] = frame(startFraming, wire.subarray(0, cut));
        expect(() => frame(state, more)).not.toThrow();
      }),
    );
  });
});
