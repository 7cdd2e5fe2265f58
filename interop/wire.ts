/** A wire between a phone and a server, over TCP, that can be cut: a relay of octets. */
import { connect, createServer, type Server, type Socket } from "node:net";

interface Place {
  readonly host: string;
  readonly port: number;
}

export class Wire {
  /** How many went to the phone. */
  octets = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(to: Place) {
    this.#server = createServer((phone) => {
      const server = connect(to.port, to.host);
      for (const socket of [phone, server]) {
        this.#sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => {
          this.#sockets.delete(socket);
          phone.destroy();
          server.destroy();
        });
      }
      server.on("data", ({ length }) => {
        this.octets += length;
      });
      phone.pipe(server).pipe(phone);
    });
  }

  /** `server` is `127.0.0.1:5060`. */
  static async to(at: Place, server: string): Promise<Wire> {
    const [host = "", port = ""] = server.split(":");
    const wire = new Wire({ host, port: Number(port) });
    await new Promise<void>((resolve, reject) => {
      wire.#server.once("error", reject).listen(at.port, at.host, resolve);
    });
    return wire;
  }

  /** All that go through it end, and nobody gets a new one. */
  cut(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut();
  }
}
