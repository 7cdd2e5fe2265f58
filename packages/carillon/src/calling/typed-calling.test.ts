/** The types of what few calls need. `npm run types` checks them; that they run shows nothing. */
import { expectTypeOf, test } from "vitest";
import type { CorePhone, Peer } from "../ua/index.ts";
import type {
  AnswerModeAsked,
  AutoAnswer,
  answering,
  autoAnswer,
  followRedirects,
  RedirectPolicy,
  sessionTimers,
  WholePhoneOptions,
  wholePhone,
} from "./index.ts";

/** Compiled, and never run. */
const compiled = (_: (...given: never[]) => unknown): void => {};

test("RFC 5373: who may have a phone answer by itself is decided by who calls", () => {
  expectTypeOf<AutoAnswer>().toEqualTypeOf<(caller: Peer, privileged: boolean) => boolean>();
  expectTypeOf<AnswerModeAsked["mode"]>().toEqualTypeOf<"Auto" | "Manual">();
  compiled((may: typeof autoAnswer, ask: typeof answering, phone: CorePhone) => {
    may(phone, ({ uri }) => uri === "sip:boss@example.com");
    phone.call("sip:bob@example.com", undefined, ask({ mode: "Auto", require: true }));
    // @ts-expect-error: it is answered by itself or not, at once
    may(phone, async () => true);
    // @ts-expect-error: nobody is let in by their name alone
    may(phone, ["sip:boss@example.com"]);
    // @ts-expect-error: it is called `require`
    ask({ mode: "Auto", required: true });
  });
});

test("RFC 3261 §8.1.3.4: where a 3xx leads is followed, refused, or decided, now or later", () => {
  expectTypeOf<RedirectPolicy>().toEqualTypeOf<
    "follow" | "refuse" | ((targets: readonly string[]) => boolean | Promise<boolean>)
  >();
  compiled((follow: typeof followRedirects, phone: CorePhone) => {
    follow(phone);
    follow(phone, async (targets) => targets.length === 1);
    // @ts-expect-error: neither of the two words
    follow(phone, "ask");
  });
});

test("a phone that does all of it takes the same decisions by name", () => {
  expectTypeOf<WholePhoneOptions["redirects"]>().toEqualTypeOf<RedirectPolicy | undefined>();
  expectTypeOf<WholePhoneOptions["autoAnswer"]>().toEqualTypeOf<AutoAnswer | undefined>();
  compiled((all: typeof wholePhone, timers: typeof sessionTimers, phone: CorePhone) => {
    all(phone, { transfers: "follow", redirects: "refuse" });
    timers(phone);
    // @ts-expect-error: it is called `transfers`
    all(phone, { unheard: "follow" });
    // @ts-expect-error: a phone, and not what it is called
    timers("sip:alice@example.com");
  });
});
