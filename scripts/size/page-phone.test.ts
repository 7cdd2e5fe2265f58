import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type House, house, silentMedia } from "carillon/testing";
import type { Call } from "carillon/ua";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle } from "./bundle.ts";

/** A phone as a page loads it, but for its sockets and its media, which are the network's here. */
type InPage = Pick<typeof import("carillon/ua"), "CorePhone" | "webSocketWay">;

const LIBRARY = join(
  dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
  "packages/carillon",
);
const CODE = 'export { CorePhone, webSocketWay } from "carillon/ua";';
const ADDRESS = { host: "203.0.113.200", port: 5060 };

let folder: string;
let inPage: InPage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "carillon-page-"));
  const { code } = await bundle("a phone of a page", CODE, LIBRARY);
  const file = join(folder, "phone.mjs");
  await writeFile(file, code);
  inPage = await import(pathToFileURL(file).href);
});
afterAll(() => rm(folder, { recursive: true }));

/** Alice, who is in a page; her address is on a network of its own. */
function pagePhone({ network, server }: House, ports: readonly number[] = [server.address.port]) {
  const { CorePhone, webSocketWay } = inPage;
  const { host } = server.address;
  return new CorePhone(
    { aor: "sip:alice@house.example", displayName: "Alice", password: "a secret" },
    {
      crypto: network.crypto,
      media: () => silentMedia(ADDRESS.host),
      run: (endpoint) => network.host("page", ADDRESS, endpoint),
      servers: () => ports.map((port) => webSocketWay(`ws://${host}:${port}/`)),
    },
  );
}

async function talking(home: House) {
  const alice = pagePhone(home);
  const bob = await home.signedIn("bob");
  await home.network.until(alice.register());
  return { alice, bob };
}

/** The next call, answered. */
async function answered(home: House, calls: AsyncIterator<Call>): Promise<Call> {
  const { value } = await home.network.until(calls.next());
  await home.network.until(value.answer({ audio: true, video: false }));
  return value;
}

test("a phone as a page loads it signs in, calls, is called, holds, and hangs up", async () => {
  const home = house();
  const { alice, bob } = await talking(home);
  const [toBob, toAlice] = [bob.calls(), alice.calls()];
  const going = alice.call(bob.aor);
  const theirs = await answered(home, toBob);
  await home.network.until(going.hold());
  expect(theirs.state).toMatchObject({ name: "Established", held: "ByThem" });
  await home.network.until(Promise.all([going.resume(), theirs.change({ video: true })]));
  theirs.hangUp();
  expect(await home.network.until(going.ended)).toMatchObject({ code: "SIP_HUNG_UP" });
  const back = bob.call(alice.aor);
  const mine = await answered(home, toAlice as AsyncIterator<Call>);
  await home.network.until(back.answered);
  mine.hangUp();
  await home.network.until(back.ended);
  await home.network.until(Promise.all([alice.close(), bob.close()]));
});

test("it writes and reads messages, and says what it can do and no more", async () => {
  const home = house();
  const { alice, bob } = await talking(home);
  const [toBob, toAlice] = [bob.messages(), alice.messages()];
  await home.network.until(alice.message(bob.aor, "good day"));
  await home.network.until(bob.message(alice.aor, "and to you"));
  const heard = [(await toBob.next()).value.text, (await toAlice.next()).value.text];
  expect(heard).toEqual(["good day", "and to you"]);
  const calls = bob.calls();
  alice.call(bob.aor);
  await answered(home, calls);
  const invite = home.network.sights.find(
    ({ octets, from }) => from === "page" && octets.startsWith("INVITE"),
  );
  expect(invite?.octets).toContain(
    "\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, MESSAGE\r\n",
  );
  expect(invite?.octets).not.toMatch(/timer|replaces|trickle/);
});

test("a server that cannot be reached is said so, and several are refused", async () => {
  const home = house();
  const alice = pagePhone(home, [5999]);
  await expect(home.network.until(alice.register())).rejects.toMatchObject({
    ...{ code: "SIP_TRANSPORT", message: "The server cannot be reached." },
  });
  expect(alice.state.name).toBe("Connecting");
  await expect(pagePhone(home, [5999, 5060]).register()).rejects.toThrow("`failover(phone)`");
});

test("who requires reliable provisional responses is told that there are none", async () => {
  const home = house();
  const { alice, bob } = await talking(home);
  alice.calls();
  const call = bob.call(alice.aor, undefined, { headers: [["Require", "100rel"]] });
  await expect(home.network.until(call.answered)).rejects.toMatchObject({ status: 420 });
});

test("a call of it goes on over the next connection when the server was started anew", async () => {
  const home = house();
  const { alice, bob } = await talking(home);
  const calls = bob.calls();
  const call = alice.call(bob.aor);
  await answered(home, calls);
  const names: string[] = [];
  void (async () => {
    for await (const { name } of call.states()) names.push(name);
  })();
  home.restart();
  await home.network.run(60_000);
  expect(names).toEqual(["Established", "Reconnecting", "Established"]);
});

test("a transfer that it is asked for is refused as a method that it does not know", async () => {
  const home = house();
  const { alice, bob } = await talking(home);
  const calls = bob.calls();
  alice.call(bob.aor);
  const theirs = await answered(home, calls);
  const { transfer } = await import("carillon/transfer");
  const asked = transfer(theirs, "sip:carol@house.example");
  await expect(home.network.until(asked.done)).rejects.toMatchObject({ status: 405 });
});
