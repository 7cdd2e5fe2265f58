/** A letter on its way to the server, and what its answer means. RFC 3428 §4. */
import { CPIM_TYPE } from "../documents/cpim.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Response } from "../message/message.ts";
import type { Agent } from "../ua/agent.ts";
import type { NoAnswer } from "../ua/outgoing-request.ts";
import { outsideHeaders, targetOf } from "../ua/outside-request.ts";
import { retryAfterSeconds } from "../ua/registrar-answer.ts";
import { errorOf, SipError } from "../ua/sip-error.ts";
import type { Outcome } from "./outbox.ts";

/** A MESSAGE outside of any dialog. */
export interface Sheet {
  readonly to: string;
  /** `message/cpim` if left out. */
  readonly contentType?: string;
  readonly body: Octets;
}

/**
 * Sends it, of whatever size: our own server takes it, and no hop behind that sees it as it is.
 * `done` is called once, in a later turn.
 */
//= RFC 3428 §8
//# The size of MESSAGE requests outside of a media session MUST NOT exceed 1300 bytes, unless the
//# UAC has positive knowledge that the message will not traverse a congestion-unsafe link at any
//# hop
// A server with a journal ends it, and what is larger than a datagram goes there over a stream.
export function sendSheet(
  agent: Agent,
  { to, contentType = CPIM_TYPE, body }: Sheet,
  done: (outcome: Outcome) => void,
): void {
  const target = targetOf(agent, to, "MESSAGE");
  const { ids } = agent.endpoint;
  const headers = [
    ...outsideHeaders(agent, target, { callId: ids.unique(), localTag: ids.unique() }),
    ["Content-Type", contentType] as const,
  ];
  const user = {
    response: (response: Response) => {
      if (response.status >= 200) done(outcomeOf(agent, response));
    },
    failed: (reason: NoAnswer) => done(withoutAnswer(reason)),
  };
  let seq = 0;
  const what = { method: "MESSAGE", uri: target.uri, headers, body };
  const sent = agent.send(what, user, () => ++seq);
  if (!sent) agent.endpoint.later(() => done(withoutAnswer("transport")));
}

function outcomeOf(agent: Agent, response: Response): Outcome {
  const { status } = response;
  if (status < 300) return { kind: "Accepted" };
  const error = wordsOf(status, agent.reasonIn(response), response);
  const afterSeconds = retryAfterSeconds(response);
  return isWorthATry(status, afterSeconds)
    ? { kind: "Again", afterSeconds, why: error.message }
    : { kind: "Refused", why: error.message };
}

/** Whether a later try may go better: silence, a fault of the server's, or its word. */
const isWorthATry = (status: number, afterSeconds: number | undefined): boolean =>
  afterSeconds !== undefined ||
  [408, 429, 491].includes(status) ||
  (status >= 500 && status < 600 && ![501, 505, 513].includes(status));

/** What an outcome of `chat.send` means. */
export function outcomeOfError(error: unknown): Outcome {
  if (!(error instanceof SipError)) return { kind: "Refused", why: String(error) };
  const { status, code, message, response } = error;
  if (status === undefined) {
    const isAgain = code === "SIP_TIMEOUT" || code === "SIP_TRANSPORT" || code === "SIP_CLOSED";
    return isAgain
      ? { kind: "Again", afterSeconds: undefined, why: message }
      : { kind: "Refused", why: message };
  }
  const afterSeconds = response && retryAfterSeconds(response);
  return isWorthATry(status, afterSeconds)
    ? { kind: "Again", afterSeconds, why: message }
    : { kind: "Refused", why: message };
}

function withoutAnswer(reason: NoAnswer): Outcome {
  if (reason === "too-large") return { kind: "Refused", why: WORDS[413] ?? "" };
  const why =
    reason === "timeout" ? "The server does not answer." : "There is no connection to the server.";
  return { kind: "Again", afterSeconds: undefined, why };
}

/** A refusal, in the server's words or ours. */
export function wordsOf(status: number, told: string, response?: Response): SipError {
  const words = told === "" ? WORDS[status] : told;
  const error = errorOf(status, words, response);
  if (error.code !== "SIP_REJECTED" || words !== undefined) return error;
  return new SipError("SIP_REJECTED", "The message was refused.", status, response);
}

const WORDS: Readonly<Record<number, string>> = {
  405: "Messages are not taken there.",
  413: "The message is too long.",
  415: "A message of this kind is not taken there.",
  470: "They have not agreed to hear from you.",
  501: "Messages are not taken there.",
  513: "The message is too long.",
  603: "They do not want this message.",
};
