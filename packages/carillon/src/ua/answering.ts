/**
 * Calls that ask to be answered by themselves, or not to be. RFC 5373.
 *
 * A phone that answers by itself lets its caller hear the room: nobody may do that unless the
 * person said so of them.
 */
import type { Reply } from "../endpoint/reply.ts";
import type { HeaderField } from "../message/compose.ts";
import {
  type AnswerMode,
  formatAnswerMode,
  parseAnswerMode,
} from "../message/header/answer-mode.ts";
import type { Request } from "../message/message.ts";
import { readHeader } from "../message/read-header.ts";
import type { Peer } from "./call-state.ts";
import { partsOf } from "./phone-parts.ts";

/** What a caller asks for. */
export interface AnswerModeAsked {
  /** By the phone itself, or by a person and nobody else. */
  readonly mode: "Auto" | "Manual";
  /** Rather not at all than otherwise. */
  readonly require?: boolean;
  /** By the right of those who may always (Priv-Answer-Mode). */
  readonly privileged?: boolean;
}

/**
 * Who may have a phone answer by itself; `privileged` is whether they ask by that right. The name
 * of the caller is what the server vouches for, or who calls past it says.
 */
export type AutoAnswer = (caller: Peer, privileged: boolean) => boolean;

export type Answering =
  | { readonly kind: "ByHand" | "ByItself" }
  | { readonly kind: "Refuse"; readonly reply: Reply };

//= RFC 5373 §4
//# This decision-making MUST consider the risk model of the media session corresponding to the
//# request, and the UAS MUST NOT answer without user input in cases where the privacy or security
//# of the user would be compromised as a result.
//= RFC 5373 §4.1
//# The default policy SHOULD be to refuse requests containing Priv-Answer-Mode header fields unless
//# the requester is authenticated and specifically authorized to make Priv-Answer-Mode requests.
const NOBODY: AutoAnswer = () => false;

/**
 * Has this phone do as callers ask in Answer-Mode: whom `allows` allows, it answers by itself, and
 * they hear the room; who would rather not call than wait for a person is refused. Such calls come
 * out of `calls()`, too. RFC 5373.
 */
export function autoAnswer(phone: object, allows: AutoAnswer = NOBODY): void {
  const { abilities } = partsOf(phone).agent;
  if (!abilities.answering) abilities.quietExtensions.push("answermode");
  abilities.answering = (invite, caller) => answeringOf(invite, caller, allows);
}

/** How an INVITE is to be answered. */
function answeringOf(invite: Request, caller: Peer, allows: AutoAnswer): Answering {
  const plain = readHeader(invite, "Answer-Mode", parseAnswerMode);
  const privileged = readHeader(invite, "Priv-Answer-Mode", parseAnswerMode);
  if (!plain.ok || !privileged.ok) return { kind: "Refuse", reply: { status: 400 } };
  //= RFC 5373 §4.1
  //# If both are present, the UAS will first test the authorization of the requester for
  //# Priv-Answer-Mode and, if authorized, process the request as if only Priv-Answer-Mode had been
  //# included. If the requester is not authorized for Priv-Answer-Mode, then the UAS will process
  //# the request as if only Answer-Mode had been included.
  const mayAsk = (isPrivileged: boolean) => isAllowed(allows, caller, isPrivileged);
  if (isAuto(privileged.value) && mayAsk(true)) return { kind: "ByItself" };
  const asked = plain.value ?? privileged.value;
  if (isAuto(plain.value) && mayAsk(false)) return { kind: "ByItself" };
  //= RFC 5373 §4.5.1
  //# The UAS MUST NOT allow "manual" answer of this request, but MAY reject it.
  //= RFC 5373 §4.5.1
  //# If, for whatever reason, the UAS chooses not to accept the request automatically, the UAS MUST
  //# reject the request, SHOULD do so with a "403 (Forbidden)" response, and MAY include a reason
  //# phrase of "automatic answer forbidden".
  if (isAuto(asked) && asked?.require) return FORBIDDEN;
  //= RFC 5373 §4.5.1
  //# For a request having an Answer-Mode value of "Manual" and an Answer-Mode parameter of
  //# "require", the UAS MUST defer accepting the request until the user of the UAS has confirmed
  //# willingness to accept the request.
  return { kind: "ByHand" };
}

/** What is thrown by a function of the application's allows nothing, and breaks nothing here. */
function isAllowed(allows: AutoAnswer, caller: Peer, isPrivileged: boolean): boolean {
  try {
    return allows(caller, isPrivileged);
  } catch {
    return false;
  }
}

const isAuto = (asked: AnswerMode | undefined): boolean => asked?.mode.toLowerCase() === "auto";

const FORBIDDEN: Answering = {
  kind: "Refuse",
  reply: { status: 403, reasonPhrase: "Automatic Answer Forbidden" },
};

/** For `phone.call`: asks to be answered without a person, or by none but one. */
export function answering(asked: AnswerModeAsked): { readonly headers: readonly HeaderField[] } {
  const { mode, require = false, privileged = false } = asked;
  const name = privileged ? "Priv-Answer-Mode" : "Answer-Mode";
  return { headers: [[name, formatAnswerMode({ mode, require, params: new Map() })]] };
}
