/**
 * The transport layer of an endpoint: from octets on a flow to messages, and back. RFC 3261 §18.
 *
 * It knows no transaction. What it hears it hands up; what it is to do for the world it puts out.
 */
import type { Octets } from "../grammar/octets.ts";
import { serverAlias } from "../locate/connection-reuse.ts";
import type { Target } from "../locate/target.ts";
import type { Millis } from "../transaction/timers.ts";
import { type Flow, isReliable } from "../transport/flow.ts";
import { localFor } from "../transport/local-address.ts";
import { bindingResponse, isStun } from "../transport/stun.ts";
import type { Address } from "../uri/host.ts";
import { type BelowKind, type BelowRole, causeWords, methodIn } from "./below-role.ts";
import { Connections } from "./connections.ts";
import type { Gate } from "./gate.ts";
import type { Incoming } from "./incoming.ts";
import type { Input, Output } from "./input-output.ts";
import type { Line, LineUser } from "./line.ts";
import type { Admission } from "./overload/admission.ts";
import { admissionWorld } from "./overload/admission-world.ts";
import { type Arrival, isKeepAlive, readBroken, readMessage } from "./read-message.ts";
import type { EndpointOptions, TraceEntry } from "./role.ts";
import type { TransactionTable } from "./transaction-table.ts";
import type { Timer } from "./wheel.ts";

/** Who stands above. */
export interface TransportUser {
  readonly now: Millis;
  schedule(timer: Timer, at: Millis): void;
  /** Whether a transaction needs this connection. */
  isBusy(connection: number): boolean;
  arrived(arrival: Arrival): void;
  opened(flow: Flow, dial: number | undefined): void;
  /** `connection` is the number that was promised. */
  notOpened(connection: number, cause: unknown): void;
  closed(flow: Flow, cause: unknown): void;
  unreachable(remote: Address, cause: unknown): void;
  /** What is no message, and keeps a flow alive. */
  keptAlive(flow: Flow, octets: Octets): void;
}

/** What of an endpoint's options is for its transport layer. */
export type TransportOptions = Pick<
  EndpointOptions,
  "connections" | "gate" | "trace" | "admission" | "below" | "crypto" | "key"
>;

type Happening = Extract<
  Input,
  {
    kind:
      | "Listening"
      | "Unbound"
      | "Datagram"
      | "Unreachable"
      | "Opened"
      | "NotOpened"
      | "Received"
      | "Closed";
  }
>;

//= RFC 3261 §18.1.1
//# However, implementations MUST be able to handle messages up to the maximum datagram packet size.
//# For UDP, this size is 65,535 bytes, including IP and UDP headers.
const MAX_DATAGRAM = 65_507;

export class TransportLayer implements LineUser {
  readonly connections: Connections;
  /** The addresses that datagrams can leave from. */
  readonly locals: Address[] = [];
  /** Those that anything can come to. */
  readonly addresses: Address[] = [];
  readonly #user: TransportUser;
  readonly #gate: Gate | undefined;
  readonly #trace: ((entry: TraceEntry) => void) | undefined;
  readonly #admission: Admission | undefined;
  readonly #below: BelowRole | undefined;
  #outputs: Output[] = [];

  constructor(user: TransportUser, options: TransportOptions, table: TransactionTable) {
    const { connections, gate, trace, admission, below } = options;
    this.#user = user;
    this.#gate = gate;
    this.#trace = trace;
    this.#below = below;
    this.connections = new Connections(this, connections);
    this.#admission = admission;
    if (admission) admission.attach(admissionWorld(options, table));
  }

  get now(): Millis {
    return this.#user.now;
  }

  put(output: Output): void {
    this.#outputs.push(output);
  }

  /** Everything that was put out since this was asked last. */
  takeOutputs(): readonly Output[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  /** Puts octets on the wire. False if the connection is gone or no datagram holds so much. */
  transmit(flow: Flow, text: Octets): boolean {
    return this.#transmit(flow, this.#admission?.leaving(text, flow, this.now) ?? text);
  }

  #transmit(flow: Flow, octets: Octets): boolean {
    if (isReliable(flow)) {
      //= RFC 3261 §18.2.2
      //# If the "sent-protocol" is a reliable transport protocol such as TCP or SCTP, or TLS over
      //# those, the response MUST be sent using the existing connection to the source of the
      //# original request that created the transaction, if that connection is still open.
      if (!this.connections.send(flow.connection, octets)) return false;
    } else {
      if (octets.length > MAX_DATAGRAM || flow.remote.port === 0) return false;
      this.put({ kind: "Datagram", local: flow.local, remote: flow.remote, octets });
    }
    this.#sighted("out", flow, octets);
    return true;
  }

