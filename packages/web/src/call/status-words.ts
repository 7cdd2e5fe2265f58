/** What a call is doing, in one or two words, and what a screen reader is told when it changes. */
import type { CallState } from "carillon";
import type { CallCard, Desk } from "../phone/desk.ts";
import { endWords } from "./end-words.ts";

/** `flows`: the media of an answered call have found their way. */
export function statusWords(state: CallState, flows = true): string {
  switch (state.name) {
    case "Dialing":
      return "Calling…";
    case "Ringing":
      return "Ringing…";
    case "Incoming":
      return state.video ? "Incoming video call" : "Incoming voice call";
    case "Answering":
      return "Connecting…";
    case "Established":
      return flows ? "Connected" : "Connecting sound…";
    case "Reconnecting":
      return "Reconnecting…";
    case "Ended":
      return "Ended";
  }
}

/** Polite, short, and only what changed: read out by the page's one live region. */
export function announcement(desk: Desk): string {
  const [ringing] = desk.ringing;
  if (ringing !== undefined && desk.active !== undefined) {
    return `${ringing.peer.name} is calling as well.`;
  }
  if (ringing !== undefined) return incomingLine(ringing);
  if (desk.active !== undefined) return activeLine(desk.active, desk.notice);
  if (desk.problem !== undefined) return `${desk.problem.what} ${desk.problem.doThis}`;
  if (desk.ended === undefined) return "";
  const { title, detail } = endWords(desk.ended);
  return detail === undefined ? title : `${title} ${detail}`;
}

export function incomingLine({ peer, video }: CallCard): string {
  return `${peer.name} is calling with ${video ? "video" : "voice"}.`;
}

function activeLine({ peer, state }: CallCard, notice: string | undefined): string {
  const line = {
    Dialing: `Calling ${peer.name}.`,
    Ringing: `It rings at ${peer.name}’s.`,
    Incoming: "",
    Answering: `Connecting to ${peer.name}.`,
    Established: `Connected to ${peer.name}.`,
    Reconnecting: "The connection is gone for a moment. The call goes on as soon as it is back.",
    Ended: "",
  }[state.name];
  return notice === undefined ? line : `${line} ${notice}`;
}
