/** The configuration read from its file, and what is wrong with it in words. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { z } from "zod";
import { type Config, schema } from "./config.ts";

/** Looked for in this order where none is named. */
export const CONFIG_FILES: readonly string[] = [
  "carillon.config.ts",
  "carillon.config.mts",
  "carillon.config.js",
  "carillon.config.mjs",
  "carillon.config.json",
];

export type Read =
  | { readonly ok: true; readonly config: Config }
  /** A line for each thing that is wrong: file, place, what was expected, what was found. */
  | { readonly ok: false; readonly words: string };

/** The file that counts: the one named, or the first that is there. */
export function configFile(folder: string, named: string | undefined): string | undefined {
  if (named !== undefined) return resolve(folder, named);
  return CONFIG_FILES.map((name) => resolve(folder, name)).find((path) => existsSync(path));
}

/** Read anew each time, also where a module of that name was loaded before. */
export async function readConfig(path: string): Promise<Read> {
  if (!existsSync(path)) return { ok: false, words: `${path}: there is no such file.` };
  try {
    return checked(path, await loaded(path));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, words: `${path}: it could not be read: ${why}` };
  }
}

async function loaded(path: string): Promise<unknown> {
  if (path.endsWith(".json")) return JSON.parse(readFileSync(path, "utf8"));
  // A module is loaded once for each of its URLs.
  const { mtimeMs, size } = statSync(path);
  const module = await import(`${pathToFileURL(path).href}?read=${mtimeMs}-${size}`);
  if (module.default === undefined) throw new Error("it has no default export");
  return module.default;
}

function checked(path: string, value: unknown): Read {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, config: parsed.data };
  const lines = parsed.error.issues.map((issue) => `${path}: ${inWords(issue, value)}`);
  return { ok: false, words: lines.join("\n") };
}

function inWords(issue: z.core.$ZodIssue, value: unknown): string {
  const place = issue.path.map(String).join(".") || "the whole";
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(schema.shape).join(", ");
    const at = issue.path.length === 0 ? `; expected ${known}` : "";
    return `${place}: there is no setting ${issue.keys.join(", ")}${at}.`;
  }
  const found = printed(at(value, issue.path));
  return `${place}: expected ${expectation(issue)}, found ${found}.`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected;
    case "invalid_value":
      return issue.values.map(printed).join(" or ");
    case "too_small":
      return `at least ${issue.minimum}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    case "invalid_union":
      return "one of the forms that its documentation names";
    default:
      return issue.message;
  }
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const key of path) {
    found = typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined;
  }
  return found;
}

const MAX_PRINTED = 80;

function printed(value: unknown): string {
  if (typeof value === "function") return "a function";
  return (JSON.stringify(value) ?? "nothing").slice(0, MAX_PRINTED);
}
