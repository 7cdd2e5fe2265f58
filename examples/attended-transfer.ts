/**
 * A receptionist talks to a caller, asks a colleague, and puts the two through (RFC 5589).
 *
 *   node examples/attended-transfer.ts
 */
import { Phone } from "carillon/node";
import { successorOf, transfer } from "carillon/transfer";

const here = { host: "127.0.0.1", port: 0 };
const open = (name: string) =>
  Phone.open({ aor: `sip:${name}@127.0.0.1`, local: here, voice: {}, transfers: "follow" });
const uriOf = (phone: Awaited<ReturnType<typeof open>>) =>
  `${phone.aor}:${phone.addresses[0]?.port}`;

await using caller = await open("caller");
await using desk = await open("desk");
await using colleague = await open("colleague");

async function answerAll(phone: typeof desk): Promise<void> {
  for await (const call of phone.calls()) {
    // Whoever hangs up at once is no fault of the phone's.
    await call.answer({ audio: true, video: false }).catch(() => {});
    console.log(`${phone.aor} talks to ${call.peer.uri}.`);
  }
}
const answering = [desk, colleague].map(answerAll);

// ---- the caller reaches the desk ---------------------------------------------------------------

const atDesk = desk.calls().next();
const first = caller.call(uriOf(desk));
await first.answered;
const { value: theirs } = await atDesk;

// ---- the desk holds the caller, asks the colleague, and puts the two through --------------------

await theirs?.answered;
await theirs?.hold();
const question = desk.call(uriOf(colleague));
await question.answered;
const asked = theirs && transfer(theirs, question);
await asked?.done;
console.log(`The desk is free: ${asked?.state.name}.`);

const between = successorOf(first);
await between?.answered;
console.log(`The caller talks to ${between?.peer.uri.split(":")[1]} now.`);
between?.hangUp();
await between?.ended;
await Promise.all([caller, desk, colleague].map((phone) => phone.close()));
await Promise.all(answering);
