/** The few things that a call has to know of session descriptions, which it passes on as text. */
import { flat, toText } from "../grammar/octets.ts";
import type { Message } from "../message/message.ts";
import { sessionBody } from "./session-body.ts";

/** The session description in a message; empty where there is none, or a body of another kind. */
export const descriptionIn = (message: Message): string => toText(flat(sessionBody(message)));

/** Whether a description has video that is not refused. */
export const offersVideo = (description: string): boolean => /^m=video [1-9]/m.test(description);

/** Whether whoever wrote it wants to hear and see nothing: all that is not refused is on hold. */
export function holds(description: string): boolean {
  const [session = "", ...sections] = `\n${description}`.split("\nm=");
  const used = sections.filter((section) => !/^\S+ 0[ /]/.test(section));
  return used.length > 0 && used.every((section) => isHeld(section, session));
}

const isHeld = (section: string, session: string): boolean =>
  HELD.test(DIRECTION.test(section) ? section : session) || isNowhere(section + session);

//= RFC 8840 §4.1.4
//# In case of a "m/c=" line with default values, none of the eventually trickled candidates will
//# match the default destination.
/** No address is where nothing is to be sent, unless candidates are to say it. */
const isNowhere = (text: string): boolean => NOWHERE.test(text) && !text.includes("\na=ice-ufrag:");

const DIRECTION = /\na=(?:sendrecv|sendonly|recvonly|inactive)\r?(?:\n|$)/;
const HELD = /\na=(?:sendonly|inactive)\r?(?:\n|$)/;
//= RFC 3264 §8.4
//# An agent MUST be capable of receiving SDP with a connection address of 0.0.0.0, in which case it
//# means that neither RTP nor RTCP should be sent to the peer.
const NOWHERE = /\nc=IN IP4 0\.0\.0\.0\r?(?:\n|$)/;

/** An answer that takes nothing of what an offer has. RFC 3264 §6. */
export function refusingAnswer(offer: string): string {
  //= RFC 3264 §6
  //# To reject an offered stream, the port number in the corresponding stream in the answer MUST be
  //# set to zero.
  const sections = offer.split(/\r?\n/).filter((line) => line.startsWith("m="));
  const refused = sections.map((line) => line.replace(/^(m=\S+) \S+/, "$1 0"));
  const session = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "c=IN IP4 0.0.0.0", "t=0 0"];
  return [...session, ...refused, ""].join("\r\n");
}
