/**
 * "Press 1 for the weather, 2 for the time": a menu by keys.
 *
 *   node examples/dtmf-menu.ts
 */
import { Phone } from "carillon/node";
import { tone } from "carillon/rtp";

const here = { host: "127.0.0.1", port: 0 };
const choices: Record<string, string> = { 1: "the weather", 2: "the time" };

// ---- the menu ----------------------------------------------------------------------------------

await using menu = await Phone.open({ aor: "sip:menu@127.0.0.1", local: here, voice: {} });
const answering = (async () => {
  for await (const call of menu.calls()) {
    await call.answer({ audio: true, video: false });
    // What would be an announcement is a tone here: see answering-machine.ts for files.
    if (call.media) call.media.source = tone({ frequencies: [440], lengthMs: 300 });
    for await (const { tone: key } of call.dtmf()) {
      console.log(`They pressed ${key}: ${choices[key] ?? "nothing that there is"}.`);
      if (choices[key]) break;
    }
    call.hangUp();
  }
})();

// ---- somebody who calls it ---------------------------------------------------------------------

await using caller = await Phone.open({ aor: "sip:caller@127.0.0.1", local: here, voice: {} });
const call = caller.call(`sip:menu@127.0.0.1:${menu.addresses[0]?.port}`);
await call.answered;
await call.sendDtmf("92");
const { message } = await call.ended;
await menu.close();
await answering;
console.log(`The call is over: ${message}`);
