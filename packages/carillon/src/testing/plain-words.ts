/** What a message says, in words for somebody who has never seen SIP. */
import { parseCSeq } from "../message/cseq.ts";
import { hasHeader, header } from "../message/headers.ts";
import { parseMessage, type Request, type Response } from "../message/message.ts";
import type { Sight } from "./network.ts";

export function plainWords({ octets, from, to, lost }: Sight): string {
  const message = parseMessage(octets);
  if (!message.ok) return "";
  const said =
    message.value.kind === "Request"
      ? ofRequest(message.value, from, to)
      : ofResponse(message.value, from, to);
  return lost ? `${said} (lost on the way)` : said;
}

function ofRequest(request: Request, from: string, to: string): string {
  const isSigned = hasHeader(request, "Authorization") || hasHeader(request, "Proxy-Authorization");
  const signed = isSigned ? ", and here is my proof" : "";
  switch (request.method) {
    case "REGISTER":
      if (!hasHeader(request, "Contact")) return `${from}: where can I be reached?${signed}`;
      return header(request, "Expires") === "0"
        ? `${from}: I am leaving${signed}`
        : `${from}: this is where I can be reached${signed}`;
    case "INVITE":
      if (isInDialog(request)) return ofChange(from, to);
      return ofCall(request, from, to, signed);
    case "UPDATE":
      return ofChange(from, to);
    case "PRACK":
      return ofPrack(request, from, to);
    case "ACK":
      return isServer(from) ? `${to}, they know` : `${from}: I have got your answer`;
    case "CANCEL":
      return isServer(from) ? `${to}, stop ringing` : `${from}: never mind, I call no more`;
    case "BYE":
      return isServer(from) ? `${to}, they hang up` : `${from}: I hang up`;
    case "REFER":
      return isServer(from) ? `${to}, call somebody else` : `${from}: call somebody else${signed}`;
    case "SUBSCRIBE":
      return ofWatching(request, from, to, signed);
    case "NOTIFY":
      return ofReport(request, from, to);
    case "MESSAGE":
      return isServer(from) ? `${to}, they write to you` : `${from}: I write${signed}`;
    default:
      return "";
  }
}

/** With an answer that takes nothing of a session for before the answer, it is refused. */
function ofPrack(request: Request, from: string, to: string): string {
  if (isEarly(request) && !/^m=\S+ [1-9]/m.test(request.body)) {
    return isServer(from) ? `${to}, they do not want to hear it` : `${from}: not that one`;
  }
  return isServer(from) ? `${to}, they have heard it` : `${from}: I have heard that`;
}

function ofCall(request: Request, from: string, to: string, signed: string): string {
  if (hasHeader(request, "Replaces")) {
    return isServer(from)
      ? `${to}, somebody calls you in place of the other`
      : `${from}: I call in place of another${signed}`;
  }
  if (hasHeader(request, "Join")) {
    return isServer(from)
      ? `${to}, somebody wants to be in your call, too`
      : `${from}: I want to be in that call, too${signed}`;
  }
  return isServer(from) ? `${to}, somebody calls you` : `${from}: I want to call${signed}`;
}

/** RFC 6665 §4.4.3: with Expires: 0 somebody asks once, or wants to hear no more. */
function ofWatching(request: Request, from: string, to: string, signed: string): string {
  const isOver = header(request, "Expires") === "0";
  if (isOver && isInDialog(request)) {
    return isServer(from) ? `${to}, they want to hear no more` : `${from}: I want to hear no more`;
  }
  const what = isOver ? "what goes on there now" : "what goes on there";
  return isServer(from) ? `${to}, they want to know ${what}` : `${from}: tell me ${what}${signed}`;
}

/** What became of a REFER: the first line of the response that they got. RFC 3515 §2.4.5. */
function ofReport(request: Request, from: string, to: string): string {
  const heard = /^SIP\/2\.0 (\d{3})/.exec(request.body)?.[1];
  if (request.body.includes("<dialog-info")) return ofDialogs(request.body, from, to);
  if (heard === undefined) return isServer(from) ? `${to}, there is news` : `${from}: news`;
  return isServer(from) ? `${to}, they have heard ${heard}` : `${from}: I have heard ${heard}`;
}

