/**
 * What a proxy does with an INVITE, beside the parsers of other SIP libraries from npm, in one run.
 *
 * Read: from a datagram's bytes to what a proxy needs to decide. Each library gives by its own
 * means: method and Request-URI with user and host; of the topmost Via sent-by and branch; the URIs
 * and tags of From and To; Call-ID; CSeq's number and method; the number in Max-Forwards; the Route
 * list with its URIs read; the number in Content-Length.
 *
 * Forward: all that, and the bytes of what goes on: a Via on top and `received` and `rport` in the
 * one below, a Record-Route, our Route taken out, another Request-URI, one hop less. By those
 * libraries that can write a message at all.
 *
 * What each gives is compared before anything is measured.
 */
import assert from "node:assert/strict";
import { header, parseMessage, readEssentials } from "carillon/message";
import { carillon } from "./carillon.ts";
import { type Contender, datagrams, ownBranch, target } from "./contender.ts";
import { compare } from "./measure.ts";
import { peers } from "./peers.ts";

const all: readonly Contender[] = [carillon, ...peers];
const out = Buffer.alloc(65_536);
const [datagram = Buffer.alloc(0)] = datagrams;

for (const each of all) {
  assert.deepEqual(each.read(datagram), carillon.read(datagram), each.name);
  if (each.forward)
    checkForwarded(each.name, out.toString("latin1", 0, each.forward(datagram, out)));
}

/** What the next server sees, however it is written. */
function checkForwarded(name: string, text: string): void {
  const message = parseMessage(text);
  assert(message.ok && message.value.kind === "Request", `${name}: ${text}`);
  const essentials = readEssentials(message.value);
  assert(essentials.ok && essentials.value.via.branch === ownBranch, `${name}: ${text}`);
  assert.equal(message.value.uri, target, name);
  assert.equal(header(message.value, "Max-Forwards"), "69", name);
  assert.equal(header(message.value, "Route"), undefined, name);
  assert(header(message.value, "Record-Route")?.includes("sip:n1@198.51.100.1:5060;lr"), name);
  assert(text.includes(";rport=5062;received=192.0.2.1"), `${name}: ${text}`);
  assert(text.endsWith("telephone-event/8000\r\n"), name);
}

console.log(`An INVITE of ${datagram.length} bytes.\n`);
let next = 0;
const take = (): Buffer => datagrams[next++ & 7] ?? datagram;
compare(
  "read",
  all.map(({ name, read }) => ({ name, run: () => read(take()) })),
);
compare(
  "forward",
  all.flatMap(({ name, forward }) => (forward ? [{ name, run: () => forward(take(), out) }] : [])),
);
