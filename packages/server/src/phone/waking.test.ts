/** A phone in the terminal whose server wakes the phone that it calls. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { silence } from "carillon/rtp";
import { expect, test } from "vitest";
import { readCommand } from "../command.ts";
import { DeskCall } from "./desk-call.ts";
import type { Happening } from "./happening.ts";
import { notesOf, openPhone } from "./open-phone.ts";
import { Sound } from "./sound.ts";
import { inWords } from "./words.ts";

/** A server that says these, one after the other, to every INVITE. */
async function serverSaying(...lines: readonly string[]) {
  const socket = createSocket("udp4", (octets, { address, port }) => {
    const text = octets.toString("latin1");
    if (!text.startsWith("INVITE ")) return;
    const kept = text.split("\r\n").filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
    const headers = kept.map((line) => (/^To:/i.test(line) ? `${line};tag=1` : line));
    for (const line of lines) {
      const response = [`SIP/2.0 ${line}`, ...headers, "Content-Length: 0", "", ""];
      socket.send(response.join("\r\n"), port, address);
    }
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

test("RFC 8599 §5.6.2: a caller is told once that the other phone is being woken", async () => {
  const waking = "182 Waking a phone of bob";
  const server = await serverSaying(waking, waking, "180 Ringing", "480 It did not wake in time");
  const target = `sip:bob@127.0.0.1:${server.address().port}`;
  const command = readCommand(["phone", "sip:anna@127.0.0.1"], {});
  if (command.kind !== "Phone") throw new Error("not a phone");
  await using anna = await openPhone({
    ...{ settings: { ...command.command, servers: [] }, aor: "sip:anna@127.0.0.1" },
    ...{ host: "127.0.0.1", target, user: "anna", password: undefined },
  });
  const told: Happening[] = [];
  const { promise: over, resolve } = Promise.withResolvers<void>();
  new DeskCall(1, anna.call(target, { audio: true, video: false }), {
    tell: (what) => void told.push(what),
    sound: new Sound({ source: () => silence(), sink: () => ({ write: () => {} }) }),
    ...{ isMuted: () => false, seconds: () => 0, transferAsked: (_, wish) => wish.refuse() },
    over: () => resolve(),
    notes: notesOf(anna),
  });
  await over;
  server.close();
  const words = told.map(inWords);
  expect(words.slice(0, 3)).toEqual([
    `Call 1: calling ${target}…`,
    `Call 1: waking the phone of ${target}…`,
    `Call 1: it rings at ${target}.`,
  ]);
  expect(words).toHaveLength(4);
});
