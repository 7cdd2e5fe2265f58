/**
 * Nobody at home: after a while it answers, says its piece, and takes a message down.
 *
 *   node examples/answering-machine.ts [folder]
 */
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Phone } from "carillon/node";
import { tone } from "carillon/rtp";
import { nodeMedia, WavSource } from "carillon-media";

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), "answering-machine-"));
const here = { host: "127.0.0.1", port: 0 };
const RINGS_MS = 200;

// ---- the machine: a beep; `play: "greeting.wav"` would be a greeting ----------------------------

const media = nodeMedia({
  address: here.host,
  source: () => tone({ frequencies: [880], lengthMs: 400 }),
  record: { path: join(folder, "message.wav"), what: "heard" },
});
await using machine = await Phone.open({ aor: "sip:home@127.0.0.1", local: here, media });
const answering = (async () => {
  for await (const call of machine.calls()) {
    await new Promise((resolve) => setTimeout(resolve, RINGS_MS));
    // Whoever has given up meanwhile leaves no message.
    await call.answer({ audio: true, video: false }).catch(() => {});
    await call.ended;
    console.log(`${call.peer.uri} called.`);
  }
})();

// ---- somebody who leaves a message -------------------------------------------------------------

await using caller = await Phone.open({
  ...{ aor: "sip:caller@127.0.0.1", local: here },
  voice: { source: () => tone({ frequencies: [440] }) },
});
const call = caller.call(`sip:home@127.0.0.1:${machine.addresses[0]?.port}`);
await call.answered;
await new Promise((resolve) => setTimeout(resolve, 1000));
call.hangUp();
await call.ended;
await Promise.all([caller.close(), machine.close()]);
await answering;

for (const name of readdirSync(folder)) {
  const message = new WavSource(join(folder, name));
  console.log(`${name}: ${message.seconds.toFixed(1)} s`);
  message.close();
}
console.log("1 message was left.");
