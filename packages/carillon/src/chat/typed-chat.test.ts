/** The types of conversations. `npm run types` checks them; that they run shows nothing. */
import { expectTypeOf, test } from "vitest";
import type { CorePhone, IterationOptions, MessageAnswer } from "../ua/index.ts";
import type { Chat, ChatMessage, chat, Receipt, SentMessage, Wish } from "./index.ts";

/** Compiled, and never run. */
const compiled = (_: (...given: never[]) => unknown): void => {};

test("a message that was sent tells of its receipts", () => {
  expectTypeOf<Chat["send"]>().returns.toEqualTypeOf<Promise<SentMessage>>();
  expectTypeOf<SentMessage>().toExtend<MessageAnswer>();
  expectTypeOf<SentMessage["notifications"]>().toEqualTypeOf<
    (options?: IterationOptions) => AsyncIterableIterator<Receipt>
  >();
  expectTypeOf<Wish>().toEqualTypeOf<"delivered" | "displayed" | "failed" | "processed">();
  expectTypeOf<Receipt["kind"]>().toEqualTypeOf<"delivery" | "processing" | "display">();
  compiled(async (make: typeof chat, phone: CorePhone) => {
    const sent = await make(phone).send("sip:bob@example.com", "Hi", { receipts: ["displayed"] });
    for await (const { status } of sent.notifications()) status.trim();
    // @ts-expect-error: RFC 5438 has four of them
    await make(phone).send("sip:bob@example.com", "Hi", { receipts: ["read"] });
    // @ts-expect-error: a list, though of one
    await make(phone).send("sip:bob@example.com", "Hi", { receipts: "displayed" });
  });
});

test("messages, and who is writing, are iterated over", () => {
  expectTypeOf<Chat["messages"]>().toEqualTypeOf<
    (options?: IterationOptions) => AsyncIterableIterator<ChatMessage>
  >();
  expectTypeOf<Chat["composers"]>().toEqualTypeOf<
    (options?: IterationOptions) => AsyncIterableIterator<readonly string[]>
  >();
  expectTypeOf<Chat>().toExtend<Disposable>();
  expectTypeOf<ChatMessage["date"]>().toEqualTypeOf<Date | undefined>();
  compiled(async (conversation: Chat) => {
    for await (const message of conversation.messages()) {
      message.displayed();
      // @ts-expect-error: a message stays as it came
      message.text = "";
      // @ts-expect-error: its sender need not say when it was written
      message.date.getTime();
    }
  });
});
