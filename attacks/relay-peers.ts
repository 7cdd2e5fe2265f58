/**
 * The TURN server of the house as a way in: somebody with right credentials wants to reach the
 * machine, its network, and whoever only an address inside of another one reaches; and more of it
 * than is theirs (row A19).
 */
import { execFileSync } from "node:child_process";
import type { Address, TurnCredentials } from "carillon/turn";
import { openPort, TurnCaller, type UdpPort } from "carillon-server/turn-caller";
import { demand, type Report } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { folderIn, Stage } from "./stage.ts";

/** As a machine on the Internet has one, and one in the network behind it. */
const HOUSE: Address = { host: "203.0.113.1", port: 3478 };
const BEHIND = "10.0.0.5";
/** Somebody on the Internet who may be reached, to show that relaying works meanwhile. */
const OPEN: Address = { host: "203.0.113.77", port: 9000 };
/** Where a victim listens, at each address that is here. */
const VICTIM_PORT = 9999;
/** A port that the media of the house may have. */
const MEDIA_PORT = 35_000;
const HERE = ["127.0.0.1", "127.0.0.2", BEHIND, "169.254.1.1", "192.168.7.1"];

const REFUSED: readonly string[] = [
  ...[...HERE, "127.255.255.254", "0.0.0.0", "10.9.9.9", "172.16.0.1", "169.254.169.254"],
  ...["100.64.0.1", "192.0.2.9", "198.18.0.1", "224.0.0.1", "239.255.255.250", "255.255.255.255"],
  HOUSE.host,
];
const REFUSED_V6: readonly string[] = [
  ...["::", "::1", "fe80::1", "fc00::1", "fd00::1", "ff02::1", "ff0e::1"],
  ...["::ffff:127.0.0.1", "::ffff:10.0.0.5", "::ffff:203.0.113.77", "::127.0.0.1"],
  ...["64:ff9b::127.0.0.1", "64:ff9b::10.0.0.5", "2002:7f00:1::1", "2001::1"],
];

export async function relayPeers(folder: string, report: Report): Promise<void> {
  for (const host of [HOUSE.host, OPEN.host, BEHIND, "169.254.1.1", "192.168.7.1"]) {
    execFileSync("ip", ["addr", "add", `${host}/32`, "dev", "lo"]);
  }
  const config = { turn: { peers: [OPEN.host] } };
  const stage = await Stage.open(folderIn(folder, "turn"), 1, { host: "0.0.0.0", config });
  const anna = await Joined.at(stage.house.invite, "Anna");
  await report.check("TURN: nobody inside of the network is reached by a relay", () =>
    inside(stage, anna),
  );
  await report.check("TURN: without credentials that hold there is no relay", () =>
    strangers(stage, anna),
  );
  await report.check("TURN: one person and one place have so many relays and no more", () =>
    quotas(stage, anna),
  );
  await report.check("TURN: the program is as it was", () => stage.close());
}

/** Somebody who joined, and may ask for credentials. */
class Joined {
  readonly #base: string;
  readonly #cookie: string;

  private constructor(base: string, cookie: string) {
    this.#base = base;
    this.#cookie = cookie;
  }

  static async at(invite: string, name: string): Promise<Joined> {
    const { origin, pathname } = new URL(invite);
    const joined = await fetch(`${origin}/api/join`, {
      method: "POST",
      headers: { "content-type": "application/json", origin },
      body: JSON.stringify({ invite: pathname.split("/").at(-1), name }),
    });
    const { seat } = (await joined.json()) as { readonly seat: string };
    const cookie = joined.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    return new Joined(`${origin}${seat}`, cookie);
  }

  async credentials(): Promise<TurnCredentials> {
    const answer = await fetch(`${this.#base}api/ice-servers`, {
      headers: { cookie: this.#cookie },
    });
    const { iceServers } = (await answer.json()) as { readonly iceServers: TurnCredentials[] };
    const found = iceServers.at(-1);
    demand(found?.credential !== undefined, "the house handed out no credentials");
    return found;
  }
}

/** What arrives at one who should hear nothing. */
class Victim {
  readonly heard: string[] = [];
  #port: UdpPort | undefined;

  static async at(address: Address): Promise<Victim> {
    const victim = new Victim();
    victim.#port = await openPort(address, (bytes, from) => {
      victim.heard.push(`${from.host}:${from.port}: ${Buffer.from(bytes).toString("latin1")}`);
    });
    return victim;
  }

  close(): Promise<void> | undefined {
    return this.#port?.close();
  }
}

