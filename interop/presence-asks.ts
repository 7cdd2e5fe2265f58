/** Presence with a server that was not written here: what one phone publishes, others see. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  dialogs,
  fetchState,
  messageSummary,
  ownDialogs,
  ownPresence,
  presence,
  presenceList,
  publish,
  registrations,
  type Subscription,
  subscribe,
  watcherInfo,
} from "carillon/events";
import { keptMessages } from "./kept-messages.ts";
import { OwnPhone } from "./own-phone.ts";
import {
  CHICAGO,
  LIST,
  PRESENCE_SERVER,
  startPresenceServer,
  stopPresenceServer,
} from "./presence-server.ts";
import { demand, type Report } from "./report.ts";
import { until } from "./until.ts";

const WAIT_MS = 8000;

export async function presenceAsks(above: string, report: Report): Promise<void> {
  const folder = join(above, "chicago");
  mkdirSync(folder);
  const server = await startPresenceServer(folder);
  const open = (user: string, rtpPort: number) =>
    OwnPhone.open({
      ...{ aor: `sip:${user}@${CHICAGO}`, password: "anything" },
      ...{ server: PRESENCE_SERVER, rtpPort },
    });
  const [ann, ben] = [await open("ann", 30_040), await open("ben", 30_050)];
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`Kamailio's presence server: ${name}`, run);
  try {
    await check("what one phone publishes, another sees, and its changes", () => seen(ann, ben));
    await check("a publication is refreshed, and gone when it is taken back", () => gone(ann, ben));
    await check("a call is told of as it goes", () => toldOfCall(ann, ben));
    await check("who signs in is told of, and who signs off", () => toldOfRegistration(ann, open));
    await check("what waits in a mailbox is told of", () => toldOfMail(ann, ben));
    await check("who watches is told of", () => toldOfWatcher(ann, ben));
    await check("all on a list are told of by one subscription", () => toldOfList(ann, ben));
    await keptMessages(ann, report);
  } finally {
    for (const phone of [ann, ben]) await phone.close();
    await stopPresenceServer(server);
  }
}

/** The next thing that is said, in time. */
async function next<T>(values: AsyncIterator<T>, what: string): Promise<T> {
  let found: { readonly value: T } | undefined;
  void values.next().then(({ value, done }) => {
    if (!done) found = { value };
  });
  return (await until(what, () => found, WAIT_MS)).value;
}

async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  let found: { readonly value: T } | undefined;
  let why: unknown;
  promise.then(
    (value) => {
      found = { value };
    },
    (error: unknown) => {
      why = error;
    },
  );
  return (
    await until(
      what,
      () => {
        if (why) throw why;
        return found;
      },
      WAIT_MS,
    )
  ).value;
}

async function seen(ann: OwnPhone, ben: OwnPhone): Promise<string> {
  const own = ownPresence(ann.phone, { note: "at her desk" });
  const publication = publish(ann.phone, presence, own.value());
  await inTime(publication.published, "it is published");
  const watching = subscribe(ben.phone, presence, ann.phone.aor);
  await inTime(watching.established, "it is subscribed");
  const values = watching.values();
  const first = await next(values, "ben sees ann");
  demand(first.notes.includes("at her desk"), `he saw ${JSON.stringify(first)}`);
  demand(first.tuples[0]?.basic === "open", "she is not open");
  own.set({ note: "at lunch & away", activities: ["lunch"], isClosed: true });
  publication.update(own.value());
  const second = await next(values, "ben sees that she left");
  demand(second.notes.includes("at lunch & away"), `he saw ${JSON.stringify(second)}`);
  demand(second.activities.includes("lunch"), `she does ${second.activities.join()}`);
  demand(second.tuples[0]?.basic === "closed", "she is open");
  await inTime(watching.end(), "he stops watching");
  await inTime(publication.remove(), "it is taken back");
  return `${watching.state.name}, ${publication.state.name}`;
}

async function gone(ann: OwnPhone, ben: OwnPhone): Promise<string> {
  const own = ownPresence(ann.phone, { note: "back" });
  // Half of twelve seconds later it is refreshed.
  const publication = publish(ann.phone, presence, own.value(), { expiresSeconds: 12 });
  const tags = new Set<string>();
  void (async () => {
    for await (const state of publication.states()) {
      if (state.name === "Published" && state.etag !== undefined) tags.add(state.etag);
    }
  })();
  await until("it is refreshed", () => tags.size > 1 || undefined, 12_000);
  const state = await inTime(fetchState(ben.phone, presence, ann.phone.aor), "ben asks once");
  demand(state.notes.includes("back"), `he saw ${JSON.stringify(state)}`);
  await inTime(publication.remove(), "it is taken back");
  const later = await inTime(
    fetchState(ben.phone, presence, ann.phone.aor).then(
      ({ notes }) => notes.join(),
      (error: Error) => error.message,
    ),
    "ben asks again",
  );
  demand(!later.includes("back"), `he saw ${later}`);
  return `${tags.size} tags; then "${later}"`;
}

