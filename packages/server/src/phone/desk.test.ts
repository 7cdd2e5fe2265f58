import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silence } from "carillon/rtp";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { readCommand } from "../command.ts";
import { type Running, serve } from "../serve.ts";
import { defaultSettings } from "../settings.ts";
import { openStore } from "../store/store.ts";
import { carryOutForUser } from "../users.ts";
import { Acquaintances } from "./acquaintances.ts";
import { Desk } from "./desk.ts";
import type { Happening } from "./happening.ts";
import { openPhone } from "./open-phone.ts";
import { type ReadOrder, readOrder } from "./orders.ts";
import { Sound } from "./sound.ts";

const world = { clock: systemClock, hostname: "tower", colour: false };
let data: string;
let server: Running;
const secrets = new Map<string, string>();

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "carillon-desk-"));
  const off = { tlsPort: undefined, httpsPort: undefined };
  const settings = { ...defaultSettings, data, domain: "house.example", logLevel: "silent" };
  const ports = { host: "127.0.0.1", port: 0, sipPort: 0, ...off };
  server = await serve({ ...settings, ...ports }, world);
  for (const person of ["Anna", "Bob", "Carol"]) {
    const add = { kind: "Add", person, deskPhone: false, label: "", json: true } as const;
    const { password } = JSON.parse(carryOutForUser(add, settings, world));
    secrets.set(person.toLowerCase(), password);
  }
});

afterAll(async () => {
  await server.close();
  rmSync(data, { recursive: true, force: true });
});

const NOBODY = { get: () => undefined, list: () => [] };

/** A desk that is told words, and what it told since. */
class Terminal {
  readonly told: Happening[] = [];
  readonly #desk: Desk;
  readonly #phone: Awaited<ReturnType<typeof openPhone>>;

  private constructor(
    name: string,
    phone: Awaited<ReturnType<typeof openPhone>>,
    isUnseen: boolean,
  ) {
    this.#phone = phone;
    const tell = (what: Happening) => void this.told.push(what);
    const aor = `sip:${name}@house.example`;
    const acquaintances = new Acquaintances({
      ...{ phone, aor, domain: "house.example", isSeen: !isUnseen, tell },
    });
    this.#desk = new Desk({
      ...{ phone, domain: "house.example", neighbours: NOBODY, autoAnswer: false },
      sound: new Sound({ source: () => silence(), sink: () => ({ write: () => {} }) }),
      seconds: () => performance.now() / 1000,
      ...{ tell, acquaintances },
      publish: (status, note) => acquaintances.say(status, note),
    });
  }

  static async open(name: string, isUnseen = false): Promise<Terminal> {
    const words = `phone sip:${name}@house.example --server sip:127.0.0.1:${server.sipPort}`;
    const command = readCommand([...words.split(" "), "--codecs", "PCMU"], {});
    if (command.kind !== "Phone") throw new RangeError(JSON.stringify(command));
    const phone = await openPhone({
      ...{ settings: command.command, aor: `sip:${name}@house.example`, target: undefined },
      ...{ host: "127.0.0.1", user: name, password: secrets.get(name) },
    });
    await phone.register();
    return new Terminal(name, phone, isUnseen);
  }

  async does(line: string) {
    const read = readOrder(line) as ReadOrder;
    if (!read.ok) throw new RangeError(read.words);
    return this.#desk.carryOut(read.order);
  }

  /** Waits until it has told this. */
  async tells(like: object): Promise<void> {
    await expect
      .poll(() => this.told, { timeout: 8000 })
      .toContainEqual(expect.objectContaining(like));
  }

  close(): Promise<void> {
    return this.#phone.close();
  }
}

let [anna, bob, carol]: Terminal[] = [];

beforeEach(async () => {
  [anna, bob, carol] = await Promise.all(
    ["anna", "bob", "carol"].map((name) => Terminal.open(name)),
  );
});

afterEach(async () => {
  await Promise.all([anna, bob, carol].map((one) => one?.close()));
});

async function talking() {
  if (!anna || !bob || !carol) throw new Error("there are three");
  await anna.does("call bob");
  await bob.tells({ event: "call", call: 1, direction: "incoming", state: "incoming" });
  await bob.does("answer");
  await anna.tells({ event: "call", call: 1, state: "established" });
  return { anna, bob, carol };
}

test("a call is made, answered, held, taken up and ended, and each side is told", async () => {
  const { anna, bob } = await talking();
  await anna.does("hold");
  await bob.tells({ event: "call", state: "established", held: "ByThem" });
  await anna.does("resume");
  await anna.does("tones 5");
  await bob.tells({ event: "tone", tone: "5" });
  expect((await anna.does("calls")).list).toMatchObject([{ call: 1, state: "established" }]);
  await bob.does("hangup");
  await anna.tells({
    event: "call",
    state: "ended",
    end: expect.objectContaining({ by: "remote" }),
  });
  expect((await anna.does("calls")).list).toEqual([]);
});

test("a second call holds the first; swap goes back, and merge joins them all", async () => {
  const { anna, bob, carol } = await talking();
  await anna.does("call carol");
  await bob.tells({ event: "call", held: "ByThem" });
  await carol.tells({ event: "call", state: "incoming" });
  await carol.does("answer");
  await anna.tells({ event: "call", call: 2, state: "established" });
  await anna.does("swap");
  await carol.tells({ event: "call", held: "ByThem" });
  await anna.does("merge");
  const { list = [] } = await anna.does("calls");
  expect(list.map((one) => "held" in one && one.held)).toEqual([false, false]);
});

