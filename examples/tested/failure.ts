/** What a failed test shows: Alice thinks that Bob answers at once, and he declines. */
import assert from "node:assert/strict";
import { house } from "carillon/testing";

const { network, signedIn, ladder, withLadder } = house({ seed: 3 });
const [alice, bob] = [await signedIn("alice"), await signedIn("bob", "ws")];
ladder();
const calls = bob.calls();
calls.next().then(({ value: call }) => call.decline());

await withLadder(async () => {
  const call = alice.call("sip:bob@house.example");
  await network.run(5_000);
  assert.equal(call.state.name, "Established");
}).catch((error: Error) => console.log(error.message));