  reach(target: Target, owner: string | undefined): Flow | undefined {
    const { transport, address } = target;
    if (transport !== "UDP") return this.connections.reach(target, owner);
    const local = localFor(this.locals, address.host);
    return local && { transport, local, remote: address, connection: 0 };
  }

  take(input: Happening): void {
    switch (input.kind) {
      case "Datagram": {
        const { local, remote } = input;
        const flow: Flow = { transport: "UDP", local, remote, connection: 0 };
        if (!this.#hears(flow)) return this.#refused(flow, "Banned", BANNED);
        return this.#message(flow, input.octets, input.waitedMs ?? 0);
      }
      //= RFC 3261 §18.1.1
      //# Therefore, the client transport MUST be prepared to receive the response on the same
      //# connection used to send the request.
      case "Received":
        return this.#received(input.connection, input.octets, input.waitedMs ?? 0);
      case "Opened":
        return this.#opened(input);
      case "NotOpened":
        return this.#user.notOpened(this.connections.notOpened(input.dial), input.cause);
      case "Closed": {
        const line = this.connections.line(input.connection);
        const { cause } = input;
        if (line && cause !== undefined) this.#refused(line.flow, "Lost", causeWords(cause));
        return this.#closed(line, cause);
      }
      case "Unreachable":
        return this.#user.unreachable(input.remote, input.cause);
      case "Listening":
        this.addresses.push(input.local);
        if (input.transport === "UDP") this.locals.push(input.local);
        return this.connections.listen(input.transport, input.local);
      case "Unbound":
        forget(this.addresses, input.local);
        if (input.transport === "UDP") forget(this.locals, input.local);
        return this.connections.unlisten(input.transport, input.local);
    }
  }

  // ---- for lines -------------------------------------------------------------------------------

  schedule(timer: Timer, at: Millis): void {
    this.#user.schedule(timer, at);
  }

  isBusy(connection: number): boolean {
    return this.#user.isBusy(connection);
  }

  broken(line: Line, cause: string): void {
    this.#refused(line.flow, cause === BANNED ? "Banned" : "Ended", cause);
    this.put({ kind: "Close", connection: line.number });
    this.#closed(line, cause);
  }

  #opened(input: Extract<Input, { kind: "Opened" }>): void {
    const line = this.connections.opened(input);
    this.#user.opened(line.flow, input.dial);
    // What we asked for ourselves is ours to end.
    if (input.dial === undefined && !this.#hears(line.flow)) this.broken(line, BANNED);
  }

  // ---- what is heard ---------------------------------------------------------------------------

  #received(connection: number, octets: Octets, waitedMs: Millis): void {
    const line = this.connections.line(connection);
    if (!line) return;
    const { flow } = line;
    if (!this.#hears(flow)) return this.broken(line, BANNED);
    for (const one of line.received(octets)) {
      if (one.kind === "Message") this.#message(flow, one.text, waitedMs);
      //= RFC 5626 §4.4.1
      //# the server "pong" is a single CRLF
      //= RFC 5626 §5.4
      //# When a server receives a double CRLF sequence between SIP messages on a
      //# connection-oriented transport such as TCP or SCTP, it MUST immediately respond with a
      //# single CRLF over the same connection.
      else if (one.kind === "Ping") this.transmit(flow, "\r\n");
      else if (one.kind === "Pong") this.#user.keptAlive(flow, "\r\n");
      else if (one.kind === "Error") {
        this.#sighted("in", flow, one.text);
        const arrival = readBroken(flow, one.text, one.error);
        this.#judged(flow, one.text, arrival);
        this.#user.arrived(arrival);
        this.broken(line, one.error.message);
      }
    }
  }

  #message(flow: Flow, octets: Octets, waitedMs: Millis): void {
    if (isKeepAlive(octets)) {
      if (isReliable(flow)) {
        if (octets === "\r\n\r\n") this.transmit(flow, "\r\n");
        else if (octets === "\r\n") this.#user.keptAlive(flow, octets);
        return;
      }
      //= RFC 5626 §8
      //# The UAS, proxy, or registrar responds to a valid Binding Request with a Binding Response
      //# that MUST include the XOR-MAPPED-ADDRESS attribute.
      return this.#stun(flow, octets);
    }
    this.#sighted("in", flow, octets);
    if (this.#admission && !this.#isLetIn(this.#admission, flow, octets, waitedMs)) return;
    const arrival = readMessage(flow, octets);
    if (this.#gate && asksForAnswer(arrival) && !this.#gate.answers(flow, this.now)) {
      return this.#refused(flow, "Silenced", TOLD_ENOUGH, octets);
    }
    this.#judged(flow, octets, arrival);
    if (arrival.kind !== "Refused") this.connections.heard(flow.connection);
    if (arrival.kind === "Request") this.#offered(arrival.from);
    this.#user.arrived(arrival);
  }

  #hears(flow: Flow): boolean {
    return this.#gate === undefined || this.#gate.hears(flow, this.now);
  }

