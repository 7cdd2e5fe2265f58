/** The types of a call. `npm run types` checks them; that they run shows nothing. */
import { expectTypeOf, test } from "vitest";
import type {
  Call,
  CallEnd,
  CallState,
  DtmfTone,
  Held,
  IterationOptions,
  MediaSession,
  Peer,
  SipError,
  SipErrorCode,
  Wanted,
} from "./index.ts";

type Named<Name extends CallState["name"]> = Extract<CallState, { readonly name: Name }>;

/** Compiled, and never run. */
const compiled = (_: (...given: never[]) => unknown): void => {};

test("a call's states are told apart by name, and each carries its own", () => {
  expectTypeOf<CallState["name"]>().toEqualTypeOf<
    "Dialing" | "Ringing" | "Incoming" | "Answering" | "Established" | "Reconnecting" | "Ended"
  >();
  expectTypeOf<keyof CallState>().toEqualTypeOf<"name">();
  expectTypeOf<Named<"Incoming">["video"]>().toEqualTypeOf<boolean>();
  expectTypeOf<Named<"Established">["sinceMs"]>().toEqualTypeOf<number>();
  expectTypeOf<Named<"Established">["held"]>().toEqualTypeOf<Held | undefined>();
  expectTypeOf<Named<"Reconnecting">["why"]>().toEqualTypeOf<string>();
  expectTypeOf<Named<"Ended">["end"]>().toEqualTypeOf<CallEnd>();
  expectTypeOf<Held>().toEqualTypeOf<"ByUs" | "ByThem" | "ByBoth">();
});

test("comparing the name narrows a state to its reason, and to nothing of another state", () => {
  compiled(({ state }: Call) => {
    if (state.name === "Ended") expectTypeOf(state.end.message).toEqualTypeOf<string>();
    if (state.name === "Reconnecting") expectTypeOf(state.why).toEqualTypeOf<string>();
    // @ts-expect-error: a reason is there once the call has ended, and not before
    const { end } = state;
    if (state.name === "Established") {
      // @ts-expect-error: a call that goes on has no reason to have ended
      return state.end;
    }
    if (state.name === "Dialing") {
      // @ts-expect-error: nobody has held a call that is not answered
      return state.held;
    }
    // @ts-expect-error: no state is called so
    return state.name === "Connected" ? end : undefined;
  });
});

test("a state is read-only, and a call's state is not for others to set", () => {
  compiled((call: Call, state: CallState) => {
    // @ts-expect-error: what a call is in follows from what happened
    call.state = state;
    // @ts-expect-error: a state that was seen stays as it was
    state.name = "Ended";
  });
});

test("every state has its words, and a switch without one of them does not compile", () => {
  const impossible = (state: never): string => state;
  compiled((state: CallState): string => {
    switch (state.name) {
      case "Dialing":
      case "Ringing":
      case "Answering":
        return "…";
      case "Incoming":
        return state.video ? "with a picture" : "";
      case "Established":
      case "Reconnecting":
        return `${state.sinceMs}`;
      case "Ended":
        return state.end.message;
      default:
        return impossible(state);
    }
  });
  compiled((state: CallState): string => {
    if (state.name === "Ended") return state.end.message;
    // @ts-expect-error: all the others are left
    return impossible(state);
  });
});

test("an ending has a code out of one list, by whom it came, and words", () => {
  expectTypeOf<CallEnd["code"]>().toEqualTypeOf<SipErrorCode>();
  expectTypeOf<CallEnd["by"]>().toEqualTypeOf<"local" | "remote" | "network">();
  expectTypeOf<CallEnd["message"]>().toEqualTypeOf<string>();
  expectTypeOf<CallEnd["status"]>().toEqualTypeOf<number | undefined>();
  // What programs compare with: a name that goes, or changes, breaks them.
  expectTypeOf<SipErrorCode>().toEqualTypeOf<
    | "SIP_HUNG_UP"
    | "SIP_CANCELLED"
    | "SIP_DECLINED"
    | "SIP_BUSY"
    | "SIP_UNAVAILABLE"
    | "SIP_NOT_FOUND"
    | "SIP_ANSWERED_ELSEWHERE"
    | "SIP_TRANSFERRED"
    | "SIP_REPLACED"
    | "SIP_FORBIDDEN"
    | "SIP_UNAUTHORIZED"
    | "SIP_NOT_ACCEPTABLE"
    | "SIP_TIMEOUT"
    | "SIP_TRANSPORT"
    | "SIP_MEDIA"
    | "SIP_TOO_LARGE"
    | "SIP_REJECTED"
    | "SIP_CLOSED"
  >();
});

