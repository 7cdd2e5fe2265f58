/**
 * What `carillon help` prints.
 */

import { bansCommands } from "./bans-command.ts";
import { chatOrdersHelp } from "./chat/chat-order.ts";
import { clientCommands } from "./client-command.ts";
import type { HelpAbout } from "./command.ts";
import { lookCommands } from "./look-command.ts";
import { messagesCommands } from "./messages-command.ts";
import { ordersHelp } from "./phone/orders.ts";
import { EXIT_CODES } from "./phone/phone-exit.ts";
import { phoneCommands } from "./phone-command.ts";
import { settings } from "./settings.ts";
import { userCommands } from "./user-command.ts";

const exitCodes =
  "It exits with 0 when all went well, 1 when something was in the way, 2 when asked wrongly.";

const DOCTOR = {
  command: "carillon doctor [--json]",
  about: [
    "Looks at addresses, ports, NAT, DNS, certificate and",
    "clock, and says what is in the way of calls, and how",
    "to cure it. --stun HOST:PORT, --time HOST: who is",
    "asked how this machine is seen, and for the time;",
    "Cloudflare's if not given, nobody with off.",
  ],
};

export function helpText(about: HelpAbout = "all"): string {
  if (about === "messages") return messagesHelp();
  if (about === "client") return clientHelp();
  if (about === "phone") return phoneHelp();
  if (about === "running") return runningHelp();
  return about === "user" ? userHelp() : wholeHelp();
}

function wholeHelp(): string {
  const nameOf = (flag: string | undefined) => (flag === undefined ? "" : `--${flag}`);
  const widest = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length));
  const names = widest(settings.map(({ flag }) => nameOf(flag)));
  const variables = widest(settings.map(({ env }) => env));
  const rows = settings.map(
    ({ flag, env, about }) => `  ${nameOf(flag).padEnd(names)} ${env.padEnd(variables)} ${about}`,
  );
  return `Carillon: calls with voice and video, in a page and on desk phones.

  carillon [serve]                       Start the server. With npm: npm start -- [options]
  carillon help [COMMAND]                This; or more about one of the commands below.

${userRows()}

  What --desk-phone, --label and --json do with them: carillon help user

${messagesRows()}

  How long they are kept, and what an export has in it: carillon help messages

${bansRows()}

${rowsOf([DOCTOR])}
${lookRows()}

${clientRows()}

  These need no server of yours. What else they can be told: carillon help client

${phoneRows()}

  What else these can be told, and what to type then: carillon help phone

Options, and the variables that do the same:

${rows.join("\n")}

${exitCodes}
`;
}

function runningHelp(): string {
  return `The running server: how it is, who calls, who is kept out. All of it is asked in the
folder that the server has its data in.

${lookRows()}

${bansRows()}

${rowsOf([DOCTOR])}

  --json         One JSON document on stdout. If something was in the way: one on stderr, with a
                 code, a message and a hint.
  --data FOLDER  The house; .carillon in this folder if not given.

  carillon calls --live
  carillon record anna --webm
  carillon trace sip:anna@ --full
  carillon bans add 203.0.113.7 --hours 48

${exitCodes}
`;
}

function userHelp(): string {
  return `People and their phones. All of it works beside a running server, which knows it at once.

${userRows()}

  --desk-phone   The phone knows MD5 only, as most desk phones do.
  --label LABEL  What to call it, such as Kitchen; so that it is the right one that goes later.
  --json         One JSON document on stdout. If something was in the way: one on stderr, with a
                 code, a message and a hint.
  --data FOLDER  The house; .carillon in this folder if not given.

A phone's password is made here, shown once, and kept only as a hash. A phone that is lost is
revoked alone: its password means nothing any more, nobody is called on it, and the person's other
phones and pages go on. A call that it is in goes on until it ends.

  carillon user add "Anna Müller" --desk-phone --label Kitchen
  carillon user device list anna-muller
  carillon user device revoke anna-muller Kitchen

${exitCodes}
`;
}

function messagesHelp(): string {
  return `What people said to each other. All of it works beside a running server.

${messagesRows()}

  --json         One JSON document on stdout. If something was in the way: one on stderr, with a
                 code, a message and a hint.
  --data FOLDER  The house; .carillon in this folder if not given.

Each person has a journal: everything that was said in their conversations, with what became of it.
It is kept for two years and up to 100,000 entries (what became of a message is not counted), or
as messages in the configuration has it; each person may want less, and has an export of their own,
over HTTP.

An export is one JSON document a line: first { kind: "Export" } with whose it is, then { kind:
"InGroup" } for each of their groups, then { kind: "Entry" } for everything in their journal, in the
order of its numbers (seq); what happened is in what.

  carillon messages export anna-muller > anna.jsonl

${exitCodes}
`;
}

