import fc from "fast-check";
import { expect, test } from "vitest";
import { SLOTS, SlotBits } from "./slot-bits.ts";

/** What `next` is to find, looked for one by one. */
function scanned(set: ReadonlySet<number>, from: number): number {
  for (let i = 0; i < SLOTS; i++) if (set.has((from + i) % SLOTS)) return (from + i) % SLOTS;
  return -1;
}

test("the next slot is the one that a scan of all of them finds", () => {
  const slot = fc.nat(SLOTS - 1);
  const change = fc.record({ slot, on: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), fc.array(slot), (changes, froms) => {
      const bits = new SlotBits();
      const set = new Set<number>();
      for (const { slot, on } of changes) {
        if (on) bits.set(slot);
        else bits.clear(slot);
        if (on) set.add(slot);
        else set.delete(slot);
        for (const from of [slot, (slot + 1) % SLOTS, ...froms]) {
          expect(bits.next(from)).toBe(scanned(set, from));
        }
      }
    }),
  );
});

test("each slot alone is found from each end of every word", () => {
  for (let slot = 0; slot < SLOTS; slot++) {
    const bits = new SlotBits();
    bits.set(slot);
    for (const from of [0, 31, 32, 1023, 1024, SLOTS - 1, slot]) expect(bits.next(from)).toBe(slot);
    bits.clear(slot);
    expect(bits.next(slot)).toBe(-1);
  }
});
