/** Who may import whom: imports only go down, and other packages use the library's public doors. */
import { posix } from "node:path";
import { importsOf } from "./imports.ts";
import { type Finding, isTest, type SourceFile } from "./source-file.ts";

/** The folders of the library from bottom to top: each may import itself and those before it. */
export const PURE_LAYERS: readonly string[] = [
  ...["grammar", "xml", "uri", "message", "documents", "sdp", "auth", "rtp", "transport", "locate"],
  "turn",
  ...[
    "transaction",
    "dialog",
    "usage",
    "endpoint",
    "roles",
    "state-agent",
    "messaging",
    "ua",
    "calling",
    "transfer",
    "b2bua",
  ],
  ...["events", "chat", "msrp"],
];
/** Above them all, and apart from each other: the folders that touch a world. */
export const WORLDS: readonly string[] = ["node", "browser", "testing"];

const LIBRARY = "packages/carillon/src/";
const NODE_ALLOWED = new Set(["node", "testing"]);
const TEST_TOOLS = new Set(["vitest", "fast-check"]);

/** The manifests that say what a package may import, by its folder ("" is the root). */
export type Manifests = ReadonlyMap<string, Manifest>;

export interface Manifest {
  readonly name?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export function layers(files: readonly SourceFile[], manifests: Manifests): readonly Finding[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap(({ specifier, line }) => {
      const what = judge(file.path, specifier, manifests);
      return what === undefined ? [] : [{ path: file.path, line, what }];
    }),
  );
}

/** The library stands alone: nothing to install beside it. */
export function libraryStandsAlone(library: Manifest): readonly Finding[] {
  const kinds = ["dependencies", "peerDependencies", "optionalDependencies"] as const;
  return kinds
    .filter((kind) => Object.keys(library[kind] ?? {}).length > 0)
    .map((kind) => ({
      path: "packages/carillon/package.json",
      line: 0,
      what: `the library has no ${kind}: what it needs from a world is injected`,
    }));
}

function judge(path: string, specifier: string, manifests: Manifests): string | undefined {
  if (path.startsWith(LIBRARY)) return judgeInLibrary(path, specifier);
  return judgeElsewhere(path, specifier, manifests);
}

function judgeInLibrary(path: string, specifier: string): string | undefined {
  const folder = folderOf(path);
  if (!specifier.startsWith(".")) return judgeBare(path, folder, specifier);
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith(LIBRARY)) return `leaves the library: ${specifier}`;
  const other = folderOf(target);
  if (mayImport(folder, other) || (isTest(path) && other === "testing")) return undefined;
  return `${folder} must not import ${other}: imports only go down`;
}

function judgeBare(path: string, folder: string, specifier: string): string | undefined {
  if (isTest(path) && TEST_TOOLS.has(specifier)) return undefined;
  if (!specifier.startsWith("node:")) return `the library has no dependencies: ${specifier}`;
  if (isTest(path) || NODE_ALLOWED.has(folder)) return undefined;
  return `${specifier} belongs in the folders node and testing, or in a test`;
}

function mayImport(folder: string, other: string): boolean {
  if (folder === other) return true;
  const from = PURE_LAYERS.indexOf(folder);
  const to = PURE_LAYERS.indexOf(other);
  if (to < 0) return false;
  return WORLDS.includes(folder) || to < from;
}

/** The first folder below src; a file right in src belongs to none. */
function folderOf(path: string): string {
  const [folder = "", rest] = path.slice(LIBRARY.length).split("/");
  return rest === undefined ? "src" : folder;
}

function judgeElsewhere(path: string, specifier: string, manifests: Manifests): string | undefined {
  const home = packageOf(path);
  if (specifier.startsWith("node:") || specifier.startsWith("virtual:")) return undefined;
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(path), specifier);
    if (packageOf(target) === home) return undefined;
    return `reaches into another package: ${specifier}; use its name and a public door`;
  }
  const name = packageName(specifier);
  if (name === "carillon") return judgeDoor(specifier, manifests.get("packages/carillon"));
  const own = manifests.get(home);
  const declared = { ...own?.dependencies, ...own?.devDependencies, ...own?.optionalDependencies };
  if (name in declared) return undefined;
  if (isTest(path) && name in (manifests.get("")?.devDependencies ?? {})) return undefined;
  return `${name} is not declared in ${home === "" ? "package.json" : `${home}/package.json`}`;
}

function judgeDoor(specifier: string, library: Manifest | undefined): string | undefined {
  const door = `.${specifier.slice("carillon".length)}`;
  if (library?.exports !== undefined && door in library.exports) return undefined;
  return `${specifier} is not a public door of the library`;
}

function packageOf(path: string): string {
  return /^packages\/[^/]+/.exec(path)?.[0] ?? "";
}

function packageName(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
