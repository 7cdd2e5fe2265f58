/** What happens at a phone, in words for the person who sits before it. */
import { oneLine, paragraph } from "../client/harmless.ts";
import type { Happening } from "./happening.ts";

type Of<E extends Happening["event"]> = Extract<Happening, { event: E }>;

/** As a sentence: servers and libraries begin in lower case and leave the full stop out. */
export const sentence = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

/**
 * One line, or none for what nobody needs to be told; a text may have several. Nothing in it steers
 * a terminal, whatever others wrote.
 */
export function inWords(what: Happening): string | undefined {
  return wordsOf(harmless(what) as Happening);
}

/** The same, but for what others could do with its texts; the lines of a message are its own. */
function harmless(value: unknown, name = ""): unknown {
  if (typeof value === "string") return name === "text" ? paragraph(value) : oneLine(value);
  if (Array.isArray(value)) return value.map((one) => harmless(one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, harmless(one, key)]));
}

function wordsOf(what: Happening): string | undefined {
  switch (what.event) {
    case "listening":
      return `This phone is at ${what.at.join(" and ")}. What you can say to it: help`;
    case "registration":
      return registration(what);
    case "call":
      return call(what);
    case "waking":
      return `Call ${what.call}: waking the phone of ${what.name || what.peer}…`;
    case "bridge":
      return bridge(what);
    case "recording":
      return `Call ${what.call}: ${RECORDINGS[what.recording]}`;
    case "tone":
      return `Call ${what.call}: they pressed ${what.tone}.`;
    case "transfer":
      return transfer(what);
    case "transfer-asked":
      return `Call ${what.call}: they hand you on to ${what.target}.`;
    case "message":
      return `${what.name || what.from} writes: ${what.text}`;
    case "sent":
      return what.status === 202
        ? `The text for ${what.to} has been taken on for delivery. ✓`
        : `${what.to} has got your text.`;
    case "tick":
      return ticks(what);
    case "presence":
      if (what.status === "asked") return `${what.who} is asked whether you may be told.`;
      return `${what.who} is ${what.status}${what.note && `: “${what.note}”`}.`;
    case "watcher":
      return watcher(what);
    case "neighbour":
      return `${what.name} is on this network: ${what.status}. To call them: call ${what.name}`;
    case "neighbour-left":
      return `${what.name} has left this network.`;
    case "statistics":
      return statistics(what);
    case "status":
      return `Others are told that you are ${what.status}${what.note && `: “${what.note}”`}.`;
    case "trouble":
      return what.message;
  }
}

function watcher({ who, name }: Of<"watcher">): string {
  const asks = `${name ? `${name} (${who})` : who} asks to be told how you are.`;
  return `${asks} Let them: allow ${who}. No: deny ${who}`;
}

const HOW = "The password is what CARILLON_PASSWORD says; another name is chosen with --user.";

function registration({ state, why }: Of<"registration">): string | undefined {
  // A phone without a server has said where it is.
  if (state === "Listening") return undefined;
  if (state === "Registered") return "Signed in: others can call you.";
  if (state === "Connecting") return why === undefined ? undefined : `${why} Trying again…`;
  if (state === "Failed") return ["You are not signed in.", why, HOW].filter(Boolean).join(" ");
  return why === undefined ? "Signed off." : `Signed off. ${sentence(why)}`;
}

function call(what: Of<"call">): string | undefined {
  const who = what.name || what.peer;
  // A name may end with a full stop of its own.
  const line = (text: string) => `Call ${what.call}: ${text.replace(/\.\.$/, ".")}`;
  switch (what.state) {
    case "dialing":
      return line(`calling ${what.peer}…`);
    case "ringing":
      return line(what.earlyMedia ? `${who} can be heard already.` : `it rings at ${who}.`);
    case "incoming":
      return line(`${who}${what.name && ` (${what.peer})`} calls. Answer it: answer. No: decline`);
    case "answering":
      return undefined;
    case "established":
      return line(established(who, what.held));
    case "reconnecting":
      return line("the connection is gone. It is being made anew; the call goes on.");
    case "ended":
      return line(ended(what));
  }
}

const RECORDINGS = {
  on: "it is being recorded.",
  off: "it is recorded no longer.",
  paused: "its recording has paused.",
} as const;

function bridge({ call, why, here, there, video }: Of<"bridge">): string {
  const ends = [here && `here ${here}`, there && `there ${there}`].filter(Boolean).join(", ");
  const spoken = ends === "" ? "" : ` (${ends})`;
  const plain = there !== undefined && !/\bS(?:AVP|RTP)\b/.test(there);
  const open = plain ? " Behind it, nothing is encrypted." : "";
  const picture = video === "dropped" ? " The other phone has no picture: voice goes on." : "";
  const line = `Call ${call}: the server stands in between and translates${spoken}`;
  return `${line}: ${sentence(why)}${open}${picture}`;
}

function established(who: string, held: Of<"call">["held"]): string {
  switch (held) {
    case undefined:
      return `you are talking to ${who}.`;
    case "ByUs":
      return `${who} is on hold.`;
    case "ByThem":
      return `${who} has put you on hold.`;
    case "ByBoth":
      return "both of you have put the other on hold.";
  }
}

function ended({ end }: Of<"call">): string {
  if (!end) return "it is over.";
  const time = end.seconds > 0 ? ` You talked for ${duration(end.seconds)}.` : "";
  const more = end.code === "SIP_NOT_ACCEPTABLE" ? OTHER_WAYS : "";
  return `${sentence(end.message)}${more}${time}`;
}

/** Some phones take encrypted sound only, and of one kind. */
const OTHER_WAYS = " A phone that is started with another --security may do better.";

function ticks({ to, state }: Of<"tick">): string {
  switch (state) {
    case "Waiting":
      return `The server does not answer. The text for ${to} is sent as soon as it does.`;
    case "Delivered":
      return `${to} has got your text. ✓✓`;
    case "Displayed":
      return `${to} has read it. ✓✓`;
  }
}

function transfer({ call: number, state, status, why }: Of<"transfer">): string | undefined {
  const line = (text: string) => `Call ${number}: ${text}`;
  switch (state) {
    case "Waiting":
      return line("it is handed on as soon as the other one answers.");
    case "Asking":
      return line("they are asked to call…");
    case "Trying":
      return status === 180 ? line("it rings there.") : undefined;
    case "Transferred":
      return line("handed on: they talk to each other.");
    case "Accepted":
      return line("they take it from here.");
    default:
      return line(`it was not handed on. ${why ?? ""}`.trimEnd());
  }
}

function statistics(what: Of<"statistics">): string {
  const trip =
    what.roundTripMs === undefined ? "" : `, ${Math.round(what.roundTripMs)} ms there and back`;
  const secret = what.encrypted ? ", encrypted" : "";
  const { codec, mos, lossPercent, jitterMs, receivedKbits, sentKbits } = what;
  return (
    `Call ${what.call}: ${quality(mos)} (${mos.toFixed(1)} of 4.5), ${codec}${secret}, ` +
    `${lossPercent.toFixed(1)}% lost, ${Math.round(jitterMs)} ms of jitter${trip}, ` +
    `${Math.round(receivedKbits)} kbit/s in and ${Math.round(sentKbits)} out`
  );
}

/** What an estimate of 1 to 4.5 is like. ITU-T G.107, table B.1. */
export function quality(mos: number): string {
  if (mos >= 4) return "very good";
  if (mos >= 3.6) return "good";
  if (mos >= 3.1) return "fair";
  return mos >= 2.6 ? "poor" : "bad";
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const rest = String(whole % 60).padStart(2, "0");
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)}:${rest} min`;
}
