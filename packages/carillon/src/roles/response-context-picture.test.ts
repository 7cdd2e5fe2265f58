import { expect, test } from "vitest";
import { mermaid } from "../usage/mermaid.ts";
import { printPicture } from "../usage/picture.ts";
import { responseContext } from "./response-context-picture.ts";

test("RFC 3261 §16.7: every box, every arrow", () => {
  expect(printPicture(responseContext())).toMatchSnapshot();
});

test("RFC 3261 §16.7, §16.10: as a diagram", () => {
  expect(mermaid(responseContext())).toMatchSnapshot();
});
