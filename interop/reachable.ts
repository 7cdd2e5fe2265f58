/**
 * Staying reachable, on real sockets: a server that is killed in mid-call, and no server at all.
 * Tones tell whether people hear each other.
 */
import { join } from "node:path";
import type { Call, CallState, VoiceMedia } from "carillon/node";
import { multicastNeighbours } from "carillon-server/neighbours";
import { Baresip } from "./baresip.ts";
import { type Credentials, House } from "./house.ts";
import { demand, type Report } from "./report.ts";
import { secondsOf } from "./tone.ts";
import { pause, until } from "./until.ts";
import { VoicePhone } from "./voice-phone.ts";

const WEB_SOCKET = "ws://127.0.0.1:8080/sip";
const DOWN_MS = 10_000;
/** After the server is there again. */
const BACK_MS = 3000;
const TALK_MS = 3500;
const HEARD_SECONDS = 1.8;
const FOUND_MS = 3000;
const [OUR_TONE_HZ, THEIR_TONE_HZ] = [1000, 440];

/** With a house of its own, which it kills. */
export async function reachable(folder: string, report: Report): Promise<void> {
  await report.check("a call whose server is killed for ten seconds goes on", () =>
    outage(join(folder, "outage")),
  );
  await alone(folder, report);
}

async function outage(folder: string): Promise<string> {
  let house = await House.start(folder);
  const [kim, lee] = await house.addDeskPhones(["Kim", "Lee"] as const);
  const one = await VoicePhone.over(WEB_SOCKET, kim, OUR_TONE_HZ);
  const other = await VoicePhone.over(WEB_SOCKET, lee, THEIR_TONE_HZ);
  try {
    let from: Call<VoiceMedia> | undefined;
    const to = await other.answered(() => {
      from = one.phone.call(other.phone.aor);
    });
    const call = from as unknown as Call<VoiceMedia>;
    await call.answered;
    const states = namesOf(call);
    process.kill(house.pid, "SIGKILL");
    one.listen();
    other.listen();
    await pause(DOWN_MS);
    demand(call.state.name === "Reconnecting", `the call was ${call.state.name} meanwhile`);
    const meanwhile = Math.min(one.heardSeconds(THEIR_TONE_HZ), other.heardSeconds(OUR_TONE_HZ));
    demand(meanwhile > 0.9 * (DOWN_MS / 1000), `they heard each other for ${meanwhile} s of 10`);
    house = await House.start(folder);
    const startMs = performance.now();
    await until("both are back", () => areBack(call, to), BACK_MS);
    const backMs = performance.now() - startMs;
    await call.hold();
    demand(heldIn(to) === "ByThem", `the other side says: held by ${heldIn(to)}`);
    await call.resume();
    to.hangUp();
    demand((await call.ended).by === "remote", "the end was not heard");
    const seconds = [meanwhile, backMs / 1000].map((value) => value.toFixed(1));
    return `${states.join(", ")}; heard for ${seconds[0]} s of 10, back after ${seconds[1]} s`;
  } finally {
    await Promise.all([one.close(), other.close()]);
    await house.stop();
  }
}

const areBack = (...calls: readonly Call<VoiceMedia>[]): true | undefined =>
  calls.every(({ state }) => state.name === "Established") || undefined;

const heldIn = ({ state }: Call<VoiceMedia>): string =>
  state.name === "Established" ? (state.held ?? "nobody") : state.name;

function namesOf(call: Call<VoiceMedia>): CallState["name"][] {
  const names: CallState["name"][] = [];
  void (async () => {
    for await (const { name } of call.states()) names.push(name);
  })();
  return names;
}

/** Two phones of the library and a baresip that know each other's address, and no server. */
async function alone(folder: string, report: Report): Promise<void> {
  const pat: Credentials = { user: "pat", password: "none" };
  const options = { folder, credentials: pat, nth: 31, toneHz: THEIR_TONE_HZ, answers: true };
  const baresip = await Baresip.start({ ...options, isAlone: true });
  const one = await VoicePhone.at({ host: "127.0.0.1", port: 5191 }, "kim", OUR_TONE_HZ);
  const other = await VoicePhone.at({ host: "127.0.0.1", port: 5192 }, "lee", THEIR_TONE_HZ);
  const check = (what: string, run: () => Promise<string>) =>
    report.check(`without a server: a phone of the library ${what}`, run);
  for (const transport of ["", ";transport=tcp"]) {
    await check(`calls baresip at its address${transport && " over TCP"}`, async () => {
      const since = baresip.events.length;
      const call = one.phone.call(`sip:pat@127.0.0.1:${baresip.port}${transport}`);
      await call.answered;
      try {
        return await talk(one, () => baresip.heard.at(-1) ?? new Float64Array());
      } finally {
        call.hangUp();
        await baresip.event("CALL_CLOSED", since);
      }
    });
  }
  await check("is called by baresip at its address", async () => {
    const call = await one.answered(() => baresip.command("dial", "sip:kim@127.0.0.1:5191"));
    const figure = await talk(one, () => baresip.heard.at(-1) ?? new Float64Array());
    await baresip.command("hangup");
    demand((await call.ended).by === "remote", "baresip did not hang up");
    return figure;
  });
  await check("finds a neighbour within three seconds, and calls it by one word", () =>
    byOneWord(one, other),
  );
  await Promise.all([one.close(), other.close()]);
  await baresip.quit();
}

async function byOneWord(one: VoicePhone, other: VoicePhone): Promise<string> {
  const join = (name: string, user: string, port: number) =>
    multicastNeighbours({
      name,
      interfaces: ["127.0.0.1"],
      self: () => ({
        ...{ user, status: "online", host: `${user}-interop.local`, port },
        addresses: ["127.0.0.1"],
      }),
    });
  await using kim = await join("Kim", "kim", 5191);
  const startMs = performance.now();
  await using lee = await join("Lee", "lee", 5192);
  const found = await until("Lee is found", () => kim.neighbours.called("lee"), FOUND_MS);
  await until("Kim is found", () => lee.neighbours.called("kim"), FOUND_MS);
  const foundMs = performance.now() - startMs;
  demand(found.status === "online", `Lee is ${found.status}`);
  let call: Call<VoiceMedia> | undefined;
  await other.answered(() => {
    call = one.phone.call(found.uri);
  });
  const figure = await talk(one, () => other.heard);
  call?.hangUp();
  return `found after ${(foundMs / 1000).toFixed(1)} s; ${figure}`;
}

/** Resolves to how long each heard the other's tone. */
async function talk(one: VoicePhone, heardThere: () => Float64Array): Promise<string> {
  one.listen();
  await pause(TALK_MS);
  const here = one.heardSeconds(THEIR_TONE_HZ);
  const there = secondsOf(OUR_TONE_HZ, heardThere());
  demand(here >= HEARD_SECONDS, `we heard ${THEIR_TONE_HZ} Hz for ${here} s`);
  demand(there >= HEARD_SECONDS, `the other side heard ${OUR_TONE_HZ} Hz for ${there} s`);
  return `${there.toFixed(1)} s of ${OUR_TONE_HZ} Hz there, ${here.toFixed(1)} s here`;
}
