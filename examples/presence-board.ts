/**
 * Who is there, and who is on the phone: watches others, and is told when something changes.
 *
 *   node examples/presence-board.ts
 */
import { isOpen } from "carillon/documents";
import { notify, ownPresence, presence, subscribe } from "carillon/events";
import { Phone } from "carillon/node";

const here = { host: "127.0.0.1", port: 0 };
const open = (name: string) => Phone.open({ aor: `sip:${name}@127.0.0.1`, local: here, voice: {} });

// ---- two people, who let others know -----------------------------------------------------------

await using anna = await open("anna");
await using ben = await open("ben");
for (const phone of [anna, ben]) {
  notify(phone, presence, ownPresence(phone), { allow: () => true });
}
const answering = (async () => {
  for await (const call of ben.calls()) await call.answer({ audio: true, video: false });
})();

// ---- the board ---------------------------------------------------------------------------------

await using board = await open("board");
const shown = new Map<string, string>();
const uriOf = (phone: typeof anna) => `${phone.aor}:${phone.addresses[0]?.port}`;
let changed = (): void => {};

async function watch(phone: typeof anna, signal: AbortSignal): Promise<void> {
  const watching = subscribe(board, presence, uriOf(phone), { signal });
  for await (const { value } of watching.notifications()) {
    const state = value.activities[0] ?? (isOpen(value) ? "there" : "away");
    if (shown.get(value.entity) === state) continue;
    shown.set(value.entity, state);
    console.log(`${value.entity.slice("sip:".length).split("@")[0]} is ${state}`);
    changed();
  }
}
const stop = new AbortController();
const watching = [anna, ben].map((phone) => watch(phone, stop.signal));

async function until(state: string): Promise<void> {
  while ([...shown.values()].filter((one) => one === state).length < 2) {
    await new Promise<void>((resolve) => (changed = resolve));
  }
}

await until("there");
const call = anna.call(uriOf(ben));
await call.answered;
await until("on-the-phone");
call.hangUp();
await until("there");

stop.abort();
await Promise.all(watching);
await Promise.all([anna, ben, board].map((phone) => phone.close()));
await answering;
console.log("The board is closed.");
