/**
 * `carillon phone`, `carillon call` and `carillon chat` as values: a phone in the terminal, one
 * call from a script, and conversations. One table, from which the help is printed, too.
 */
import { parseSipUri } from "carillon/uri";

export interface PhoneSettings {
  readonly json: boolean;
  /** Servers in the order in which they are tried; none is a phone without a server. */
  readonly servers: readonly string[];
  /** Who signs in, if it is not the user part of one's own address. */
  readonly user: string | undefined;
  readonly name: string | undefined;
  readonly control: string | undefined;
  /** What is heard of this side: a file; `tone`, `silence`, or the microphone. */
  readonly play: string | undefined;
  /** A file that takes down what both sides say. */
  readonly record: string | undefined;
  readonly codecs: readonly CodecName[];
  readonly security: Security;
  /** STUN and TURN servers for calls with ICE: `turn:user:password@turn.example:3478`. */
  readonly iceServers: readonly string[];
  /** A file with a certificate that is believed over TLS, beside those that Node believes. */
  readonly ca: string | undefined;
  readonly autoAnswer: boolean;
  /** Whether others on this network are told of this phone. */
  readonly isSeen: boolean;
}

export const SECURITY = ["auto", "none", "sdes", "dtls"] as const;
export type Security = (typeof SECURITY)[number];
export const CODECS = ["opus", "G722", "PCMA", "PCMU"] as const;
type CodecName = (typeof CODECS)[number];

export type PhoneCommand = PhoneSettings &
  /** Without an address it is one of this machine alone. */
  (
    | { readonly kind: "Phone"; readonly aor: string | undefined }
    | {
        readonly kind: "Call";
        readonly uri: string;
        readonly from: string | undefined;
        /** From the moment that they answer; undefined: until somebody hangs up. */
        readonly durationMs: number | undefined;
        /** How long it rings at most. */
        readonly ringMs: number;
        readonly tones: string | undefined;
      }
    | {
        readonly kind: "Chat";
        readonly aor: string;
        /** Whose conversation is opened first. */
        readonly who: string | undefined;
        /** The file in which it keeps what it knows. */
        readonly keep: string | undefined;
      }
  );

const ADDRESS = "an address such as sip:anna@example.com";

export const phoneFlags = [
  { name: "server", type: "string", expected: "an address such as sip:192.0.2.7:5060" },
  { name: "user", type: "string", expected: "the name to sign in with, such as anna" },
  { name: "name", type: "string", expected: "what others see of you" },
  { name: "from", type: "string", expected: ADDRESS },
  { name: "play", type: "string", expected: "a WAV file, tone or silence" },
  { name: "record", type: "string", expected: "a WAV file" },
  { name: "duration", type: "string", expected: "seconds from 0.1 to 86400" },
  { name: "ring", type: "string", expected: "seconds from 0.1 to 600" },
  { name: "tones", type: "string", expected: "keys: 0-9, *, #, A-D, and , for a pause" },
  { name: "codecs", type: "string", expected: `some of ${CODECS.join(",")}` },
  { name: "security", type: "string", expected: SECURITY.join(", ") },
  { name: "ice-server", type: "string", expected: "stun: or turn: URLs, with commas between" },
  { name: "ca", type: "string", expected: "a file with a certificate, PEM" },
  { name: "control", type: "string", expected: "a file or a port of this machine" },
  { name: "keep", type: "string", expected: "a file" },
  { name: "auto-answer", type: "boolean", expected: undefined },
  { name: "unseen", type: "boolean", expected: undefined },
  { name: "json", type: "boolean", expected: undefined },
] as const;

type Flag = (typeof phoneFlags)[number]["name"];
type Flags = ReadonlyMap<string, string>;

interface Row {
  readonly args: string;
  readonly flags: readonly Flag[];
  readonly about: readonly string[];
  readonly example: string;
}

const BOTH = [
  ...["server", "user", "name", "play", "record", "codecs", "security", "ice-server"],
  ...["ca", "control", "json"],
] as const satisfies readonly Flag[];

type First = "phone" | "call" | "chat";

export const phoneCommands: Readonly<Record<First, Row>> = {
  phone: {
    args: "[ADDRESS]",
    flags: [...BOTH, "auto-answer", "unseen"],
    about: [
      "A phone in this terminal. Without an address: for",
      "this network alone, with no server.",
    ],
    example: "carillon phone sip:anna@example.com",
  },
  call: {
    args: "WHO",
    flags: [...BOTH, "from", "duration", "ring", "tones"],
    about: ["One call; its exit code says how it went."],
    example: "carillon call sip:bob@192.0.2.7 --play a.wav --record b.wav --duration 10",
  },
  chat: {
    args: "ADDRESS [WHO]",
    flags: ["server", "user", "name", "ca", "keep", "json"],
    about: ["Your conversations, and those of your groups."],
    example: "carillon chat sip:anna@example.com bob",
  },
};

/** How many words each has, at least and at most, and what they are. */
const WORDS: Readonly<Record<First, readonly [least: number, most: number, what: string]>> = {
  phone: [0, 1, "one ADDRESS, or nothing"],
  call: [1, 1, "WHO"],
  chat: [1, 2, "an ADDRESS, and WHO or nothing"],
};

