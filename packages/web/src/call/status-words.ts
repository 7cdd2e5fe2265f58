/** What a call is doing, in one or two words, and what a screen reader is told when it changes. */
import type { CallState, Held } from "carillon";
import type { CallCard, Desk } from "../phone/desk.ts";
import { endWords } from "./end-words.ts";

/**
 * `flows`: the media of an answered call have found their way. `resumes`: it goes on from a page
 * that was loaded anew.
 */
export function statusWords(state: CallState, flows = true, resumes = false): string {
  switch (state.name) {
    case "Dialing":
      return resumes ? "Coming back…" : "Calling…";
    case "Ringing":
      return "Ringing…";
    case "Incoming":
      return state.video ? "Incoming video call" : "Incoming voice call";
    case "Answering":
      return "Connecting…";
    case "Established":
      if (state.held !== undefined) return HELD[state.held];
      return flows ? "Connected" : "Connecting sound…";
    case "Reconnecting":
      return "Reconnecting…";
    case "Ended":
      return "Ended";
  }
}

/** As long as no phone of theirs rings, and one is being woken. */
export const wakingWords = (name: string): string => `Waking ${name}’s phone…`;

/** The same of a call in front. */
export const cardWords = ({ waking, peer, state, resumes }: CallCard, flows: boolean): string =>
  waking ? wakingWords(peer.name) : statusWords(state, flows, resumes);

//= RFC 7866 §6.3
//# A recording-aware UA MUST provide a recording indication to the end user through an appropriate
//# user interface, indicating whether recording is on, off, or paused for each medium.
/** What a person sees of a recording, for as long as it is so. */
export function recordingWords(recording: CallCard["recording"]): string | undefined {
  switch (recording) {
    case "on":
      return "This call is being recorded.";
    case "paused":
      return "The recording of this call has paused.";
    default:
      return undefined;
  }
}

/** While the line is down: nobody has to do anything. `flows`: the two still hear each other. */
export const calmWords = (flows: boolean): string =>
  flows
    ? "The line to the house is down. You still hear each other, and it comes back by itself."
    : "The connection is gone for a moment. The call goes on as soon as it is back.";

const HELD: Readonly<Record<Held, string>> = {
  ByUs: "On hold",
  ByThem: "You are on hold",
  ByBoth: "Both on hold",
};

function heldLine(name: string, state: CallState): string | undefined {
  if (state.name !== "Established" || state.held === undefined) return undefined;
  return state.held === "ByThem" ? `${name} has put you on hold.` : `${name} is on hold.`;
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

function activeLine({ peer, state, waking }: CallCard, notice: string | undefined): string {
  const line =
    heldLine(peer.name, state) ??
    (waking ? wakingWords(peer.name) : undefined) ??
    {
      Dialing: `Calling ${peer.name}.`,
      Ringing: `It rings at ${peer.name}’s.`,
      Incoming: "",
      Answering: `Connecting to ${peer.name}.`,
      Established: `Connected to ${peer.name}.`,
      Reconnecting: calmWords(false),
      Ended: "",
    }[state.name];
  return notice === undefined ? line : `${line} ${notice}`;
}
