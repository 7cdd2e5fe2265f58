import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { overview } from "./api/overview.ts";
import { apiPage, pageName } from "./api/page.ts";
import { Surface } from "./api/surface.ts";
import { undocumented } from "./api/undocumented.ts";

const root = mkdtempSync(join(tmpdir(), "carillon-api-test-"));
afterAll(() => rmSync(root, { recursive: true }));

function door(name: string, files: Readonly<Record<string, string>>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const file = join(root, Object.keys(files)[0] ?? "");
  const surface = new Surface();
  return { door: { name, file }, about: surface.aboutOf(file), names: surface.namesOf(file) };
}

const low = door("bells/low", {
  "low/index.d.ts": `/**
 * Low bells.
 *
 * \`\`\`ts
 * strike();
 * \`\`\`
 */
export { ring as strike } from "./ring.ts";
export * from "./bell.ts";
`,
  "low/ring.d.ts": `/** Once. */
export declare function ring(times: number): void;
export declare function ring(): void;
export declare const hidden: number;
`,
  "low/bell.d.ts": `import type { Metal } from "./metal.ts";
/** Hangs. */
export declare class Bell {
    #private;
    /** Of what. */
    readonly metal: Metal;
    get pitch(): number;
    private constructor();
    // Not for others.
    /** Once is enough. */
    private crack(): void;
}
export type { Metal };
interface Rope {
    readonly metres: number;
}
export { type Rope as Cord };
`,
  "low/metal.d.ts": `export type Metal = "bronze" | "steel";\n`,
});

test("a page has what the door says and lets out, under its outer name, without privates", () => {
  expect(apiPage(low, [low])).toBe(`# \`bells/low\`

Low bells.

\`\`\`ts
strike();
\`\`\`

Written by \`npm run api\`; never by hand.

## Bell

\`\`\`ts
/** Hangs. */
class Bell {
    /** Of what. */
    readonly metal: Metal;
    get pitch(): number;
}
\`\`\`

## Cord

\`\`\`ts
interface Rope {
    readonly metres: number;
}
\`\`\`

## Metal

\`\`\`ts
type Metal = "bronze" | "steel";
\`\`\`

## strike

\`\`\`ts
/** Once. */
function ring(times: number): void;
function ring(): void;
\`\`\`
`);
});

test("names and members without a doc comment are found; one documented overload is enough", () => {
  expect(undocumented(low.names)).toEqual(["Bell.pitch", "Cord", "Cord.metres", "Metal"]);
});

test("names of a namespace are told with it, and do not hide those of another", () => {
  const two = door("bells/two", {
    "two/index.d.ts": `/** Small. */\nexport * as small from "./small.ts";
export * as great from "./great.ts";
`,
    "two/small.d.ts": "/** Once. */\nexport declare function strike(): void;\n",
    "two/great.d.ts": "export declare function strike(times: number): void;\n",
  });
  expect(two.names.map(({ name }) => name)).toEqual([
    "great",
    "great.strike",
    "small",
    "small.strike",
  ]);
  expect(undocumented(two.names)).toEqual(["great", "great.strike"]);
  expect(apiPage(two, [two])).toContain(
    "## great.strike\n\n```ts\nfunction strike(times: number): void;\n```",
  );
});

test("a comment with an example in it does not end the block that it stands in", () => {
  const three = door("bells/three", {
    "three/index.d.ts":
      "/**\n * ```ts\n * chime();\n * ```\n */\nexport declare function chime(): void;\n",
  });
  expect(three.about).toBe("");
  expect(apiPage(three, [three])).toContain(
    "## chime\n\n````ts\n/**\n * ```ts\n * chime();\n * ```\n */\nfunction chime(): void;\n````\n",
  );
});

test("what another door tells is one line", () => {
  const surface = new Surface();
  const high = door("bells/high", {
    "high/index.d.ts": `export * from "../low/index.ts";\nexport type High = 1;\n`,
  });
  const names = surface.namesOf(high.door.file);
  const both = [
    { ...high, names },
    { ...low, names: surface.namesOf(low.door.file) },
  ];
  const page = apiPage(both[0] ?? high, both);
  expect(page).toContain("From `bells/low`: `Bell`, `Cord`, `Metal`, `strike`.\n\n## High\n");
  expect(page).not.toContain("## Bell");
  expect(pageName(high.door)).toBe("bells-high.md");
});

test("a door that lets out what nobody declares is told", () => {
  expect(() =>
    door("bells/lost", {
      "lost/index.d.ts": `export { lost } from "./no.ts";\n`,
      "lost/no.d.ts": "export {};\n",
    }),
  ).toThrow(/nothing is called lost/);
});

test("a class that is let out as a type has no constructor there: nobody could call it", () => {
  const maker = door("bells/made", {
    "made/index.d.ts": `export { type Made, make } from "./made.ts";
export * from "./both.ts";
`,
    "made/made.d.ts": `/** Made by \`make\`. */
export declare class Made {
    constructor(parts: unknown);
    /** How loud. */
    readonly decibels: number;
}
/** Makes one. */
export declare function make(): Made;
`,
    "made/both.d.ts": `/** Made by anybody. */
export declare class Clapper {
    constructor(kilograms: number);
}
`,
  });
  const page = apiPage(maker, [maker]);
  expect(page).toContain("class Made {\n    /** How loud. */\n    readonly decibels: number;\n}");
  expect(page).toContain("class Clapper {\n    constructor(kilograms: number);\n}");
});

test("what a signature is made of and another door has is found there", () => {
  const surface = new Surface();
  const swung = door("bells/swung", {
    "swung/index.d.ts": `import { Bell as Any } from "../low/index.ts";
import type { Hidden } from "./hidden.ts";
import type { Rope } from "other";
/** Of a \`Metal\`. */
export declare function swing(bell: Any, rope: Rope<"Cord">, by: Hidden): void;
`,
    "swung/hidden.d.ts": "export type Hidden = 1;\n",
  });
  const both = [swung, low].map((one) => ({ ...one, names: surface.namesOf(one.door.file) }));
  expect(apiPage(both[0] ?? swung, both)).toContain(
    "\n\nAlso named here: `Any` (its `Bell`) of `bells/low`; `Rope` of `other`.\n\n## swing\n",
  );
});

test("the overview has a row for each door, with what it says of itself in a sentence", () => {
  expect(overview([low, { ...low, about: "" }])).toContain(
    "\n| [`bells/low`](bells-low.md) |  |\n| [`bells/low`](bells-low.md) | Low bells. |\n",
  );
  const said = (about: string) =>
    overview([{ ...low, about }])
      .split("| ")
      .at(-1);
  expect(said("Bells: `bells/low`. RFC 1.\n\nMore.")).toBe("Bells. |\n");
  expect(said("`bells/low`: what\nhangs low. They ring.")).toBe("What hangs low. |\n");
});
