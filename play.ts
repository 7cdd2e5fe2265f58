/** Two phones and a server on a network in memory: one call, and the ladder it makes. */
import { house } from "carillon/testing";

const { network, signedIn, ladder } = house({ seed: 7 });
const alice = await signedIn("alice");
const bob = await signedIn("bob");
console.log("Two phones tell a server where they are.\n");
console.log(ladder({ explained: true }));

const incoming = bob.calls().next();
const call = alice.call("sip:bob@house.example");
const { value: ringing } = await network.until(incoming);
await network.run(1500);
await network.until(Promise.all([ringing.answer(), call.answered]));
await network.run(3000);
ringing.hangUp();
const end = await network.until(call.ended);
await network.run(100);

console.log("\nAlice calls Bob; he answers after a second and a half, and hangs up in the end.\n");
console.log(ladder({ explained: true }));
console.log(`\nFor Alice the call ended so: ${end.message}`);
console.log("Nothing of this touched a real network or clock. Change play.ts and run it again.");
