/** How a request went, in words for a person, and for a program. */

import { parseChallenge } from "carillon/auth";
import {
  header,
  headerLines,
  parseWarning,
  type Response,
  readJoined,
  reasonPhrase,
  toText,
} from "carillon/message";
import type { Answer, Question } from "carillon/node";

/** What goes to stdout if `ok`, else to stderr. */
export type Report =
  | { readonly ok: true; readonly words: string; readonly json: unknown }
  | { readonly ok: false; readonly error: ClientError };

export interface ClientError {
  readonly code: "NO_ANSWER" | "REFUSED" | "TOO_LARGE";
  readonly message: string;
  readonly hint: string;
  /** Of the response, if there was one. */
  readonly status?: number;
}

export type Answered = Extract<Answer, { kind: "Answered" }>;

/** One line that no terminal takes for anything but text, and no longer than a person reads. */
export function printable(octets: string): string {
  const text = toText(octets.slice(0, MAX_SHOWN)).replace(UNPRINTABLE, "?");
  return octets.length > MAX_SHOWN ? `${text}…` : text;
}

const MAX_SHOWN = 1000;
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** `404 Not Found` */
export function statusLine({ status, reasonPhrase: said }: Response): string {
  return `${status} ${printable(said) || reasonPhrase(status)}`;
}

/** `200 OK after 3.2 ms, from 192.0.2.7:5060 over UDP` */
export function answerLine({ response, roundTripMs, flow }: Answered): string {
  const { host, port } = flow.remote;
  const where = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const time = roundTripMs < 100 ? roundTripMs.toFixed(1) : roundTripMs.toFixed(0);
  return `${statusLine(response)} after ${time} ms, from ${where} over ${flow.transport}`;
}

/** The same for a program. */
export function answerJson({ response, roundTripMs, flow }: Answered) {
  return {
    status: response.status,
    reason: printable(response.reasonPhrase),
    roundTripMs: Math.round(roundTripMs * 1000) / 1000,
    remote: { transport: flow.transport, ...flow.remote },
  };
}

export function unanswered(
  { uri, server }: Question,
  { reason, words }: Exclude<Answer, Answered>,
): Report {
  if (reason === "too-large") {
    const hint = "Say it in fewer words, or in several messages.";
    return {
      ok: false,
      error: { code: "TOO_LARGE", message: `Nothing was sent: ${words}.`, hint },
    };
  }
  const message = `No answer of ${server ?? uri}: ${words}.`;
  if (reason === "unavailable") {
    return { ok: false, error: { code: "REFUSED", message, hint: HINTS[500] ?? "", status: 503 } };
  }
  const hint =
    "Look whether the address is right, and whether they are up and to be reached from here.";
  return { ok: false, error: { code: "NO_ANSWER", message, hint } };
}

/** Whether the password went along; `Missing`: it was wanted, and there was none. */
export type Shown = "Shown" | "NotShown" | "Missing";

/** A refusal. */
export function refused(question: Question, answered: Answered, shown: Shown): Report {
  const { response } = answered;
  const said = warnings(response);
  const { uri, to = uri } = question;
  const message = `${to} was refused with ${answerLine(answered)}.${said}`;
  const hint = hintOn(question, response, shown);
  return { ok: false, error: { code: "REFUSED", message, hint, status: response.status } };
}

/** What the server says about it in its own words. RFC 3261 §20.43. */
function warnings(response: Response): string {
  const all = readJoined(response, "Warning", parseWarning);
  const texts = (all.ok && all.value) || [];
  return texts
    .slice(0, 3)
    .map(({ text }) => ` They say: “${text.slice(0, 200).replace(UNPRINTABLE, "?")}”.`)
    .join("");
}

function hintOn(question: Question, response: Response, shown: Shown): string {
  const { status } = response;
  if (status === 401 || status === 407) return signInHint(question, response, shown);
  const min = status === 423 ? header(response, "Min-Expires") : undefined;
  if (min !== undefined) return `They register for no less than ${printable(min)} seconds.`;
  return HINTS[status] ?? HINTS[status - (status % 100)] ?? HINTS[400] ?? "";
}

export function signInHint({ account, from }: Question, response: Response, shown: Shown): string {
  if (!account) return "Say who you are: --user NAME, with the password in CARILLON_PASSWORD.";
  if (shown === "Missing") return "They want a password: set CARILLON_PASSWORD.";
  if (shown === "Shown") return "The name or the password is wrong.";
  const names = ["WWW-Authenticate", "Proxy-Authenticate"] as const;
  const challenges = names.flatMap((name) => headerLines(response, name)).map(parseChallenge);
  const realms = challenges.flatMap((one) =>
    one.ok && one.value.kind === "Digest" ? [JSON.stringify(printable(one.value.realm))] : [],
  );
  const realm = [...new Set(realms)].slice(0, 3).join(" or ");
  if (realm === "") return "They ask for something else than a password.";
  return (
    `Your password was not shown to them: they call themselves ${realm}, and it is ${from}'s. ` +
    "If they are your server, name it with --server, and that with --realm."
  );
}

const HINTS: Readonly<Record<number, string>> = {
  300: "They are to be reached at another address: look at it with carillon options.",
  400: "They could not make anything of the request.",
  403: "They do not allow it to you.",
  404: "They know nobody of that name.",
  405: "They do not do this at that address.",
  408: "Whom it was for did not answer them in time.",
  410: "Who was there has left.",
  415: "They do not take texts.",
  416: "They do not serve this kind of address.",
  420: "They do not know an extension that was asked for.",
  480: "Nobody is there at the moment. Try again later.",
  483: "It went from server to server, perhaps in a circle.",
  486: "They are busy. Try again later.",
  500: "Their server is in trouble. Try again later.",
  501: "They do not know this kind of request.",
  600: "They do not want it, wherever they are.",
  604: "Nobody of that name is to be found anywhere.",
};
