/** Fields and closures of the sources that keep something: maps, sets and lists that grow. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Found {
  /** From `packages`. */
  readonly path: string;
  readonly field: string;
}

/** Folders with what a server keeps; phones keep what their own people do. */
const SCOPE = [
  ...["auth", "endpoint", "roles", "state-agent", "messaging", "b2bua", "locate", "turn", "msrp"],
  ...["node", "transport", "transaction", "usage"],
].map((folder) => `carillon/src/${folder}/`);
const ALL_OF = [...SCOPE, "server/src/"];
/** Programs for one person at a terminal, and what stands for these parts in a page. */
const PHONES = [
  ...["phone", "chat", "client", "neighbours"].map((folder) => `server/src/${folder}/`),
  ...["phone-sockets", "voice-line", "voice-clock", "voice-ports"].map(
    (file) => `carillon/src/node/${file}`,
  ),
];
const IS_ELSE =
  /\.test\.ts$|-in-page\.ts$|\/pictures\/|\/testing-|\/test-|picture\.ts$|arrows\.ts$/;

/** A field of a class, or what a module keeps: `readonly #all = new Map<…>();` */
const FIELD = new RegExp(
  String.raw`^(?: {2}(?:readonly |static )*|(?:const|let) )(#?\w+)(?:: [^=\n]+)? = ` +
    String.raw`(?:new (?:Map|Set|Array)\b|\[\];)`,
  "gm",
);
/** A variable that a function begins empty, and may hand to others. */
const VARIABLE = /^ {2}const (\w+)(?:: [^=\n]+)? = new (?:Map|Set)(?:<[^(\n]*>)?\(\);/gm;

export function foundIn(packages: string): readonly Found[] {
  const files = ALL_OF.flatMap((folder) =>
    readdirSync(join(packages, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${folder}${name}`),
  );
  return files
    .filter((path) => !IS_ELSE.test(path) && !PHONES.some((one) => path.startsWith(one)))
    .toSorted()
    .flatMap((path) => fieldsOf(readFileSync(join(packages, path), "utf8"), path));
}

export function fieldsOf(text: string, path: string): readonly Found[] {
  // In the pure part what outlives a call is a field; drivers and the program have closures, too.
  const hasClosures = path.startsWith("server/") || path.startsWith("carillon/src/node/");
  const patterns = hasClosures ? [FIELD, VARIABLE] : [FIELD];
  const names = patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([line, field = ""]) => ({ line, field })),
  );
  return names
    .filter(({ line, field }) => !isConstant(line, field))
    .map(({ field }) => ({ path, field }));
}

/** `const NOTHING: readonly X[] = []`, and what is filled where it is written. */
const isConstant = (line: string, field: string): boolean =>
  /^(?:const|let) /.test(line) && (/^[A-Z_]+$/.test(field) || /= \[\];$/.test(line));
