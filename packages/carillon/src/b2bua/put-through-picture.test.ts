import { expect, test } from "vitest";
import { mermaid } from "../usage/mermaid.ts";
import { printPicture } from "../usage/picture.ts";
import { putThrough } from "./put-through-picture.ts";

test("RFC 5589 §6: every box, every arrow of a transfer on behalf", () => {
  expect(printPicture(putThrough())).toMatchSnapshot();
});

test("RFC 5589 §6: a transfer on behalf as a diagram", () => {
  expect(mermaid(putThrough())).toMatchSnapshot();
});
