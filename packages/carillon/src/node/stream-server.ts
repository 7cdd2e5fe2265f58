/** What listeners for TCP and for TLS have in common: binding, counting, stopping. */
import type { Server, Socket } from "node:net";
import { type Address, isIpv6 } from "../uri/host.ts";
import type { Runner } from "./runner.ts";
import { OpenCount, plainHost, type StreamLimits } from "./stream-limits.ts";
import { hangUp } from "./stream-link.ts";

export interface StreamServer {
  readonly address: Address;
  /** Connections that are open, those in their handshake among them. */
  readonly count: number;
  /** Resolves when nobody is listening and every connection is closed. */
  close(): Promise<void>;
}

export type StreamHost = Pick<Runner, "connection" | "input">;

/** Backlog of the system: who comes while the loop is busy waits there. */
const BACKLOG = 1024;

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
  limits: StreamLimits,
): Promise<StreamServer> {
  if (host === "0.0.0.0" || host === "::") {
    throw new RangeError("bind each address by its own: others have to be told where we are");
  }
  const open = counted(server, limits);
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

/** Hangs up at once on who comes when there are too many. */
function counted(server: Server, limits: StreamLimits): ReadonlySet<Socket> {
  const count = new OpenCount(limits);
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    const host = plainHost(socket.remoteAddress ?? "");
    // Without a listener, an error before anybody cares for the socket would end the program.
    socket.on("error", () => {});
    if (!count.enter(host)) {
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.once("close", () => {
      open.delete(socket);
      count.leave(host);
    });
  });
  return open;
}

function stop(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  return new Promise((stopped) => {
    server.close(() => stopped());
    for (const socket of open) hangUp(socket);
  });
}
