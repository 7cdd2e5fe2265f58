/** How a call ended, in words a person understands. The code stays one click deep. */
import type { CallEnd } from "carillon";
import { plainName } from "../look/plain-name.ts";
import type { EndedCard } from "../phone/desk.ts";
import { durationText } from "./duration.ts";

export interface EndWords {
  readonly title: string;
  readonly detail?: string;
  /** What the button to try once more is called; absent where trying again makes no sense. */
  readonly again?: "Call again" | "Call back";
  /** Where writing helps instead; `first` where it is what one would do now. */
  readonly write?: {
    readonly label: "Leave a message" | "Write a message";
    readonly first: boolean;
  };
  /** For whoever wants to know: one line with the protocol's own words. */
  readonly code: string;
}

export function endWords({ end, ...rest }: EndedCard): EndWords {
  // The other side's own words are among it.
  const ended = { ...rest, end: { ...end, message: plainName(end.message) } };
  const words = said(ended);
  const write = writing(ended);
  return { ...words, code: codeLine(ended), ...(write && { write }) };
}

/** Whoever was not there, or does not want to talk, can still read. */
function writing({ card, end, durationMs }: EndedCard): EndWords["write"] {
  if (durationMs !== undefined) return undefined;
  if (card.direction === "incoming") {
    const isMissed = end.by !== "local" && MISSED.has(end.code);
    return isMissed ? { label: "Write a message", first: false } : undefined;
  }
  if (!card.gaveUp && !READABLE.has(end.code)) return undefined;
  return { label: "Leave a message", first: end.code === "SIP_UNAVAILABLE" };
}

const MISSED: ReadonlySet<CallEnd["code"]> = new Set([
  ...(["SIP_CANCELLED", "SIP_HUNG_UP", "SIP_TIMEOUT"] as const),
]);
const READABLE: ReadonlySet<CallEnd["code"]> = new Set([
  ...(["SIP_UNAVAILABLE", "SIP_DECLINED", "SIP_BUSY"] as const),
  ...(["SIP_TIMEOUT", "SIP_NOT_ACCEPTABLE"] as const),
]);

type Said = Omit<EndWords, "code" | "write">;

function said(ended: EndedCard): Said {
  if (ended.durationMs !== undefined) return afterTalking(ended, ended.durationMs);
  return ended.card.direction === "outgoing" ? asCaller(ended) : asCallee(ended);
}

function afterTalking({ card, end }: EndedCard, durationMs: number): Said {
  const detail = `You spoke for ${durationText(durationMs)}.`;
  if (card.gone) return { title: `${card.peer.name} left.`, detail, again: "Call again" };
  if (card.resumes && end.by === "remote" && end.status !== undefined) {
    return { title: `${card.peer.name} has hung up meanwhile.`, detail, again: "Call again" };
  }
  if (end.code === "SIP_TRANSPORT" || end.code === "SIP_TIMEOUT" || end.by === "network") {
    return { title: "The connection was lost.", detail, again: "Call again" };
  }
  if (end.code === "SIP_MEDIA") {
    return { title: "Sound and picture were lost.", detail, again: "Call again" };
  }
  if (end.code === "SIP_TRANSFERRED" && end.by === "local") {
    return { title: `You passed ${card.peer.name} on.`, detail };
  }
  if (end.code === "SIP_REPLACED" || end.code === "SIP_TRANSFERRED") {
    return { title: `${card.peer.name} speaks with somebody else now.`, detail };
  }
  const title = end.by === "local" ? "You hung up." : `${card.peer.name} hung up.`;
  return { title, detail, again: "Call again" };
}

function asCaller({ card, end }: EndedCard): Said {
  const { name } = card.peer;
  const again = "Call again" as const;
  if (card.gaveUp) return { title: "No answer.", detail: `${name} did not pick up.`, again };
  switch (end.code) {
    case "SIP_UNAVAILABLE":
      return {
        title: `${name} is not online.`,
        detail: "No page of theirs is open, and no phone of theirs answers.",
        again,
      };
    case "SIP_DECLINED":
      return { title: `${name} declined.`, again };
    case "SIP_BUSY":
      return { title: `${name} is in another call.`, detail: "Try again a little later.", again };
    case "SIP_TIMEOUT":
      return { title: "No answer.", detail: `${name} did not pick up.`, again };
    case "SIP_NOT_FOUND":
      return { title: `There is nobody called ${name} here.`, detail: "The seat may be gone." };
    case "SIP_CANCELLED":
    case "SIP_HUNG_UP":
      return end.by === "local"
        ? { title: "You cancelled the call.", again }
        : { title: "The call was ended.", again };
    case "SIP_NOT_ACCEPTABLE":
      return notAcceptable(card);
    default:
      return failed(name, end, again);
  }
}

/** Not even the house can stand in between. */
function notAcceptable({ peer, video }: EndedCard["card"]): Said {
  return {
    title: `${peer.name}’s device cannot take this kind of call.`,
    detail: video
      ? "A voice call may work."
      : "It speaks no voice that this page speaks, and the house cannot translate.",
  };
}

function asCallee({ card, end }: EndedCard): Said {
  const { name } = card.peer;
  switch (end.code) {
    case "SIP_ANSWERED_ELSEWHERE":
      return { title: "Answered on another device.", detail: `${name} called.` };
    case "SIP_DECLINED":
      return end.by === "local"
        ? { title: "You declined.", detail: `${name} called.`, again: "Call back" }
        : { title: "Declined on another device.", detail: `${name} called.`, again: "Call back" };
    case "SIP_CANCELLED":
    case "SIP_HUNG_UP":
    case "SIP_TIMEOUT":
      return end.by === "local"
        ? { title: "You hung up.", again: "Call back" }
        : { title: `Missed call from ${name}.`, again: "Call back" };
    default:
      return failed(name, end, "Call back");
  }
}

/** What can go wrong on either side, with what to do. */
function failed(name: string, end: CallEnd, again: "Call again" | "Call back"): Said {
  switch (end.code) {
    case "SIP_FORBIDDEN":
      return {
        title: "This call is not allowed.",
        detail: "Ask whoever runs this house to let you make it.",
      };
    case "SIP_UNAUTHORIZED":
      return {
        title: "You are no longer signed in.",
        detail: "Reload the page. If that does not help, ask for a new invite link.",
      };
    case "SIP_TRANSPORT":
      return {
        title: "The connection was lost.",
        detail: "The page reconnects by itself. Check your network, then call again.",
        again,
      };
    case "SIP_MEDIA":
      return {
        title: "Sound and picture could not start.",
        detail: end.message === "" ? "Check your microphone and camera." : end.message,
        again,
      };
    case "SIP_CLOSED":
      return { title: "The call ended because the phone was closed.", again };
    default:
      return {
        title: `The call with ${name} did not work.`,
        ...(end.message === "" ? {} : { detail: end.message }),
        again,
      };
  }
}

function codeLine({ end }: EndedCard): string {
  const status = end.status === undefined ? [] : [String(end.status)];
  const message = end.message === "" ? [] : [end.message];
  return [...status, end.code, ...message].join(" · ");
}
