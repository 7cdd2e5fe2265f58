/** What a call came to, as the exit code of `carillon call`. */
import type { CallEnd, SipErrorCode } from "carillon/ua";

export const EXIT_CODES = {
  talked: [0, "they talked, and it ended as it should"],
  inTheWay: [1, "something was in the way: no network, no sign-in, no sound"],
  askedWrongly: [2, "asked wrongly"],
  busy: [10, "they are busy"],
  declined: [11, "they declined"],
  noAnswer: [12, "nobody answered, or they are not online"],
  notFound: [13, "there is nobody of that name"],
  refused: [14, "refused for another reason"],
  brokeOff: [15, "they talked, and the call broke off"],
} as const;

type Exit = keyof typeof EXIT_CODES;

const BY_CODE: Readonly<Partial<Record<SipErrorCode, Exit>>> = {
  SIP_BUSY: "busy",
  SIP_DECLINED: "declined",
  SIP_TIMEOUT: "noAnswer",
  SIP_UNAVAILABLE: "noAnswer",
  SIP_NOT_FOUND: "notFound",
  SIP_TRANSPORT: "inTheWay",
  SIP_UNAUTHORIZED: "inTheWay",
  SIP_MEDIA: "inTheWay",
};

/** `talked` is whether the two were connected; who hung up does not matter. */
export function exitCode({ by, code }: CallEnd, talked: boolean): number {
  return EXIT_CODES[exitOf(by, code, talked)][0];
}

function exitOf(by: CallEnd["by"], code: SipErrorCode, talked: boolean): Exit {
  if (talked) return by === "network" || code === "SIP_MEDIA" ? "brokeOff" : "talked";
  // Whoever gives up waiting has had no answer.
  if (code === "SIP_HUNG_UP" || code === "SIP_CANCELLED") return "noAnswer";
  return BY_CODE[code] ?? "refused";
}
