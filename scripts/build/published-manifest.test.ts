import { expect, test } from "vitest";
import { publishedManifest } from "./published-manifest.ts";

test("doors lead to JavaScript and declarations, under each condition", () => {
  const published = publishedManifest({
    name: "carillon",
    private: true,
    scripts: { a: "b" },
    exports: {
      ".": { browser: "./src/browser/index.ts", default: "./src/node/index.ts" },
      "./uri": "./src/uri/index.ts",
    },
  });
  expect(published).toEqual({
    name: "carillon",
    exports: {
      ".": {
        browser: { types: "./browser/index.d.ts", default: "./browser/index.js" },
        default: { types: "./node/index.d.ts", default: "./node/index.js" },
      },
      "./uri": { types: "./uri/index.d.ts", default: "./uri/index.js" },
      "./package.json": "./package.json",
    },
  });
});

test("what stands in the place of a file in a page is what was made of it", () => {
  const published = publishedManifest({
    exports: {},
    browser: { "./src/uri/a.ts": "./src/uri/a-in-page.ts" },
  });
  expect(published.browser).toEqual({ "./uri/a.js": "./uri/a-in-page.js" });
});

test("a door to anything but a source is refused", () => {
  expect(() => publishedManifest({ exports: { ".": "./lib/a.js" } })).toThrow("./lib/a.js");
});
