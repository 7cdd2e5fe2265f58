import { expect, test } from "vitest";
import { type Corner, nearestCorner, nextCorner } from "./corner.ts";

test("a picture let go rests in the nearest corner", () => {
  expect(nearestCorner(0.1, 0.2)).toBe("top-left");
  expect(nearestCorner(0.9, 0.2)).toBe("top-right");
  expect(nearestCorner(0.4, 0.9)).toBe("bottom-left");
  expect(nearestCorner(1.2, 1.2)).toBe("bottom-right");
});

test("by key it goes through all four corners and back", () => {
  const seen = new Set<Corner>();
  let corner: Corner = "top-right";
  for (let i = 0; i < 4; i++) {
    seen.add(corner);
    corner = nextCorner(corner);
  }
  expect(seen.size).toBe(4);
  expect(corner).toBe("top-right");
});
