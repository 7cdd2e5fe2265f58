/**
 * `carillon chat`: one's conversations in this terminal, for a person who types or a program that
 * reads and writes JSON, until they quit.
 */
import { type ConversationsOptions, conversations } from "carillon/chat";
import { SipError } from "carillon/ua";
import { type Front, type FrontUser, personFront, scriptFront } from "../phone/front.ts";
import { identity } from "../phone/identity.ts";
import { openPhone } from "../phone/open-phone.ts";
import { OrderRefused } from "../phone/refusal-of-order.ts";
import type { PhoneCommandWorld } from "../phone/run-phone.ts";
import { sentence } from "../phone/words.ts";
import type { PhoneCommand } from "../phone-command.ts";
import { ChatDesk } from "./chat-desk.ts";
import type { ChatHappening, ChatReply } from "./chat-happening.ts";
import { type ChatLine, readChatLine } from "./chat-line.ts";
import { chatOrdersHelp, readChatOrder, readTyped } from "./chat-order.ts";
import { chatInWords } from "./chat-words.ts";
import { KeptConversations } from "./kept-conversations.ts";

type Of<Kind extends PhoneCommand["kind"]> = Extract<PhoneCommand, { kind: Kind }>;

/** The exit code. Throws CannotStart in words. */
export async function runChat(
  command: Of<"Chat">,
  host: string | undefined,
  world: PhoneCommandWorld,
): Promise<number> {
  const { aor, servers, user, domain } = identity(command, command.aor, host, world.login);
  const options: ConversationsOptions =
    command.keep === undefined ? {} : { store: new KeptConversations(command.keep) };
  const password = await world.password(user);
  const settings = { ...command, servers };
  await using phone = await openPhone({ settings, aor, host, target: undefined, user, password });
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const all = conversations(phone, options);
  let front: Front<ChatHappening> | undefined;
  const tell = (what: ChatHappening): void => front?.tell(what);
  const isWatched = !command.json;
  const desk = new ChatDesk({ conversations: all, domain, tell, isWatched });
  front = frontOf(command, world, { desk, domain, leave });
  process.once("SIGINT", leave).once("SIGTERM", leave);
  void tellRegistration(phone.states(), tell);
  phone.register().catch(() => {});
  if (command.who !== undefined) await openFirst(command.who, { front, desk, domain });
  await left;
  process.off("SIGINT", leave).off("SIGTERM", leave);
  desk.close();
  all.close();
  front.close();
  return 0;
}

interface Parts {
  readonly desk: ChatDesk;
  readonly domain: string | undefined;
  readonly leave: () => void;
}

function frontOf(
  { json }: Of<"Chat">,
  world: PhoneCommandWorld,
  { desk, domain, leave }: Parts,
): Front<ChatHappening> {
  const take = async (line: ChatLine | undefined): Promise<void> => {
    if (!line) return;
    const reply = await carriedOut(line, desk);
    const words = json ? "" : replyInWords(line, reply, domain);
    if (words !== undefined) front.show(words, reply);
    if (line.read.ok && line.read.order.kind === "Quit") leave();
  };
  const user: FrontUser = {
    line: (text) => void take(json ? readChatLine(text) : typed(text)),
    left: leave,
    levels: () => undefined,
    typing: (text) => desk.typing(text),
  };
  const words = (what: ChatHappening) => chatInWords(what, domain);
  const front: Front<ChatHappening> = json
    ? scriptFront(world, user)
    : personFront(world, user, words);
  return front;
}

function typed(text: string): ChatLine | undefined {
  const read = readTyped(text);
  return read && { id: undefined, read };
}

/** It is shown as soon as it is known what is in it. */
async function openFirst(
  who: string,
  { front, desk, domain }: Omit<Parts, "leave"> & { readonly front: Front<ChatHappening> },
): Promise<void> {
  const reply = await carriedOut({ id: undefined, read: readChatOrder(`open ${who}`) }, desk);
  if (reply.error)
    front.show(chatInWords({ event: "trouble", ...reply.error }, domain) ?? "", reply);
}

/** Has it carried out, and says what came of it. */
export async function carriedOut({ id, read }: ChatLine, desk: ChatDesk): Promise<ChatReply> {
  if (!read.ok) return failed(id, "WRONG_ORDER", read.words);
  try {
    return { reply: id, ok: true, ...(await desk.carryOut(read.order)) };
  } catch (error) {
    if (error instanceof OrderRefused) return failed(id, error.code, error.message);
    if (error instanceof SipError) return failed(id, error.code, sentence(error.message));
    // What the library says to who asks it for what cannot be: another's message is not edited.
    if (error instanceof Error) return failed(id, "NOT_NOW", sentence(error.message));
    throw error;
  }
}

const failed = (reply: ChatReply["reply"], code: string, message: string): ChatReply => ({
  ...{ reply, ok: false, error: { code, message } },
});

/** The same for a person; nothing where what happens says it already. */
export function replyInWords(
  { read }: ChatLine,
  reply: ChatReply,
  domain: string | undefined,
): string | undefined {
  if (reply.error) {
    return chatInWords({ event: "trouble", ...reply.error }, domain);
  }
  const kind = read.ok ? read.order.kind : undefined;
  if (kind === "Help") return chatOrdersHelp().trimEnd();
  if (!reply.list) return undefined;
  const lines = reply.list.flatMap((one) => chatInWords(one, domain) ?? []);
  if (lines.length > 0) return lines.join("\n");
  if (kind === "Find") return "Nothing was found.";
  return kind === "List"
    ? "There is no conversation yet. Begin one: /open WHO"
    : "There is nothing.";
}

/** Tells when one is not signed in, or the server is not to be reached, and why; once each. */
async function tellRegistration(
  states: AsyncIterable<{ readonly name: string; readonly error?: unknown }>,
  tell: (what: ChatHappening) => void,
): Promise<void> {
  let last = "";
  for await (const { name, error } of states) {
    const state = name === "Failed" ? "SignedOut" : name === "Connecting" ? "Offline" : undefined;
    const why = error instanceof SipError ? sentence(error.message) : "";
    if (state && why !== "" && last !== state + why) tell({ event: "state", state, why });
    last = state ? state + why : "";
  }
}
