import { createHmac } from "node:crypto";
import { type Address, attributeTypes } from "carillon/turn";
import { afterEach, describe, expect, test } from "vitest";
import { CannotStart } from "../cannot-start.ts";
import { createLog } from "../http/log.ts";
import { testHouse } from "../test-house.ts";
import { type HouseTurn, type HouseTurnParts, houseTurn } from "./house-turn.ts";
import { TurnCaller } from "./turn-caller.ts";
import { openPort } from "./turn-sockets.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(changes: Partial<HouseTurnParts> = {}) {
  const house = testHouse();
  const lines: string[] = [];
  closers.push(() => house.close());
  const turn = await houseTurn({
    ...{ turn: "on", turnSecret: undefined, turnPort: 0, addresses: ["127.0.0.1"], config: {} },
    ...{ store: house.store, clock: house.clock, media: "auto", mediaPorts: { from: 1, to: 1 } },
    log: createLog({ level: "debug", now: () => 0 }, { write: (line) => lines.push(line) }),
    ...changes,
  });
  closers.push(() => turn.close());
  return { turn, lines, house };
}

async function caller(turn: HouseTurn, account = "anna", host?: string): Promise<TurnCaller> {
  const own = turn.iceServers(account, "127.0.0.1").iceServers.at(-1);
  const { username = "", credential = "" } = own ?? {};
  const server = { host: host ?? "127.0.0.1", port: turn.port ?? 0 };
  const opened = await TurnCaller.open(server, { username, credential });
  closers.push(() => opened.close());
  return opened;
}

async function allocated(from: TurnCaller): Promise<Address> {
  const relayed = await from.allocate();
  if (typeof relayed === "number") throw new Error(`refused: ${relayed}`);
  return relayed;
}

const heardBy = (one: TurnCaller): Promise<string> =>
  new Promise((resolve) => {
    one.onheard = ({ bytes }) => resolve(Buffer.from(bytes).toString());
  });

