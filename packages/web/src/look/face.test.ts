import { expect, test } from "vitest";
import { faceHue, initials } from "./face.ts";

test("initials are the first letters of the first and the last name", () => {
  expect(initials("Anna Müller")).toBe("AM");
  expect(initials("Jean-Luc van Dam")).toBe("JD");
  expect(initials("bob")).toBe("B");
});

test("odd names still have a face", () => {
  expect(initials("“Zoë”")).toBe("Z");
  expect(initials("𝒳avier")).toBe("𝒳");
  expect(initials("★")).toBe("★");
  expect(initials("")).toBe("");
});

test("a hue is stable and one of six", () => {
  expect(faceHue("Anna")).toBe(faceHue("Anna"));
  for (const name of ["", "a", "Bob", "名前", "★"]) {
    expect(faceHue(name)).toBeGreaterThanOrEqual(0);
    expect(faceHue(name)).toBeLessThan(6);
  }
});
