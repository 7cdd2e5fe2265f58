/** Joins one TCP or TLS socket to the endpoint, both ways. RFC 3261 §18. */
import type { Socket } from "node:net";
import type { Standing } from "../endpoint/input-output.ts";
import type { Address } from "../uri/host.ts";
import type { ConnectionInfo, Runner } from "./runner.ts";
import { plainHost, type StreamLimits } from "./stream-limits.ts";
import { TurnBudget } from "./turn-budget.ts";

/** How long a peer may take to answer our goodbye. */
const CLOSE_MS = 1000;
/** After this much silence the system asks whether the other machine is still there. */
const ALIVE_MS = 60_000;

/** Of what may wait for somebody we know, this part may wait for anybody else. */
const STRANGERS_SHARE = 4;

export type StreamRunner = Pick<Runner, "connection">;

export interface JoinOptions {
  /** Hears who is there. */
  readonly regard?: (as: Standing) => void;
  /** Shared by connections that are to wait for each other. */
  readonly budget?: TurnBudget;
}

/** The socket is open. What of it was an error before is its owner's. */
export function joinStream(
  runner: StreamRunner,
  socket: Socket,
  info: ConnectionInfo,
  limits: StreamLimits,
  { regard, budget = new TurnBudget() }: JoinOptions = {},
): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, ALIVE_MS);
  let cause: unknown;
  let isClosing = false;
  // Whom we called ourselves is no stranger.
  const isOurs = info.dial !== undefined;
  let waitingBytes = isOurs ? limits.waitingBytes : limits.waitingBytes / STRANGERS_SHARE;
  const connection = runner.connection(info, {
    send(octets) {
      if (isClosing || socket.destroyed) return;
      // Whoever does not read cannot be told to: what waits for them would fill our memory.
      if (socket.writableLength + octets.length > waitingBytes) {
        socket.destroy(new Error("what was said to it was not read"));
      } else socket.write(octets, "latin1");
    },
    close() {
      isClosing = true;
      hangUp(socket);
    },
    regard: (as) => {
      if (as === "Known") waitingBytes = limits.waitingBytes;
      regard?.(as);
    },
  });
  socket.on("data", (bytes: Buffer) => {
    budget.spend(bytes.length, socket, (waitedMs) => {
      if (!isClosing) connection.received(bytes.toString("latin1"), waitedMs);
    });
  });
  socket.on("error", (error) => {
    cause = error;
  });
  socket.on("close", () => connection.closed(cause));
}

/** Lets what was said arrive, and waits for the other side's goodbye, but not for ever. */
export function hangUp(socket: Socket): void {
  socket.end();
  // Reading on: what lies unread when a socket is closed makes the system reset it, and the last
  // answer would be lost with it.
  socket.resume();
  setTimeout(() => socket.destroy(), CLOSE_MS).unref();
}

export const endsOf = (socket: Socket): { readonly local: Address; readonly remote: Address } => ({
  local: { host: plainHost(socket.localAddress ?? ""), port: socket.localPort ?? 0 },
  remote: { host: plainHost(socket.remoteAddress ?? ""), port: socket.remotePort ?? 0 },
});
