/**
 * Takes a call down, this side on the left and the other on the right.
 *
 *   node examples/recorder.ts [file]
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Phone } from "carillon/node";
import { tone } from "carillon/rtp";
import { nodeMedia, toneShare, WavSource } from "carillon-media";

const file = process.argv[2] ?? join(mkdtempSync(join(tmpdir(), "recorder-")), "call.wav");
const here = { host: "127.0.0.1", port: 0 };
const saying = (hz: number, more: object = {}) =>
  nodeMedia({ address: here.host, source: () => tone({ frequencies: [hz] }), ...more });

await using bob = await Phone.open({ aor: "sip:bob@127.0.0.1", local: here, media: saying(620) });
const answering = (async () => {
  for await (const call of bob.calls()) await call.answer({ audio: true, video: false });
})();

const record = { path: file, what: "stereo" } as const;
await using alice = await Phone.open({
  ...{ aor: "sip:alice@127.0.0.1", local: here, media: saying(440, { record }) },
});
const call = alice.call(`sip:bob@127.0.0.1:${bob.addresses[0]?.port}`);
await call.answered;
// Until a second of Bob's has come, or never mind.
const heard = () => call.media?.statistics?.received.packets ?? 0;
for (let tenths = 0; tenths < 50 && heard() < 50; tenths++) {
  await new Promise((resolve) => setTimeout(resolve, 100));
}
call.hangUp();
await call.ended;
await Promise.all([alice.close(), bob.close()]);
await answering;

const recorded = new WavSource(file);
const seconds = recorded.seconds.toFixed(1);
// Tenths of a second, both sides in one.
const pieces = Array.from(
  { length: Math.floor(recorded.seconds * 10) },
  () => recorded.read(recorded.sampleRate / 10) ?? new Int16Array(),
);
const has = (hz: number) => pieces.some((pcm) => toneShare(pcm, recorded.sampleRate, hz) > 0.3);
recorded.close();
console.log(`${seconds} s were recorded in ${file}.`);
console.log(`Alice's tone is in it: ${has(440)}. Bob's: ${has(620)}.`);
