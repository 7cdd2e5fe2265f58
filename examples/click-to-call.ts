/**
 * A page with a button: a click has your desk phone call somebody (REFER, RFC 3515).
 *
 *   node examples/click-to-call.ts
 *
 * The page and the phones are all in here, and it clicks by itself; a real one asks who you are.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Phone } from "carillon/node";
import { refer, transfers } from "carillon/transfer";

const here = { host: "127.0.0.1", port: 0 };
const open = (name: string) => Phone.open({ aor: `sip:${name}@127.0.0.1`, local: here, voice: {} });
await using clicker = await open("page");
await using desk = await open("desk");
await using shop = await open("shop");
const uriOf = (phone: typeof desk) => `${phone.aor}:${phone.addresses[0]?.port}`;

// A phone does what it is asked only where somebody looks at it.
const following = (async () => {
  for await (const wish of transfers(desk)) {
    if (wish.by?.uri === clicker.aor) wish.accept();
    else wish.refuse();
  }
})();
const answering = (async () => {
  for await (const call of shop.calls()) {
    await call.answer({ audio: true, video: false }).catch(() => {});
    console.log(`The shop talks to ${call.peer.uri}.`);
    call.hangUp();
  }
})();

// ---- the page ----------------------------------------------------------------------------------

const page = `<!doctype html><title>The shop</title><script>
  const call = async () => {
    const output = document.querySelector("output");
    output.textContent = "Your phone calls…";
    output.textContent = await (await fetch("/call", { method: "POST" })).text();
  };
</script><button onclick="call()">Call us</button> <output></output>`;

const server = createServer(async (request, response) => {
  if (request.method !== "POST" || request.url !== "/call") {
    response.setHeader("Content-Type", "text/html").end(page);
    return;
  }
  const wish = refer(clicker, uriOf(desk), uriOf(shop));
  const words = await wish.done.then(
    () => "You are connected.",
    (error: Error) => error.message,
  );
  response.end(words);
}).listen(here.port, here.host);
await once(server, "listening");
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

// ---- a click -----------------------------------------------------------------------------------

const shown = await (await fetch(url)).text();
console.log(`The page has a button: ${shown.includes("<button")}`);
const said = await (await fetch(`${url}/call`, { method: "POST" })).text();
server.close();
server.closeAllConnections();
await Promise.all([clicker, desk, shop].map((phone) => phone.close()));
await Promise.all([answering, following]);
console.log(`The page says: ${said}`);
