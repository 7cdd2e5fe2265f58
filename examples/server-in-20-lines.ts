/**
 * A SIP server for a domain, on a real UDP socket: registrar and proxy, everybody signed in.
 *
 *   node examples/server-in-20-lines.ts
 *
 * Two phones on the same machine call each other through it, and then everything ends by itself.
 * To keep it running for your own phones, leave out the second half and choose a port.
 */
import { ha1 } from "carillon/auth";
import { createEndpoint } from "carillon/endpoint";
import { nodeCrypto, Phone, run, udp } from "carillon/node";
import { type Accounts, domain, MemoryLocation } from "carillon/roles";
import { silentMedia } from "carillon/testing";

// ---- the server --------------------------------------------------------------------------------

const crypto = nodeCrypto();
const name = "example.test";
const passwords: Record<string, string> = { alice: "wonderland", bob: "builder" };

const accounts: Accounts = {
  has: (user) => user in passwords,
  devices: (user) => {
    const secret = (hash: "SHA-256" | "SHA-512-256") =>
      ha1(crypto, hash, user, name, passwords[user] ?? "");
    const secrets = { "SHA-512-256": secret("SHA-512-256"), "SHA-256": secret("SHA-256") };
    const device = { id: user, account: user, deskPhone: false, ha1: secrets };
    return user in passwords ? [device] : [];
  },
  session: () => false,
};
const [key, tokenKey] = [crypto.randomBytes(32), crypto.randomBytes(32)];
const location = new MemoryLocation();
const own = { domain: name, aliases: [], realm: name, node: "n1" };
const role = domain({ ...own, accounts, location, crypto, key, tokenKey });
const runner = run(createEndpoint({ role, crypto, node: "n1" }));
const socket = await udp(runner, { host: "127.0.0.1", port: 0 });
console.log(`sip:${name} is served at ${socket.address.host}:${socket.address.port}`);

// ---- two phones that use it --------------------------------------------------------------------

const phone = (user: string) =>
  Phone.open({
    aor: `sip:${user}@${name}`,
    password: passwords[user] ?? "",
    server: socket.address,
    local: { host: "127.0.0.1", port: 0 },
    media: () => silentMedia("127.0.0.1"),
  });
const [alice, bob] = await Promise.all([phone("alice"), phone("bob")]);
await Promise.all([alice.register(), bob.register()]);
console.log("Alice and Bob are signed in.");

const incoming = bob.calls().next();
const call = alice.call(`sip:bob@${name}`);
const { value: ringing } = await incoming;
console.log(`Bob's phone rings: it is ${ringing.peer.uri}`);
await Promise.all([ringing.answer(), call.answered]);
console.log("They talk.");
ringing.hangUp();
console.log(`For Alice: ${(await call.ended).message}`);

await Promise.all([alice.close(), bob.close()]);
runner.close();
await socket.close();
