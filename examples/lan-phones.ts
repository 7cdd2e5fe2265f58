/**
 * Two phones on one network find each other and call by name: no server, no addresses to type.
 *
 *   node examples/lan-phones.ts
 *
 * It looks on this machine alone; with an address of yours in `HOST`, on the network it belongs to.
 */
import { Phone } from "carillon/node";
import { multicastNeighbours } from "carillon-server/neighbours";

const HOST = process.env["HOST"] ?? "127.0.0.1";

async function join(name: string) {
  const user = name.toLowerCase();
  const local = { host: HOST, port: 0 };
  const phone = await Phone.open({ aor: `sip:${user}@${HOST}`, local, voice: {} });
  const port = phone.addresses[0]?.port ?? 0;
  const self = () => ({ user, status: "online", host: `${user}.local`, port, addresses: [HOST] });
  const joined = await multicastNeighbours({ name, self, interfaces: [HOST] });
  return { phone, joined };
}

const anna = await join("Anna");
const ben = await join("Ben");
const answering = (async () => {
  for await (const call of ben.phone.calls()) {
    await call.answer({ audio: true, video: false }).catch(() => {});
  }
})();

// ---- Anna waits until Ben is there, and calls him by his name ----------------------------------

const changes = anna.joined.neighbours.changes();
let there = anna.joined.neighbours.called("ben");
while (!there) {
  await changes.next();
  there = anna.joined.neighbours.called("ben");
}
console.log(`${there.name} is on this network: ${there.status}.`);
const call = anna.phone.call(there.uri);
await call.answered;
console.log(`Anna talks to ${there.name}.`);
call.hangUp();
await call.ended;

for (const { phone, joined } of [anna, ben]) {
  await joined[Symbol.asyncDispose]();
  await phone.close();
}
await answering;
console.log("Both have left.");
