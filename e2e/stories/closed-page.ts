import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { certificate } from "carillon/testing";
import { type ReceivedPush, type StandIn, standIn } from "carillon-server/push-stand-in";
import type { BrowserContext, CDPSession } from "playwright-core";
import { Person } from "../person.ts";
import type { Stage } from "../stage.ts";
import type { Story } from "../story.ts";
import { until } from "../until.ts";

/** The namespace is ours alone, so it is free. */
const PUSH_PORT = 18_443;

/**
 * No push service of a browser's maker is in reach, and nobody presses on a screen that is not
 * there. So a stand-in takes what the house really sends, decrypts it, and hands it to the page's
 * service worker by the browser's own debugger; PushManager hands out the stand-in's subscription;
 * and the press is an event that is made. All else is what it is.
 */
export const closedPage: Story = {
  name: "A page that is closed is woken by a call, and answers it",
  isCall: true,
  async tell(stage) {
    const service = await pushService(stage);
    try {
      return await told(stage, service);
    } finally {
      await service.close();
    }
  },
};

async function pushService(stage: Stage): Promise<StandIn> {
  const own = certificate({ name: "localhost", dns: ["localhost"], isAuthority: true });
  const service = await standIn({ ...own, port: PUSH_PORT });
  writeFileSync(join(stage.folder, "push-ca.pem"), own.cert);
  const config = join(stage.folder, "carillon.config.json");
  const push = { hosts: [`localhost:${PUSH_PORT}`], ca: "push-ca.pem" };
  writeFileSync(config, JSON.stringify({ push }));
  await stage.house.stop();
  await stage.house.start({ config });
  return service;
}

async function told(stage: Stage, service: StandIn): Promise<readonly string[]> {
  const alice = await stage.joins("Alice");
  const profile = await stage.newProfile({
    permissions: ["microphone", "camera", "notifications"],
  });
  await profile.exposeBinding("standInSubscribes", (_, key: string) => service.subscribe(key));
  await profile.addInitScript(subscribeAtStandIn);
  const bob = await stage.joins("Bob", profile);
  await alice.sees("Bob", "Online");
  await bob.button(/^You, Bob/).click();
  await bob.button("Your phones").click();
  await bob.button("Ring this device when the page is closed").click();
  await bob.isTold("This device rings by a notification of your browser, and tells of messages.");
  await stage.picture("rings-when-closed", bob.page);
  const home = new URL(bob.page.url());
  const blank = await profile.newPage();
  await bob.page.close();
  await alice.sees("Bob", "Offline");
  const worker = await Worker.of(profile, await profile.newCDPSession(blank), home.origin);

  await alice.calls("Bob", "voice");
  await alice.reads("Waking Bob’s phone…");
  await stage.picture("waking", alice.page);
  const push = await pushed(service, 1);
  await worker.deliver(push.text);
  const shown = await worker.notification("Alice is calling");
  const startMs = performance.now();
  await worker.press("answer", "Alice is calling");
  const url = await worker.opened();
  const back = new Person("Bob", await stage.open("Bob (woken)", profile));
  await back.page.goto(url);
  await Promise.all([alice.isConnected(), back.isConnected()]);
  const ms = performance.now() - startMs;
  const figures = await Promise.all([alice.hears(), back.hears()]);
  await back.hangsUp();
  await alice.reads("Bob hung up.");
  const missed = await missedCall(alice, back, worker, service);
  const sent = `${push.urgency} for ${push.ttlSeconds} s, topic ${push.topic?.length} characters`;
  return [
    `${shown}: ${sent}`,
    `${ms.toFixed(0)} ms from the press to the call`,
    ...figures,
    missed,
  ];
}

/** Nobody comes, and the caller thinks better of it: that is told, too. And a message. */
async function missedCall(
  alice: Person,
  bob: Person,
  worker: Worker,
  service: StandIn,
): Promise<string> {
  await bob.page.close();
  await alice.sees("Bob", "Offline");
  await alice.calls("Bob", "voice");
  await worker.deliver((await pushed(service, 2)).text);
  await alice.hangsUp();
  await worker.deliver((await pushed(service, 3)).text);
  await worker.notification("You missed a call from Alice");
  await alice.calls("Bob", "voice");
  await worker.deliver((await pushed(service, 4)).text);
  await worker.notification("Alice is calling");
  await worker.press("decline", "Alice is calling");
  await alice.isTold(/Bob (?:declined|does not want)/);
  if (service.refused.length > 0) throw new Error(`refused: ${service.refused.join(", ")}`);
  return `${service.pushes.length} pushes, each decrypted`;
}

