/**
 * kill -9 while people talk straight to each other and to elsewhere: their calls go on without the
 * program, and the next run knows of them. Lamps are lit, legs are counted and end by their BYEs,
 * records have their true length, and the calls of a day are as many as were made.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { dialogs, subscribe } from "carillon/events";
import { type Call, Phone, type VoiceMedia } from "carillon/node";
import { CountingGateway, seeded } from "carillon/testing";
import { Stranger } from "../attacks/stranger.ts";
import { Baresip } from "../interop/baresip.ts";
import { type Credentials, DOMAIN, House, SERVER_ADDRESS } from "../interop/house.ts";
import { demand } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";

const GATEWAY = "127.0.0.20";
const FAR = `sip:1@${GATEWAY}`;
const LOCAL = { host: "127.0.0.1", port: 0 } as const;
const DESCRIPTION = [
  ...["v=0", `o=- 1 1 IN IP4 ${GATEWAY}`, "s=-", `c=IN IP4 ${GATEWAY}`, "t=0 0"],
  ...["m=audio 30000 RTP/AVP 0", ""],
].join("\r\n");
const SOON_MS = 10_000;
/** Lamps are written once a second. */
const WRITTEN_MS = 1500;
/** What a record may be wrong by: two phones' and one server's turns. */
const LENGTH_MS = 400;
const MOST_A_DAY = 5;

type Talk = Call<VoiceMedia>;

/** A busy machine turns nobody away here: what is asked is how much may be called. */
const OPEN = { domains: [GATEWAY], overload: false };

/** Calls go straight from phone to phone, and to one gateway. */
const started = (folder: string, dialling: object, media: Media): Promise<House> =>
  House.start(folder, { config: { ...OPEN, dialling }, args: ["--media", media] });
type Media = "always" | "never";

export async function outlivingCalls(folder: string, kills: number, seed: number): Promise<string> {
  const random = seeded(seed);
  const stage = await Stage.open(folder, { atOnce: 1 });
  const ben = await stage.baresip("Ben");
  const watcher = await stage.phone("Dave");
  const lamp = new Lamp(watcher, stage.caller.aor);
  let worstMs = 0;
  for (let nth = 1; nth <= kills; nth++) {
    const inside = await stage.call(`sip:${ben.user}@${DOMAIN}`);
    const sinceMs = performance.now();
    const outside = await stage.call(FAR);
    await lamp.shows(2);
    await pause(WRITTEN_MS + 1000 * random());
    await stage.house.kill();
    stage.damage(`damaged-${nth}`);
    await pause(2000 * random());
    lamp.restarted();
    await stage.start();
    await lamp.shows(2);
    demand(lamp.darkest === 2, `the lamp showed ${lamp.darkest} calls for a while`);
    await goesOn(stage, [inside, outside], nth);
    const before = ben.events.length;
    inside.hangUp();
    const talkedMs = performance.now() - sinceMs;
    await ben.event("CALL_CLOSED", before);
    await lamp.shows(1);
    stage.hangUpThere();
    const isOver = () => outside.state.name === "Ended" || undefined;
    await until("the gateway's BYE came through", isOver, SOON_MS);
    await lamp.shows(0);
    demand((await stage.counted()) === 0, "the leg that ended is counted all the same");
    worstMs = Math.max(worstMs, Math.abs((await stage.lastRecordMs(ben.user)) - talkedMs));
    demand(worstMs < LENGTH_MS, `a record is wrong by ${worstMs.toFixed(0)} ms`);
  }
  demand(lamp.states.join() === "Subscribing,Active", `subscribed anew: ${lamp.states.join()}`);
  await ben.quit();
  await stage.close();
  return (
    `${kills} kills, a call inside (baresip) and one to elsewhere over each: lamps lit as before ` +
    `and never dark, legs counted and ended by their BYEs, ` +
    `records wrong by ${worstMs.toFixed(0)} ms at most, a damaged row each said and left out`
  );
}

