/**
 * A bot that says what it hears, half a second later: what everybody calls first to try a headset.
 *
 *   node examples/echo-bot.ts
 */
import { Phone } from "carillon/node";
import { type Sink, type Source, tone } from "carillon/rtp";

const here = { host: "127.0.0.1", port: 0 };
const [RATE, DELAY] = [16_000, 8000];

/** A source of what its sink has heard, a little later. */
function echo(): Source & Sink {
  const heard: number[] = Array.from({ length: DELAY }, () => 0);
  return {
    sampleRate: RATE,
    write: (pcm) => void heard.push(...pcm),
    read: (samples) => Int16Array.from(heard.splice(0, samples)),
  };
}

await using bot = await Phone.open({ aor: "sip:echo@127.0.0.1", local: here, voice: {} });
const answering = (async () => {
  for await (const call of bot.calls()) {
    await call.answer({ audio: true, video: false });
    if (!call.media) continue;
    const both = echo();
    [call.media.source, call.media.sink] = [both, both];
  }
})();

// ---- somebody who tries it ---------------------------------------------------------------------

let isBack = false;
await using caller = await Phone.open({
  ...{ aor: "sip:caller@127.0.0.1", local: here },
  voice: {
    source: () => tone({ frequencies: [440] }),
    sink: () => ({ write: (pcm) => (isBack ||= pcm.some((sample) => sample > 4000)) }),
  },
});
const call = caller.call(`sip:echo@127.0.0.1:${bot.addresses[0]?.port}`);
await call.answered;
const startedMs = performance.now();
while (!isBack && performance.now() - startedMs < 5000) {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
console.log(`The tone came back: ${isBack}`);
call.hangUp();
await call.ended;
await bot.close();
await answering;
