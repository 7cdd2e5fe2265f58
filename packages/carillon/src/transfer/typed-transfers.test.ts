/** The types of transfers. `npm run types` checks them; that they run shows nothing. */
import { expectTypeOf, test } from "vitest";
import type { Call, CorePhone, MediaSession, SavedCall, SipError } from "../ua/index.ts";
import type {
  IncomingTransfer,
  joins,
  NamedDialog,
  refer,
  replacing,
  resume,
  successorOf,
  Transfer,
  TransferState,
  transfer,
  transferable,
  transfers,
} from "./index.ts";

type Named<Name extends TransferState["name"]> = Extract<TransferState, { readonly name: Name }>;

/** Compiled, and never run. */
const compiled = (_: (...given: never[]) => unknown): void => {};
const impossible = (value: never): never => value;

interface Drums extends MediaSession {
  beat(): void;
}

test("a transfer is there at once, and done when they talk or have agreed to", () => {
  expectTypeOf<typeof transfer>().returns.toEqualTypeOf<Transfer>();
  expectTypeOf<typeof refer>().returns.toEqualTypeOf<Transfer>();
  expectTypeOf<Transfer["done"]>().toEqualTypeOf<Promise<void>>();
  compiled(async (to: typeof transfer, call: Call<Drums>, other: Call<Drums>) => {
    await to(call, "sip:carol@example.com", { keep: true }).done;
    await to(call, other).done;
    // @ts-expect-error: what is awaited is its outcome
    await to(call, other).sent;
    // @ts-expect-error: an address, or a call with somebody
    to(call, other.peer);
    // @ts-expect-error: it is called `reports`
    to(call, other, { norefersub: true });
  });
});

test("a transfer's states are told apart by name, and a failure has its error", () => {
  expectTypeOf<TransferState["name"]>().toEqualTypeOf<
    "Waiting" | "Asking" | "Trying" | "Transferred" | "Accepted" | "Failed"
  >();
  expectTypeOf<Named<"Trying">["status"]>().toEqualTypeOf<number>();
  expectTypeOf<Named<"Failed">["error"]>().toEqualTypeOf<SipError>();
  expectTypeOf<Transfer["state"]>().toEqualTypeOf<TransferState>();
  compiled((state: TransferState): string => {
    switch (state.name) {
      case "Waiting":
      case "Asking":
      case "Accepted":
        return "";
      case "Trying":
      case "Transferred":
        return `${state.status}`;
      case "Failed":
        return state.error.message;
      default:
        return impossible(state);
    }
  });
  compiled((state: TransferState) => {
    // @ts-expect-error: who agreed and says no more says no status
    if (state.name === "Accepted") return state.status;
    // @ts-expect-error: nothing has failed yet
    return state.error;
  });
});

test("wishes of others come from a call or a phone, and their calls have its media", () => {
  expectTypeOf<IncomingTransfer["state"]>().toEqualTypeOf<
    "Asked" | "Accepted" | "Refused" | "Lapsed"
  >();
  expectTypeOf<IncomingTransfer<Drums>["call"]>().toEqualTypeOf<Call<Drums> | undefined>();
  compiled(async (wishes: typeof transfers, phone: CorePhone<Drums>, call: Call<Drums>) => {
    for await (const wish of wishes(phone)) wish.accept().media?.beat();
    for await (const wish of wishes(call)) {
      wish.refuse(486);
      // @ts-expect-error: a wish from outside of calls has none
      wish.call.hangUp();
      // @ts-expect-error: who asks need not say who they are
      wish.by.uri.trim();
    }
    // @ts-expect-error: an address makes no wishes
    wishes("sip:carol@example.com");
  });
});

test("a call that takes another's place has the media of its phone", () => {
  compiled(
    (
      back: typeof resume,
      claim: typeof replacing,
      next: typeof successorOf,
      asking: typeof joins,
      phone: CorePhone<Drums>,
      call: Call<Drums>,
      saved: SavedCall,
      dialog: NamedDialog,
    ) => {
      expectTypeOf(back(phone, saved)).toEqualTypeOf<Call<Drums>>();
      expectTypeOf(next(call)).toEqualTypeOf<Call<Drums> | undefined>();
      expectTypeOf(asking(call)).toEqualTypeOf<AsyncIterableIterator<Call<Drums>>>();
      phone.call(call.peer.uri, undefined, claim(dialog));
      // @ts-expect-error: there may be nothing to store yet
      back(phone, call.saved);
      // @ts-expect-error: the text of a Replaces is not the dialog that it names
      claim("12345@example.com;to-tag=1;from-tag=2");
      // @ts-expect-error: it is a function, which a page that transfers nothing does not load
      call.transfer("sip:carol@example.com");
    },
  );
});

test("what nobody listens to is refused or followed", () => {
  compiled((can: typeof transferable, phone: CorePhone) => {
    can(phone);
    can(phone, { unheard: "follow" });
    // @ts-expect-error: one of two words
    can(phone, { unheard: "accept" });
    // @ts-expect-error: a policy has a name
    can(phone, "follow");
  });
});
