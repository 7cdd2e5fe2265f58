/** A server that keeps messages, spoken to in octets: for tests of `messaging`. */
import { CHAT_NAMESPACE, type ChatHeaders, chatExtensions } from "../documents/chat-headers.ts";
import { formatCpim, parseCpim } from "../documents/cpim.ts";
import { formatImdn, IMDN_NAMESPACE, type Imdn } from "../documents/imdn.ts";
import type { Entry } from "../documents/journal.ts";
import { fromText } from "../grammar/octets.ts";
import { MemoryMessageStore } from "../messaging/memory-message-store.ts";
import { type Messaging, type MessagingOptions, messaging } from "../messaging/messaging.ts";
import { StateAgent } from "../state-agent/state-agent.ts";
import { answer, DomainStage, type Place, request, type Sent, titleOf } from "./domain-stage.ts";

export const ALICE = "203.0.113.4:5060";
export const BOB = "203.0.113.9:5062";
export const CAROL = "203.0.113.7:5064";
export const address = (name: string): string => `sip:${name}@house.example`;

export interface Written {
  readonly from?: string;
  readonly to?: string;
  readonly contentType?: string;
  readonly body?: string;
  readonly lines?: readonly string[];
}

/** A stage whose server keeps messages. */
export interface Office {
  readonly stage: DomainStage;
  readonly store: MemoryMessageStore;
  readonly service: Messaging;
  /** A MESSAGE of somebody's, as it is on the wire. */
  written(what: Written): string;
  /** What the server sends when this comes. */
  sayRaw(octets: string): Sent[];
  /** The status it is answered with. */
  say(what?: Written): string | undefined;
  /** Everything in somebody's journal. */
  journal(account: string): readonly Entry[];
}

export interface OfficeOptions extends Partial<Omit<MessagingOptions, "store">> {
  readonly store?: MemoryMessageStore;
}

export function office(options: OfficeOptions = {}): Office {
  const store = options.store ?? new MemoryMessageStore();
  const service = messaging({ store, rate: { burst: 1e6, perSecond: 1e6 }, ...options });
  const agent = new StateAgent({ packages: [service.journal] });
  const stage = new DomainStage({ services: [service, agent] });
  let count = 0;
  const written = (what: Written): string => {
    const nth = ++count;
    return messageText(stage, what, { callId: `m-${nth}`, branch: `z9hG4bK-m${nth}` });
  };
  const sayRaw = (octets: string): Sent[] => stage.say(ALICE, octets);
  const say = (what: Written = {}): string | undefined => {
    const sent = sayRaw(written(what));
    const mine = sent.find(({ message }) => message.kind === "Response");
    return mine && titleOf(mine).split(" ")[0];
  };
  const journal = (account: string): readonly Entry[] =>
    store.page(account, { kind: "After", after: 0, limit: 999 }).entries;
  return { stage, store, service, written, sayRaw, say, journal };
}

/** A MESSAGE of somebody's, as it is on the wire. */
export function messageText(
  stage: DomainStage,
  { from = "alice", to = "bob", contentType = "text/plain", body = "hello", lines = [] }: Written,
  parts: { readonly callId: string; readonly branch: string },
): string {
  return request("MESSAGE", {
    ...{ uri: to.startsWith("sip:") ? to : address(to), from: `<${address(from)}>;tag=a` },
    ...{ to: `<${address(to)}>`, body, ...parts },
    lines: [`Proxy-Authorization: ${stage.token(from)}`, `Content-Type: ${contentType}`, ...lines],
  });
}

export interface WrappedParts {
  /** What its Disposition-Notification says. */
  readonly asks?: string;
  readonly chat?: ChatHeaders;
  readonly content?: string;
  readonly type?: string;
  readonly from?: string;
}

/** A message in message/cpim, with what is asked and said beside it. */
export function wrapped(id: string, parts: WrappedParts = {}): Written {
  const { asks = "", chat = {}, content = "hello", type = "text/plain", from = "alice" } = parts;
  const imdn = (name: string, value: string) => ({ namespace: IMDN_NAMESPACE, name, value });
  const body = formatCpim({
    ...{ from: { name: "", uri: address(from) }, to: { name: "", uri: address("bob") } },
    dateTime: new Date(0),
    prefixes: { [IMDN_NAMESPACE]: "imdn", [CHAT_NAMESPACE]: "chat" },
    extensions: [
      imdn("Message-ID", id),
      ...(asks ? [imdn("Disposition-Notification", asks)] : []),
      ...chatExtensions(chat),
    ],
    contentHeaders: [["Content-Type", type]],
    content: fromText(content),
  });
  return { contentType: "message/cpim", body, from };
}

export function receipt(by: string, about: string, kind: Imdn["kind"], status: string): Written {
  const body = formatCpim({
    ...{ from: { name: "", uri: address(by) }, to: { name: "", uri: address("alice") } },
    contentHeaders: [
      ["Content-Type", "message/imdn+xml"],
      ["Content-Disposition", "notification"],
    ],
    content: formatImdn({ messageId: about, kind, status, dateTime: undefined }),
  });
  return { from: by, to: "alice", contentType: "message/cpim", body };
}

/** MESSAGEs among what was sent, to this place. */
export const messagesTo = (place: Place, sent: readonly Sent[]): readonly Sent[] =>
  sent.filter((one) => one.to === place && titleOf(one) === "MESSAGE");

export const textIn = (sent: Sent | undefined): string | undefined => {
  const cpim = parseCpim(sent?.message.body ?? "");
  return cpim.ok ? cpim.value.content : sent?.message.body;
};

/** Answers each MESSAGE to this place, until there are no more; what they said. */
export function takeAll(
  { stage }: Office,
  place: string,
  sent: readonly Sent[],
  status: (one: Sent) => number = () => 200,
): readonly string[] {
  const said: string[] = [];
  let next = messagesTo(place, sent);
  while (next.length > 0) {
    if (next.length > 1) throw new Error("more than one at a time");
    const [one] = next as [Sent];
    const code = status(one);
    said.push(code === 200 ? (textIn(one) ?? "") : `${code}`);
    next = messagesTo(place, stage.say(place, answer(one.octets, code, "p")));
  }
  return said;
}
