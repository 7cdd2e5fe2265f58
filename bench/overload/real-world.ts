/** The world that callers live in when the server is a real one: sockets and a clock. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { CallersPlaces, CallersWorld } from "carillon/testing";

type Address = CallersPlaces["callers"];

/** A burst of answers waits here while the callers are busy. */
const RECEIVE_BYTES = 4 << 20;

export class RealWorld implements CallersWorld {
  readonly #sockets = new Map<string, Socket>();
  readonly #server: Address;
  #isClosed = false;

  private constructor(server: Address) {
    this.#server = server;
  }

  static async at(server: Address, ...places: readonly Address[]): Promise<RealWorld> {
    const world = new RealWorld(server);
    for (const { host, port } of places) {
      const socket = createSocket("udp4");
      socket.bind(port, host);
      await once(socket, "listening");
      socket.setRecvBufferSize(RECEIVE_BYTES);
      world.#sockets.set(`${host}:${port}`, socket);
    }
    return world;
  }

  get now(): number {
    return performance.now();
  }

  at(time: number, run: () => void): void {
    setTimeout(run, Math.max(0, time - this.now));
  }

  send({ host, port }: Address, octets: string): void {
    // Somebody may still want to repeat something.
    if (this.#isClosed) return;
    const bytes = Buffer.from(octets, "latin1");
    this.#sockets.get(`${host}:${port}`)?.send(bytes, this.#server.port, this.#server.host);
  }

  join({ host, port }: Address, hear: (octets: string) => void): void {
    const socket = this.#sockets.get(`${host}:${port}`);
    socket?.removeAllListeners("message");
    socket?.on("message", (bytes) => hear(bytes.toString("latin1")));
  }

  close(): void {
    this.#isClosed = true;
    for (const socket of this.#sockets.values()) socket.close();
  }
}
