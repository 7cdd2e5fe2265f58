/**
 * Calls somebody until they answer: busy and away are tried again, a no is taken for a no.
 *
 *   node examples/dial-out-with-retry.ts
 */
import { Phone, SipError } from "carillon/node";

const here = { host: "127.0.0.1", port: 0 };
const AGAIN = new Set(["SIP_BUSY", "SIP_UNAVAILABLE", "SIP_TIMEOUT", "SIP_TRANSPORT"]);

async function reach(phone: typeof dialler, uri: string, tries: number, pauseMs: number) {
  for (let nth = 1; ; nth++) {
    const call = phone.call(uri);
    try {
      await call.answered;
      return call;
    } catch (error) {
      if (!(error instanceof SipError) || !AGAIN.has(error.code) || nth === tries) throw error;
      console.log(`Try ${nth}: ${error.message} Again in ${pauseMs} ms.`);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs *= 2;
  }
}

// ---- somebody who is there at the third try ----------------------------------------------------

await using bob = await Phone.open({ aor: "sip:bob@127.0.0.1", local: here, voice: {} });
const uri = `sip:bob@127.0.0.1:${bob.addresses[0]?.port}`;

await using dialler = await Phone.open({ aor: "sip:dialler@127.0.0.1", local: here, voice: {} });
const reached = reach(dialler, uri, 5, 100);

// A phone at which nobody listens for calls is not there.
await new Promise((resolve) => setTimeout(resolve, 250));
const answering = (async () => {
  for await (const call of bob.calls()) {
    // Whoever hangs up at once is no fault of the phone's.
    await call.answer({ audio: true, video: false }).catch(() => {});
  }
})();

const call = await reached;
console.log("Bob answered.");
call.hangUp();
await call.ended;
await bob.close();
await answering;
