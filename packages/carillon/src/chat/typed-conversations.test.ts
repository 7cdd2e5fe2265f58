/** The types of conversations. `npm run types` checks them; that they run shows nothing. */
import { expectTypeOf, test } from "vitest";
import type { IterationOptions } from "../ua/index.ts";
import type {
  Conversation,
  ConversationStore,
  Conversations,
  ConversationView,
  conversations,
  Item,
  MemoryConversationStore,
  SyncState,
} from "./index.ts";

/** Compiled, and never run. */
const compiled = (_: (...given: never[]) => unknown): void => {};

test("conversations are looked at, and iterated over", () => {
  expectTypeOf<Conversations["list"]>().returns.toEqualTypeOf<readonly ConversationView[]>();
  expectTypeOf<Conversations["states"]>().toEqualTypeOf<
    (options?: IterationOptions) => AsyncIterableIterator<SyncState>
  >();
  expectTypeOf<Conversation["changes"]>().toEqualTypeOf<
    (options?: IterationOptions) => AsyncIterableIterator<ConversationView>
  >();
  expectTypeOf<SyncState>().toEqualTypeOf<"Syncing" | "Current" | "Offline" | "Plain">();
  expectTypeOf<MemoryConversationStore>().toExtend<ConversationStore>();
});

test("what is written has an id at once; who it is for may be an address alone", () => {
  compiled(async (phone: object, make: typeof conversations) => {
    const all = make(phone);
    const id: string = all.open("sip:bob@example.com").send("Hi", { replyTo: "m1" });
    const [found] = await all.find("Hi");
    found?.item.at.getTime();
    // @ts-expect-error: an item is a value, and stays as it is
    if (found) found.item.text = id;
    // @ts-expect-error: a conversation is opened by its address
    all.open({ uri: "sip:bob@example.com" });
    // @ts-expect-error: receipts are asked for in any case
    all.open("sip:bob@example.com").send("Hi", { receipts: [] });
  });
});

test("a message that is not on the server yet has no place", () => {
  expectTypeOf<Item["seq"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Item["state"]>().toEqualTypeOf<
    "Waiting" | "Sent" | "Delivered" | "Displayed" | "Failed"
  >();
});
