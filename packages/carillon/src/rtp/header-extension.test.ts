import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatExtensionElements,
  keepExtensionElements,
  readExtensionElements,
} from "./header-extension.ts";
import { formatRtp, parseRtp } from "./packet.ts";

const element = fc.record({
  id: fc.integer({ min: 1, max: 14 }),
  data: fc.uint8Array({ minLength: 1, maxLength: 16 }),
});
const header = { marker: false, payloadType: 0, sequence: 1, timestamp: 1, ssrc: 1 };

test("RFC 8285 §4.2: those that are kept are as they were, and the rest is padding", () => {
  fc.assert(
    fc.property(
      fc.array(element, { minLength: 1, maxLength: 6 }),
      fc.nat(0x7fff),
      (elements, kept) => {
        const extension = formatExtensionElements(elements);
        const packet = formatRtp({ ...header, extension, payload: Uint8Array.of(7, 7) });
        const left = elements.filter(({ id }) => (kept >> id) & 1);
        expect(keepExtensionElements(packet, kept)).toBe(left.length > 0);
        const parsed = parseRtp(packet);
        if (!parsed.ok || !parsed.value.extension) throw new Error("no extension");
        expect([...parsed.value.payload]).toEqual([7, 7]);
        if (left.length > 0) expect(readExtensionElements(parsed.value.extension)).toEqual(left);
      },
    ),
  );
});

test("no octets make it throw, or write beyond the extension", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 80 }), (packet) => {
      const start = 12 + 4 * (packet[0]! & 15);
      const end = start + 4 + 4 * (((packet[start + 2] ?? 0) << 8) | (packet[start + 3] ?? 0));
      const after = packet.slice(Math.max(end, 0));
      const before = packet.slice(0, start);
      keepExtensionElements(packet, 0b10);
      expect(packet.slice(0, start)).toEqual(before);
      expect(packet.slice(Math.max(end, 0))).toEqual(after);
    }),
  );
});
