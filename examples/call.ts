/**
 * Two phones on one machine call each other: no server, no account. Bob hears Alice's tone.
 *
 *   node examples/call.ts
 */
import { Phone } from "carillon/node";
import { tone } from "carillon/rtp";

const here = { host: "127.0.0.1", port: 0 };

// ---- Bob answers whoever calls -----------------------------------------------------------------

let loudest = 0;
await using bob = await Phone.open({
  ...{ aor: "sip:bob@127.0.0.1", local: here },
  voice: { sink: () => ({ write: (pcm) => (loudest = Math.max(loudest, ...pcm)) }) },
});
const answering = (async () => {
  for await (const call of bob.calls()) await call.answer({ audio: true, video: false });
})();

// ---- Alice calls him at his address ------------------------------------------------------------

await using alice = await Phone.open({
  ...{ aor: "sip:alice@127.0.0.1", local: here },
  voice: { source: () => tone({ frequencies: [440] }) },
});
const call = alice.call(`sip:bob@127.0.0.1:${bob.addresses[0]?.port}`);
await call.answered;
await new Promise((resolve) => setTimeout(resolve, 500));
console.log(`They talk in ${call.media?.statistics?.codec ?? "G722"}; Bob hears up to ${loudest}.`);
call.hangUp();

const { message } = await call.ended;
await bob.close();
await answering;
console.log(`The call is over: ${message}`);
