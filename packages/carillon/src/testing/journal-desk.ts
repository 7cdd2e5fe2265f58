/** A phone with conversations, whose server you are: what its journal tells, and what it asks. */
import { conversations } from "../chat/conversations.ts";
import type { Conversations, ConversationsOptions, SyncState } from "../chat/conversations-api.ts";
import { type CpimMessage, extensionsOf, parseCpim } from "../documents/cpim.ts";
import { IMDN_NAMESPACE } from "../documents/imdn.ts";
import { type Entry, formatJournalPage, JOURNAL_TYPE, type What } from "../documents/journal.ts";
import { header } from "../message/headers.ts";
import type { Message, Request } from "../message/message.ts";
import { hear } from "../ua/replay.ts";
import { type AnswerParts, answerTo, type LonePhone, lonePhone, read } from "./lone-phone.ts";
import { requestText } from "./request-text.ts";

/** Whose phone it is. */
export const OWN = "sip:alice@example.com";
export const BOB = "sip:bob@example.com";
export const TEAM = "sip:team@example.com";

/** An entry of the journal. */
export const entry = (seq: number, what: What, conversation: string = BOB): Entry => ({
  ...{ seq, at: 1_000_000 + seq * 1000, conversation, what },
});

/** One that is a message, whose sender wants to hear of it. */
export const said = (seq: number, from: string, body: string, id: string = `m${seq}`): Entry =>
  entry(seq, {
    ...{ kind: "Message", id, from, contentType: "text/plain", body },
    wants: ["delivered", "displayed"],
  });

/** How a page is told. */
export interface Telling {
  /** True if left out. */
  readonly isWhole?: boolean;
  /** `active;expires=600` if left out. */
  readonly state?: string;
}

export interface JournalDesk extends Pick<LonePhone, "wire" | "server" | "wait" | "say" | "phone"> {
  readonly all: Conversations;
  /** What `all` was in, in order. */
  readonly states: readonly SyncState[];
  /** The next request of this method. Throws if there is none. */
  next(method: string): Request;
  hasNone(method: string): boolean;
  answer(request: Request, status: number, parts?: AnswerParts): Promise<void>;
  /** A NOTIFY in the dialog of this SUBSCRIBE; gives back what the phone says to it. */
  notify(
    subscribe: Request,
    entries: readonly Entry[],
    last?: number,
    telling?: Telling,
  ): Promise<Message | undefined>;
  /** Lets it read a journal of these entries. The SUBSCRIBE that goes on. */
  begin(entries?: readonly Entry[]): Promise<Request>;
  /** Of the answer to a SUBSCRIBE. */
  readonly granted: AnswerParts;
}

/** What a MESSAGE of ours says in message/cpim, and its Message-ID. */
export function cpimIn({ body }: Request): CpimMessage & { readonly id: string } {
  const message = parseCpim(body);
  if (!message.ok) throw new Error(body);
  const [id = ""] = extensionsOf(message.value, IMDN_NAMESPACE, "Message-ID");
  return { ...message.value, id };
}

const GRANTED = { toTag: "srv", lines: ["Expires: 600", "Contact: <sip:192.0.2.9>"] };

/** It is registered, or will be later. */
export async function journalDesk(
  options: ConversationsOptions = {},
  isRegistered: boolean = true,
): Promise<JournalDesk> {
  const lone = lonePhone();
  if (isRegistered) await lone.register();
  const all = conversations(lone.phone, options);
  const states: SyncState[] = [];
  void hear(all.states(), (one) => states.push(one));
  const { next, hasNone } = requestsOf(lone);
  const answer: JournalDesk["answer"] = (request, status, parts = {}) =>
    lone.say(answerTo(request, status, parts));
  let count = 0;
  const notify: JournalDesk["notify"] = async (subscribe, entries, last, telling = {}) => {
    const [text] = lone.wire.datagram(
      notifyText(subscribe, ++count, entries, last, telling),
      lone.server,
    );
    await lone.wait(0);
    return text === undefined ? undefined : read(text);
  };
  const begin: JournalDesk["begin"] = async (entries = []) => {
    const live = next("SUBSCRIBE");
    await answer(live, 200, GRANTED);
    const last = entries.at(-1)?.seq ?? 0;
    await notify(live, [], last);
    if (last > 0) {
      const before = next("SUBSCRIBE");
      await answer(before, 200, GRANTED);
      await notify(before, entries, last, { state: "terminated;reason=timeout" });
    }
    return live;
  };
  return { ...lone, all, states, next, hasNone, answer, notify, begin, granted: GRANTED };
}

/** What it sends, each request once. */
function requestsOf(lone: LonePhone): Pick<JournalDesk, "next" | "hasNone"> {
  const seen = new Set<string>();
  let waiting: Request[] = [];
  const find = (method: string): Request | undefined => {
    for (const octets of lone.sent()) {
      const message = read(octets);
      if (message.kind !== "Request" || seen.has(message.text)) continue;
      seen.add(message.text);
      waiting.push(message);
    }
    return waiting.find((one) => one.method === method);
  };
  const next = (method: string): Request => {
    const request = find(method);
    if (!request) throw new Error(`no ${method}: ${waiting.map((one) => one.method).join()}`);
    waiting = waiting.filter((one) => one !== request);
    return request;
  };
  return { next, hasNone: (method) => find(method) === undefined };
}

function notifyText(
  subscribe: Request,
  seq: number,
  entries: readonly Entry[],
  last: number = entries.at(-1)?.seq ?? 0,
  { isWhole = true, state = "active;expires=600" }: Telling = {},
): string {
  return requestText("NOTIFY", {
    ...{ from: `<${OWN}>;tag=srv`, to: header(subscribe, "From") ?? "", seq },
    ...{ callId: header(subscribe, "Call-ID") ?? "", branch: `z9hG4bKn${seq}` },
    body: formatJournalPage({ entries, last, isWhole }),
    lines: [
      ...["Contact: <sip:192.0.2.9>", `Event: ${header(subscribe, "Event")}`],
      ...[`Subscription-State: ${state}`, `Content-Type: ${JOURNAL_TYPE}`],
    ],
  });
}
