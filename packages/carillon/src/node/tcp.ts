/** SIP over TCP: listening and dialling. RFC 3261 §18. */
import { connect, createServer } from "node:net";
import type { Standing } from "../endpoint/input-output.ts";
import type { Address } from "../uri/host.ts";
import type { Runner } from "./runner.ts";
import { STREAM_LIMITS, type StreamLimits } from "./stream-limits.ts";
import { endsOf, joinStream } from "./stream-link.ts";
import { guestsOf, listen, type StreamHost, type StreamServer } from "./stream-server.ts";

//= RFC 3261 §18
//# All SIP elements MUST implement UDP and TCP.
/**
 * Listens at an address of this machine; port 0 takes any. Throws a RangeError on a wildcard, which
 * cannot go into a Via, and rejects with what the system says: a `code` such as `EADDRINUSE`.
 */
export function tcp(
  runner: StreamHost,
  address: Address,
  limits: Partial<StreamLimits> = {},
): Promise<StreamServer> {
  const bounds = { ...STREAM_LIMITS, ...limits };
  const server = createServer({ allowHalfOpen: false });
  const guests = guestsOf(server, bounds);
  const listening = listen(runner, server, "TCP", address, guests);
  server.on("connection", (socket) => {
    if (socket.destroyed) return;
    const ends = endsOf(socket);
    const { budget } = guests;
    const regard = (as: Standing) => guests.regard(ends.remote, as);
    joinStream(runner, socket, { transport: "TCP", ...ends }, bounds, { regard, budget });
  });
  return listening;
}

/** Opens a connection; `dial` is the number of the `Open` output that asks for it. */
export function dialTcp(
  runner: Pick<Runner, "connection" | "input">,
  dial: number,
  { host, port }: Address,
  limits: Partial<StreamLimits> = {},
): void {
  const bounds = { ...STREAM_LIMITS, ...limits };
  const socket = connect({ host, port });
  const refuse = (cause: unknown) => runner.input({ kind: "NotOpened", dial, cause });
  const late = setTimeout(
    () => socket.destroy(new Error("nobody answered in time")),
    bounds.connectMs,
  );
  socket.once("error", refuse);
  socket.once("connect", () => {
    clearTimeout(late);
    socket.off("error", refuse);
    joinStream(runner, socket, { transport: "TCP", ...endsOf(socket), dial }, bounds);
  });
  socket.once("close", () => clearTimeout(late));
}
