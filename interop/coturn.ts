/** coturn, with credentials for a while that a secret makes: a relay that was not written here. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Child } from "./child.ts";
import { DOMAIN } from "./house.ts";

const STOP_MS = 5000;

export interface CoturnOptions {
  readonly address: string;
  readonly port: number;
  readonly secret: string;
}

export class Coturn {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static async start(above: string, options: CoturnOptions): Promise<Coturn> {
    const { address, port, secret } = options;
    const folder = join(above, "coturn");
    mkdirSync(folder);
    const child = new Child(
      "turnserver",
      [
        ...["-n", "--no-cli", "--no-tls", "--no-dtls", "--no-tcp-relay", "--verbose"],
        ...["--log-file=stdout", `--pidfile=${join(folder, "pid")}`, `--realm=${DOMAIN}`],
        ...[`--listening-ip=${address}`, `--relay-ip=${address}`, `--listening-port=${port}`],
        ...["--use-auth-secret", `--static-auth-secret=${secret}`],
        ...[`--userdb=${join(folder, "turndb")}`, "--min-port=50000", "--max-port=50999"],
      ],
      { log: join(folder, "log"), cwd: folder },
    );
    await child.prints("UDP listener opened on", STOP_MS);
    return new Coturn(child);
  }

  /** Everything that it has said. */
  get log(): string {
    return this.#child.printed;
  }

  async stop(): Promise<void> {
    await this.#child.stop(STOP_MS);
  }
}
