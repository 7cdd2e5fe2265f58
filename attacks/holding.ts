/** In a thread: more connections than a page's server has, on each of which something is asked. */
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { report, wanted } from "./attacker.ts";

export interface Holding {
  readonly connections: number;
  /** How long it waits once it has opened all. */
  readonly stayMs: number;
}

export interface Held {
  readonly answered: number;
  readonly closed: number;
}

const { connections, stayMs } = wanted<Holding>();
/** The queue of those who wait for the program is short. */
const [AT_ONCE, PAUSE_MS] = [100, 50];
const ASKED = "GET /health HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";
let [answered, closed] = [0, 0];
const sockets: Socket[] = [];
while (sockets.length < connections) {
  for (let nth = 0; nth < AT_ONCE; nth++) sockets.push(open());
  await pause(PAUSE_MS);
}
await pause(stayMs);
const result: Held = { answered, closed };
for (const socket of sockets) socket.destroy();
report(result);

function open(): Socket {
  const socket = connect({ host: "127.0.0.1", port: 8080, localAddress: "127.4.0.1" });
  socket.on("connect", () => socket.write(ASKED));
  socket.once("data", () => answered++);
  socket.on("error", () => {});
  socket.resume();
  socket.once("close", () => closed++);
  return socket;
}