test("a table of words by code is whole, and knows no code that there is not", () => {
  compiled((rest: Omit<Record<SipErrorCode, string>, "SIP_BUSY">) => {
    const all: Record<SipErrorCode, string> = { ...rest, SIP_BUSY: "They are on another call." };
    // @ts-expect-error: one code has no words
    const less: Record<SipErrorCode, string> = rest;
    // @ts-expect-error: there is no such code
    const more: Record<SipErrorCode, string> = { ...all, SIP_ENGAGED: "" };
    return [less, more];
  });
});

test("an error is an Error with such a code, and the status where a response said so", () => {
  expectTypeOf<SipError>().toExtend<Error>();
  expectTypeOf<SipError["code"]>().toEqualTypeOf<SipErrorCode>();
  expectTypeOf<SipError["status"]>().toEqualTypeOf<number | undefined>();
  compiled(({ code, status }: SipError) => {
    // @ts-expect-error: no code is called so
    const isBusy = code === "SIP_ENGAGED";
    // @ts-expect-error: what timed out has no status
    const isFatal = status >= 600;
    return isBusy || isFatal;
  });
});

test("promises mean outcomes: there is none for what was only sent", () => {
  expectTypeOf<Call["answered"]>().toEqualTypeOf<Promise<void>>();
  expectTypeOf<Call["ended"]>().toEqualTypeOf<Promise<CallEnd>>();
  expectTypeOf<Call["answer"]>().toEqualTypeOf<(wanted?: Wanted) => Promise<void>>();
  expectTypeOf<Call["hold"]>().toEqualTypeOf<() => Promise<void>>();
  expectTypeOf<Call["resume"]>().toEqualTypeOf<() => Promise<void>>();
  expectTypeOf<Call["change"]>().toEqualTypeOf<(wanted: Partial<Wanted>) => Promise<void>>();
  expectTypeOf<Call["hangUp"]>().toEqualTypeOf<() => void>();
  expectTypeOf<Call["decline"]>().toEqualTypeOf<(status?: 486 | 603) => void>();
  compiled(async (call: Call) => {
    // @ts-expect-error: that an INVITE has left tells nobody anything
    await call.sent;
    // @ts-expect-error: whom somebody talks to is in `peer`, and not in the outcome
    const peer: Peer = await call.answered;
    // @ts-expect-error: options are not told by other libraries' names
    await call.answer({ mediaConstraints: { audio: true } });
    return peer;
  });
});

test("what comes over time is iterated over, until a signal", () => {
  expectTypeOf<Call["states"]>().toEqualTypeOf<
    (options?: IterationOptions) => AsyncIterableIterator<CallState>
  >();
  expectTypeOf<Call["dtmf"]>().toEqualTypeOf<
    (options?: IterationOptions) => AsyncIterableIterator<DtmfTone>
  >();
  compiled(async (call: Call, { signal }: AbortController) => {
    for await (const state of call.states({ signal }))
      expectTypeOf(state).toEqualTypeOf<CallState>();
    for await (const { tone } of call.dtmf({ signal })) expectTypeOf(tone).toEqualTypeOf<string>();
    // @ts-expect-error: keys come one by one, and not as a text
    for await (const text of call.dtmf()) text.length;
    // @ts-expect-error: it takes time, so it is awaited
    for (const state of call.states()) state.name;
    // @ts-expect-error: a signal, and not what it is of
    call.states({ signal: new AbortController() });
  });
});

test("listeners are told what their event is, until a signal", () => {
  compiled((call: Call, { signal }: AbortController) => {
    call.on("state", (state) => expectTypeOf(state).toEqualTypeOf<CallState>(), { signal });
    call.on("dtmf", (key) => expectTypeOf(key).toEqualTypeOf<DtmfTone>());
    // @ts-expect-error: the end is a state
    call.on("ended", () => {});
    // @ts-expect-error: a key is no state
    call.on("dtmf", ({ name }: CallState) => name);
  });
});

test("a call has the media of its phone, once there are some", () => {
  interface Drums extends MediaSession {
    beat(): void;
  }
  expectTypeOf<Call<Drums>["media"]>().toEqualTypeOf<Drums | undefined>();
  expectTypeOf<Call["media"]>().toEqualTypeOf<MediaSession | undefined>();
  compiled((call: Call<Drums>, plain: Call) => {
    call.media?.beat();
    // @ts-expect-error: there are none before they were asked for
    call.media.beat();
    // @ts-expect-error: nobody said what media these are
    plain.media?.beat();
    // @ts-expect-error: media make descriptions
    type Nothing = Call<{ beat(): void }>;
    return undefined as Nothing | undefined;
  });
});
