/** The types of a phone. `npm run types` checks them; that they run shows nothing. */
import { expectTypeOf, test } from "vitest";
import { answering } from "./answering.ts";
import type {
  Call,
  CallOptions,
  CorePhone,
  IncomingMessage,
  IterationOptions,
  MediaSession,
  MessageAnswer,
  MessagesOptions,
  PhoneOptions,
  PhoneState,
  Question,
  SipError,
  Wanted,
} from "./index.ts";
import { replacing } from "./transferring.ts";

type Named<Name extends PhoneState["name"]> = Extract<PhoneState, { readonly name: Name }>;

/** Compiled, and never run. */
const compiled = (_: (...given: never[]) => unknown): void => {};

interface Drums extends MediaSession {
  beat(): void;
}

test("registering resolves with nothing but that it is done", () => {
  expectTypeOf<CorePhone["register"]>().toEqualTypeOf<
    (options?: IterationOptions) => Promise<void>
  >();
  expectTypeOf<CorePhone["close"]>().toEqualTypeOf<() => Promise<void>>();
  expectTypeOf<CorePhone>().toExtend<AsyncDisposable>();
  compiled(async (phone: CorePhone) => {
    // @ts-expect-error: the REGISTER and its answer are not an application's
    const { status } = await phone.register();
    return status;
  });
});

test("a call is there at once, with the media of its phone", () => {
  expectTypeOf<CorePhone<Drums>["call"]>().toEqualTypeOf<
    (target: string, wanted?: Wanted, options?: CallOptions) => Call<Drums>
  >();
  compiled(async (phone: CorePhone<Drums>) => {
    const call = phone.call("sip:bob@example.com");
    call.media?.beat();
    // @ts-expect-error: what is awaited is its answer, and not the call
    (await phone.call("sip:bob@example.com").answered).hangUp();
    // @ts-expect-error: one says of both whether they are wanted
    phone.call("sip:bob@example.com", { audio: true });
    // @ts-expect-error: a picture is wanted or not
    phone.call("sip:bob@example.com", { audio: true, video: "hd" });
  });
});

test("a phone with media of its own is a phone, and so are its calls", () => {
  expectTypeOf<CorePhone<Drums>>().toExtend<CorePhone>();
  expectTypeOf<Call<Drums>>().toExtend<Call>();
  expectTypeOf<CorePhone>().not.toExtend<CorePhone<Drums>>();
});

test("listeners are told what their event is", () => {
  compiled((phone: CorePhone<Drums>, { signal }: AbortController) => {
    phone.on("call", (call) => expectTypeOf(call).toEqualTypeOf<Call<Drums>>(), { signal });
    phone.on("message", (message) => expectTypeOf(message).toEqualTypeOf<IncomingMessage>());
    phone.on("state", (state) => expectTypeOf(state).toEqualTypeOf<PhoneState>());
    // @ts-expect-error: there is no such event
    phone.on("ringing", () => {});
  });
});