async function toldOfCall(ann: OwnPhone, ben: OwnPhone): Promise<string> {
  const own = ownDialogs(ann.phone);
  const publication = publish(ann.phone, dialogs, own.value());
  const stop = own.watch?.(() => publication.update(own.value()));
  await inTime(publication.published, "it is published");
  const watching: Subscription<ReturnType<typeof own.value>> = subscribe(
    ben.phone,
    dialogs,
    ann.phone.aor,
  );
  const states = new Set<string>();
  void (async () => {
    for await (const { dialogs: all } of watching.values()) {
      for (const { state } of all) states.add(state);
    }
  })();
  const call = await ben.answered(() => ann.phone.call(ben.phone.aor));
  await until("ben sees her call", () => states.has("confirmed") || undefined, WAIT_MS);
  call.hangUp();
  await until("ben sees its end", () => states.has("terminated") || undefined, WAIT_MS);
  stop?.();
  await inTime(watching.end(), "he stops watching");
  await inTime(publication.remove(), "it is taken back");
  return [...states].join(", ");
}

type Open = (user: string, rtpPort: number) => Promise<OwnPhone>;

async function toldOfRegistration(ann: OwnPhone, open: Open): Promise<string> {
  const fred = await open("fred", 30_080);
  const watching = subscribe(ann.phone, registrations, fred.phone.aor);
  const seen: string[] = [];
  void (async () => {
    for await (const all of watching.values()) {
      seen.push(all.flatMap(({ contacts }) => contacts.map(({ state }) => state)).join("+"));
    }
  })();
  try {
    await inTime(watching.established, "it is subscribed");
    // It publishes changes only: REGISTER again is one.
    await fred.phone.register();
    await until("she sees his device", () => seen.includes("active") || undefined, WAIT_MS);
    await fred.close();
    const isGone = () => seen.at(-1) !== "active" || undefined;
    await until("she sees that it is gone", isGone, WAIT_MS);
    return seen.map((one) => one || "none").join(", ");
  } finally {
    await inTime(watching.end(), "she stops watching");
  }
}

async function toldOfMail(ann: OwnPhone, ben: OwnPhone): Promise<string> {
  const watching = subscribe(ben.phone, messageSummary, ben.phone.aor);
  await inTime(watching.established, "it is subscribed");
  const values = watching.values();
  const account = ben.phone.aor;
  const voice = { new: 2, old: 8, urgentNew: 0, urgentOld: 2 };
  const summary = { isWaiting: true, account, counts: new Map([["voice-message", voice]]) };
  const publication = publish(ann.phone, messageSummary, summary, { target: account });
  await inTime(publication.published, "it is published");
  const told = await next(values, "ben hears of it");
  const counted = told.counts.get("voice-message");
  demand(told.isWaiting && counted?.new === 2 && counted.urgentOld === 2, "it is not what waits");
  await inTime(watching.end(), "he stops watching");
  await inTime(publication.remove(), "it is taken back");
  return `${counted.new} new and ${counted.old} old`;
}

async function toldOfWatcher(ann: OwnPhone, ben: OwnPhone): Promise<string> {
  const own = subscribe(ann.phone, watcherInfo, ann.phone.aor);
  const seen: string[] = [];
  void (async () => {
    for await (const value of own.values()) seen.push(JSON.stringify(value));
  })();
  await inTime(own.established, "she asks who watches her");
  const watching = subscribe(ben.phone, presence, ann.phone.aor);
  await inTime(watching.established, "ben watches her");
  const isSeen = () => seen.at(-1)?.includes(ben.phone.aor) || undefined;
  await until("she sees that he watches", isSeen, WAIT_MS);
  await inTime(watching.end(), "he stops watching");
  await inTime(own.end(), "she stops asking");
  return `${seen.length} NOTIFYs`;
}

async function toldOfList(ann: OwnPhone, ben: OwnPhone): Promise<string> {
  const own = ownPresence(ann.phone, { note: "on the list" });
  const publication = publish(ann.phone, presence, own.value());
  await inTime(publication.published, "it is published");
  const watching = subscribe(ben.phone, presenceList, LIST.uri);
  const seen: string[] = [];
  void (async () => {
    for await (const list of watching.values()) {
      const notes = [...list.values()].map(({ uri, value }) => `${uri} ${value?.notes.join()}`);
      seen.push(notes.join(", "));
    }
  })();
  await inTime(watching.established, "he asks for the list");
  const sees = (note: string) =>
    until(`he sees ${note}`, () => seen.at(-1)?.includes(note) || undefined, WAIT_MS);
  await sees("on the list");
  own.set({ note: "still on the list" });
  publication.update(own.value());
  await sees("still on the list");
  // Of a list that is not watched any more, Kamailio says nothing.
  void watching.end();
  await inTime(publication.remove(), "it is taken back");
  return `${seen.length} NOTIFYs, the last: ${seen.at(-1)}`;
}
