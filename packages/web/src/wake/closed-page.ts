/** Has this browser ring while the page is closed: asked for, turned on, and turned off. */
import type { Phone } from "carillon";
import { sleepable } from "carillon/calling";
import { ApiError } from "../api.ts";
import { createStore, type Store } from "../store.ts";
import { type ClosedPage, dropPush, type PushTold, putPush, readPush } from "./wake-api.ts";
import workerUrl from "./worker.ts?worker&url";

export type Wakeful =
  /** It is not known yet. */
  | { readonly name: "Unknown" }
  /** This browser, or this house, cannot do it; why, and what helps. */
  | { readonly name: "Impossible"; readonly what: string; readonly doThis: string }
  | {
      readonly name: "Off" | "On" | "Changing";
      readonly showsWords: boolean;
      readonly pages: readonly ClosedPage[];
      /** Why it could not be turned on. */
      readonly trouble?: { readonly what: string; readonly doThis: string };
    };

export interface ClosedPageStore {
  readonly state: Store<Wakeful>;
  look(): Promise<void>;
  turnOn(showsWords: boolean): Promise<void>;
  turnOff(): Promise<void>;
  /** Another one of this person's. */
  remove(id: string): Promise<void>;
  /** Nobody sits here any more. */
  forget(): Promise<void>;
}

type Drawer = Pick<Storage, "getItem" | "setItem" | "removeItem">;
const keyOf = (seat: string): string => `carillon.wake ${seat}`;

/** As it was left: so the first REGISTER says it already. */
export function beSleepable(phone: Phone, seat: string, drawer: Drawer): void {
  const endpoint = drawer.getItem(keyOf(seat));
  if (endpoint !== null) sleepable(phone, { provider: "webpush", prid: endpoint });
}

export function openClosedPage(seat: string, phone: Phone, drawer: Drawer): ClosedPageStore {
  const state = createStore<Wakeful>({ name: "Unknown" });
  const lasting = (endpoint: string | undefined): void => {
    const before = drawer.getItem(keyOf(seat)) ?? undefined;
    if (endpoint === before) return;
    if (endpoint === undefined) drawer.removeItem(keyOf(seat));
    else drawer.setItem(keyOf(seat), endpoint);
    sleepable(phone, endpoint === undefined ? undefined : { provider: "webpush", prid: endpoint });
  };
  const told = async (): Promise<PushTold> => {
    const now = await readPush(seat);
    lasting(now.endpoint ?? undefined);
    const name = now.endpoint === null ? "Off" : "On";
    state.write(impossible(now) ?? { name, showsWords: now.showsWords, pages: now.pages });
    return now;
  };
  const changing = (): void => {
    const before = state.read();
    if ("pages" in before) state.write({ ...before, name: "Changing" });
  };
  const afterwards = async (trouble?: unknown): Promise<void> => {
    await told().catch(() => {});
    const now = state.read();
    if (trouble === undefined || !("pages" in now)) return;
    state.write({ ...now, trouble: wordsFor(trouble) });
  };
  const carry = async (change: () => Promise<void>): Promise<void> => {
    changing();
    await change().then(
      () => afterwards(),
      (trouble: unknown) => afterwards(trouble),
    );
  };
  return {
    state,
    look: () =>
      told().then(
        () => {},
        () => {},
      ),
    turnOn: (showsWords) =>
      carry(async () => {
        const { key } = await readPush(seat);
        if (key === null) return;
        const permission = await Notification.requestPermission();
        if (permission !== "granted") throw new Refusal();
        const subscription = await subscribe(seat, key);
        await putPush(seat, { ...subscription, showsWords });
      }),
    turnOff: () =>
      carry(async () => {
        await dropPush(seat, "this");
        await unsubscribe(seat);
      }),
    remove: (id) => carry(() => dropPush(seat, id)),
    async forget() {
      drawer.removeItem(keyOf(seat));
      await unsubscribe(seat).catch(() => {});
    },
  };
}

class Refusal extends Error {}

function impossible({ key }: PushTold): Wakeful | undefined {
  if (key === null) {
    const doThis = "Whoever runs it can turn that on.";
    return { name: "Impossible", what: "This house wakes no closed pages.", doThis };
  }
  if ("serviceWorker" in navigator && "PushManager" in globalThis) return undefined;
  const what = "This browser cannot ring while the page is closed.";
  return { name: "Impossible", what, doThis: "Open the house over https, or in another browser." };
}

function wordsFor(trouble: unknown): { readonly what: string; readonly doThis: string } {
  if (trouble instanceof ApiError) return { what: trouble.message, doThis: trouble.hint };
  if (trouble instanceof Refusal) {
    const what = "Your browser may not show notifications of this page.";
    return { what, doThis: "Allow them beside the address of the page, and try again." };
  }
  const what = "Your browser could not reach its push service.";
  return { what, doThis: "Check your network, and try again." };
}

async function subscribe(seat: string, key: string) {
  const registration = await navigator.serviceWorker.register(workerUrl, { scope: seat });
  await active(registration);
  const { pushManager } = registration;
  const wanted = { userVisibleOnly: true, applicationServerKey: key };
  const made = await pushManager.subscribe(wanted).catch(async (error: unknown) => {
    // One that was made for another key is in the way.
    const old = await pushManager.getSubscription();
    if (!old) throw error;
    await old.unsubscribe();
    return pushManager.subscribe(wanted);
  });
  const { endpoint, keys } = made.toJSON();
  const { p256dh = "", auth = "" } = keys ?? {};
  return { endpoint: endpoint ?? "", p256dh, auth };
}

async function unsubscribe(seat: string): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration(seat);
  if (registration === undefined || !registration.scope.endsWith(seat)) return;
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  await registration.unregister();
}

/** A subscription needs a worker that runs. */
async function active({ installing, waiting, active: now }: ServiceWorkerRegistration) {
  const coming = installing ?? waiting;
  if (now || !coming) return;
  await new Promise<void>((resolve) => {
    coming.addEventListener("statechange", () => coming.state === "activated" && resolve());
  });
}
