/**
 * The connections of an endpoint: those that are open and those that are asked for. RFC 3261 §18,
 * RFC 5923.
 *
 * A connection that a peer opened bears the driver's number. One that was asked for here has a
 * number from the start, minus its dial, so that requests can be on their way before it is open,
 * and everybody may keep that number.
 */
import type { Octets } from "../grammar/octets.ts";
import { type AliasRow, clientAlias } from "../locate/connection-reuse.ts";
import { isSecure, type Target, targetKey } from "../locate/target.ts";
import type { Destination } from "../transport/destination.ts";
import { defaultPort, type Flow, type TransportName } from "../transport/flow.ts";
import { localFor } from "../transport/local-address.ts";
import { type Address, formatAddress } from "../uri/host.ts";
import { AliasTable } from "./alias-table.ts";
import type { Input, Output, Standing } from "./input-output.ts";
import { Line, type LineUser } from "./line.ts";

/** What connections need of what is around them. */
export interface ConnectionsUser extends LineUser {
  put(output: Output): void;
}

/** How patient an endpoint is with connections, in ms, and how many it asks for. */
export interface ConnectionLimits {
  /** After how long without a word a stream is closed that nobody vouched for. */
  readonly idleMs: number;
  /** The same for streams that were opened to send something. */
  readonly dialledIdleMs: number;
  /** How long a message may take from its first octet to its last. */
  readonly messageMs: number;
  /** Connections that are asked for and not open yet. */
  readonly dials: number;
  /** What may wait for one of these. */
  readonly queuedBytes: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  idleMs: 30_000,
  dialledIdleMs: 300_000,
  messageMs: 10_000,
  dials: 1_000,
  queuedBytes: 256 * 1024,
};

/** A connection that is asked for. */
interface Dial {
  readonly flow: Flow;
  /** Where it leads; undefined where nobody else is to use it. */
  readonly target: Target | undefined;
  /** The domain of ours on whose behalf. */
  readonly owner: string;
  readonly queue: Octets[];
  queuedBytes: number;
}

type Opened = Extract<Input, { kind: "Opened" }>;

export class Connections {
  readonly #user: ConnectionsUser;
  readonly #limits: ConnectionLimits;
  /** By the number that everything above knows. */
  readonly #lines = new Map<number, Line>();
  /** By the driver's number. */
  readonly #byDriver = new Map<number, Line>();
  readonly #dials = new Map<number, Dial>();
  /** Dials by where they lead. */
  readonly #asked = new Map<string, Dial>();
  readonly #aliases = new AliasTable();
  #listening: readonly { readonly transport: TransportName; readonly local: Address }[] = [];
  #lastDial = 0;

  constructor(user: ConnectionsUser, limits: Partial<ConnectionLimits> = {}) {
    this.#user = user;
    this.#limits = { ...CONNECTION_LIMITS, ...limits };
  }

  get size(): number {
    return this.#lines.size;
  }

  /** Connections asked for that are not open yet. */
  get dials(): number {
    return this.#dials.size;
  }

  /** One that is open. */
  flow(connection: number): Flow | undefined {
    return this.#lines.get(connection)?.flow;
  }

  /** The SIP domains that the peer's certificate proved. */
  identities(connection: number): readonly string[] {
    return this.#lines.get(connection)?.identities ?? [];
  }

  listen(transport: TransportName, local: Address): void {
    this.#listening = [...this.#listening, { transport, local }];
  }

