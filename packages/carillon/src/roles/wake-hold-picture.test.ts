import { expect, test } from "vitest";
import { mermaid } from "../usage/mermaid.ts";
import { printPicture } from "../usage/picture.ts";
import { wakeHold } from "./wake-hold-picture.ts";

test("RFC 8599 §5.2: every box, every arrow", () => {
  expect(printPicture(wakeHold())).toMatchSnapshot();
});

test("RFC 8599 §5.6.2: as a diagram", () => {
  expect(mermaid(wakeHold())).toMatchSnapshot();
});