function clientHelp(): string {
  const examples = Object.values(clientCommands).map(({ example }) => `  ${example}`);
  return `Asks one thing of whoever serves an address, and needs no server of yours.
Their servers are found as phones find them (RFC 3263): sip:bob@example.com through the DNS,
sip:bob@192.0.2.7:5070 there, with ;transport=tcp or ;transport=tls that way, and sips: with TLS.

${clientRows()}

  --user NAME        Signs in with this name; register takes it from its URI. The password comes
                     from CARILLON_PASSWORD or is asked for, once a server wants it, and never from
                     an argument. It is shown to the server of your own address only.
  --realm NAME       What that server calls itself when it asks, if that is not your domain.
  --from URI         Your own address. NAME at the domain that is asked, if not given.
  --server URI       Whom to ask instead: your own server, or another way to it.
  --timeout SECONDS  How long to wait for an answer. 32 if not given.
  --contact URI      With register: adds this address to those where you are reached…
  --expires SECONDS  …for so long. 3600 if not given.
  --remove           Takes that address out again, or all of them without --contact.
  --json             One JSON document on stdout. If something was in the way: one on stderr, with a
                     code, a message and a hint.
  --host ADDRESS     Ask from this address of this machine.

${examples.join("\n")}

options exits with 0 when anybody answered, whatever they said; the others when it was done. With 1
when there was no answer or it was no, in words on stderr; with 2 when asked wrongly.
`;
}

function phoneHelp(): string {
  const examples = Object.values(phoneCommands).map(({ example }) => `  ${example}`);
  const codes = Object.values(EXIT_CODES).map(([code, words]) => {
    return `  ${String(code).padEnd(4)} ${words}`;
  });
  return `A phone in the terminal. It signs in at a server, or does without one: two phones that
know each other's address, or are on the same network, call each other directly.

${phoneRows()}

  --server URI,…     Where to sign in: sip:192.0.2.7:5060, sips:example.com, wss://example.com/sip.
                     The first that can be reached; those of your address's domain if not given.
  --user NAME        Signs in with this name, if it is not that of your address. The password comes
                     from CARILLON_PASSWORD or is asked for, and never from an argument.
  --name NAME        What others see of you.
  --play FILE        They hear this WAV file instead of the microphone; or: tone, silence.
  --record FILE      Takes both sides down, you on the left and them on the right.
  --codecs LIST      opus,G722,PCMA,PCMU, the best first, if not given.
  --security HOW     auto, if not given: encrypts if the other side can, as pages do, and else not.
                     dtls: only so, with keys of its own and a way through NAT (ICE); sdes: by keys
                     in the signalling (safe over TLS only); none: not. What others offer is taken.
  --ice-server URLS  Where a way through NATs is looked for, for calls with ICE: stun:HOST:PORT,
                     turn:NAME:PASSWORD@HOST:PORT; several with commas between.
  --ca FILE          Over TLS, believes who shows this certificate, such as your server's own.
  --control WHERE    Takes orders there, too, and tells there what happens, one JSON document a
                     line: a file becomes a socket that only you can use, a number is a port of this
                     machine.
  --json             Orders come from stdin and what happens goes to stdout, one JSON document a
                     line.
  --auto-answer      With phone: answers whoever calls while nobody talks.
  --unseen           With phone: others on this network, or at its server, are not told that it is
                     there.
  --from URI         With call: your own address.
  --duration SECONDS With call: hangs up so long after they answered…
  --ring SECONDS     …and after so long without an answer. 60 if not given.
  --tones KEYS       With call: presses these once they answer.
  --keep FILE        With chat: keeps in it what it knows and what waits to be sent, so that both
                     are there the next time.

${examples.join("\n")}

What a phone can be told while it runs, by typing or through --control:

${ordersHelp()}
What can be typed into carillon chat; to a script with --json, the same without the slash:

${chatOrdersHelp()}
carillon call exits with

${codes.join("\n")}
`;
}

interface Row {
  /** As it is typed, with what it takes. */
  readonly command: string;
  readonly about: readonly string[];
}

/** In a table of commands by their names. */
interface Listed {
  readonly args: string | readonly string[];
  readonly about: readonly string[];
}

const COMMAND_COLUMNS = 42;

/** What a command does stands beside it, or below one that is too long. */
function rowsOf(rows: readonly Row[]): string {
  const lines = rows.flatMap(({ command, about }) => {
    const isLong = command.length > COMMAND_COLUMNS;
    const own = about.map((line, i) => {
      const beside = i === 0 && !isLong ? command : "";
      return `  ${beside.padEnd(COMMAND_COLUMNS)} ${line}`;
    });
    return isLong ? [`  ${command}`, ...own] : own;
  });
  return lines.map((line) => line.trimEnd()).join("\n");
}

const typed = (...words: readonly string[]): string => ["carillon", ...words].join(" ");
const named = (commands: Readonly<Record<string, Listed>>): readonly Row[] =>
  Object.entries(commands).map(([word, { args, about }]) => ({
    command: typed(word, ...[args].flat()),
    about,
  }));

const phoneRows = (): string => rowsOf(named(phoneCommands));
const clientRows = (): string => rowsOf(named(clientCommands));

const lookRows = (): string =>
  rowsOf(
    Object.entries(lookCommands).map(([word, { args, about, flags }]) => ({
      command: typed(word, ...args, ...flags.map((flag) => `[--${flag}]`)),
      about,
    })),
  );

const bansRows = (): string =>
  rowsOf(
    bansCommands.map(({ word, args, about, flags }) => {
      const marks = flags.map((flag) => (flag === "hours" ? "[--hours N]" : `[--${flag}]`));
      return { command: typed("bans", word, ...args, ...marks), about };
    }),
  );

const messagesRows = (): string =>
  rowsOf(
    messagesCommands.map(({ word, args, about, json }) => ({
      command: typed("messages", word, ...args, ...(json ? ["[--json]"] : [])),
      about,
    })),
  );

const userRows = (): string =>
  rowsOf(
    userCommands.map(({ words, args, about }) => ({
      command: typed("user", words, ...args),
      about,
    })),
  );
