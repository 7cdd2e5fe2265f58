/** One machine and its place on the network. */
import type { Endpoint } from "../../endpoint/endpoint.ts";
import type { Input } from "../../endpoint/input-output.ts";
import { type Millis, NEVER } from "../../grammar/millis.ts";
import type { TransportName } from "../../transport/flow.ts";
import type { Address } from "../../uri/host.ts";
import type { Sleeper } from "./clock.ts";
import type { End } from "./connection.ts";
import type { Machine, MachineOutput } from "./machine.ts";
import type { Network } from "./network.ts";
import type { Realm } from "./realm.ts";

/** What is special about a host. */
export interface HostOptions {
  /** What it takes in at its address; TLS one port higher, too. All if left out. */
  readonly listens?: readonly TransportName[];
  /** The SIP domains that its certificate proves. Without any it has no certificate. */
  readonly identities?: readonly string[];
}

const ALL: readonly TransportName[] = ["UDP", "TCP", "TLS", "WS", "WSS"];

/** A machine on the network: `network.host` makes it. Its endpoint is spoken to by `call`. */
export class Host<M extends Machine = Endpoint> implements Sleeper {
  /** As ladders and partitions call it; unique, or nobody can tell them apart. */
  readonly name: string;
  /** Where it is now: `network.move` changes it. */
  address: Address;
  /** What runs on it. */
  readonly endpoint: M;
  /** The internet, or what is behind a NAT. */
  readonly realm: Realm;
  /** The transports that it takes in. */
  readonly listens: readonly TransportName[];
  /** The SIP domains that its certificate proves. */
  readonly identities: readonly string[];
  readonly #network: Network;
  readonly #ends = new Map<number, End>();
  readonly #waiting = new Set<() => void>();
  #count = 0;
  #state: "Running" | "Hanging" | "Asleep" | "Stopped" | "Unplugged" = "Running";
  /** What its kernel has to say of connections once its program runs again. */
  #missed: Input[] = [];

  constructor(
    network: Network,
    realm: Realm,
    name: string,
    address: Address,
    endpoint: M,
    { listens = ALL, identities = [] }: HostOptions = {},
  ) {
    this.#network = network;
    this.realm = realm;
    this.name = name;
    this.address = address;
    this.endpoint = endpoint;
    this.listens = listens;
    this.identities = identities;
  }

  /** Off: nothing that is sent there arrives, and nobody is told. */
  get isClosed(): boolean {
    return this.#state === "Unplugged";
  }

  /** Whether somebody takes in what comes over this transport; if not, it is refused. */
  isListening(transport: TransportName): boolean {
    return this.#state !== "Stopped" && this.listens.includes(transport);
  }

  /** Whether its program does anything; the machine it runs on may be there all the same. */
  get isAtWork(): boolean {
    return this.#state === "Running";
  }

  /** For the network: when its machine wants to be woken, in ms. */
  get deadline(): Millis {
    return this.isAtWork ? this.endpoint.deadline() : NEVER;
  }

  /** For the network: it is that time. */
  tick(): void {
    this.input({ kind: "Tick" });
  }

  /** The network's time, in ms, which is what a phone wants of its world. */
  now(): Millis {
    return this.#network.now;
  }

  /** Runs something in the endpoint's turn. Nothing runs on a host that hangs or is off. */
  call(run: () => void): void {
    this.input({ kind: "Call", run });
  }

  /** It does nothing any more, and nobody is told: its connections stay open. */
  hang(): void {
    this.#state = "Hanging";
  }

  /**
   * Its program is suspended, as a phone's is that nobody looks at; nobody is told. What comes
   * meanwhile is lost, as if its radio were off, until `wakeUp`.
   */
  sleep(): void {
    this.#state = "Asleep";
  }

  /** Its program runs again, and hears of its connections that have ended meanwhile. */
  wakeUp(): void {
    if (this.#state !== "Asleep") return;
    this.#state = "Running";
    for (const input of this.#missed.splice(0)) this.input(input);
  }

  /** Its program ends and the machine goes on: datagrams and connections to it are refused. */
  stop(): void {
    this.#state = "Stopped";
    this.#endAll();
  }

  /** Its connections end, and the machine with its program goes on: another network, a NAT anew. */
  disconnect(): void {
    this.#endAll();
  }

  /** Off, as if its plug were pulled: what arrives is lost; what it sent before is on its way. */
  close(): void {
    this.#state = "Unplugged";
    this.#endAll();
  }

  /** For the network: something happens to the machine, which answers at once. */
  input(input: Input): void {
    const isOfConnection = input.kind === "Closed" || input.kind === "NotOpened";
    if (this.#state === "Asleep" && isOfConnection) this.#missed.push(input);
    if (!this.isAtWork) return;
    for (const output of this.endpoint.handle(input, this.#network.now)) this.#carryOut(output);
  }

  /** For handshakes with a program that hangs: its end is theirs. */
  whenOver(run: () => void): void {
    this.#waiting.add(run);
  }

  /** For connections: gives one of its ends its number here. */
  addEnd(end: End): number {
    this.#ends.set(++this.#count, end);
    return this.#count;
  }

  /** For connections: this one is gone. */
  removeEnd(id: number): void {
    this.#ends.delete(id);
  }

  #endAll(): void {
    for (const end of [...this.#ends.values()]) end.close();
    for (const run of this.#waiting) run();
    this.#waiting.clear();
  }

  #carryOut(output: MachineOutput): void {
    switch (output.kind) {
      case "Datagram":
        return this.#network.datagram(this, output.remote, output.octets);
      case "Open":
        return this.#network.open(this, output.dial, output.to);
      case "Query":
        return this.#network.ask(this, output.question);
      case "Send": {
        const end = this.#ends.get(output.connection);
        return end?.isOpen ? this.#network.send(end, output.octets) : undefined;
      }
      case "Close":
        return this.#ends.get(output.connection)?.close();
      case "Finish":
        return this.#ends.get(output.connection)?.finish();
      case "Reset":
        return this.#ends.get(output.connection)?.reset();
    }
  }
}
