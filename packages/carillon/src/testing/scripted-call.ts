/** A call of a lone phone whose other side is in your hands, message by message. */
import type { Octets } from "../grammar/octets.ts";
import { type Essentials, readEssentials } from "../message/essentials.ts";
import { header } from "../message/headers.ts";
import type { Request, Response } from "../message/message.ts";
import type { Call } from "../ua/call.ts";
import type { MediaSession, Wish } from "../ua/media.ts";
import type { CallOptions } from "../ua/phone.ts";
import { type AnswerParts, answerTo, type LonePhone, lonePhone, read } from "./lone-phone.ts";
import { type RequestParts, requestText } from "./request-text.ts";
import { silentMedia } from "./silent-media.ts";

export const THEIR_OFFER =
  "v=0\r\no=- 7 7 IN IP4 192.0.2.9\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n";
export const THEIR_CONTACT = "Contact: <sip:bob@192.0.2.77:5060>";
export const SDP_LINE = "Content-Type: application/sdp";

export interface ScriptedCall extends LonePhone {
  readonly call: Call;
  /** What was asked of media, in order: `accept x`, `preview x`, `want held`, … */
  readonly asked: string[];
  /** A request of the other side's in the dialog that has this tag of theirs. */
  theirs(method: string, parts?: RequestParts & { readonly tag?: string }): Promise<void>;
  /** What the phone has answered since the last look. */
  responses(): readonly Response[];
}

export interface OutgoingScript extends ScriptedCall {
  readonly invite: Request;
  /** Answers the INVITE. */
  says(status: number, parts?: AnswerParts): Promise<void>;
}

export interface IncomingScript extends ScriptedCall {
  /** What it said first, if it said anything. */
  readonly first: Response | undefined;
  /** Our side's tag. */
  readonly toTag: string;
}

/** A phone that calls bob; its INVITE is out. */
export async function calling(
  options: CallOptions = {},
  media?: Partial<MediaSession>,
): Promise<OutgoingScript> {
  const asked: string[] = [];
  const trickles = media?.addFragment !== undefined;
  const lone = lonePhone({ media: () => noted(asked, media), trickles });
  await lone.register();
  lone.sent();
  const call = lone.phone.call("sip:bob@example.com", { audio: true, video: false }, options);
  await lone.wait(0);
  const [invite] = lone.requests("INVITE") as [Request];
  const says = (status: number, parts: AnswerParts = ANSWER) =>
    lone.say(answerTo(invite, status, parts));
  const theirs: ScriptedCall["theirs"] = (method, { tag = "b1", ...parts } = {}) =>
    lone.say(
      requestText(method, {
        from: `<sip:bob@example.com>;tag=${tag}`,
        to: header(invite, "From") ?? "",
        callId: header(invite, "Call-ID") ?? "",
        branch: `z9hG4bK-${method}-${tag}-${parts.seq ?? 1}`,
        lines: [THEIR_CONTACT, ...(parts.body ? [SDP_LINE] : [])],
        ...parts,
      }),
    );
  const script: OutgoingScript = {
    ...{ ...lone, call, invite, says, theirs, asked },
    responses: () => responsesIn(lone.sent()),
  };
  return script;
}

/** The same, and bob has answered. */
export async function talking(
  parts: AnswerParts = ANSWER,
  media?: Partial<MediaSession>,
): Promise<OutgoingScript> {
  const script = await calling({}, media);
  await script.says(200, parts);
  await script.call.answered;
  script.sent();
  return script;
}

/** A phone that bob calls; it rings, or says what else it has to say to this INVITE. */
export async function called(
  parts: RequestParts = {},
  media?: Partial<MediaSession>,
): Promise<IncomingScript> {
  const asked: string[] = [];
  const trickles = media?.addFragment !== undefined;
  const lone = lonePhone({ media: () => noted(asked, media), trickles });
  await lone.register();
  lone.sent();
  const calls = lone.phone.calls();
  const body = parts.body ?? THEIR_OFFER;
  const lines = [...(parts.lines ?? []), THEIR_CONTACT, ...(body === "" ? [] : [SDP_LINE])];
  const text = requestText("INVITE", { ...parts, lines, body });
  await lone.say(text);
  const { value: call } = (await calls.next()) as { value: Call };
  const theirs: ScriptedCall["theirs"] = (method, { tag: _, ...more } = {}) =>
    lone.say(
      requestText(method, {
        branch: `z9hG4bK-${method}-${more.seq ?? 1}`,
        to: `<sip:alice@example.com>;tag=${toTag}`,
        lines: [THEIR_CONTACT, ...(more.body ? [SDP_LINE] : [])],
        ...more,
      }),
    );
  const [first] = responsesIn(lone.sent());
  const toTag = lone.wire.endpoint.tagFor(essentialsOf(text));
  const script: IncomingScript = {
    ...{ ...lone, call, theirs, asked, toTag, first },
    responses: () => responsesIn(lone.sent()),
  };
  return script;
}

function essentialsOf(text: Octets): Essentials {
  const essentials = readEssentials(read(text));
  if (!essentials.ok) throw new RangeError(essentials.error.message);
  return essentials.value;
}

/** Answers it, and gives media their turn; the promise is inside, so that nobody waits for it. */
export async function answer({ call, wait }: ScriptedCall): Promise<{ answered: Promise<void> }> {
  const answered = call.answer({ audio: true, video: false });
  answered.catch(() => {});
  await wait(0);
  return { answered };
}

export const ANSWER: AnswerParts = {
  toTag: "b1",
  lines: [THEIR_CONTACT, SDP_LINE, "Allow: INVITE, ACK, BYE, CANCEL, UPDATE, PRACK"],
  body: "their answer",
};

export const statuses = (responses: readonly Response[]): readonly number[] =>
  responses.map(({ status }) => status);

const responsesIn = (texts: readonly Octets[]): readonly Response[] =>
  texts.flatMap((text) => {
    const message = read(text);
    return message.kind === "Response" ? [message] : [];
  });

/** Media that say `our offer 1`, `our answer 2`, and note what is asked of them. */
function noted(asked: string[], parts: Partial<MediaSession> = {}): MediaSession {
  let count = 0;
  const wished = ({ held, video }: Wish) => `want${held ? " held" : ""}${video ? " video" : ""}`;
  return {
    ...silentMedia(),
    offer: async () => `our offer ${++count}`,
    answer: async (offer) => {
      asked.push(`answer ${offer.split("\r\n")[0]}`);
      return `our answer ${++count}`;
    },
    accept: async (text) => void asked.push(`accept ${text}`),
    preview: async (text) => void asked.push(`preview ${text}`),
    want: async (wish) => void asked.push(wished(wish)),
    withdraw: async () => void asked.push("withdraw"),
    close: () => void asked.push("close"),
    ...parts,
  };
}