async function pushed(service: StandIn, count: number): Promise<ReceivedPush> {
  return until(`push ${count} has come`, () => service.pushes[count - 1]);
}

/** The service worker of a page, by the browser's debugger. */
class Worker {
  readonly #profile: BrowserContext;
  readonly #debugger: CDPSession;
  readonly #origin: string;
  readonly #registrations: string[];

  private constructor(profile: BrowserContext, session: CDPSession, origin: string, ids: string[]) {
    this.#profile = profile;
    this.#debugger = session;
    this.#origin = origin;
    this.#registrations = ids;
  }

  static async of(profile: BrowserContext, session: CDPSession, origin: string): Promise<Worker> {
    const ids: string[] = [];
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      for (const one of registrations) if (!one.isDeleted) ids.push(one.registrationId);
    });
    await session.send("ServiceWorker.enable");
    await until("the browser knows the page's service worker", () => ids.at(-1));
    return new Worker(profile, session, origin, ids);
  }

  async deliver(data: string): Promise<void> {
    const registrationId = this.#registrations.at(-1) ?? "";
    const message = { origin: this.#origin, registrationId, data };
    await this.#debugger.send("ServiceWorker.deliverPushMessage", message);
  }

  async notification(title: string): Promise<string> {
    const worker = await this.#running();
    return until(`a notification says “${title}”`, async () => {
      const titles = await worker.evaluate(titlesShown);
      return titles.find((one) => one === title);
    });
  }

  /** The notification with this title. */
  async press(action: "answer" | "decline", title: string): Promise<void> {
    await (await this.#running()).evaluate(pressShown, [action, title] as const);
  }

  /** Where it wanted a window opened. */
  async opened(): Promise<string> {
    const worker = await this.#running();
    return until("a page is opened", () => worker.evaluate(windowWanted));
  }

  #running() {
    return until("the service worker runs", () => this.#profile.serviceWorkers().at(-1));
  }
}

/** These run in the page, and in its service worker. */
function subscribeAtStandIn(): void {
  const subscribes = Reflect.get(globalThis, "standInSubscribes");
  Object.assign(PushManager.prototype, {
    async subscribe({ applicationServerKey }: { applicationServerKey: string }) {
      const made = await subscribes(applicationServerKey);
      return { ...made, toJSON: () => made, unsubscribe: async () => true };
    },
    getSubscription: async () => null,
  });
}

interface Shown {
  readonly title: string;
}
interface WorkerScope {
  readonly registration: { getNotifications(): Promise<readonly Shown[]> };
  readonly clients: {
    matchAll(options: object): Promise<readonly { readonly url: string }[]>;
    openWindow: (url: string) => Promise<unknown>;
  };
  windowWanted?: string;
  dispatchEvent(event: Event): boolean;
}

async function titlesShown(): Promise<readonly string[]> {
  const scope = globalThis as unknown as WorkerScope;
  return (await scope.registration.getNotifications()).map(({ title }) => title);
}

async function pressShown([action, wanted]: readonly [string, string]): Promise<void> {
  const scope = globalThis as unknown as WorkerScope;
  delete scope.windowWanted;
  // Only a real press may open a window: who presses here opens it.
  scope.clients.openWindow = async (url) => {
    scope.windowWanted = url;
    for (let tries = 0; tries < 100; tries++) {
      const all = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
      const found = all.find((one) => one.url.startsWith(url));
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return null;
  };
  // In no order that means anything: one that was missed before may be the last of them.
  const all = await scope.registration.getNotifications();
  const notification = all.find(({ title }) => title === wanted);
  const Made = Reflect.get(globalThis, "NotificationEvent");
  const event = new Made("notificationclick", { notification, action });
  // One that is made cannot be waited for.
  Object.defineProperty(event, "waitUntil", { value: () => {} });
  scope.dispatchEvent(event);
}

function windowWanted(): string | undefined {
  return (globalThis as unknown as WorkerScope).windowWanted;
}