describe("the TURN server of a house", () => {
  //= RFC 8656 §5
  //# To ensure interoperability, a TURN server MUST support the use of UDP transport between the
  //# client and the server, and it SHOULD support the use of TCP, TLS-over-TCP, and DTLS-over-UDP
  //# transports.
  test("says where one is seen, relays between two of its people, and counts it", async () => {
    const { turn } = await open();
    const [anna, ben] = [await caller(turn), await caller(turn, "ben")];
    expect(await anna.mapped()).toEqual(anna.address);
    const [a, b] = [await allocated(anna), await allocated(ben)];
    expect([await anna.bind(0x4000, b), await ben.permit(a)]).toEqual([0, 0]);
    const heard = [heardBy(ben), heardBy(anna)];
    anna.sendOn(0x4000, Buffer.from("hello"));
    ben.send(a, Buffer.from("hello yourself"));
    expect(await Promise.all(heard)).toEqual(["hello", "hello yourself"]);
    expect(turn.census()).toMatchObject({ allocations: 2, relays: 2, packets: 4 });
  });

  test("reaches media of the house, and nothing else of this machine", async () => {
    const from: string[] = [];
    const media = await openPort({ host: "127.0.0.1", port: 0 }, (bytes, at) => {
      from.push(`${at.host}:${at.port}`);
      media.send(bytes, at);
    });
    closers.push(() => media.close());
    const { port } = media.address;
    const { turn, lines } = await open({ mediaPorts: { from: port, to: port } });
    const anna = await caller(turn);
    const relayed = await allocated(anna);
    expect(await anna.permit({ host: "127.0.0.1", port: turn.port ?? 0 })).toBe(403);
    expect(await anna.permit({ host: "10.0.0.1", port: 9 })).toBe(403);
    expect(lines.filter((line) => line.includes("not for them")).length).toBe(2);
    expect(await anna.permit(media.address)).toBe(0);
    const heard = heardBy(anna);
    anna.send(media.address, Buffer.from("sound"));
    expect(await heard).toBe("sound");
    const { turn: without } = await open({ media: "never", mediaPorts: { from: port, to: port } });
    const ben = await caller(without);
    await allocated(ben);
    expect(await ben.permit(media.address)).toBe(403);
    expect(from).toEqual([`127.0.0.1:${relayed.port}`]);
  });

  test("reaches what the operator opens", async () => {
    const echo = await openPort({ host: "127.0.0.1", port: 0 }, (bytes, at) =>
      echo.send(bytes, at),
    );
    closers.push(() => echo.close());
    const { turn } = await open({ config: { peers: ["127.0.0.1", "10.0.0.0/8"] } });
    const anna = await caller(turn);
    await allocated(anna);
    expect(await anna.permit({ host: "10.1.2.3", port: 9 })).toBe(0);
    expect(await anna.permit({ host: "192.168.1.1", port: 9 })).toBe(403);
    expect(await anna.bind(0x4001, echo.address)).toBe(0);
    const heard = heardBy(anna);
    anna.sendOn(0x4001, Buffer.from("echo"));
    expect(await heard).toBe("echo");
  });

  test("has relays of both families, in the range that it was given", async () => {
    const family = {
      type: attributeTypes.REQUESTED_ADDRESS_FAMILY,
      value: Uint8Array.of(2, 0, 0, 0),
    };
    const relayPorts = { first: 49_800, last: 49_805 };
    const config = { relayPorts };
    const { turn } = await open({ addresses: ["127.0.0.1", "::1"], config });
    const [four, six] = [await caller(turn), await caller(turn, "ben")];
    const other = await caller(turn, "carol", "::1");
    expect(await four.allocate()).toMatchObject({ host: "127.0.0.1" });
    const port = expect.toSatisfy((one: number) => one >= 49_800 && one <= 49_805);
    expect(await six.allocate(family)).toEqual({ host: "::1", port });
    expect(await other.allocate(family)).toMatchObject({ host: "::1" });
  });

  test("is not there where only its usual port is taken, which the log says", async () => {
    const { turn } = await open();
    const taken = turn.port ?? 0;
    await expect(open({ turnPort: taken })).rejects.toThrow(CannotStart);
    await expect(open({ turnPort: taken })).rejects.toThrow(`--turn-port ${taken + 10}`);
    const usual = await openPort({ host: "127.0.0.1", port: 3478 }, () => {}).catch(
      () => undefined,
    );
    if (usual) closers.push(() => usual.close());
    const { turn: none, lines } = await open({ turnPort: 3478 });
    expect([none.port, none.census()]).toEqual([undefined, undefined]);
    expect(none.iceServers("anna", "house.example").iceServers).toEqual([]);
    expect(lines.join("\n")).toContain("no TURN server: its port is not to be had");
  });

  test("can be switched off", async () => {
    for (const changes of [{ turn: "off" }, { turnPort: undefined }]) {
      const { turn } = await open(changes);
      expect([turn.port, turn.iceServers("anna", "x").iceServers]).toEqual([undefined, []]);
    }
  });
});

describe("credentials", () => {
  test("are the account's for an hour, at the name by which it reached the house", async () => {
    const { turn, house } = await open();
    const { iceServers, expiresSeconds } = turn.iceServers("anna", "2001:db8::1");
    expect(iceServers).toEqual([
      { urls: [`stun:[2001:db8::1]:${turn.port}`] },
      {
        urls: [`turn:[2001:db8::1]:${turn.port}?transport=udp`],
        username: `${house.clock.now / 1000 + 3600}:anna`,
        credential: expect.stringMatching(/^[A-Za-z0-9+/]{27}=$/),
      },
    ]);
    expect(expiresSeconds).toBe(3600);
  });

  test("end: an hour later nothing new is to be had by them", async () => {
    const { turn, house } = await open();
    const [before, after] = [await caller(turn), await caller(turn)];
    expect(await before.allocate()).toMatchObject({ host: "127.0.0.1" });
    house.clock.now += 3_600_000;
    expect(await after.allocate()).toBe(401);
    expect(await (await caller(turn)).allocate()).toMatchObject({ host: "127.0.0.1" });
  });

  test("of another server are as coturn makes them of its static-auth-secret", async () => {
    const urls = "stun:turn.example,turns:turn.example:5349?transport=tcp";
    const { turn, house } = await open({ turn: urls, turnSecret: "north" });
    const username = `${house.clock.now / 1000 + 3600}:anna`;
    const credential = createHmac("sha1", "north").update(username).digest("base64");
    expect(turn.iceServers("anna", "house.example").iceServers).toEqual([
      { urls: ["stun:turn.example"] },
      { urls: ["turns:turn.example:5349?transport=tcp"], username, credential },
    ]);
    await expect(open({ turn: "turn:turn.example" })).rejects.toThrow("CARILLON_TURN_SECRET");
  });
});
