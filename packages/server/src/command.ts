/**
 * The command line read into a value: what was asked, or in which words it was wrong.
 */
import { parseArgs } from "node:util";
import { type BansCommand, bansFlags, readBansCommand } from "./bans-command.ts";
import {
  type ClientCommand,
  clientCommands,
  clientFlags,
  readClientCommand,
} from "./client-command.ts";
import { type DoctorCommand, doctorFlags, readDoctorCommand } from "./doctor-command.ts";
import { type LookCommand, lookCommands, lookFlags, readLookCommand } from "./look-command.ts";
import { type MessagesCommand, readMessagesCommand } from "./messages-command.ts";
import { type PhoneCommand, phoneCommands, phoneFlags, readPhoneCommand } from "./phone-command.ts";
import { defaultSettings, type Setting, type Settings, settings } from "./settings.ts";
import { readUserCommand, type UserCommand, type UserFlags, userFlags } from "./user-command.ts";

export type Command =
  | { readonly kind: "Serve"; readonly settings: Settings }
  | { readonly kind: "User"; readonly settings: Settings; readonly command: UserCommand }
  | { readonly kind: "Bans"; readonly settings: Settings; readonly command: BansCommand }
  | { readonly kind: "Messages"; readonly settings: Settings; readonly command: MessagesCommand }
  | { readonly kind: "Doctor"; readonly settings: Settings; readonly command: DoctorCommand }
  | { readonly kind: "Look"; readonly settings: Settings; readonly command: LookCommand }
  | { readonly kind: "Client"; readonly settings: Settings; readonly command: ClientCommand }
  | { readonly kind: "Phone"; readonly settings: Settings; readonly command: PhoneCommand }
  /** What it is about; all of it if that is nothing in particular. */
  | { readonly kind: "Help"; readonly about: HelpAbout }
  | { readonly kind: "Wrong"; readonly words: string };

export type HelpAbout = "all" | "user" | "messages" | "client" | "phone" | "running";

type Environment = Readonly<Record<string, string | undefined>>;

export function readCommand(args: readonly string[], env: Environment): Command {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const words: string[] = [];
  const flags = new Map<string, string>();
  let wantsHelp = false;
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    if (token.name === "help" || token.name === "h") {
      wantsHelp = true;
      continue;
    }
    const problem = problemWith(token.name, token.rawName, token.value);
    if (problem !== undefined) return wrong(problem);
    flags.set(token.name, token.value ?? "");
  }
  if (wantsHelp) return { kind: "Help", about: aboutOf(words[0]) };
  const read = readSettings(flags, env);
  return typeof read === "string" ? wrong(read) : commandOf(words, flags, read);
}

/** Flags of commands, beside the settings, each name once. */
const commandFlags = [
  ...new Map(
    [...userFlags, ...bansFlags, ...doctorFlags, ...lookFlags, ...clientFlags, ...phoneFlags].map(
      (flag) => [flag.name, flag],
    ),
  ).values(),
];
const looks = [lookCommands, clientCommands, phoneCommands].flatMap(Object.keys).join(", ");

function aboutOf(word: string | undefined): HelpAbout {
  if (word === "user" || word === "messages") return word;
  if (word === "client" || word === "phone") return word;
  if (word === "call" || word === "chat") return "phone";
  if (word === "bans" || word === "doctor") return "running";
  if (word !== undefined && Object.hasOwn(lookCommands, word)) return "running";
  return word !== undefined && Object.hasOwn(clientCommands, word) ? "client" : "all";
}

const options = {
  ...Object.fromEntries(commandFlags.map(({ name, type }) => [name, { type }])),
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
  const ofCommand = commandFlags.find((flag) => flag.name === name);
  if (ofCommand?.type === "boolean") {
    return value === undefined ? undefined : `--${name} takes no value, found "${value}".`;
  }
  const expected = ofCommand?.expected ?? settings.find(({ flag }) => flag === name)?.expected;
  if (expected === undefined) return `There is no option ${found}.`;
  if (value === undefined || value === "") return `${found} expects ${expected}, found nothing.`;
  return undefined;
}

/** The settings, or what is wrong with one. */
function readSettings(flags: ReadonlyMap<string, string>, env: Environment): Settings | string {
  const read: Record<string, Settings[keyof Settings]> = {};
  for (const setting of settings) {
    const source = sourceOf(setting, flags, env);
    if (source === undefined) continue;
    const parsed = setting.schema.safeParse(source.value);
    if (!parsed.success) {
      return `${source.name} expects ${setting.expected}, found "${source.value}".`;
    }
    read[setting.key] = parsed.data;
  }
  const all = { ...defaultSettings, ...read };
  if (all.plainHttp === "off" && all.httpsPort === undefined) {
    return "--plain-http off leaves no page where --https-port is off: leave one of them out.";
  }
  return all;
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
  if (first === "user") {
    const command = readUserCommand(words.slice(1), userFlagsOf(flags));
    if (command === "Help") return { kind: "Help", about: "user" };
    return typeof command === "string" ? wrong(command) : { kind: "User", settings: read, command };
  }
  const given = commandFlags.map(({ name }) => name).filter((name) => flags.has(name));
  if (first === "messages") {
    const command = readMessagesCommand(words.slice(1), new Set(given));
    if (command === "Help") return { kind: "Help", about: "messages" };
    if (typeof command === "string") return wrong(command);
    return { kind: "Messages", settings: read, command };
  }
  const ofCommand = new Map([...flags].filter(([name]) => given.some((one) => one === name)));
  if (first === "bans") {
    const command = readBansCommand(words.slice(1), ofCommand);
    if (typeof command === "string") return wrong(command);
    return { kind: "Bans", settings: read, command };
  }
  if (first === "doctor") {
    const command = readDoctorCommand(words.slice(1), ofCommand);
    if (typeof command === "string") return wrong(command);
    return { kind: "Doctor", settings: read, command };
  }
  const look = readLookCommand(words, new Set(given));
  if (look !== undefined) {
    return typeof look === "string" ? wrong(look) : { kind: "Look", settings: read, command: look };
  }
  const client = readClientCommand(words, ofCommand);
  if (client !== undefined) {
    if (typeof client === "string") return wrong(client);
    return { kind: "Client", settings: read, command: client };
  }
  const phone = readPhoneCommand(words, ofCommand);
  if (phone !== undefined) {
    if (typeof phone === "string") return wrong(phone);
    return { kind: "Phone", settings: read, command: phone };
  }
  const [stray] = given;
  if (stray !== undefined) return wrong(`--${stray} means nothing to: carillon ${first}`);
  const about = aboutOf(second);
  if (
    first === "help" &&
    rest.length === 0 &&
    (second === undefined || second === "serve" || about !== "all")
  ) {
    return { kind: "Help", about };
  }
  if (first === "serve" && second === undefined) return { kind: "Serve", settings: read };
  return wrong(
    `Expected serve, user, messages, bans, doctor, ${looks} or help; found "${words.join(" ")}".`,
  );
}

const userFlagsOf = (flags: ReadonlyMap<string, string>): UserFlags => ({
  deskPhone: flags.has("desk-phone"),
  json: flags.has("json"),
  label: flags.get("label"),
});
