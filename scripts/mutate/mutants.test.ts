import { describe, expect, test } from "vitest";
import { isEquivalent, stale } from "./equivalent.ts";
import { mutantsOf } from "./mutants.ts";
import { moved } from "./workshop.ts";

const faults = (source: string) => mutantsOf("a.ts", source).map(({ what }) => what);
/** What the only line of a program can become. */
const become = (source: string) => faults(source).map((what) => what.split(" -> ")[1]);

describe("the faults of a program are", () => {
  test.each([
    ["comparisons", "f(a < b);", ["f(a <= b);", "f(a >= b);"]],
    ["equality", "f(a === b);", ["f(a !== b);"]],
    ["sums", "f(a + b);", ["f(a - b);"]],
    ["constants", "f(7);", ["f(8);", "f(6);"]],
    ["words", 'f("Calling");', ['f("");']],
    ["answers", "f(true);", ["f(false);"]],
    ["and, or", "f(a && b);", ["f(a || b);", "f(a);", "f(b);"]],
    ["what stands in for nothing", "f(a ?? b);", ["f(a);", "f(b);"]],
    ["not", "f(!a);", ["f((a));"]],
    ["choices", "f(a ? b : c);", ["f(!(a) ? b : c);", "f(b);", "f(c);"]],
    ["lists", "f([a, b]);", ["f([b]);", "f([b, a]);", "f([a]);"]],
    ["parts of a whole", "f({ ...s, a });", ["f({ a });", "f({ ...s });"]],
    ["least and most", "Math.min(a, b);", ["Math.max(a, b);"]],
    ["a step less", "f(a.reverse());", ["f(a);"]],
    ["one timer for another", "f(p.t1);", ["f(p.t2);", "f(p.t4);"]],
  ])("%s: %s", (_, source, expected) => {
    expect(become(source).toSorted()).toEqual(expected.toSorted());
  });

  test("conditions that never hold, always, or the other way round", () => {
    expect(become("{ if (a.b) c(); }")).toEqual([
      "{ if (false) c(); }",
      "{ if (true) c(); }",
      "{ if (!(a.b)) c(); }",
    ]);
  });

  test("things not done, and ends that come too early", () => {
    expect(become("function f() { g(); return h; }")).toEqual([
      "function f() { return undefined as never; g(); return h; }",
      "function f() { ; return h; }",
      "function f() { g(); ; }",
    ]);
  });

  test("nothing in types and imports, which do not run", () => {
    const source =
      'import { a } from "./a.ts";\ntype T = "one" | 1;\nlet b: T | false;\nb as "c";\n';
    expect(faults(source)).toEqual([]);
  });

  test("told with their line, and each is the whole program", () => {
    const source = "// § ü\nlet a;\nf(\n  a < 1, // why\n);\n";
    expect(mutantsOf("a.ts", source)[0]).toMatchObject({
      line: 4,
      what: "a < 1, // why -> a <= 1, // why",
      source: source.replace("<", "<="),
    });
  });
});

test("a program that cannot be parsed has no faults to find", () => {
  expect(() => mutantsOf("a.ts", "const = 1;")).toThrow(SyntaxError);
});

test("a file that is moved still finds its old neighbours, and takes the subject along", () => {
  const lines = (here: string) => [
    `import "${here}b.ts";`,
    'import { c } from "../c/c.ts";',
    'export * from "./a.ts";',
    `export { d } from "${here}d.ts";`,
  ];
  const source = lines("./").join("\n");
  expect(moved("x/here/a.test.ts", source, ["x/here/a.ts"])).toBe(lines("../here/").join("\n"));
});

test("an entry of the list of equivalents holds for one fault of one file", () => {
  const entry = { file: "a.ts", what: "a -> b", why: "because" };
  const tried = (path: string, what: string) => ({ subject: { path }, mutant: { what } });
  expect(isEquivalent([entry], tried("a.ts", "a -> b"))).toBe(true);
  expect(isEquivalent([entry], tried("b.ts", "a -> b"))).toBe(false);
  expect(isEquivalent([entry], tried("a.ts", "a -> c"))).toBe(false);
  expect(stale([entry], [tried("a.ts", "a -> b")])).toEqual([]);
  expect(stale([entry], [tried("a.ts", "a -> c")])).toEqual([entry]);
});
