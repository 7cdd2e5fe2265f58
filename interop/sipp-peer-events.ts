/** Events between phones of the library and SIPp, with no server between them: both ways. */

import type { Presence } from "carillon/documents";
import {
  dialogs,
  notify,
  ownDialogs,
  ownPresence,
  presence,
  publish,
  type Subscription,
  subscribe,
} from "carillon/events";
import { Phone } from "carillon/node";
import { silentMedia } from "carillon/testing";
import { PEER_AOR, PeerPhone } from "./peer-phone.ts";
import { demand, type Report } from "./report.ts";
import { CALLEE_PORT, type Run, SippRunner } from "./sipp.ts";
import { pause, until } from "./until.ts";

const HOST = "127.0.0.1";
const PHONE_PORT = 5076;
const RUNS_BEFORE = 300;
const WAIT_MS = 8000;
const SERVICE = `sip:svc@${HOST}:${CALLEE_PORT}`;
const TARGET = `${PEER_AOR.slice(4)}:${PHONE_PORT}`;
const SIDE = { people: [{ user: "svc", password: "none" }], calls: 1, target: TARGET };

export async function sippPeerEvents(folder: string, report: Report): Promise<void> {
  const sipp = new SippRunner(folder, RUNS_BEFORE);
  const own = await PeerPhone.open(PHONE_PORT);
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`events, and SIPp with no server: ${name}`, run);
  try {
    await check("subscribes for longer after a 423", () => watches(own, sipp, "brief", ended));
    await check("is told that the event is unknown", () => unknown(own, sipp));
    await check("hears a NOTIFY that is before the 200", () => watches(own, sipp, "early", ended));
    await check("shows what comes twice once, and nothing older", () => repeated(own, sipp));
    await check("ends when the notifier has forgotten it", () => forgotten(own, sipp));
    await check("publishes for longer after a 423, and anew after a 412", () => publishes(sipp));
    await tells(own, sipp, check);
  } finally {
    await own.close();
  }
}

type Act = (watching: Subscription<Presence>, seen: readonly string[]) => Promise<string>;
type Check = (name: string, run: () => Promise<string>) => Promise<void>;

/** Our phone watches SIPp. */
async function watches(own: PeerPhone, sipp: SippRunner, kind: string, act: Act): Promise<string> {
  const run: Run = { ...SIDE, scenario: `peer-${kind}-notifier`, countsRepeats: true };
  const { result } = await sipp.answer(run, async () => {
    const watching = subscribe(own.phone, presence, SERVICE, { again: false });
    const seen: string[] = [];
    void (async () => {
      for await (const { notes } of watching.values()) seen.push(notes.join());
    })();
    return act(watching, seen);
  });
  return result;
}

async function ended(watching: Subscription<Presence>, seen: readonly string[]): Promise<string> {
  await watching.established;
  await until("it is told", () => seen.includes("At my desk") || undefined, WAIT_MS);
  await watching.end();
  return `“${seen[0]}”, then ${watching.state.name}`;
}

const unknown = (own: PeerPhone, sipp: SippRunner): Promise<string> =>
  watches(own, sipp, "unknown", async (watching) => {
    const why = await watching.established.then(
      () => "it was taken",
      (error: { readonly status?: number }) => error.status,
    );
    demand(why === 489, `it ended with ${why}`);
    return `${why}`;
  });

const repeated = (own: PeerPhone, sipp: SippRunner): Promise<string> =>
  watches(own, sipp, "repeating", async (watching, seen) => {
    for await (const { name } of watching.states()) if (name === "Ended") break;
    demand(seen.join(" | ") === "At my desk | Gone home", `it showed ${seen.join(" | ")}`);
    const { state } = watching;
    const reason = state.name === "Ended" ? state.reason : "";
    demand(reason === "noresource", `it ended with ${reason}`);
    return `${seen.join(", ")}; ${reason}`;
  });

