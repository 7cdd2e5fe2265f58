import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const page = readFileSync(new URL("../docs/decisions.md", import.meta.url), "utf8");

/** As GitHub names a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

test("the index of decisions leads to each section, and to nothing else", () => {
  const sections = [...page.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
  const linked = [...page.matchAll(/^\| \[.+\]\(#(.+)\) \|/gm)].map(([, anchor = ""]) => anchor);
  expect(linked.toSorted()).toEqual(sections.toSorted());
});
