/** The types of events. `npm run types` checks them; that they run shows nothing. */
import { expectTypeOf, test } from "vitest";
import type {
  Conference,
  DialogInfo,
  MessageSummary,
  Presence,
  RegistrationState,
} from "../documents/index.ts";
import type { CorePhone, IterationOptions, SipError } from "../ua/index.ts";
import type {
  conference,
  dialogs,
  EventPackage,
  fetchState,
  messageSummary,
  Notification,
  notify,
  OwnPresence,
  ownPresence,
  Provider,
  Publication,
  PublicationState,
  presence,
  publish,
  registrations,
  Subscription,
  SubscriptionState,
  subscribe,
} from "./index.ts";

type Named<State extends { readonly name: string }, Name extends State["name"]> = Extract<
  State,
  { readonly name: Name }
>;

/** Compiled, and never run. */
const compiled = (_: (...given: never[]) => unknown): void => {};
const impossible = (value: never): never => value;

test("each package has the state that it tells of", () => {
  expectTypeOf<typeof presence>().toEqualTypeOf<EventPackage<Presence>>();
  expectTypeOf<typeof dialogs>().toEqualTypeOf<EventPackage<DialogInfo>>();
  expectTypeOf<typeof registrations>().toEqualTypeOf<EventPackage<readonly RegistrationState[]>>();
  expectTypeOf<typeof conference>().toEqualTypeOf<EventPackage<Conference>>();
  expectTypeOf<typeof messageSummary>().toEqualTypeOf<EventPackage<MessageSummary>>();
});

test("a subscription brings the state of its package", () => {
  expectTypeOf<Subscription<Presence>["notifications"]>().toEqualTypeOf<
    (options?: IterationOptions) => AsyncIterableIterator<Notification<Presence>>
  >();
  expectTypeOf<Subscription<Presence>["established"]>().toEqualTypeOf<Promise<void>>();
  expectTypeOf<Subscription<Presence>>().toExtend<AsyncDisposable>();
  compiled(
    async (
      ask: typeof subscribe,
      once: typeof fetchState,
      phone: CorePhone,
      people: EventPackage<Presence>,
      mail: EventPackage<MessageSummary>,
    ) => {
      const bob = ask(phone, people, "sip:bob@example.com");
      expectTypeOf(bob).toEqualTypeOf<Subscription<Presence>>();
      for await (const { activities } of bob.values()) activities.includes("away");
      for await (const { value } of bob.notifications()) {
        // @ts-expect-error: presence says nothing of a mailbox
        value.waiting;
      }
      const box = await once(phone, mail, "sip:bob@example.com");
      expectTypeOf(box).toEqualTypeOf<MessageSummary>();
      // @ts-expect-error: the name of a package is not the package
      ask(phone, "presence", "sip:bob@example.com");
      // @ts-expect-error: it is called `expiresSeconds`
      ask(phone, people, "sip:bob@example.com", { expires: 3600 });
    },
  );
});

test("a subscription's states are told apart by name, and an end has its reason", () => {
  expectTypeOf<SubscriptionState["name"]>().toEqualTypeOf<
    "Subscribing" | "Pending" | "Active" | "Waiting" | "Ended"
  >();
  expectTypeOf<Named<SubscriptionState, "Ended">["reason"]>().toEqualTypeOf<string>();
  expectTypeOf<Named<SubscriptionState, "Ended">["error"]>().toEqualTypeOf<SipError | undefined>();
  expectTypeOf<Named<SubscriptionState, "Waiting">["retryAtMs"]>().toEqualTypeOf<number>();
  compiled((state: SubscriptionState): string => {
    switch (state.name) {
      case "Subscribing":
      case "Pending":
      case "Active":
        return "";
      case "Waiting":
      case "Ended":
        return state.reason;
      default:
        return impossible(state);
    }
  });
  compiled((state: SubscriptionState) => {
    // @ts-expect-error: what goes on has no reason
    if (state.name === "Active") return state.reason;
    // @ts-expect-error: what has ended is not tried again
    if (state.name === "Ended") return state.retryAtMs;
    // @ts-expect-error: RFC 6665 calls it so, and here it is Ended
    return state.name === "Terminated";
  });
});

test("what is published is a value of its package", () => {
  expectTypeOf<PublicationState["name"]>().toEqualTypeOf<
    "Publishing" | "Published" | "Waiting" | "Removed"
  >();
  expectTypeOf<Named<PublicationState, "Published">["etag"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Named<PublicationState, "Waiting">["error"]>().toEqualTypeOf<SipError>();
  expectTypeOf<Publication<Presence>["published"]>().toEqualTypeOf<Promise<void>>();
  compiled(
    (
      tell: typeof publish,
      phone: CorePhone,
      people: EventPackage<Presence>,
      value: Presence,
      box: MessageSummary,
      state: PublicationState,
    ) => {
      expectTypeOf(tell(phone, people, value)).toEqualTypeOf<Publication<Presence>>();
      tell(phone, people, value).update(value);
      // @ts-expect-error: a mailbox is no presence
      tell(phone, people, box);
      // @ts-expect-error: nor can one take its place
      tell(phone, people, value).update(box);
      // @ts-expect-error: what is being sent has no etag
      return state.name === "Publishing" ? state.etag : undefined;
    },
  );
});

test("who may know is decided at once or later, for every watcher", () => {
  expectTypeOf<OwnPresence>().toExtend<Provider<Presence>>();
  expectTypeOf<typeof ownPresence>().returns.toEqualTypeOf<OwnPresence>();
  compiled(
    (
      tell: typeof notify,
      phone: CorePhone,
      people: EventPackage<Presence>,
      own: OwnPresence,
      box: Provider<MessageSummary>,
    ) => {
      tell(phone, people, own, { allow: async ({ uri }) => uri.endsWith("@example.com") });
      // @ts-expect-error: nobody is told without being asked for
      tell(phone, people, own);
      // @ts-expect-error: yes or no, and not a list of who
      tell(phone, people, own, { allow: ["sip:bob@example.com"] });
      // @ts-expect-error: a mailbox is no presence
      tell(phone, people, box, { allow: () => true });
    },
  );
});
