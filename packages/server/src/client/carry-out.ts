/**
 * `carillon options`, `message` and `register`, carried out: one request, and what came of it.
 */

import {
  elements,
  fromText,
  type HeaderField,
  header,
  type Response,
  readContactParams,
} from "carillon/message";
import { type Account, type NodeClient, type Question, userAgentClient } from "carillon/node";
import { escapeUser, formatHost, parseNameAddr, parseSipUri, unescapeUri } from "carillon/uri";
import { registerRequest } from "carillon/usage";
import { CannotStart } from "../cannot-start.ts";
import type { ClientCommand } from "../client-command.ts";
import { bindable } from "../own-addresses.ts";
import { PRODUCT } from "../product.ts";
import type { Settings } from "../settings.ts";
import {
  type Answered,
  answerJson,
  answerLine,
  printable,
  type Report,
  refused,
  type Shown,
  signInHint,
  unanswered,
} from "./report.ts";

export interface ClientCommandWorld {
  /** Asks for the password of this name. */
  password(user: string): Promise<string>;
}

type Of<Kind extends ClientCommand["kind"]> = Extract<ClientCommand, { kind: Kind }>;

/** Does it. Throws CannotStart in words. */
export async function carryOutAsClient(
  command: ClientCommand,
  { host }: Pick<Settings, "host">,
  world: ClientCommandWorld,
): Promise<Report> {
  await using client = await open(host);
  let shown: Shown = "NotShown";
  const password = async (user: string) => {
    shown = "Missing";
    const typed = await world.password(user);
    shown = "Shown";
    return typed;
  };
  const question = questionOf(command, password);
  const answer = await client.ask(question);
  if (answer.kind === "Unanswered") {
    const isAnswer = command.kind === "Options" && answer.reason === "unavailable";
    return isAnswer ? busy(command.uri) : unanswered(question, answer);
  }
  const { status } = answer.response;
  // Whoever answers is there, whatever they say.
  if (command.kind === "Options") return told(command, answer, signIn(question, answer, shown));
  if (status >= 300) return refused(question, answer, shown);
  return command.kind === "Message" ? delivered(command, answer) : bindings(command, answer);
}

async function open(host: string | undefined): Promise<NodeClient> {
  try {
    return await userAgentClient({ hosts: bindable(host), product: PRODUCT });
  } catch (error) {
    const { code = String(error) } = error as { code?: string };
    throw new CannotStart(`No address of this machine is to be had: ${code}. Choose one: --host`);
  }
}

// ---- what is asked -----------------------------------------------------------------------------

