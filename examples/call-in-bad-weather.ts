/**
 * A call on a network that loses every third datagram, in no time and the same on every machine.
 *
 *   node examples/call-in-bad-weather.ts [seed]
 *
 * This is how to test an application of your own: phones and server are the real ones, only the
 * network and the clock are simulated. A run that fails is a seed to give to somebody else.
 */
import { house } from "carillon/testing";

const seed = Number(process.argv[2] ?? 8);
const { network, signedIn, ladder } = house({ seed, delayMs: 40, jitterMs: 20 });
const [alice, bob] = [await signedIn("alice"), await signedIn("bob", "ws")];
ladder();

// Alice is on a bad mobile link from now on; Bob sits at a desk, on a connection.
network.weather = { delayMs: 40, jitterMs: 20, loss: 0.33 };
const calls = bob.calls();
const call = alice.call("sip:bob@house.example");

const { value: ringing } = await network.until(calls.next());
const answered = ringing.answer();
await network.until(Promise.all([answered, call.answered]));
await network.run(2000);
call.hangUp();
await network.until(ringing.ended);
await network.run(5000);

console.log(ladder());
const lost = network.sights.filter((one) => one.lost).length;
console.log(
  `\nSeed ${seed}: ${lost} of ${network.sights.length} messages were lost (x), the call was not.`,
);
