/** One endpoint alone, with its wires in your hands: say something to it, see what it answers. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Input, Output } from "../endpoint/input-output.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Address } from "../uri/host.ts";

const LOCAL: Address = { host: "192.0.2.1", port: 5060 };
const PEER: Address = { host: "192.0.2.9", port: 5060 };

/**
 * An endpoint at 192.0.2.1:5060, and its only peer at 192.0.2.9:5060. Time stands still but in
 * `wait`.
 */
export class Wire {
  /** The one that is spoken to. */
  readonly endpoint: Endpoint;
  /** Its time, in ms. */
  now: Millis;
  /** Everything the endpoint asked for, in order. */
  readonly outputs: Output[] = [];
  #connections = 0;

  constructor(endpoint: Endpoint, now: Millis = 1_000_000_000_000) {
    this.endpoint = endpoint;
    this.now = now;
    this.input({ kind: "Listening", transport: "UDP", local: LOCAL });
  }

  /** Feeds it; gives back what it asks for at once. */
  input(input: Input): readonly Output[] {
    const outputs = this.endpoint.handle(input, this.now);
    this.outputs.push(...outputs);
    return outputs;
  }

  /** Runs something in its turn; gives back what it sends at once. */
  call(run: () => void): readonly Octets[] {
    return texts(this.input({ kind: "Call", run }));
  }

  /** It gets this datagram; gives back what it sends at once. */
  datagram(octets: Octets, remote: Address = PEER): readonly Octets[] {
    return texts(this.input({ kind: "Datagram", local: LOCAL, remote, octets }));
  }

  /** Opens a WebSocket connection to it; gives back its number. */
  connect(remote: Address = PEER, dial?: number): number {
    return this.open({ remote, ...(dial === undefined ? {} : { dial }) });
  }

  /** Opens any connection to it, or one that it asked for; gives back the driver's number. */
  open(how: Partial<Extract<Input, { kind: "Opened" }>>): number {
    const connection = ++this.#connections;
    const ends = { local: LOCAL, remote: PEER };
    this.input({ kind: "Opened", transport: "WS", ...ends, ...how, connection });
    return connection;
  }

  /** This comes on a connection, by the number of `open`; gives back what it sends at once. */
  received(connection: number, octets: Octets): readonly Octets[] {
    return texts(this.input({ kind: "Received", connection, octets }));
  }

  /** Lets time pass, waking it whenever it asked to be; gives back what it sent meanwhile. */
  wait(ms: Millis): readonly Octets[] {
    const until = this.now + ms;
    const sent: Octets[] = [];
    while (this.endpoint.deadline() <= until) {
      this.now = Math.max(this.now, this.endpoint.deadline());
      sent.push(...texts(this.input({ kind: "Tick" })));
    }
    this.now = until;
    return sent;
  }
}

const texts = (outputs: readonly Output[]): readonly Octets[] =>
  outputs.flatMap((one) => (one.kind === "Datagram" || one.kind === "Send" ? [one.octets] : []));
