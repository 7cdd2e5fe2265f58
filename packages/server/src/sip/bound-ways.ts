/**
 * Sockets for each way of SIP at each address of the machine, which come and go with the addresses.
 */
import type { Runner } from "carillon/node";
import type { Address } from "carillon/uri";
import { bindFailure, type Wanted } from "../bind-failure.ts";
import type { Log } from "../http/log.ts";

export interface BindOptions {
  /** Addresses of this machine, each to be bound by its own. */
  readonly addresses: readonly string[];
  readonly log: Log;
}

interface Listening {
  readonly address: Address;
  close(): Promise<void>;
}

interface Bound extends Listening {
  readonly transport: Way["transport"];
}

/** One transport, and how its sockets are bound. */
export type Way = Pick<Wanted, "protocol" | "flag" | "step"> & {
  readonly transport: "UDP" | "TCP" | "TLS";
  readonly port: number;
  bind(at: Address): Promise<Listening>;
};

export class BoundWays {
  readonly #ways: readonly Way[];
  readonly #runner: Pick<Runner, "input">;
  readonly #options: BindOptions;
  #open: readonly Bound[];
  #work: Promise<void> = Promise.resolve();

  private constructor(parts: Parts, open: readonly Bound[]) {
    this.#ways = parts.ways;
    this.#runner = parts.runner;
    this.#options = parts.options;
    this.#open = open;
  }

  /** Binds everything, or nothing: throws CannotStart in words. */
  static async open(
    ways: readonly Way[],
    runner: Pick<Runner, "input">,
    options: BindOptions,
  ): Promise<BoundWays> {
    const open: Bound[] = [];
    try {
      for (const way of ways) open.push(...(await everywhere(way, options)));
    } catch (error) {
      await closeAll(open);
      throw error;
    }
    return new BoundWays({ ways, runner, options }, open);
  }

  /** The same at every address. */
  portOf(transport: Way["transport"]): number | undefined {
    return this.#open.find((one) => one.transport === transport)?.address.port;
  }

  /** The machine has these addresses now. One that cannot be had is done without. */
  follow(addresses: readonly string[]): Promise<void> {
    this.#work = this.#work.then(async () => {
      await this.#leave(addresses);
      for (const way of this.#ways) await this.#join(way, addresses);
    });
    return this.#work;
  }

  async close(): Promise<void> {
    await this.#work;
    await closeAll(this.#open);
  }

  async #leave(addresses: readonly string[]): Promise<void> {
    const gone = this.#open.filter(({ address }) => !addresses.includes(address.host));
    this.#open = this.#open.filter((one) => !gone.includes(one));
    for (const { transport, address: local } of gone) {
      this.#runner.input({ kind: "Unbound", transport, local });
      this.#options.log.info({ host: local.host, transport }, "an address is gone");
    }
    await closeAll(gone);
  }

  async #join(way: Way, addresses: readonly string[]): Promise<void> {
    const { log } = this.#options;
    const { transport } = way;
    const port = way.port || (this.portOf(transport) ?? 0);
    const known = new Set(
      this.#open.flatMap((one) => (one.transport === transport ? [one.address.host] : [])),
    );
    for (const host of addresses.filter((one) => !known.has(one))) {
      const one = await bindOne(way, { host, port }, this.#options).catch((cause) => {
        log.warn({ host, transport, err: cause }, "no SIP at this address");
      });
      if (!one) continue;
      this.#open = [...this.#open, one];
      log.info({ host, transport }, "a new address");
    }
  }
}

interface Parts {
  readonly ways: readonly Way[];
  readonly runner: Pick<Runner, "input">;
  readonly options: BindOptions;
}

async function everywhere(way: Way, options: BindOptions): Promise<readonly Bound[]> {
  const open: Bound[] = [];
  try {
    for (const host of options.addresses) {
      // With port 0 the system chooses once, and the other addresses follow.
      const one = await bindOne(way, { host, port: open[0]?.address.port ?? way.port }, options);
      if (one) open.push(one);
    }
    return open;
  } catch (error) {
    await closeAll(open);
    throw error;
  }
}

async function bindOne(
  way: Way,
  at: Address,
  { addresses, log }: BindOptions,
): Promise<Bound | undefined> {
  const { transport } = way;
  try {
    const { address, close } = await listen(way, at);
    return { transport, address, close };
  } catch (error) {
    const { code } = error as { code?: string };
    // Found a moment ago, yet not to be had: IPv6 switched off, an interface on its way out.
    if (addresses.length > 1 && (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT")) {
      log.warn({ host: at.host, code, protocol: way.protocol }, "no SIP at this address");
      return undefined;
    }
    const { protocol, flag, step } = way;
    throw bindFailure(error, { ...at, protocol, flag, step }) ?? error;
  }
}

/** What is bound keeps its methods. */
async function listen(way: Way, at: Address): Promise<Listening> {
  const bound = await way.bind(at);
  return { address: bound.address, close: () => bound.close() };
}

async function closeAll(open: readonly Listening[]): Promise<void> {
  await Promise.all(open.map((one) => one.close()));
}
