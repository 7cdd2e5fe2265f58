/** Why something did not work, for programs by its code and for people in words. */
import type { Response } from "../message/message.ts";

/** Why, for programs: for people, the `message` beside it has it in words. */
export type SipErrorCode =
  | "SIP_HUNG_UP"
  | "SIP_CANCELLED"
  | "SIP_DECLINED"
  | "SIP_BUSY"
  | "SIP_UNAVAILABLE"
  | "SIP_NOT_FOUND"
  | "SIP_ANSWERED_ELSEWHERE"
  | "SIP_TRANSFERRED"
  | "SIP_REPLACED"
  | "SIP_FORBIDDEN"
  | "SIP_UNAUTHORIZED"
  | "SIP_NOT_ACCEPTABLE"
  | "SIP_TIMEOUT"
  | "SIP_TRANSPORT"
  | "SIP_MEDIA"
  | "SIP_TOO_LARGE"
  | "SIP_REJECTED"
  | "SIP_CLOSED";

/** Why something did not work. `message` is for people. */
export class SipError extends Error {
  /** For programs: stable, and one for each kind of reason. */
  readonly code: SipErrorCode;
  /** The status of the response that said so, if one did. */
  readonly status: number | undefined;
  /** That response, where there is one: `readHeader` of `carillon/message` reads what it has. */
  readonly response: Response | undefined;

  constructor(code: SipErrorCode, message: string, status?: number, response?: Response) {
    super(message);
    this.name = "SipError";
    this.code = code;
    this.status = status;
    this.response = response;
  }
}

/** How a call ended. */
export interface CallEnd {
  /** Who ended it; `network` where nobody did. */
  readonly by: "local" | "remote" | "network";
  /** As of a SipError. */
  readonly code: SipErrorCode;
  /** The status of the response that ended it, if one did. */
  readonly status?: number;
  /** Plain words. */
  readonly message: string;
  /**
   * URIs with more to say of a refusal, as its Error-Info has them: a SIP one is an announcement to
   * be called, others are for people to read. By whoever refused, and not to be trusted more.
   * RFC 3261 §20.18.
   */
  readonly moreAt?: readonly string[];
  /** The response that refused the call, if one did: its Retry-After and all else that it has. */
  readonly response?: Response;
}

export const errorFrom = ({ code, message, status, response }: CallEnd): SipError =>
  new SipError(code, message, status, response);

const BY_STATUS: Readonly<Record<number, readonly [SipErrorCode, string]>> = {
  300: ["SIP_REJECTED", "They are to be reached at another address."],
  400: ["SIP_REJECTED", "The call was refused."],
  401: ["SIP_UNAUTHORIZED", "The server did not accept the sign-in."],
  403: ["SIP_FORBIDDEN", "The server does not allow this."],
  404: ["SIP_NOT_FOUND", "There is nobody of that name."],
  407: ["SIP_UNAUTHORIZED", "The server did not accept the sign-in."],
  408: ["SIP_TIMEOUT", "Nobody answered."],
  410: ["SIP_NOT_FOUND", "There is nobody of that name any more."],
  480: ["SIP_UNAVAILABLE", "They are not online."],
  486: ["SIP_BUSY", "They are on another call."],
  487: ["SIP_CANCELLED", "The call was taken back."],
  488: ["SIP_NOT_ACCEPTABLE", "The two devices could not agree on voice or video."],
  500: ["SIP_REJECTED", "The server cannot do this right now. Try again in a moment."],
  600: ["SIP_BUSY", "They are on another call."],
  603: ["SIP_DECLINED", "They declined."],
  604: ["SIP_NOT_FOUND", "There is nobody of that name."],
  606: ["SIP_NOT_ACCEPTABLE", "The two devices could not agree on voice or video."],
  607: ["SIP_DECLINED", "They do not want this call."],
  608: ["SIP_DECLINED", "The call was rejected before it reached them."],
};

/** What a failure status means. `text` is what the server gave as its reason, if it is ours. */
export function errorOf(status: number, text = "", response?: Response): SipError {
  //= RFC 3261 §8.1.3.2
  //# A UAC MUST treat any final response it does not recognize as being equivalent to the x00
  //# response code of that class, and MUST be able to process the x00 response code for all
  //# classes.
  //= RFC 3261 §21.5.4
  //# If no Retry-After is given, the client MUST act as if it had received a 500 (Server Internal
  //# Error) response.
  const known = BY_STATUS[status] ?? BY_STATUS[status - (status % 100)];
  const [code, words] = known ?? ["SIP_REJECTED", "The call was refused."];
  return new SipError(code, text === "" ? words : text, status, response);
}