const forgotten = (own: PeerPhone, sipp: SippRunner): Promise<string> =>
  watches(own, sipp, "forgetful", async (watching) => {
    await watching.established;
    watching.refresh();
    for await (const { name } of watching.states()) if (name === "Ended") break;
    const { state } = watching;
    const status = state.name === "Ended" ? state.error?.status : undefined;
    demand(status === 481, `it ended with ${status}`);
    return `${status}`;
  });

async function publishes(sipp: SippRunner): Promise<string> {
  const run: Run = { ...SIDE, scenario: "peer-publish-server", calls: 2 };
  const { result } = await sipp.answer(run, async () => {
    const phone = await Phone.open({
      ...{ aor: `sip:own@${HOST}`, server: { host: HOST, port: CALLEE_PORT } },
      ...{ local: { host: HOST, port: 0 }, media: () => silentMedia(HOST) },
    });
    await phone.register();
    const state = ownPresence(phone, { note: "one" });
    const publication = publish(phone, presence, state.value());
    await publication.published;
    state.set({ note: "two" });
    const tags: string[] = [];
    const isPublishedAnew = (async () => {
      for await (const one of publication.states()) {
        if (one.name === "Published" && one.etag !== undefined) tags.push(one.etag);
        if (tags.includes("second")) return;
      }
    })();
    publication.update(state.value());
    await isPublishedAnew;
    await publication.remove();
    await phone.close();
    return tags.join(", ");
  });
  return result;
}

/** SIPp watches our phone. */
async function tells(own: PeerPhone, sipp: SippRunner, check: Check): Promise<void> {
  const state = ownPresence(own.phone, { note: "open" });
  const all = { allow: () => true };
  const telling = notify(own.phone, presence, state, all);
  const calls = notify(own.phone, dialogs, ownDialogs(own.phone), all);
  const ask = (kind: string): Promise<unknown> =>
    sipp.ask({ ...SIDE, scenario: `peer-${kind}-watcher`, server: `${HOST}:${PHONE_PORT}` });
  /** Something changes once SIPp is there. */
  const changed = async (kind: string, act: () => Promise<unknown>): Promise<string> => {
    const asked = ask(kind);
    asked.catch(() => {});
    await until("SIPp watches", () => telling.watchers.length || undefined, WAIT_MS);
    await act();
    await asked;
    return "told, refreshed and ended";
  };
  await check("tells somebody who asks once", async () => {
    await ask("once");
    return "one NOTIFY";
  });
  await check("wants to be asked for a minute at least", async () => {
    await ask("brief");
    return "423, then 200";
  });
  await check("refuses an event that it does not know", async () => {
    await ask("unknown");
    return "489";
  });
  await check("tells what changes, at refreshes and at the end", () =>
    changed("plain", async () => state.set({ note: "Gone home" })),
  );
  state.set({ note: "open" });
  await check("says no more to a watcher who answers 481", async () => {
    const asked = ask("dead");
    asked.catch(() => {});
    await pause(STAGE_MS);
    state.set({ note: "Gone home" });
    await asked;
    return `${telling.watchers.length} watch`;
  });
  await check("lights a busy lamp", () => lamp(own, () => ask("lamp")));
  telling.close();
  calls.close();
}

/** Each of the three is told by itself: a NOTIFY a second. */
const STAGE_MS = 1500;

async function lamp(own: PeerPhone, ask: () => Promise<unknown>): Promise<string> {
  const other = await PeerPhone.open(PHONE_PORT + 2);
  const coming = own.phone.calls();
  try {
    const asked = ask();
    asked.catch(() => {});
    await pause(STAGE_MS);
    const call = other.phone.call(`sip:${TARGET}`);
    const { value: taken } = await coming.next();
    await pause(STAGE_MS);
    await taken?.answer();
    await call.answered;
    await pause(STAGE_MS);
    call.hangUp();
    await asked;
    return "none, early, confirmed, terminated";
  } finally {
    void coming.return?.();
    await other.close();
  }
}
