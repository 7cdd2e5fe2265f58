import fc from "fast-check";
import { expect, test } from "vitest";
import { ReplayWindow } from "./replay-window.ts";

test("RFC 3711 §3.3.2: what came is known among the last 128; older ones are not taken", () => {
  const index = fc.oneof(fc.nat(400), fc.nat(2 ** 40));
  fc.assert(
    fc.property(fc.array(index, { maxLength: 300, size: "max" }), (indexes) => {
      const window = new ReplayWindow();
      const seen = new Set<number>();
      let highest = -1;
      for (const each of indexes) {
        const isKnown = seen.has(each) || each <= highest - 128;
        expect(window.isReplay(each)).toBe(isKnown);
        if (isKnown) continue;
        window.add(each);
        seen.add(each);
        highest = Math.max(highest, each);
      }
    }),
  );
});