async function inside(stage: Stage, anna: Joined): Promise<string> {
  const places = HERE.flatMap((host) => [VICTIM_PORT, MEDIA_PORT].map((port) => ({ host, port })));
  const victims = await Promise.all(places.map((place) => Victim.at(place)));
  const reached = await Victim.at(OPEN);
  const credentials = await anna.credentials();
  const caller = await TurnCaller.open(HOUSE, credentials);
  const relayed = await caller.allocate();
  demand(typeof relayed !== "number", `no relay was to be had: ${relayed}`);
  let asked = 0;
  const allowed: string[] = [];
  const attempt = async (host: string): Promise<void> => {
    for (const port of [VICTIM_PORT, MEDIA_PORT, 5060, HOUSE.port]) {
      // Where the client itself came to, media of the house are meant to be reached.
      if (host === HOUSE.host && port === MEDIA_PORT) continue;
      const peer = { host, port };
      asked += 2;
      if ((await caller.permit(peer)) === 0) allowed.push(`permission for ${host}:${port}`);
      const channel = 0x4000 + (asked % 0x1000);
      if ((await caller.bind(channel, peer)) === 0) allowed.push(`channel for ${host}:${port}`);
      caller.send(peer, Buffer.from("sent"));
      caller.sendOn(channel, Buffer.from("sent on a channel"));
    }
  };
  const cost = await stage.cost(async () => {
    for (const host of [...REFUSED, ...REFUSED_V6]) await attempt(host);
    // A permission for a whole address, by a port of it that is open.
    await caller.permit({ host: HOUSE.host, port: relayed.port });
    caller.send({ host: HOUSE.host, port: 5060 }, Buffer.from("OPTIONS sip:x SIP/2.0\r\n\r\n"));
    await pause(300);
  });
  demand((await caller.permit(OPEN)) === 0, "whom the operator opened was refused");
  caller.send(OPEN, Buffer.from("hello"));
  await pause(300);
  const [first] = victims.flatMap(({ heard }) => heard);
  await Promise.all([caller, reached, ...victims].map((one) => one.close()));
  demand(allowed.length === 0, `${allowed.length} were allowed: ${allowed.slice(0, 3).join(", ")}`);
  demand(first === undefined, `this arrived: ${first}`);
  demand(reached.heard.length === 1, "nothing could have arrived at all");
  const addresses = `${REFUSED.length + REFUSED_V6.length} addresses`;
  return `${asked} requests for ${addresses}, 0 allowed, 0 datagrams arrived; ${cost.figure}`;
}

async function strangers(stage: Stage, anna: Joined): Promise<string> {
  const { username, credential } = await anna.credentials();
  const [expires = "", account = ""] = username.split(":");
  const wrong: readonly TurnCredentials[] = [
    { username: "", credential: "" },
    { username, credential: "" },
    { username, credential: credential.slice(1) },
    { username: `${Number(expires) + 86_400}:${account}`, credential },
    { username: `${expires}:somebody`, credential },
    { username: `0:${account}`, credential },
    { username: account, credential },
  ];
  const codes: (number | Address)[] = [];
  const cost = await stage.cost(async () => {
    for (const one of wrong) {
      const caller = await TurnCaller.open(HOUSE, one);
      codes.push(await caller.allocate());
      await caller.close();
    }
    const noise = await TurnCaller.open(HOUSE, { username, credential });
    for (let i = 0; i < 20_000; i++) {
      noise.raw(crypto.getRandomValues(new Uint8Array(20 + (i % 40))));
      if (i % 200 === 0) await pause(1);
    }
    await noise.close();
  });
  demand(
    codes.every((code) => code === 401),
    `answers were ${codes.join()}`,
  );
  const refused = `${wrong.length} credentials that do not hold, each 401`;
  return `${refused}; 20,000 datagrams of noise; ${cost.figure}`;
}

async function quotas(stage: Stage, anna: Joined): Promise<string> {
  const credentials = await anna.credentials();
  const callers: TurnCaller[] = [];
  const answers: (number | Address)[] = [];
  const cost = await stage.cost(async () => {
    for (let i = 0; i < 30; i++) {
      const caller = await TurnCaller.open(HOUSE, credentials);
      callers.push(caller);
      answers.push(await caller.allocate());
    }
  });
  await Promise.all(callers.map((caller) => caller.close()));
  const got = answers.filter((answer) => typeof answer !== "number").length;
  const refused = answers.filter((answer) => answer === 486).length;
  // The first check's allocation is there for as long as it was not ended.
  demand(got >= 18 && got <= 20, `${got} allocations of one person`);
  demand(got + refused === answers.length, `answers were ${answers.join()}`);
  return `${got} of 30 allocated, the rest 486; ${cost.figure}`;
}
