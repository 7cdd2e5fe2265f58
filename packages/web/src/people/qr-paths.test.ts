import { expect, test } from "vitest";
import { qrPaths } from "./qr-paths.ts";

const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 37 37" shape-rendering="crispEdges">' +
  '<path fill="#ffffff" d="M0 0h37v37H0z"/><path stroke="#000000" d="M4 4.5h7"/></svg>';

test("ground and modules are taken out of the server's drawing", () => {
  expect(qrPaths(svg)).toEqual({
    viewBox: "0 0 37 37",
    paths: [
      { d: "M0 0h37v37H0z", fill: "#ffffff", stroke: "none" },
      { d: "M4 4.5h7", fill: "none", stroke: "#000000" },
    ],
  });
});

test("what is no drawing gives none", () => {
  expect(qrPaths("")).toBeUndefined();
  expect(qrPaths("<svg></svg>")).toBeUndefined();
});
