/**
 * The connections of an endpoint in a page: WebSockets that were asked for, and nothing that others
 * opened, or that leads anywhere but to whoever was asked. See connections.ts for all the rest.
 *
 * One has a number from the start, minus its dial, and everybody may keep that number.
 */
import type { Octets } from "../grammar/octets.ts";
import type { Target } from "../locate/target.ts";
import type { Destination } from "../transport/destination.ts";
import type { Flow } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";
import type { ConnectionsUser } from "./connections.ts";
import type { Input } from "./input-output.ts";
import { Line } from "./line.ts";

type Opened = Extract<Input, { kind: "Opened" }>;

/** Where a page is: nobody can connect to it. RFC 7118 §5. */
const NOWHERE: Address = { host: "browser.invalid", port: 0 };

export class Connections {
  readonly #user: ConnectionsUser;
  readonly #lines = new Map<number, Line>();
  #lastDial = 0;

  constructor(user: ConnectionsUser) {
    this.#user = user;
  }

  get size(): number {
    return this.#lines.size;
  }

  flow(connection: number): Flow | undefined {
    return this.#lines.get(connection)?.flow;
  }

  identities(): readonly string[] {
    return [];
  }

  listen(): void {}
  unlisten(): void {}
  listening(): readonly Address[] {
    return [];
  }
  alias(): void {}
  takeBack(): void {}
  keep(): void {}
  heard(): void {}

  dial(to: Destination): Flow | undefined {
    const dial = ++this.#lastDial;
    this.#user.put({ kind: "Open", dial, to });
    return { transport: to.transport, local: NOWHERE, remote: NOWHERE, connection: -dial };
  }

  reach(_: Target): Flow | undefined {
    return undefined;
  }

  send(connection: number, octets: Octets): boolean {
    const line = this.#lines.get(connection);
    if (line) this.#user.put({ kind: "Send", connection: line.number, octets });
    return line !== undefined;
  }

  close(connection: number): void {
    const line = this.#lines.get(connection);
    if (line) this.#user.put({ kind: "Close", connection: line.number });
  }

  opened({ connection: number, transport, remote, dial = 0 }: Opened): Line {
    const flow: Flow = { transport, local: NOWHERE, remote, connection: -dial };
    const line = new Line(this.#user, { ...ENDLESS, number, flow });
    this.#lines.set(-dial, line);
    return line;
  }

  notOpened(dial: number): number {
    return -dial;
  }

  line(driverNumber: number): Line | undefined {
    return [...this.#lines.values()].find(({ number }) => number === driverNumber);
  }

  remove({ flow }: Line): void {
    this.#lines.delete(flow.connection);
  }
}

const ENDLESS = { identities: [], messageMs: 0, idleMs: 0 };
