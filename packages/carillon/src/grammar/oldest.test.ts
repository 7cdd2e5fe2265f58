import fc from "fast-check";
import { expect, test } from "vitest";
import { Oldest } from "./oldest.ts";

const step = fc.record({
  what: fc.constantFrom("put", "put", "put", "forget", "clear"),
  key: fc.nat(12),
});

test("whatever is put, renewed and forgotten, the oldest is what goes", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 6 }), (all, most) => {
      const map = new Map<number, number>();
      const oldest = new Oldest(map);
      let model: number[] = [];
      for (const { what, key } of all) {
        if (what === "clear" && key === 0) {
          map.clear();
          model = [];
        } else if (what === "forget") {
          map.delete(key);
          model = model.filter((one) => one !== key);
        } else {
          map.delete(key);
          oldest.makeRoom(most);
          map.set(key, key);
          model = [...model.filter((one) => one !== key), key].slice(-most);
        }
        expect([...map.keys()]).toEqual(model);
      }
    }),
  );
});
