import { expect, test } from "vitest";
import { presenceWord } from "./presence-word.ts";

test("somebody is here or not, and while the line is down nobody says either", () => {
  expect(presenceWord({ online: true }, false)).toBe("Online");
  expect(presenceWord({ online: false }, false)).toBe("Offline");
  expect(presenceWord({ online: true }, true)).toBe("Not known just now");
});
