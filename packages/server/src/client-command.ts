/**
 * `carillon options`, `message` and `register` as values: a SIP client that needs no house of its
 * own. One table, from which the help is printed, too.
 */
import { parseSipUri } from "carillon/uri";

/** What all of them can be told. */
export interface ClientSettings {
  readonly json: boolean;
  /** Who is asked, if it is not whom the address leads to. */
  readonly server: string | undefined;
  /** Who signs in. */
  readonly user: string | undefined;
  readonly realm: string | undefined;
  /** Undefined waits as long as RFC 3261 does. */
  readonly timeoutMs: number | undefined;
}

export type ClientCommand = ClientSettings &
  (
    | { readonly kind: "Options"; readonly uri: string; readonly from: string | undefined }
    | {
        readonly kind: "Message";
        readonly uri: string;
        readonly text: string;
        readonly from: string | undefined;
      }
    | { readonly kind: "Register"; readonly aor: string; readonly wish: Wish }
  );

/** What a REGISTER is for. RFC 3261 §10.2. */
export type Wish =
  | { readonly kind: "Fetch" }
  | { readonly kind: "Add"; readonly contact: string; readonly expiresSeconds: number }
  | { readonly kind: "Remove"; readonly contact: string }
  | { readonly kind: "RemoveAll" };

const ADDRESS = "an address such as sip:bob@example.com";

export const clientFlags = [
  { name: "from", type: "string", expected: ADDRESS },
  { name: "user", type: "string", expected: "the name to sign in with, such as anna" },
  { name: "realm", type: "string", expected: "what the server calls itself when it asks" },
  { name: "server", type: "string", expected: "an address such as sip:192.0.2.7:5060" },
  { name: "timeout", type: "string", expected: "seconds from 0.1 to 300" },
  { name: "contact", type: "string", expected: "an address such as sip:bob@192.0.2.7:5060" },
  { name: "expires", type: "string", expected: "seconds from 1 to 4294967295" },
  { name: "remove", type: "boolean", expected: undefined },
  { name: "json", type: "boolean", expected: undefined },
] as const;

type Flag = (typeof clientFlags)[number]["name"];
type Flags = ReadonlyMap<string, string>;

interface Row {
  readonly args: readonly string[];
  readonly flags: readonly Flag[];
  readonly about: readonly string[];
  readonly example: string;
  read(args: readonly string[], flags: Flags, common: ClientSettings): ClientCommand | string;
}

const EVERYWHERE = ["user", "realm", "server", "timeout", "json"] as const;

/** Every one of them, in the order in which the help lists them. */
export const clientCommands: Readonly<Record<string, Row>> = {
  options: {
    args: ["URI"],
    flags: ["from", ...EVERYWHERE],
    about: ["Is anybody there? How long an answer takes,", "and what they can do."],
    example: "carillon options sip:bob@example.com",
    read: ([uri = ""], flags, common) => ({
      ...{ kind: "Options", uri, from: flags.get("from"), ...common },
    }),
  },
  message: {
    args: ["URI", "TEXT"],
    flags: ["from", ...EVERYWHERE],
    about: ["Sends a text, and says whether it got there."],
    example: 'carillon message sip:bob@example.com "Dinner!" --user anna',
    read: ([uri = "", text = ""], flags, common) => ({
      ...{ kind: "Message", uri, text, from: flags.get("from"), ...common },
    }),
  },
  register: {
    args: ["URI"],
    flags: ["contact", "expires", "remove", ...EVERYWHERE],
    about: ["Where the registrar says URI is reached; with", "--contact after adding to that."],
    example: "carillon register sip:anna@example.com --contact sip:anna@192.0.2.7:5060",
    read: ([aor = ""], flags, common) => {
      const wish = readWish(flags);
      return typeof wish === "string" ? wish : { kind: "Register", aor, wish, ...common };
    },
  },
};

/** What was asked, or in which words it was wrong; undefined where it is none of these. */
export function readClientCommand(
  [first = "", ...args]: readonly string[],
  flags: Flags,
): ClientCommand | string | undefined {
  const row = Object.hasOwn(clientCommands, first) ? clientCommands[first] : undefined;
  if (!row) return undefined;
  const stray = [...flags.keys()].find((flag) => !row.flags.some((one) => one === flag));
  if (stray !== undefined) return `--${stray} means nothing to: carillon ${first}`;
  if (args.length !== row.args.length) return wrongNumber(first, row, args.length);
  const timeout = flags.get("timeout");
  const timeoutMs = timeout === undefined ? undefined : 1000 * Number(timeout);
  return (
    wrongAddress("URI", args[0]) ??
    wrongAddress("--from", flags.get("from")) ??
    wrongAddress("--server", flags.get("server")) ??
    wrongAddress("--contact", flags.get("contact")) ??
    wrongName(flags.get("user")) ??
    wrongNumberIn("timeout", timeout, /^\d{1,3}(\.\d{1,3})?$/, 0.1, 300) ??
    row.read(args, flags, {
      ...{ json: flags.has("json"), server: flags.get("server"), timeoutMs },
      ...{ user: flags.get("user"), realm: flags.get("realm") },
    })
  );
}

const EXPIRES_SECONDS = 3600;

function readWish(flags: Flags): Wish | string {
  const contact = flags.get("contact");
  const expires = flags.get("expires");
  if (flags.has("remove")) {
    if (expires !== undefined) return "--expires means nothing beside --remove";
    return contact === undefined ? { kind: "RemoveAll" } : { kind: "Remove", contact };
  }
  if (contact === undefined) {
    return expires === undefined ? { kind: "Fetch" } : "--expires means nothing without --contact";
  }
  const expiresSeconds = expires === undefined ? EXPIRES_SECONDS : Number(expires);
  return (
    wrongNumberIn("expires", expires, /^\d{1,10}$/, 1, 2 ** 32 - 1) ?? {
      ...{ kind: "Add", contact, expiresSeconds },
    }
  );
}

function wrongNumber(first: string, { args }: Row, found: number): string {
  const words = ["nothing", "1 word"][found] ?? `${found} words`;
  const quotes = args.includes("TEXT") ? " Texts with spaces need quotes." : "";
  return `carillon ${first} expects ${args.join(" and ")}; found ${words}.${quotes}`;
}

function wrongAddress(what: string, text: string | undefined): string | undefined {
  // What a URI brings along for a request is not sent from here; and an angle bracket ends one.
  const uri = text === undefined ? undefined : parseSipUri(text);
  if (uri === undefined || (uri.ok && uri.value.headers === undefined)) return undefined;
  return `${what} expects ${ADDRESS}, found "${text}".`;
}

/** Of a whole address it would be the wrong half, and no digest can have a colon in it. */
function wrongName(text: string | undefined): string | undefined {
  if (text === undefined || /^[^:\r\n]+$/.test(text)) return undefined;
  const expected = clientFlags.find(({ name }) => name === "user")?.expected;
  return `--user expects ${expected}, found "${text}".`;
}

function wrongNumberIn(
  flag: Flag,
  text: string | undefined,
  form: RegExp,
  least: number,
  most: number,
): string | undefined {
  if (text === undefined) return undefined;
  if (form.test(text) && Number(text) >= least && Number(text) <= most) return undefined;
  const expected = clientFlags.find(({ name }) => name === flag)?.expected;
  return `--${flag} expects ${expected}, found "${text}".`;
}