function questionOf(command: ClientCommand, password: (user: string) => Promise<string>): Question {
  const { server, timeoutMs } = command;
  const user = command.user ?? (command.kind === "Register" ? userOf(command.aor) : undefined);
  const { realm } = command;
  const account: Account | undefined =
    user === undefined
      ? undefined
      : {
          username: user,
          password: () => password(user),
          ...(realm === undefined ? {} : { realm }),
        };
  return {
    ...whatIsAsked(command),
    ...(server === undefined ? {} : { server }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(account && { account }),
  };
}

function whatIsAsked(command: ClientCommand): Question {
  switch (command.kind) {
    case "Options": {
      const { uri, from = ownAddress(command) } = command;
      //= RFC 3261 §11.1
      //# An Accept header field SHOULD be included to indicate the type of message body the UAC
      //# wishes to receive in the response.
      return { method: "OPTIONS", uri, from, headers: [["Accept", "application/sdp"]] };
    }
    case "Message": {
      const { uri, text, from = ownAddress(command) } = command;
      //= RFC 3428 §4
      //# User Agents MUST NOT insert Contact header fields into MESSAGE requests.
      const headers: readonly HeaderField[] = [["Content-Type", "text/plain;charset=UTF-8"]];
      return { method: "MESSAGE", uri, from, headers, body: fromText(text) };
    }
    case "Register":
      return registering(command);
  }
}

function registering({ aor, wish }: Of<"Register">): Question {
  const operation = "contact" in wish ? { ...wish, contact: `<${wish.contact}>` } : wish;
  // Call-ID, tag and number are the client's: this is the first request and the last.
  const { uri, headers } = registerRequest({ aor, callId: "", fromTag: "" }, operation, 1);
  const wanted = headers.filter(([name]) => name === "Contact" || name === "Expires");
  return { method: "REGISTER", uri, from: aor, to: aor, headers: wanted };
}

/** Who signs in does so at the domain that is asked; who does not says nothing of themselves. */
function ownAddress({ uri, user }: Of<"Options" | "Message">): string {
  const asked = parseSipUri(uri);
  if (user === undefined || !asked.ok) return "sip:anonymous@anonymous.invalid";
  return `sip:${escapeUser(user)}@${formatHost(asked.value.host)}`;
}

function userOf(aor: string): string | undefined {
  const uri = parseSipUri(aor);
  return uri.ok && uri.value.user !== undefined ? unescapeUri(uri.value.user) : undefined;
}

// ---- what came of it ---------------------------------------------------------------------------

const ABILITIES = ["Server", "User-Agent", "Allow", "Supported", "Accept", "Contact"] as const;

/** What whoever is asked who they are can do about it. */
function signIn(question: Question, { response }: Answered, shown: Shown): string {
  const isAsked = response.status === 401 || response.status === 407;
  return isAsked ? `They want to know who asks. ${signInHint(question, response, shown)}\n` : "";
}

function told({ uri }: Of<"Options">, answered: Answered, hint: string): Report {
  const { response } = answered;
  const found = ABILITIES.flatMap((name) => {
    const value = joined(response, name);
    return value === "" ? [] : [[name, value] as const];
  });
  const lines = found.map(([name, value]) => `  ${name.padEnd(10)}  ${value}\n`);
  const list = lines.length === 0 ? "" : `\n${lines.join("")}`;
  return {
    ok: true,
    words: `${uri} answers: ${answerLine(answered)}.\n${hint}${list}`,
    json: {
      uri,
      ...answerJson(answered),
      server: joined(response, "Server"),
      allow: tokens(response, "Allow"),
      supported: tokens(response, "Supported"),
    },
  };
}

const busy = (uri: string): Report => ({
  ok: true,
  words: `${uri} answers: 503 Service Unavailable, all of its servers are busy.\n`,
  json: { uri, status: 503, reason: "Service Unavailable" },
});

function delivered({ uri }: Of<"Message">, answered: Answered): Report {
  //= RFC 3428 §7
  //# SHOULD return a 202 (Accepted) [5] response indicating that the message was accepted, but end
  //# to end delivery has not been guaranteed.
  const what =
    answered.response.status === 202 ? "has been taken on for delivery" : "has been delivered";
  return {
    ok: true,
    words: `The text for ${uri} ${what}: ${answerLine(answered)}.\n`,
    json: { uri, ...answerJson(answered) },
  };
}

interface Bound {
  readonly contact: string;
  readonly expiresSeconds: number | undefined;
  readonly q: number | undefined;
}

function bindings({ aor }: Of<"Register">, answered: Answered): Report {
  const all = boundIn(answered.response);
  const where =
    all.length === 0 ? "nowhere" : all.length === 1 ? "at 1 place" : `at ${all.length} places`;
  const rows = all.map(({ contact, expiresSeconds, q }) => {
    const time = expiresSeconds === undefined ? "" : `, for ${expiresSeconds} s more`;
    return `  ${contact}${time}${q === undefined ? "" : `, q=${q}`}\n`;
  });
  const list = rows.length === 0 ? "" : `\n${rows.join("")}`;
  return {
    ok: true,
    words: `${aor} is registered ${where}: ${answerLine(answered)}.\n${list}`,
    json: { aor, ...answerJson(answered), bindings: all },
  };
}

//= RFC 3261 §10.3
//# The response MUST contain Contact header field values enumerating all current bindings.
function boundIn(response: Response): readonly Bound[] {
  const all = elements(response, "Contact");
  return (all.ok ? all.value : []).slice(0, MAX_LISTED).flatMap((text): Bound[] => {
    const one = parseNameAddr(text);
    if (!one.ok) return [];
    const { expiresSeconds, q } = readContactParams(one.value.params);
    return [{ contact: printable(one.value.uri), expiresSeconds, q }];
  });
}

/** More than anybody has. */
const MAX_LISTED = 100;

type Ability = (typeof ABILITIES)[number];

function joined(response: Response, name: Ability): string {
  if (name === "Server" || name === "User-Agent") return printable(header(response, name) ?? "");
  return tokens(response, name).join(", ");
}

function tokens(response: Response, name: Ability): readonly string[] {
  const all = elements(response, name);
  return (all.ok ? all.value : []).slice(0, MAX_LISTED).map(printable);
}
