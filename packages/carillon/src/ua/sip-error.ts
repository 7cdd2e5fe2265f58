/** Why something did not work, for programs by its code and for people in words. */

export type SipErrorCode =
  | "SIP_HUNG_UP"
  | "SIP_CANCELLED"
  | "SIP_DECLINED"
  | "SIP_BUSY"
  | "SIP_UNAVAILABLE"
  | "SIP_NOT_FOUND"
  | "SIP_ANSWERED_ELSEWHERE"
  | "SIP_FORBIDDEN"
  | "SIP_UNAUTHORIZED"
  | "SIP_NOT_ACCEPTABLE"
  | "SIP_TIMEOUT"
  | "SIP_TRANSPORT"
  | "SIP_MEDIA"
  | "SIP_REJECTED"
  | "SIP_CLOSED";

export class SipError extends Error {
  readonly code: SipErrorCode;
  /** The status of the response that said so, if one did. */
  readonly status: number | undefined;

  constructor(code: SipErrorCode, message: string, status?: number) {
    super(message);
    this.name = "SipError";
    this.code = code;
    this.status = status;
  }
}

/** How a call ended. */
export interface CallEnd {
  readonly by: "local" | "remote" | "network";
  readonly code: SipErrorCode;
  readonly status?: number;
  /** Plain words. */
  readonly message: string;
}

const BY_STATUS: Readonly<Record<number, readonly [SipErrorCode, string]>> = {
  401: ["SIP_UNAUTHORIZED", "The server did not accept the sign-in."],
  403: ["SIP_FORBIDDEN", "The server does not allow this."],
  404: ["SIP_NOT_FOUND", "There is nobody of that name."],
  407: ["SIP_UNAUTHORIZED", "The server did not accept the sign-in."],
  408: ["SIP_TIMEOUT", "Nobody answered."],
  410: ["SIP_NOT_FOUND", "There is nobody of that name any more."],
  480: ["SIP_UNAVAILABLE", "They are not online."],
  486: ["SIP_BUSY", "They are on another call."],
  487: ["SIP_CANCELLED", "The call was taken back."],
  488: ["SIP_NOT_ACCEPTABLE", "The two devices have no voice or video format in common."],
  600: ["SIP_BUSY", "They are on another call."],
  603: ["SIP_DECLINED", "They declined."],
  604: ["SIP_NOT_FOUND", "There is nobody of that name."],
  606: ["SIP_NOT_ACCEPTABLE", "The two devices have no voice or video format in common."],
};

/** What a failure status means. `text` is what the server gave as its reason, if it is ours. */
export function errorOf(status: number, text = ""): SipError {
  const [code, words] = BY_STATUS[status] ?? ["SIP_REJECTED", "The call was refused."];
  return new SipError(code, text === "" ? words : text, status);
}
