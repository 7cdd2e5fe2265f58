/**
 * The transport layer of an endpoint in a page: WebSockets, and nothing else. See
 * transport-layer.ts.
 */
import type { Octets } from "../grammar/octets.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";
import { Connections } from "./connections.ts";
import type { Input, Output } from "./input-output.ts";
import type { Line, LineUser } from "./line.ts";
import { isKeepAlive, readMessage } from "./read-message.ts";
import type { TraceEntry } from "./role.ts";
import type { TransportOptions, TransportUser } from "./transport-layer.ts";
import type { Timer } from "./wheel.ts";

export class TransportLayer implements LineUser {
  readonly connections: Connections;
  readonly locals: readonly Address[] = [];
  readonly addresses: readonly Address[] = [];
  readonly #user: TransportUser;
  readonly #trace: ((entry: TraceEntry) => void) | undefined;
  #outputs: Output[] = [];

  constructor(user: TransportUser, { trace }: TransportOptions) {
    this.#user = user;
    this.#trace = trace;
    this.connections = new Connections(this);
  }

  get now(): Millis {
    return this.#user.now;
  }

  put(output: Output): void {
    this.#outputs.push(output);
  }

  takeOutputs(): readonly Output[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  transmit(flow: Flow, octets: Octets): boolean {
    if (!this.connections.send(flow.connection, octets)) return false;
    this.#sighted("out", flow, octets);
    return true;
  }

  reach(): Flow | undefined {
    return undefined;
  }

  take(input: Input): void {
    const { connections } = this;
    if (input.kind === "Received") {
      const line = connections.line(input.connection);
      if (line) this.#message(line.flow, input.octets);
    } else if (input.kind === "Opened") {
      this.#user.opened(connections.opened(input).flow, input.dial);
    } else if (input.kind === "NotOpened") {
      this.#user.notOpened(connections.notOpened(input.dial), input.cause);
    } else if (input.kind === "Closed") {
      const line = connections.line(input.connection);
      if (line) this.#closed(line, input.cause);
    }
  }

  schedule(timer: Timer, at: Millis): void {
    this.#user.schedule(timer, at);
  }

  isBusy(connection: number): boolean {
    return this.#user.isBusy(connection);
  }

  broken(line: Line, cause: string): void {
    this.put({ kind: "Close", connection: line.number });
    this.#closed(line, cause);
  }

  /** CRLFs that keep a connection alive are none. RFC 7118 §6. */
  #message(flow: Flow, octets: Octets): void {
    if (!isKeepAlive(octets)) {
      this.#sighted("in", flow, octets);
      this.#user.arrived(readMessage(flow, octets));
    } else if (octets === "\r\n\r\n") this.transmit(flow, "\r\n");
    else if (octets === "\r\n") this.#user.keptAlive(flow, octets);
  }

  #closed(line: Line, cause: unknown): void {
    this.connections.remove(line);
    this.#user.closed(line.flow, cause);
  }

  #sighted(direction: "in" | "out", flow: Flow, octets: Octets): void {
    this.#trace?.({ at: this.now, direction, flow, octets });
  }
}