/** Who is on the phone. RFC 4235 §3.7.1. */
function ofDialogs(body: string, from: string, to: string): string {
  const states = [...body.matchAll(/<state[^>]*>(\w+)</g)].map(([, state]) => state);
  const what = ["confirmed", "early", "trying"].find((state) => states.includes(state)) ?? "free";
  const [here, there] = ON_THE_PHONE[what] ?? ["", ""];
  return isServer(from) ? `${to}, ${there}` : `${from}: ${here}`;
}

/** In one's own words, and in those of the server. */
const ON_THE_PHONE: Readonly<Record<string, readonly [here: string, there: string]>> = {
  confirmed: ["I am on the phone", "they are on the phone"],
  early: ["it rings here", "it rings there"],
  trying: ["I am calling somebody", "they are calling somebody"],
  free: ["I am on no call", "they are on no call"],
};

const isInDialog = (request: Request) => /;\s*tag=/.test(header(request, "To") ?? "");

const ofChange: Words = (from, to) =>
  isServer(from) ? `${to}, they change the call` : `${from}: I change something about the call`;

function ofResponse(response: Response, from: string, to: string): string {
  const cseq = parseCSeq(header(response, "CSeq") ?? "");
  const method = cseq.ok ? cseq.value.method : "";
  const { status } = response;
  if (status === 100) return `${from}: I am on it`;
  if (status === 180) return isServer(from) ? `${to}, it rings there` : `${from}: it rings here`;
  if (isEarly(response)) {
    return isServer(from) ? `${to}, they have something to tell first` : `${from}: hear this first`;
  }
  if (status < 200) return `${from}: it goes on`;
  if (status < 300) return SUCCESS[method]?.(from, to) ?? `${from}: fine`;
  return FAILURE[status]?.(from, to) ?? `${from}: no`;
}

/** A session for before the answer. RFC 3959. */
const isEarly = (message: Request | Response) =>
  /^early-session/i.test(header(message, "Content-Disposition") ?? "");

type Words = (from: string, to: string) => string;

const SERVERS: ReadonlySet<string> = new Set([
  ...["server", "office", "directory"],
  ...["edge", "edge-1", "edge-2"],
]);
const isServer = (name: string) => SERVERS.has(name);

const SUCCESS: Readonly<Record<string, Words>> = {
  REGISTER: (_, to) => `${to}, I know where you are now`,
  INVITE: (from, to) => (isServer(from) ? `${to}, they answer` : `${from}: I answer`),
  UPDATE: (from, to) => (isServer(from) ? `${to}, they agree` : `${from}: all right`),
  REFER: (from, to) => (isServer(from) ? `${to}, they will` : `${from}: I will`),
  SUBSCRIBE: (from, to) => (isServer(from) ? `${to}, you will hear` : `${from}: you will hear`),
  NOTIFY: (from, to) => (isServer(from) ? `${to}, they know` : `${from}: I see`),
  BYE: (from, to) => (isServer(from) ? `${to}, they know` : `${from}: fine`),
};

const FAILURE: Readonly<Record<number, Words>> = {
  302: () => "they have moved; this is where they are now",
  305: (from) => `${from}: by way of the proxy, please`,
  401: (_, to) => `${to}, who are you? Prove it`,
  403: (from, to) => (isServer(from) ? `${to}, this is not allowed` : `${from}: not here`),
  404: () => "there is nobody of that name",
  407: (_, to) => `${to}, who are you? Prove it`,
  408: (_, to) => `${to}, nobody says anything`,
  420: (from, to) =>
    isServer(from) ? `${to}, they do not know how to do that` : `${from}: I do not know how`,
  480: () => "they are not there",
  486: (from, to) =>
    isServer(from) ? `${to}, they are on another call` : `${from}: I am on another call`,
  487: (from, to) => (isServer(from) ? `${to}, it has stopped` : `${from}: I have stopped`),
  491: (from) => `${from}: I am changing something myself; again in a moment`,
  501: (from, to) =>
    isServer(from) ? `${to}, they do not know what that is` : `${from}: I do not know what that is`,
  603: (from, to) =>
    isServer(from) ? `${to}, they do not want to talk` : `${from}: I do not want to talk`,
};
