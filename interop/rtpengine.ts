/** rtpengine, in userspace: media for the bridge that were not written here. */
import { createSocket } from "node:dgram";
import { join } from "node:path";
import { Child } from "./child.ts";
import { until } from "./until.ts";

const READY_MS = 5000;

export class Rtpengine {
  /** Where it is asked: `127.0.0.1:22222`. */
  readonly address: string;
  readonly #child: Child;

  private constructor(child: Child, address: string) {
    this.#child = child;
    this.address = address;
  }

  /** `nth` tells it from others; ports follow from it. */
  static async start(folder: string, nth = 0): Promise<Rtpengine> {
    const port = 22_222 + nth;
    const ports = 40_000 + 1000 * nth;
    const child = new Child(
      "rtpengine",
      [
        ...["--foreground", "--log-stderr", "--log-level=6", "--table=-1", "--num-threads=2"],
        ...["--interface=127.0.0.1", `--listen-ng=127.0.0.1:${port}`],
        ...[`--port-min=${ports}`, `--port-max=${ports + 999}`],
      ],
      { log: join(folder, `rtpengine-${nth}.log`) },
    );
    await until("rtpengine answers a ping", () => pong(port), READY_MS);
    return new Rtpengine(child, `127.0.0.1:${port}`);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Everything that it has said. */
  get log(): string {
    return this.#child.printed;
  }

  async stop(): Promise<void> {
    await this.#child.stop(READY_MS);
  }
}

/** Whether there is an answer soon. */
function pong(port: number): Promise<true | undefined> {
  const socket = createSocket("udp4");
  return new Promise<true | undefined>((resolve) => {
    const late = setTimeout(() => resolve(undefined), 200);
    socket.on("error", () => resolve(undefined));
    socket.on("message", (answer) => {
      clearTimeout(late);
      resolve(answer.includes("pong") || undefined);
    });
    socket.send("1_ d7:command4:pinge", port, "127.0.0.1");
  }).finally(() => socket.close());
}