  /** Whether there is time for it; who is turned away has been told. */
  #isLetIn(admission: Admission, flow: Flow, octets: Octets, waitedMs: Millis): boolean {
    const verdict = admission.judge(octets, flow, waitedMs, this.now);
    if (verdict === "go") return true;
    this.connections.heard(flow.connection);
    if (verdict === "drop") {
      // The ACK of our own 503 is what was to come.
      if (!octets.startsWith("ACK ")) this.#refused(flow, "Late", TOO_LATE, octets);
    } else if (this.#gate?.answers(flow, this.now) === false) {
      // An answer to an address that may be somebody else's counts like any other.
      this.#refused(flow, "Silenced", TOLD_ENOUGH, octets);
    } else {
      this.#refused(flow, "TurnedAway", TOO_MUCH, octets, 503);
      this.#transmit(verdict.flow, verdict.octets);
    }
    return false;
  }

  //= RFC 5626 §5.4
  //# All edge proxies compliant with this specification MUST implement support for STUN NAT
  //# keep-alives on their SIP UDP ports as described in Section 8.
  //= RFC 5626 §8
  //# If a server compliant to this section receives SIP requests on a given interface and UDP port,
  //# it MUST also provide a limited version of a STUN server on the same interface and UDP port.
  //= RFC 5626 §6
  //# To be compliant with this specification, registrars that can receive SIP requests directly
  //# from a UAC without intervening edge proxies MUST implement the same keep-alive mechanisms as
  //# edge proxies (Section 5.4).
  /** A Binding Request is answered here; an answer is somebody's above. */
  #stun(flow: Flow, octets: Octets): void {
    if (!isStun(octets)) return;
    const response = bindingResponse(octets, flow.remote);
    if (response === undefined) return this.#user.keptAlive(flow, octets);
    this.put({ kind: "Datagram", local: flow.local, remote: flow.remote, octets: response });
  }

  /** A peer may offer its own connection for our requests. RFC 5923 §9. */
  #offered({ flow, essentials: { via } }: Incoming): void {
    if (flow.transport !== "TLS" || !via.params.has("alias")) return;
    const row = serverAlias(flow, via, this.connections.identities(flow.connection), "");
    if (row) this.connections.alias(row);
  }

  #closed(line: Line | undefined, cause: unknown): void {
    if (!line) return;
    this.connections.remove(line);
    this.#user.closed(line.flow, cause);
  }

  /** What cannot be read, whether or not its sender can be told. */
  #judged(flow: Flow, octets: Octets, arrival: Arrival): void {
    if (arrival.kind === "Dropped") this.#refused(flow, "Malformed", UNREADABLE, octets);
    if (arrival.kind !== "Refused") return;
    const { status, message } = arrival.error;
    this.#refused(flow, "Malformed", message, octets, status);
  }

  #refused(flow: Flow, what: BelowKind, why: string, octets: Octets = "", status?: number): void {
    if (!this.#below) return;
    const method = methodIn(octets);
    this.#below({
      ...{ at: this.now, flow, what, why },
      ...(method !== undefined && { method }),
      ...(status !== undefined && { status }),
    });
  }

  #sighted(direction: "in" | "out", flow: Flow, octets: Octets): void {
    this.#trace?.({ at: this.now, direction, flow, octets });
  }
}

const BANNED = "who is there is banned";
const TOLD_ENOUGH = "its source has had as many answers as strangers get";
const TOO_LATE = "it has waited for so long that its sender says it again";
const TOO_MUCH = "there is too much to do";
const UNREADABLE = "it is no message that could be answered";

/** What is answered below the role, without anybody knowing who it is. */
const asksForAnswer = (arrival: Arrival): boolean =>
  arrival.kind === "Refused" ||
  (arrival.kind === "Request" && arrival.from.request.method === "CANCEL");

/** Takes one of these out: another transport may listen at the same address. */
function forget(all: Address[], { host, port }: Address): void {
  const at = all.findIndex((one) => one.host === host && one.port === port);
  if (at >= 0) all.splice(at, 1);
}