  unlisten(transport: TransportName, { host, port }: Address): void {
    this.#listening = this.#listening.filter(
      ({ transport: other, local }) =>
        other !== transport || local.host !== host || local.port !== port,
    );
  }

  /** Where others open connections of this kind to us. */
  listening(transport: TransportName): readonly Address[] {
    return this.#listening.flatMap((one) => (one.transport === transport ? [one.local] : []));
  }

  /** Asks for a connection; its flow can be used at once. Undefined when too many are asked for. */
  dial(to: Destination, target?: Target, owner = ""): Flow | undefined {
    if (this.#dials.size >= this.#limits.dials) return undefined;
    const dial = ++this.#lastDial;
    const { transport } = to;
    const remote = "remote" in to ? to.remote : addressOf(to.url);
    const local = this.#sentBy(transport, remote.host) ?? NOWHERE;
    const flow: Flow = { transport, local, remote, connection: -dial };
    const asked: Dial = { flow, target, owner, queue: [], queuedBytes: 0 };
    this.#dials.set(dial, asked);
    if (target) this.#asked.set(askedKey(target, owner), asked);
    this.#user.put({ kind: "Open", dial, to });
    return flow;
  }

  //= RFC 3261 §18
  //# It is RECOMMENDED that connections be kept open for some implementation-defined duration after
  //# the last message was sent or received over that connection.
  //= RFC 5626 §4.3
  //# For protocols that don't use TLS, if the UAC has an existing flow to this IP address, and port
  //# with the correct protocol, then the UAC MUST use the existing connection.
  //= RFC 5626 §4.3
  //# For TLS protocols, there MUST also be a match between the host production in the next hop and
  //# one of the URIs contained in the subjectAltName in the peer certificate.
  /** The flow that leads to a target: over a connection there is, or one that is asked for now. */
  reach(target: Target, owner = ""): Flow | undefined {
    const known = this.#aliases.find(target, owner);
    // A NAT may have forgotten it, and then everything that is sent there is lost.
    const isDoubtful = known && this.#lines.get(known.connection)?.isDoubtful === true;
    if (known && !isDoubtful) return this.flow(known.connection);
    if (isDoubtful) this.#aliases.remove(known.connection);
    const asked = this.#asked.get(askedKey(target, owner));
    return asked?.flow ?? this.dial(destinationOf(target), target, owner);
  }

  /** Takes what a peer that proved who it is offers: its connection for our requests. */
  alias(row: AliasRow): void {
    if (this.#lines.has(row.connection)) this.#aliases.add(row);
  }

  /** Hands octets over, or keeps them until the connection is open. False if it is gone. */
  send(connection: number, octets: Octets): boolean {
    const line = this.#lines.get(connection);
    if (line) {
      line.sent(octets);
      this.#user.put({ kind: "Send", connection: line.number, octets });
      return true;
    }
    const dial = this.#dials.get(-connection);
    if (!dial || dial.queuedBytes + octets.length > this.#limits.queuedBytes) return false;
    dial.queue.push(octets);
    dial.queuedBytes += octets.length;
    return true;
  }

  /** What waits for a connection that is not open yet is not to be sent any more. */
  takeBack(connection: number, octets: Octets): void {
    const dial = this.#dials.get(-connection);
    const at = dial?.queue.indexOf(octets) ?? -1;
    if (!dial || at < 0) return;
    dial.queue.splice(at, 1);
    dial.queuedBytes -= octets.length;
  }

  /** Somebody vouched for whoever is there: silence alone does not end it any more. */
  keep(connection: number): void {
    const line = this.#lines.get(connection);
    if (line?.keep()) this.#regard(line, "Known");
  }

  /** Ends one: what comes on it afterwards is not looked at. */
  close(connection: number): void {
    const line = this.#lines.get(connection);
    if (line) this.#user.put({ kind: "Close", connection: line.number });
  }

  // ---- what the driver says --------------------------------------------------------------------

  opened(input: Opened): Line {
    const dial = this.#dialled(input.dial);
    const { transport, remote, identities = [] } = input;
    const connection = dial?.flow.connection ?? input.connection;
    const local = dial ? this.#ownAddress(dial, input.local) : input.local;
    const line = new Line(this.#user, {
      number: input.connection,
      flow: { transport, local, remote, connection },
      identities,
      messageMs: this.#limits.messageMs,
      idleMs: dial ? this.#limits.dialledIdleMs : this.#limits.idleMs,
    });
    this.#lines.set(connection, line);
    this.#byDriver.set(input.connection, line);
    this.#becomeReusable(line, dial);
    // Somebody above asked for this one by itself, and ends it by itself.
    if (dial && !dial.target) line.keep();
    for (const octets of dial?.queue ?? []) this.send(connection, octets);
    return line;
  }

  /** Gives back the number that was promised. */
  notOpened(dial: number): number {
    this.#dialled(dial);
    return -dial;
  }

  /** A whole message has come over it. */
  heard(connection: number): void {
    const line = connection === 0 ? undefined : this.#lines.get(connection);
    if (line?.isFirst()) this.#regard(line, "Heard");
  }

  line(driverNumber: number): Line | undefined {
    return this.#byDriver.get(driverNumber);
  }

  /** Forgets one that is gone, or is to be. */
  remove(line: Line): void {
    const { connection } = line.flow;
    line.end();
    this.#lines.delete(connection);
    this.#byDriver.delete(line.number);
    this.#aliases.remove(connection);
  }

  #regard({ number: connection }: Line, as: Standing): void {
    this.#user.put({ kind: "Regard", connection, as });
  }

  #becomeReusable(line: Line, dial: Dial | undefined): void {
    const { flow, identities } = line;
    const { connection, transport, remote } = flow;
    if (dial?.target) {
      const row = clientAlias(dial.target, connection, identities, dial.owner);
      this.#aliases.add(row);
    } else if (transport === "TCP") {
      //= RFC 3261 §18.1.1
      //# If a request is destined to an IP address, port, and transport to which an existing
      //# connection is open, it is RECOMMENDED that this connection be used to send the request,
      //# but another connection MAY be opened and used.
      this.#aliases.add({ connection, transport, address: remote, identities, owner: "" });
    }
  }

  /** The dial with this number, which is over. */
  #dialled(dial: number | undefined): Dial | undefined {
    const found = dial === undefined ? undefined : this.#dials.get(dial);
    if (dial !== undefined) this.#dials.delete(dial);
    if (found?.target) this.#asked.delete(askedKey(found.target, found.owner));
    return found;
  }

  /** What a Via on it says: where others reach us, and never the port of one connection. */
  #ownAddress({ flow }: Dial, actual: Address): Address {
    const ours = this.listening(flow.transport);
    const same = ours.find(({ host }) => host === actual.host);
    return same ?? (ours.includes(flow.local) ? flow.local : actual);
  }

  //= RFC 3261 §18.1.1
  //# To handle this case, the transport layer MUST also be prepared to receive an incoming
  //# connection on the source IP address from which the request was sent and port number in the
  //# "sent-by" field. It also MUST be prepared to receive incoming connections on any address and
  //# port that would be selected by a server based on the procedures described in Section 5 of [4].
  // An address and a port leave a server no choice, and these are where we listen.
  /** Where responses to what leaves over this transport would find us. */
  #sentBy(transport: TransportName, host: string): Address | undefined {
    const everywhere = this.#listening.map(({ local }) => local);
    return localFor(this.listening(transport), host) ?? localFor(everywhere, host);
  }
}

/** For an element that nobody can connect to. */
const NOWHERE: Address = { host: "nowhere.invalid", port: 0 };

const askedKey = (target: Target, owner: string): string => `${targetKey(target)} ${owner}`;

function destinationOf({ transport, address, name }: Target): Destination {
  if (transport === "TCP" || transport === "TLS") return { transport, remote: address, name };
  if (transport === "UDP") throw new RangeError("there are no connections over UDP");
  const { host, port } = address;
  const where = formatAddress({ host: isSecure(transport) && name !== "" ? name : host, port });
  return { transport, url: `${transport.toLowerCase()}://${where}/` };
}

function addressOf(url: string): Address {
  const [, scheme = "", host = "", port] =
    /^(\w+):\/\/(\[[^\]]*\]|[^/:?#]*)(?::(\d+))?/.exec(url) ?? [];
  const plain = host.startsWith("[") ? host.slice(1, -1) : host;
  return {
    host: plain,
    port: port === undefined ? defaultPort(scheme.toUpperCase()) : Number(port),
  };
}
