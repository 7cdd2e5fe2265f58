/**
 * What runs while the page is closed: shows what the house says, and opens the page for it. A file
 * of its own, with nothing of the page in it but words.
 */
import { type Note, readNote, wordsOf } from "./note.ts";

/** Of a service worker's names, those that are used: the page's own types know none of them. */
interface Worker {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(options: object): Promise<readonly Client[]>;
    openWindow(url: string): Promise<Client | null>;
    claim(): Promise<void>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: string, listener: (event: WorkerEvent) => void): void;
}
interface Client {
  readonly url: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown, ports: readonly MessagePort[]): void;
}
interface WorkerEvent {
  waitUntil(done: Promise<unknown>): void;
  readonly data?: { json(): unknown } | null;
  readonly action?: string;
  readonly notification?: Notification;
}

const worker = globalThis as unknown as Worker;
/** How long a page may take to hear what is wanted of it, and how often it is told. */
const TELL_FOR_MS = 15_000;
const TELL_EVERY_MS = 250;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("push", (event) => event.waitUntil(show(event)));
worker.addEventListener("notificationclick", (event) => event.waitUntil(pressed(event)));

async function show({ data }: WorkerEvent): Promise<void> {
  // A push without words is a wake-up as RFC 8599 has it: the page has to register.
  const note = noteIn(data) ?? { kind: "refresh" };
  const { title, body, actions, stays } = wordsOf(note);
  await worker.registration.showNotification(title, {
    ...{ body, tag: note.id ?? note.kind, icon: "/favicon.svg", data: note },
    ...{ actions, requireInteraction: stays, renotify: stays, silent: note.kind === "over" },
  } as NotificationOptions);
}

function noteIn(data: WorkerEvent["data"]): Note | undefined {
  try {
    return data ? readNote(data.json()) : undefined;
  } catch {
    return undefined;
  }
}

async function pressed({ notification, action }: WorkerEvent): Promise<void> {
  const note = readNote(notification?.data);
  notification?.close();
  const { scope } = worker.registration;
  if (note?.kind === "call" && action === "decline") {
    return decline(scope, note.id ?? "");
  }
  const open = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const here = open.find(({ url }) => url.startsWith(scope));
  await here?.focus();
  const page = here ?? (await worker.clients.openWindow(scope));
  if (page && note) await tell(page, note);
}

async function decline(scope: string, id: string): Promise<void> {
  await fetch(`${scope}api/push/decline`, {
    ...{
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json" },
    },
    body: JSON.stringify({ id }),
  });
}

/** Again and again, until the page says that it has heard: it may be loading still. */
async function tell(page: Client, note: Note): Promise<void> {
  let isHeard = false;
  for (let ms = 0; ms < TELL_FOR_MS && !isHeard; ms += TELL_EVERY_MS) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      isHeard = true;
    };
    page.postMessage({ carillon: "pressed", note }, [port2]);
    await new Promise((resolve) => setTimeout(resolve, TELL_EVERY_MS));
  }
}
