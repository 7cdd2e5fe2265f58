import { expect, test } from "vitest";
import { mermaid } from "../../usage/mermaid.ts";
import { printPicture } from "../../usage/picture.ts";
import { outgoingLeg } from "./leg-picture.ts";

test("RFC 3261 §15: every box, every arrow", () => {
  expect(printPicture(outgoingLeg())).toMatchSnapshot();
});

test("RFC 4028 §10: as a diagram", () => {
  expect(mermaid(outgoingLeg())).toMatchSnapshot();
});