test("who answers a second call puts the first on hold", async () => {
  const { anna, bob, carol } = await talking();
  await carol.does("call anna");
  await anna.tells({ event: "call", call: 2, state: "incoming" });
  await anna.does("answer");
  await bob.tells({ event: "call", held: "ByThem" });
  const { list } = await anna.does("calls");
  expect(list).toMatchObject([{ held: "ByUs" }, { call: 2, state: "established" }]);
});

test("who answers by itself does so while it talks to nobody, with somebody on hold", async () => {
  const { anna, bob, carol } = await talking();
  await anna.does("auto on");
  await carol.does("call anna");
  await anna.tells({ event: "call", call: 2, state: "incoming" });
  await carol.tells({ event: "call", state: "ringing" });
  await carol.does("hangup");
  await anna.tells({ event: "call", call: 2, state: "ended" });
  await anna.does("hold");
  await bob.tells({ event: "call", held: "ByThem" });
  await carol.does("call anna");
  await carol.tells({ event: "call", state: "established" });
});

test("how others are is told, what they say of it, and that they are on the phone", async () => {
  const { bob, carol } = await talking();
  const who = "sip:bob@house.example";
  await carol.does("watch bob");
  await carol.tells({ event: "presence", who, status: "on the phone" });
  await bob.does("hangup");
  await bob.does("presence away at lunch");
  await carol.tells({ event: "presence", who, status: "away", note: "at lunch" });
  await expect(carol.does("watch bob")).rejects.toThrow("watched already");
  await carol.does("unwatch bob");
  await expect(carol.does("unwatch bob")).rejects.toThrow("is not watched");
  const all = carol.told.filter((what) => what.event === "presence");
  expect(all, "each once").toHaveLength(new Set(all.map((what) => JSON.stringify(what))).size);
  await expect(carol.does("watch nobody")).rejects.toMatchObject({ status: 404 });
});

/** What a page would have the server keep. */
function keepRules(name: string, house: "allow" | "confirm"): void {
  const opened = openStore({ data, domain: undefined, hostname: "tower" }, systemClock);
  if (!opened.ok) throw new Error(opened.refusal.message);
  opened.value.presence.putRules(name, { house, others: "confirm", watchers: [] });
  opened.value.close();
}

test("who asks is told of, and let or not; whoever asked hears of it", async () => {
  if (!bob || !carol) throw new Error("there are three");
  keepRules("bob", "confirm");
  const [who, by] = ["sip:bob@house.example", "sip:carol@house.example"];
  // Rules of another process are seen a moment later.
  await new Promise((later) => setTimeout(later, 300));
  await carol.does("watch bob");
  await carol.tells({ event: "presence", who, status: "asked" });
  await bob.tells({ event: "watcher", who: by });
  expect((await bob.does("watchers")).list).toMatchObject([{ event: "watcher", who: by }]);
  await bob.does("allow carol");
  await carol.tells({ event: "presence", who, status: "online" });
  const asking = async () => (await bob?.does("watchers"))?.list;
  await expect.poll(asking, { timeout: 8000 }).toEqual([]);
  await bob.does("deny carol");
  await carol.tells({ event: "presence", who, status: "offline" });
  await expect(carol.does("watch bob")).rejects.toThrow("tells nobody how they are");
  keepRules("bob", "allow");
});

test("all in one's list are watched by one order, and unseen phones are not there", async () => {
  if (!anna || !bob || !carol) throw new Error("there are three");
  await carol.does("watch all");
  const of = (name: string) => ({ event: "presence", who: `sip:${name}@house.example` });
  await carol.tells({ ...of("anna"), status: "online" });
  await carol.tells({ ...of("bob"), status: "online" });
  await expect(carol.does("watch all")).rejects.toThrow("watched already");
  await bob.close();
  bob = await Terminal.open("bob", true);
  await carol.tells({ ...of("bob"), status: "offline" });
  await expect(bob.does("presence busy")).rejects.toThrow("this phone is unseen");
  await carol.does("unwatch all");
  await expect(carol.does("unwatch all")).rejects.toThrow("is not watched");
});

test("a call is handed on, to somebody and to the other call", async () => {
  const { anna, bob, carol } = await talking();
  const handed = anna.does("transfer carol");
  await bob.tells({ event: "transfer-asked", target: "sip:carol@house.example" });
  await carol.tells({ event: "call", state: "incoming" });
  await carol.does("answer");
  await handed;
  await anna.tells({ event: "transfer", state: "Transferred" });
  await bob.tells({ event: "call", call: 2, state: "established" });
});

test("texts arrive, and what cannot be done is refused in words", async () => {
  const [one, other] = [anna, bob];
  await one?.does("message bob Dinner is ready");
  await other?.tells({ event: "message", from: "sip:anna@house.example", text: "Dinner is ready" });
  await one?.tells({ event: "sent", to: "sip:bob@house.example", status: 202 });
  await one?.tells({ event: "tick", to: "sip:bob@house.example", state: "Delivered" });
  await expect(one?.does("answer")).rejects.toThrow("Nobody calls at the moment.");
  await expect(one?.does("hold 7")).rejects.toThrow("There is no call 7.");
  await expect(one?.does("merge")).rejects.toThrow("It takes two calls that go on.");
  await expect(one?.does("call bob@@")).rejects.toThrow("is no address");
});
