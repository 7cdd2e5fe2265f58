/** Two tapes on a network, for tests of the network itself. */
import type { Octets } from "../../grammar/octets.ts";
import type { Destination } from "../../transport/destination.ts";
import type { Address } from "../../uri/host.ts";
import type { Host, HostOptions } from "./host.ts";
import { Network, type NetworkOptions } from "./network.ts";
import { Tape } from "./tape.ts";

export const A: Address = { host: "192.0.2.1", port: 5060 };
export const B: Address = { host: "192.0.2.2", port: 5060 };
export const tcpTo = (remote: Address): Destination => ({
  transport: "TCP",
  remote,
  name: "b.example",
});

export interface Stage {
  readonly network: Network;
  readonly a: Host<Tape>;
  readonly b: Host<Tape>;
}

/** `b` listens as it is told to. */
export function stage(options: NetworkOptions = {}, listens: HostOptions = {}): Stage {
  const network = new Network(options);
  const a = network.host("a", A, new Tape());
  const b = network.host("b", B, new Tape(), listens);
  return { network, a, b };
}

/** Sends datagrams with these octets, all in one moment. */
export function datagrams(from: Host<Tape>, to: Address, ...all: readonly Octets[]): void {
  for (const octets of all) {
    const output = { kind: "Datagram", local: from.address, remote: to, octets } as const;
    from.call(() => from.endpoint.say(output));
  }
}

export function open(from: Host<Tape>, to: Destination, dial = 1): void {
  from.call(() => from.endpoint.say({ kind: "Open", dial, to }));
}

/** Says something on the last connection this host has. */
export function send(from: Host<Tape>, octets: Octets): void {
  const connection = last(from);
  from.call(() => from.endpoint.say({ kind: "Send", connection, octets }));
}

export function end(from: Host<Tape>, kind: "Close" | "Finish" | "Reset"): void {
  const connection = last(from);
  from.call(() => from.endpoint.say({ kind, connection }));
}

const last = (host: Host<Tape>): number => host.endpoint.all("Opened").at(-1)?.connection ?? 0;
