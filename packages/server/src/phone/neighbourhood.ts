/** Who else is on this network, for a phone in the terminal, and what they are told of it. */
import { hostname } from "node:os";
import type { Address } from "carillon/node";
import { type MulticastNeighbours, multicastNeighbours } from "../neighbours/multicast.ts";
import { bindable, ownAddresses } from "../own-addresses.ts";
import type { Happening } from "./happening.ts";

export interface NeighbourhoodOptions {
  /** What others see of this phone. */
  readonly name: string;
  readonly user: string;
  /** Where it takes calls. */
  readonly addresses: () => readonly Address[];
  readonly tell: (what: Happening) => void;
}

export class Neighbourhood implements AsyncDisposable {
  readonly #joined: MulticastNeighbours;
  #status: string;

  private constructor(joined: MulticastNeighbours, status: string) {
    this.#joined = joined;
    this.#status = status;
  }

  /** Undefined where no network takes multicast: neighbours cannot be found there. */
  static async join(options: NeighbourhoodOptions): Promise<Neighbourhood | undefined> {
    const { name, user, addresses, tell } = options;
    let own: Neighbourhood | undefined;
    const self = () => {
      const all = addresses();
      return {
        ...{ user, status: own?.status ?? "online", host: hostOf(user), port: all[0]?.port ?? 0 },
        addresses: ipv4(all),
      };
    };
    const interfaces = ipv4(addresses());
    const joined = await multicastNeighbours({ name, self, interfaces }).catch(() => undefined);
    if (!joined) return undefined;
    own = new Neighbourhood(joined, "online");
    void own.#watch(tell);
    return own;
  }

  get status(): string {
    return this.#status;
  }

  /** Whom a word means, as an address to call. */
  get(word: string): string | undefined {
    return this.#joined.neighbours.called(word)?.uri;
  }

  list(): readonly Happening[] {
    return this.#joined.neighbours.list().map(told);
  }

  /** True, since they are told. */
  say(status: string, note: string): true {
    this.#status = note === "" ? status : `${status}: ${note}`;
    this.#joined.neighbours.changed();
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#joined[Symbol.asyncDispose]();
  }

  async #watch(tell: (what: Happening) => void): Promise<void> {
    for await (const { kind, neighbour } of this.#joined.neighbours.changes()) {
      if (kind === "Gone") tell({ event: "neighbour-left", name: neighbour.name });
      else tell(told(neighbour));
    }
  }
}

const told = ({ name, uri, status }: { name: string; uri: string; status: string }): Happening => ({
  ...{ event: "neighbour", name, uri, status },
});

/** Each phone of a machine has a host of its own, since their addresses may differ. */
const hostOf = (user: string): string => {
  const word = (text: string) => text.toLowerCase().replace(/[^a-z0-9-]+/g, "-");
  return `${word(hostname().split(".")[0] ?? "")}-${word(user)}-${process.pid}.local`;
};

/** The networks on which to ask: those that the phone listens on. */
function ipv4(addresses: readonly Address[]): readonly string[] {
  const hosts = addresses.map(({ host }) => host);
  const all = hosts.includes("0.0.0.0") ? [...bindable("0.0.0.0"), ...ownAddresses()] : hosts;
  const found = [...new Set(all)].filter((host) => /^\d+\.\d+\.\d+\.\d+$/.test(host));
  // Another phone of this machine is on the same network, too, unless there is only the machine.
  const outside = found.filter((host) => !host.startsWith("127."));
  return outside.length > 0 ? outside : found;
}
