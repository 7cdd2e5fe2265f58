/** `a=sendrecv sendonly recvonly inactive`. RFC 8866 §6.7, RFC 3264 §5.1, §6.1. */
import type { Attribute, Line } from "../line.ts";
import { type AttributeType, flagAttribute } from "./attribute-type.ts";

/** Which way media goes, as the end that says it sees it. RFC 3264 §5.1. */
export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

const SOURCE = "RFC 8866 §6.7";

/** `a=sendrecv`; `directionOf` reads all four together. */
export const sendrecv: AttributeType<true> = flagAttribute("sendrecv", SOURCE);

/** `a=sendonly`: its writer sends and does not receive. */
export const sendonly: AttributeType<true> = flagAttribute("sendonly", SOURCE);

/** `a=recvonly`: its writer receives and does not send. */
export const recvonly: AttributeType<true> = flagAttribute("recvonly", SOURCE);

/** `a=inactive`: media neither way. RTCP goes on. */
export const inactive: AttributeType<true> = flagAttribute("inactive", SOURCE);

const isDirection = (name: string): name is Direction =>
  name === "sendrecv" || name === "sendonly" || name === "recvonly" || name === "inactive";

/**
 * The direction of a media section: its own, the session's, or sendrecv. RFC 8866 §6.7. Of
 * several that contradict one another the last counts, as it did for the first readers of SDP.
 */
export function directionOf(media: readonly Line[], session: readonly Line[] = []): Direction {
  return lastDirection(media) ?? lastDirection(session) ?? "sendrecv";
}

/** True if a section tells its direction itself. */
export const hasDirection = (lines: readonly Line[]): boolean => lastDirection(lines) !== undefined;

function lastDirection(lines: readonly Line[]): Direction | undefined {
  let found: Direction | undefined;
  for (const line of lines) if (line.kind === "a" && isDirection(line.name)) found = line.name;
  return found;
}

/** `a=sendrecv` and its like, to be put among a section's lines. */
export const directionLine = (direction: Direction): Attribute => ({
  kind: "a",
  name: direction,
  value: undefined,
});

/** True for sendrecv and sendonly. */
export const sends = (d: Direction): boolean => d === "sendrecv" || d === "sendonly";

/** True for sendrecv and recvonly. */
export const receives = (d: Direction): boolean => d === "sendrecv" || d === "recvonly";

export const directionFrom = (send: boolean, receive: boolean): Direction =>
  send ? (receive ? "sendrecv" : "sendonly") : receive ? "recvonly" : "inactive";

/** The same stream as its other end sees it. */
export const reversed = (d: Direction): Direction => directionFrom(receives(d), sends(d));

/** What both allow. */
export const bothDirections = (a: Direction, b: Direction): Direction =>
  directionFrom(sends(a) && sends(b), receives(a) && receives(b));

//= RFC 3264 §6.1
//# If a stream is offered as sendonly, the corresponding stream MUST be marked as recvonly or
//# inactive in the answer.
//= RFC 3264 §6.1
//# If an offered media stream is listed as inactive, it MUST be marked as inactive in the answer.
/**
 * The answer to an offered direction by someone who wants `wanted`: never more than was offered.
 * RFC 3264 §6.1.
 */
export const answeredDirection = (offered: Direction, wanted: Direction): Direction =>
  bothDirections(reversed(offered), wanted);

//= RFC 3264 §8.4
//# If the stream to be placed on hold was previously a sendrecv media stream, it is placed on
//# hold by marking it as sendonly. If the stream to be placed on hold was previously a recvonly
//# media stream, it is placed on hold by marking it inactive.
/** A stream put on hold by its own end: sendonly, or inactive if it did not send. RFC 3264 §8.4. */
export const heldDirection = (d: Direction): Direction => directionFrom(sends(d), false);
