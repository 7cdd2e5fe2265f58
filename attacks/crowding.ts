/** In a thread: more connections than the program may have files, which say nothing. */
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { report, wanted } from "./attacker.ts";
import { SIP } from "./stage.ts";

export interface Crowding {
  readonly connections: number;
  readonly stayMs: number;
}

export interface Crowded {
  readonly asked: number;
  /** Who was hung up on while they were all there. */
  readonly closed: number;
}

const { connections, stayMs } = wanted<Crowding>();
let closed = 0;
const sockets = Array.from({ length: connections }, (_, nth) => {
  const socket = connect({ ...SIP, localAddress: `127.3.${nth >> 8}.${nth & 255}` });
  socket.on("error", () => {});
  socket.resume();
  socket.once("close", () => closed++);
  return socket;
});
await pause(stayMs);
const result: Crowded = { asked: connections, closed };
for (const socket of sockets) socket.destroy();
report(result);