/** What is so while both go on, in the run that has not seen them begin. */
async function goesOn(stage: Stage, calls: readonly Talk[], nth: number): Promise<void> {
  const states = calls.map(({ state }) => state.name);
  demand(states.join() === "Established,Established", `the calls are ${states.join()}`);
  demand((await stage.counted()) === 1, "the leg to elsewhere is not counted");
  const live = JSON.parse(await stage.house.carillon("calls", "--live", "--json")) as unknown[];
  demand(live.length === 2, `calls --live knows ${live.length}`);
  const words = await stage.refusal();
  demand(words.includes("at a time"), `a second call to elsewhere: ${words}`);
  const said = stage.house.lines.filter((line) => line.includes(`damaged-${nth}`));
  demand(said.length === 1, `the damaged row was said ${said.length} times`);
}

export async function dailyBudget(folder: string, kills: number, seed: number): Promise<string> {
  const random = seeded(seed);
  const stage = await Stage.open(folder, { callsEachDay: MOST_A_DAY, atOnce: 10 });
  const refused: string[] = [];
  for (let nth = 0; nth < kills; nth++) {
    const isIn = stage.gateway.answered < MOST_A_DAY;
    const call = isIn ? await stage.call(FAR) : undefined;
    if (!call) refused.push(await stage.refusal());
    // Some are over by the kill, and some go on over it.
    if (nth % 2) call?.hangUp();
    await pause(30 + 300 * random());
    await stage.house.kill();
    await stage.start();
    if (call && nth % 2 === 0) call.hangUp();
  }
  const { answered } = stage.gateway;
  const wrong = refused.find((words) => !words.includes("too many calls to elsewhere today"));
  demand(wrong === undefined, `refused in other words: ${wrong}`);
  demand(answered === MOST_A_DAY, `the gateway answered ${answered} calls of ${MOST_A_DAY}`);
  demand(refused.length === kills - MOST_A_DAY, `${refused.length} were refused`);
  const isFree = async () => ((await stage.counted()) === 0 ? true : undefined);
  await until("no leg is left", isFree, SOON_MS);
  await stage.close();
  return `${kills} kills: ${answered} calls of ${MOST_A_DAY} a day, ${refused.length} refused`;
}

/** Their media went through what was killed. */
export async function bridgedEnds(folder: string, kills: number, seed: number): Promise<string> {
  const random = seeded(seed);
  const stage = await Stage.open(folder, {}, "always");
  const ben = await stage.baresip("Ben");
  let slowestMs = 0;
  for (let nth = 1; nth <= kills; nth++) {
    const call = await stage.call(`sip:${ben.user}@${DOMAIN}`);
    await pause(WRITTEN_MS + 1000 * random());
    await stage.house.kill();
    const before = ben.events.length;
    await pause(2000 * random());
    demand(call.state.name === "Established", `the call is ${call.state.name} before anybody says`);
    const startMs = performance.now();
    await stage.start();
    await call.ended;
    await ben.event("CALL_CLOSED", before, undefined, SOON_MS);
    slowestMs = Math.max(slowestMs, performance.now() - startMs);
    await stage.lastRecordMs(ben.user);
  }
  await ben.quit();
  await stage.close();
  const within = `within ${slowestMs.toFixed(0)} ms of its being started`;
  return `${kills} kills: baresip and a phone of ours are told ${within}, each record has its end`;
}

/** A house, somebody who calls, and the gateway. */
class Stage {
  readonly gateway = new CountingGateway({ at: `${GATEWAY}:5060`, description: DESCRIPTION });
  #house!: House;
  #caller!: Phone<VoiceMedia>;
  #socket!: Stranger;
  readonly #folder: string;
  readonly #dialling: object;
  readonly #media: Media;
  readonly #phones: Phone<VoiceMedia>[] = [];
  #starts = 0;

  private constructor(folder: string, dialling: object, media: Media) {
    this.#folder = folder;
    this.#dialling = dialling;
    this.#media = media;
  }

  static async open(folder: string, dialling: object, media: Media = "never"): Promise<Stage> {
    const stage = new Stage(folder, dialling, media);
    const socket = await Stranger.at(GATEWAY, 5060);
    socket.onHeard = (text) => {
      for (const said of stage.gateway.hears(text)) socket.say(said);
    };
    stage.#socket = socket;
    await stage.start();
    stage.#caller = await stage.phone("Anna");
    return stage;
  }

  get house(): House {
    return this.#house;
  }

