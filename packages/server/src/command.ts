/**
 * The command line read into a value: what was asked, or in which words it was wrong.
 */
import { parseArgs } from "node:util";
import { defaultSettings, type Setting, type Settings, settings } from "./settings.ts";

export type Command =
  | { readonly kind: "Serve"; readonly settings: Settings }
  | {
      readonly kind: "AddUser";
      readonly settings: Settings;
      /** As typed. */
      readonly person: string;
      readonly deskPhone: boolean;
    }
  | { readonly kind: "ListUsers"; readonly settings: Settings }
  | { readonly kind: "Help" }
  | { readonly kind: "Wrong"; readonly words: string };

type Environment = Readonly<Record<string, string | undefined>>;

export function readCommand(args: readonly string[], env: Environment): Command {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const words: string[] = [];
  const flags = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    if (token.name === "help" || token.name === "h") return { kind: "Help" };
    const problem = problemWith(token.name, token.rawName, token.value);
    if (problem !== undefined) return wrong(problem);
    flags.set(token.name, token.value ?? "");
  }
  const read = readSettings(flags, env);
  return typeof read === "string" ? wrong(read) : commandOf(words, flags, read);
}

const DESK_PHONE = "desk-phone";

const options = {
  [DESK_PHONE]: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  ...Object.fromEntries(
    settings.flatMap(({ flag }) =>
      flag === undefined ? [] : [[flag, { type: "string" } as const]],
    ),
  ),
} as const;

const wrong = (words: string): Command => ({
  kind: "Wrong",
  words: `${words}\nAll of it is listed by: carillon help`,
});

function problemWith(name: string, found: string, value: string | undefined): string | undefined {
  if (name === DESK_PHONE) {
    return value === undefined ? undefined : `--${DESK_PHONE} takes no value, found "${value}".`;
  }
  const setting = settings.find(({ flag }) => flag === name);
  if (setting === undefined) return `There is no option ${found}.`;
  if (value === undefined || value === "")
    return `${found} expects ${setting.expected}, found nothing.`;
  return undefined;
}

/** The settings, or what is wrong with one. */
function readSettings(flags: ReadonlyMap<string, string>, env: Environment): Settings | string {
  const read: Record<string, string | number> = {};
  for (const setting of settings) {
    const source = sourceOf(setting, flags, env);
    if (source === undefined) continue;
    const parsed = setting.schema.safeParse(source.value);
    if (!parsed.success) {
      return `${source.name} expects ${setting.expected}, found "${source.value}".`;
    }
    read[setting.key] = parsed.data;
  }
  return { ...defaultSettings, ...read };
}

function sourceOf(
  { flag, env: variable }: Setting,
  flags: ReadonlyMap<string, string>,
  env: Environment,
): { readonly name: string; readonly value: string } | undefined {
  const given = flag === undefined ? undefined : flags.get(flag);
  if (given !== undefined) return { name: `--${flag}`, value: given };
  const set = env[variable];
  // An empty variable is how shells and containers say "not set".
  return set === undefined || set === "" ? undefined : { name: variable, value: set };
}

function commandOf(
  words: readonly string[],
  flags: ReadonlyMap<string, string>,
  read: Settings,
): Command {
  const [first = "serve", second, ...rest] = words;
  const deskPhone = flags.has(DESK_PHONE);
  if (first === "user" && second === "add") {
    const [person] = rest;
    if (person !== undefined && rest.length === 1) {
      return { kind: "AddUser", settings: read, person, deskPhone };
    }
    const found = rest.length === 0 ? "nothing" : `${rest.length} words`;
    return wrong(`carillon user add expects one name, in quotes if it has spaces; found ${found}.`);
  }
  if (deskPhone) return wrong(`--${DESK_PHONE} belongs to: carillon user add NAME`);
  if (first === "user" && second === "list" && rest.length === 0) {
    return { kind: "ListUsers", settings: read };
  }
  if (first === "help") return { kind: "Help" };
  if (first === "serve" && second === undefined) return { kind: "Serve", settings: read };
  return wrong(`Expected serve, user add NAME, user list or help; found "${words.join(" ")}".`);
}
