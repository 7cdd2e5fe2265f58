/** What listeners for TCP and for TLS have in common: binding, counting, stopping. */
import type { Server, Socket } from "node:net";
import type { Standing } from "../endpoint/input-output.ts";
import { type Address, formatAddress, isIpv6 } from "../uri/host.ts";
import { Crowd } from "./crowd.ts";
import type { Runner } from "./runner.ts";
import { plainHost, type StreamLimits } from "./stream-limits.ts";
import { hangUp } from "./stream-link.ts";
import { TurnBudget } from "./turn-budget.ts";

/** Somebody who listens for TCP or TLS. */
export interface StreamServer {
  /** Where: with the port that it got, where 0 was asked for. */
  readonly address: Address;
  /** Connections that are open, those in their handshake among them. */
  readonly count: number;
  /** Stops listening and closes every connection. Resolves when all of it is done. */
  close(): Promise<void>;
}

/** What a listener or a dialler needs of a Runner. */
export type StreamHost = Pick<Runner, "connection" | "input">;

/** Backlog of the system: who comes while the loop is busy waits there. */
const BACKLOG = 4096;

/**
 * Binds it and tells the endpoint. `host` has to be an address of this machine and not a wildcard:
 * it goes into Via and Record-Route. Rejects with what the system says, such as a `code` of
 * `EADDRINUSE`.
 */
export function listen(
  runner: StreamHost,
  server: Server,
  transport: "TCP" | "TLS",
  { host, port }: Address,
  guests: Guests,
): Promise<StreamServer> {
  if (host === "0.0.0.0" || host === "::") {
    throw new RangeError("bind each address by its own: others have to be told where we are");
  }
  const { crowd: open } = guests;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const how = { host, port, backlog: BACKLOG, ipv6Only: isIpv6(host), exclusive: true };
    server.listen(how, () => {
      server.off("error", reject);
      // Such as EMFILE: whoever could not be accepted is gone, the others stay.
      server.on("error", () => {});
      const address = { host, port: (server.address() as { port: number }).port };
      runner.input({ kind: "Listening", transport, local: address });
      let closed: Promise<void> | undefined;
      resolve({
        address,
        get count() {
          return open.size;
        },
        close() {
          closed ??= stop(server, open);
          return closed;
        },
      });
    });
  });
}

/** Who is connected to a listener. */
export interface Guests {
  readonly crowd: Crowd<Socket>;
  /** How much of what they say is read in one turn. */
  readonly budget: TurnBudget;
  /** Who it is that comes from there. */
  regard(remote: Address, as: Standing): void;
}

/** Counts who comes; where there are too many, a stranger has to go, or who comes last. */
export function guestsOf(server: Server, limits: StreamLimits): Guests {
  const crowd = new Crowd<Socket>(limits, (socket) => socket.destroy());
  // A TLS connection is another object than the socket below it; where it comes from is the same.
  const byRemote = new Map<string, Socket>();
  server.on("connection", (socket: Socket) => {
    const host = plainHost(socket.remoteAddress ?? "");
    // Without a listener, an error before anybody cares for the socket would end the program.
    socket.on("error", () => {});
    if (!crowd.enter(socket, host)) {
      socket.destroy();
      return;
    }
    const remote = formatAddress({ host, port: socket.remotePort ?? 0 });
    byRemote.set(remote, socket);
    socket.once("close", () => {
      crowd.leave(socket);
      if (byRemote.get(remote) === socket) byRemote.delete(remote);
    });
  });
  const regard = (remote: Address, as: Standing) => {
    const socket = byRemote.get(formatAddress(remote));
    if (socket) crowd.regard(socket, as);
  };
  return { crowd, regard, budget: new TurnBudget() };
}

function stop(server: Server, open: Iterable<Socket>): Promise<void> {
  return new Promise((stopped) => {
    server.close(() => stopped());
    for (const socket of open) hangUp(socket);
  });
}