  get caller(): Phone<VoiceMedia> {
    return this.#caller;
  }

  async start(): Promise<void> {
    this.#starts++;
    const house = await started(this.#folder, this.#dialling, this.#media);
    this.#house = house;
    // Its log goes on where the one before ended.
    const isUp = (): true | undefined =>
      house.lines.filter((line) => line.includes("Stop with Ctrl+C")).length === this.#starts ||
      undefined;
    await until("the house is up again", isUp, 2 * SOON_MS);
  }

  async phone(name: string): Promise<Phone<VoiceMedia>> {
    const { user, password } = await this.#house.addDeskPhone(name);
    const phone = await Phone.open({
      ...{ aor: `sip:${user}@${DOMAIN}`, password, server: SERVER_ADDRESS, local: LOCAL },
      voice: { address: LOCAL.host },
    });
    this.#phones.push(phone);
    await phone.register();
    return phone;
  }

  async baresip(name: string): Promise<Baresip> {
    const credentials: Credentials = await this.#house.addDeskPhone(name);
    const own = { credentials, folder: this.#folder, nth: 1 };
    const one = await Baresip.start({ ...own, toneHz: 440, answers: true });
    await one.registered();
    return one;
  }

  /** Once it is answered. */
  async call(to: string): Promise<Talk> {
    const call = this.#caller.call(to, { audio: true, video: false });
    await call.answered;
    return call;
  }

  /** A call to elsewhere that is not let out: what is said. */
  async refusal(): Promise<string> {
    const call = this.#caller.call(FAR, { audio: true, video: false });
    const refused = call.answered.then(
      () => "it was answered",
      async () => (await call.ended).message,
    );
    return await refused;
  }

  hangUpThere(): void {
    const bye = this.gateway.hangUp(0);
    if (bye === undefined) throw new Error("nobody talks at the gateway");
    this.#socket.say(bye);
  }

  /** Legs to elsewhere, as the house counts them. */
  async counted(): Promise<number> {
    return (await this.#house.status()).outgoing.outside;
  }

  /** While it does not run: half of a row, as a bad disk has it. */
  damage(id: string): void {
    const db = this.#database();
    const row = db.prepare("INSERT INTO event_state VALUES ('leg', ?, ?, '{\"id\":\"da')");
    row.run(id, Date.now() + 600_000);
    db.close();
  }

  /** How long the last call to this person lasted, as its record has it. */
  async lastRecordMs(callee: string): Promise<number> {
    const select = `SELECT ended_at - answered_at AS ms FROM call
      WHERE callee = ? ORDER BY invited_at DESC LIMIT 1`;
    const ended = (): number | undefined => {
      const db = this.#database();
      const row = db.prepare(select).get(callee) as { ms: number | null } | undefined;
      db.close();
      return row?.ms ?? undefined;
    };
    return until("the record has its end", ended, SOON_MS);
  }

  async close(): Promise<void> {
    await Promise.all(this.#phones.map((phone) => phone.close()));
    this.#socket.close();
    await this.#house.stop();
  }

  #database(): DatabaseSync {
    return new DatabaseSync(join(this.#folder, "data", "carillon.sqlite"));
  }
}

/** Somebody's busy lamp on another phone. */
class Lamp {
  readonly states: string[] = [];
  /** The fewest calls that it has shown since the restart. */
  darkest = Number.POSITIVE_INFINITY;
  #shown = -1;

  constructor(by: Phone<VoiceMedia>, whom: string) {
    const watched = subscribe(by, dialogs, whom);
    void (async () => {
      for await (const { name } of watched.states()) this.states.push(name);
    })();
    void (async () => {
      for await (const info of watched.values()) {
        this.#shown = info.dialogs.filter(({ state }) => state === "confirmed").length;
        this.darkest = Math.min(this.darkest, this.#shown);
      }
    })();
  }

  /** From now on only what the next run tells counts. */
  restarted(): void {
    this.#shown = -1;
    this.darkest = Number.POSITIVE_INFINITY;
  }

  async shows(calls: number): Promise<void> {
    const isSo = (): true | undefined => this.#shown === calls || undefined;
    await until(`the lamp shows ${calls} calls`, isSo, SOON_MS);
  }
}
