/** Two phones and a server on a network in memory: one call, and the ladder it makes. */
import { house, ladder } from "carillon/testing";

const { network, phone } = house({ seed: 7 });
const alice = phone("alice");
const bob = phone("bob");

await network.until(Promise.all([alice.register(), bob.register()]));
console.log("Alice and Bob are registered. Alice calls Bob.\n");
network.sights.length = 0;

const incoming = bob.calls().next();
const call = alice.call("sip:bob@house.example");
const { value: ringing } = await network.until(incoming);
await network.run(1500);
await network.until(Promise.all([ringing.answer(), call.answered]));
await network.run(3000);
ringing.hangUp();
const end = await network.until(call.ended);
await network.run(100);

console.log(ladder(network.sights, ["alice", "server", "bob"]));
console.log(`\nFor Alice the call ended so: ${end.message}`);