test("options have one name each, and another one is refused", () => {
  expectTypeOf<PhoneOptions["aor"]>().toEqualTypeOf<string>();
  expectTypeOf<PhoneOptions["password"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<PhoneOptions["token"]>().toEqualTypeOf<(() => Promise<string>) | undefined>();
  const options = (_: PhoneOptions): void => {};
  compiled(() => {
    options({ aor: "sip:alice@example.com", displayName: "Alice", flows: 2 });
    // @ts-expect-error: an address of record there has to be
    options({ password: "secret" });
    // @ts-expect-error: it is called `aor`
    options({ aor: "sip:alice@example.com", uri: "sip:alice@example.com" });
    // @ts-expect-error: a token is asked for whenever it is needed, and so is a function
    options({ aor: "sip:alice@example.com", token: "ey…" });
    // @ts-expect-error: left out, and not undefined
    options({ aor: "sip:alice@example.com", password: undefined });
    // @ts-expect-error: neither of the two words
    options({ aor: "sip:alice@example.com", accept: "ask" });
  });
});

test("headers of a call are made by functions, or are pairs, never an array of strings", () => {
  compiled((phone: CorePhone, other: Call) => {
    const target = "sip:bob@example.com";
    const wanted: Wanted = { audio: true, video: false };
    phone.call(target, wanted, replacing(other));
    phone.call(target, wanted, answering({ mode: "Auto" }));
    phone.call(target, wanted, { headers: [["Subject", "lunch"]] });
    // @ts-expect-error: no such option
    phone.call(target, wanted, { extraHeaders: ["Subject: lunch"] });
    // @ts-expect-error: a name and a value, and not a line
    phone.call(target, wanted, { headers: ["Subject: lunch"] });
    // @ts-expect-error: a call or what names its dialog, and not the text of a header
    phone.call(target, wanted, replacing("12345@example.com;to-tag=1;from-tag=2"));
    // @ts-expect-error: RFC 5373 has two modes
    phone.call(target, wanted, answering({ mode: "Never" }));
  });
  const ask = (_: Question): void => {};
  compiled(() => {
    const question = { method: "OPTIONS", uri: "sip:bob@example.com", from: "sip:a@example.com" };
    ask({ ...question, headers: [["Subject", "lunch"]] });
    // @ts-expect-error: a name and a value, and not a line
    ask({ ...question, headers: ["Subject: lunch"] });
    // @ts-expect-error: a pair, and not more
    ask({ ...question, headers: [["Subject", "lunch", "dinner"]] });
  });
});

test("a phone's states are told apart by name, and a failure has its error", () => {
  expectTypeOf<PhoneState["name"]>().toEqualTypeOf<
    "Offline" | "Connecting" | "Registered" | "Listening" | "Failed"
  >();
  expectTypeOf<Named<"Failed">["error"]>().toEqualTypeOf<SipError>();
  expectTypeOf<Named<"Connecting">["error"]>().toEqualTypeOf<SipError | undefined>();
  expectTypeOf<Named<"Registered">["error"]>().toEqualTypeOf<undefined>();
  expectTypeOf<CorePhone["state"]>().toEqualTypeOf<PhoneState>();
  compiled(({ state }: CorePhone) => {
    if (state.name === "Failed") return state.error.code;
    // @ts-expect-error: nothing need have gone wrong
    const { code } = state.error;
    if (state.name === "Registered") {
      // @ts-expect-error: nothing has
      return state.error.code;
    }
    return code;
  });
});

test("calls, states and messages are iterated over, until a signal", () => {
  expectTypeOf<CorePhone<Drums>["calls"]>().toEqualTypeOf<
    (options?: IterationOptions) => AsyncIterableIterator<Call<Drums>>
  >();
  expectTypeOf<CorePhone["states"]>().toEqualTypeOf<
    (options?: IterationOptions) => AsyncIterableIterator<PhoneState>
  >();
  expectTypeOf<CorePhone["messages"]>().toEqualTypeOf<
    (options?: MessagesOptions) => AsyncIterableIterator<IncomingMessage>
  >();
  compiled(async (phone: CorePhone<Drums>, { signal }: AbortController) => {
    for await (const call of phone.calls({ signal })) call.media?.beat();
    for await (const { text } of phone.messages({ signal })) text.trim();
    // @ts-expect-error: calls come one at a time, and are not a list
    for (const call of phone.calls()) call.hangUp();
    // @ts-expect-error: nor are they an event
    phone.on("newRTCSession", () => {});
    // @ts-expect-error: types that are understood are a list
    phone.messages({ accept: "text/plain" });
  });
});

test("a message resolves with whether somebody has it", () => {
  expectTypeOf<CorePhone["message"]>().returns.toEqualTypeOf<Promise<MessageAnswer>>();
  expectTypeOf<MessageAnswer["isDelivered"]>().toEqualTypeOf<boolean>();
  expectTypeOf<MessageAnswer["status"]>().toEqualTypeOf<number>();
  compiled((phone: CorePhone) => {
    // @ts-expect-error: a message has a body
    phone.message("sip:bob@example.com");
    // @ts-expect-error: it takes time
    return phone.message("sip:bob@example.com", "Hello").isDelivered;
  });
});
