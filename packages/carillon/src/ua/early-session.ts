/**
 * Sessions for before a call is answered, with descriptions of their own: the application server
 * model of RFC 3960 §4. An announcement is not mixed up with the call, and the call's own media are
 * agreed on when somebody answers. RFC 3959.
 */
import { flat, fromText, type Octets, toText } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Message, Request, Response } from "../message/message.ts";
import { formatMultipart } from "../message/multipart.ts";
import type { Abilities } from "./abilities.ts";
import { dispositionOf, isSdp, partsIn } from "./body-parts.ts";
import type { Call } from "./call.ts";
import { insideOf } from "./call-inside.ts";
import { refusingAnswer } from "./described.ts";
import { described } from "./dialog-side.ts";
import type { LegParts } from "./leg-parts.ts";
import type { MediaFactory, MediaSession } from "./media.ts";
import { lists } from "./option-tag.ts";
import { partsOf } from "./phone-parts.ts";
import { reliably } from "./reliable-responses.ts";

/** An option tag, and a disposition. */
const EARLY = "early-session";
/** Phones that have them, with what makes their media; undefined for the media of their calls. */
const FACTORIES = new WeakMap<Abilities, MediaFactory<MediaSession> | undefined>();
/** Who hears something before the answer hears it in one session, whoever else offers one. */
const SESSIONS = new WeakMap<object, MediaSession>();

//= RFC 3959 §6
//# A UA adding the early-session option tag to a message indicates that it understands the
//# early-session disposition type.
/**
 * Has calls of this phone, those that begin from now on, take sessions that the other side offers
 * for before the answer, and able to offer one: see `startEarlySession`. `media` are made for each
 * of them; those of its calls are used if it is left out.
 */
export function earlySessions(phone: object, media?: MediaFactory<MediaSession>): void {
  const { abilities } = partsOf(phone).agent;
  if (FACTORIES.has(abilities)) return;
  FACTORIES.set(abilities, media);
  // What it offers so has to arrive, and be answered before the call is.
  reliably(phone);
  abilities.extensions.push(EARLY);
  abilities.descriptionIn = (message) => bodyOf(message, "session");
  abilities.besidePrack = acknowledge;
}

/** The media of the session that a call has before its answer, as long as there is one. */
export const earlySessionOf = (call: object): MediaSession | undefined => SESSIONS.get(call);

/**
 * Offers the caller something to hear before the call is answered. Resolves to whether they hear
 * it: false where their phone knows nothing of such sessions, hears another one already, or made no
 * offer for the call. It ends when the call is answered, or over. Rejects if no media can be had;
 * throws an Error for a call that nobody calls us with, or whose phone has no `earlySessions`.
 */
export async function startEarlySession(call: Call): Promise<boolean> {
  const { phone, leg, inTurn } = insideOf(call);
  if (!FACTORIES.has(phone.agent.abilities)) throw new Error("this phone has no early sessions");
  if (call.state.name !== "Incoming") throw new Error("only a call that comes in can have one");
  const { media, over } = begin(call);
  const { promise, resolve } = Promise.withResolvers<string>();
  const offer = await media.offer();
  inTurn(() => {
    const what = {
      ...{ headers: headersOf(EARLY), body: fromText(offer) },
      isFor: (invite: Request) => lists(invite, "Supported", EARLY),
      acknowledged: (prack: Request) => resolve(bodyOf(prack, EARLY)),
    };
    if (!leg()?.beside(what)) resolve("");
  });
  const answer = await Promise.race([promise, over.then(() => "")]);
  if (!isRefusing(answer)) await media.accept(answer);
  else end(call, media);
  return SESSIONS.get(call) === media;
}

/** Whether an answer takes nothing. */
const isRefusing = (answer: string): boolean => !/^m=\S+ [1-9]/m.test(answer);

//= RFC 3959 §4
//# User agents MUST use early-session bodies to establish early media sessions in the same way as
//# they use session bodies to establish regular sessions, as described in RFCs 3261 [2] and 3264
//# [3].
/** Answers the offer for before the answer that a response has, beside the answer to the call's. */
function acknowledge(
  { side, user }: LegParts,
  response: Response,
  answer: Octets,
  send: (headers: readonly HeaderField[], body: Octets) => void,
): void {
  const offer = bodyOf(response, EARLY);
  if (offer === "") return send(described(answer), answer);
  const reply = (text: string): void => {
    const early = { headers: headersOf(EARLY), body: fromText(text) };
    if (answer === "") return send(early.headers, early.body);
    const boundary = side.agent.endpoint.ids.unique();
    const body = formatMultipart(
      [{ headers: headersOf("session"), body: answer }, early],
      boundary,
    );
    send([["Content-Type", `multipart/mixed;boundary=${boundary}`]], body);
  };
  const refuse = () => reply(refusingAnswer(offer));
  user.beside({ tell: (call) => offered(call, offer, reply, refuse), refuse });
}

//= RFC 3959 §4
//# If a User Agent (UA) needs to refuse an early-session offer, it MUST do so by refusing all the
//# media streams in it.
function offered(
  call: Call,
  offer: string,
  reply: (answer: string) => void,
  refuse: () => void,
): void {
  const { inTurn, heard } = insideOf(call);
  if (SESSIONS.has(call)) return refuse();
  const { media } = begin(call);
  const answer = async () => media.answer(offer);
  answer().then(
    (text) => {
      inTurn(() => reply(text));
      heard();
    },
    () => {
      end(call, media);
      inTurn(refuse);
    },
  );
}

function begin(call: Call): { readonly media: MediaSession; readonly over: Promise<void> } {
  const inside = insideOf(call);
  const factory = FACTORIES.get(inside.phone.agent.abilities) ?? inside.media;
  const media = factory(inside.wanted());
  SESSIONS.set(call, media);
  return { media, over: endWithIt(call, media) };
}

//= RFC 3959 §4
//# An early media session established using early-session bodies MUST be terminated when its
//# corresponding early dialog is terminated or it transitions to a regular dialog.
async function endWithIt(call: Call, media: MediaSession): Promise<void> {
  for await (const { name } of call.states()) if (!BEFORE.has(name)) break;
  end(call, media);
}

function end(call: Call, media: MediaSession): void {
  if (SESSIONS.get(call) !== media) return;
  SESSIONS.delete(call);
  media.close();
}

const BEFORE: ReadonlySet<string> = new Set(["Dialing", "Ringing", "Incoming"]);

/** The description of this disposition in a message; empty where there is none. RFC 3959 §4. */
function bodyOf(message: Message, disposition: string): string {
  const found = partsIn(message).find((part) => isSdp(part) && dispositionOf(part) === disposition);
  return found ? toText(flat(found.body)) : "";
}

const headersOf = (disposition: string): readonly HeaderField[] => [
  ["Content-Type", "application/sdp"],
  ["Content-Disposition", disposition],
];