/** What was asked, or in which words it was wrong; undefined where it is none of these. */
export function readPhoneCommand(
  [first = "", ...args]: readonly string[],
  flags: Flags,
): PhoneCommand | string | undefined {
  if (first !== "phone" && first !== "call" && first !== "chat") return undefined;
  const row = phoneCommands[first];
  const stray = [...flags.keys()].find((flag) => !row.flags.some((one) => one === flag));
  if (stray !== undefined) return `--${stray} means nothing to: carillon ${first}`;
  const [least, most] = WORDS[first];
  if (args.length < least || args.length > most) return wrongNumberOfWords(first, args.length);
  return (
    wrongAddress("--from", flags.get("from")) ??
    wrongAddress("ADDRESS", first === "call" ? undefined : args[0]) ??
    wrongForm("user", flags.get("user"), /^[^:\r\n]+$/) ??
    wrongServer(flags.get("server")) ??
    wrongSeconds("duration", flags.get("duration"), 86_400) ??
    wrongSeconds("ring", flags.get("ring"), 600) ??
    wrongForm("tones", flags.get("tones"), /^[0-9*#A-D,]{1,64}$/i) ??
    wrongChoice("codecs", flags.get("codecs"), CODECS) ??
    wrongIceServer(flags.get("ice-server")) ??
    wrongChoice("security", flags.get("security"), SECURITY) ??
    read(first, args, flags)
  );
}

function read(first: First, [word, who]: readonly string[], flags: Flags): PhoneCommand {
  const settings = settingsIn(flags);
  if (first === "phone") return { kind: "Phone", aor: word, ...settings };
  if (first === "chat") {
    return { kind: "Chat", aor: word ?? "", who, keep: flags.get("keep"), ...settings };
  }
  const { from, duration, ring, tones } = Object.fromEntries(flags);
  return {
    ...{ kind: "Call", uri: word ?? "", from, ...settings },
    durationMs: duration === undefined ? undefined : 1000 * Number(duration),
    ringMs: ring === undefined ? RING_MS : 1000 * Number(ring),
    tones: tones?.toUpperCase(),
  };
}

const RING_MS = 60_000;

function settingsIn(flags: Flags): PhoneSettings {
  const { user, name, control, play, record, ca, codecs, security } = Object.fromEntries(flags);
  return {
    ...{ user, name, control, play, record, ca },
    json: flags.has("json"),
    servers: list(flags.get("server")),
    iceServers: list(flags.get("ice-server")),
    codecs: codecs === undefined ? CODECS : list(codecs).flatMap(codecNamed),
    security: SECURITY.find((one) => one === security) ?? "auto",
    autoAnswer: flags.has("auto-answer"),
    isSeen: !flags.has("unseen"),
  };
}

const codecNamed = (name: string): readonly CodecName[] => CODECS.filter((one) => one === name);

const list = (text = ""): readonly string[] => text.split(",").filter((one) => one !== "");

function wrongNumberOfWords(first: First, found: number): string {
  const words = found === 0 ? "nothing" : `${found} words`;
  const [, , expected] = WORDS[first];
  return `carillon ${first} expects ${expected}; found ${words}.`;
}

function wrongAddress(what: string, text: string | undefined): string | undefined {
  const uri = text === undefined ? undefined : parseSipUri(text);
  if (!uri || (uri.ok && uri.value.user !== undefined && uri.value.headers === undefined)) return;
  return `${what} expects ${ADDRESS}, found "${text}".`;
}

function wrongServer(text: string | undefined): string | undefined {
  const isWrong = (one: string) => !/^wss?:\/\/[^\s]+$/i.test(one) && !parseSipUri(one).ok;
  return list(text).some(isWrong) || text === ","
    ? `--server ${expects("server")}, found "${text}".`
    : undefined;
}

function wrongIceServer(text: string | undefined): string | undefined {
  const isRight = list(text).every((one) => /^(?:stun|turn)s?:[^\s]+$/.test(one)) && text !== ",";
  return isRight ? undefined : `--ice-server ${expects("ice-server")}, found "${text}".`;
}

function wrongSeconds(flag: Flag, text: string | undefined, most: number): string | undefined {
  const isRight =
    text === undefined ||
    (/^\d{1,5}(\.\d{1,3})?$/.test(text) && Number(text) >= 0.1 && Number(text) <= most);
  return isRight ? undefined : `--${flag} ${expects(flag)}, found "${text}".`;
}

function wrongForm(flag: Flag, text: string | undefined, form: RegExp): string | undefined {
  if (text === undefined || form.test(text)) return undefined;
  return `--${flag} ${expects(flag)}, found "${text}".`;
}

function wrongChoice(
  flag: Flag,
  text: string | undefined,
  choices: readonly string[],
): string | undefined {
  const given = list(text);
  const isRight =
    text === undefined || (given.length > 0 && given.every((one) => choices.includes(one)));
  return isRight ? undefined : `--${flag} ${expects(flag)}, found "${text}".`;
}

const expects = (flag: Flag): string =>
  `expects ${phoneFlags.find(({ name }) => name === flag)?.expected}`;
