/**
 * The MSRP of one phone: its connections, its sessions, and its relay if it has one. RFC 4975 §5.4,
 * RFC 4976 §5.
 */
import type { Crypto } from "../auth/crypto.ts";
import { newTimer } from "../endpoint/wheel.ts";
import { NEVER } from "../transaction/timers.ts";
import type { PhoneParts } from "../ua/phone-parts.ts";
import type { MsrpConnection } from "./connection.ts";
import type { MsrpHost, MsrpLink, MsrpWorld, OwnPlace } from "./link.ts";
import { type MsrpUri, parseMsrpUri } from "./msrp-uri.ts";
import { authorize, type RelayCredentials } from "./relay-client.ts";
import type { MsrpSession, SessionUser } from "./session.ts";
import { Switchboard } from "./switchboard.ts";

/** Where the URIs of a session are, and which relays lead there. */
export interface Place extends OwnPlace {
  /** Those of ours, as the other side visits them. */
  readonly relays: readonly MsrpUri[];
  /** Somebody may connect to it. */
  readonly isReached: boolean;
  /** The name of the session, where a relay knows it already. */
  readonly sessionId?: string;
  /** The connection over which a relay knows us, and its URIs as we use them. */
  readonly through?: { readonly connection: MsrpConnection; readonly usePath: readonly MsrpUri[] };
}

/** A relay that a phone uses. RFC 4976. */
export interface RelayUse {
  /** `msrps://relay.example.com:2855;tcp`. */
  readonly uri: string;
  /** How it signs in there. */
  readonly credentials: RelayCredentials;
}

/** How long the other side of a session may take to connect. */
const WAIT_MS = 30_000;

export class MessageEnd {
  readonly host: MsrpHost;
  readonly #world: MsrpWorld;
  readonly #board: Switchboard;
  /** Connections that we have opened, by where they lead. RFC 4975 §5.4. */
  readonly #opened = new Map<string, MsrpConnection | Promise<MsrpConnection>>();
  readonly #unlisten: (() => void) | undefined;
  readonly #nowhere: string;
  readonly #relay: (RelayUse & { readonly at: MsrpUri }) | undefined;
  readonly #crypto: Crypto;
  readonly #chunkOctets: number | undefined;
  readonly #isShared: boolean;

  constructor(
    parts: PhoneParts,
    world: MsrpWorld,
    { relay, chunkOctets }: { readonly relay?: RelayUse; readonly chunkOctets?: number },
  ) {
    this.#chunkOctets = chunkOctets;
    this.#relay = relay && { ...relay, at: relayAt(relay.uri) };
    this.#crypto = parts.agent.endpoint.crypto;
    this.host = hostOf(parts);
    this.#world = world;
    this.#board = world.board ?? new Switchboard(this.host);
    this.#isShared = world.board !== undefined;
    this.#nowhere = `${this.host.random(6)}.invalid`;
    this.#unlisten = world.listen?.((link) => this.#board.take(link));
    parts.calls.leaving.push(() => this.close());
  }

  /** Where a new session is. */
  async place(): Promise<Place> {
    const own = this.#world.own;
    if (this.#relay) return this.#relayed(this.#relay);
    if (own) return { ...own, relays: [], isReached: true };
    // A WebSocket leads here, and only the one that we open. RFC 7977 §5.2.1.
    return { ...this.#nobody("ws"), relays: [], isReached: false };
  }

  /** Where nobody can connect to. */
  #nobody(transport: string): OwnPlace {
    return { scheme: "msrps", host: this.#nowhere, port: 9, transport };
  }

  //= RFC 4976 §5.1
  //# To form the SDP path attribute to provide to the peer, the client reverses the list of URIs in
  //# the Use-Path header (after the outermost authentication), and appends the client's own URI.
  async #relayed({ at: relay, credentials }: RelayUse & { at: MsrpUri }): Promise<Place> {
    const connection = await this.connection(relay);
    const place = this.#nobody(relay.transport);
    const sessionId = this.host.random(20);
    const own: MsrpUri = { ...place, userinfo: undefined, sessionId, params: [] };
    const { host } = this;
    const how = { host, crypto: this.#crypto, connection, relay, own, credentials };
    const { usePath } = await authorize(how);
    const through = { connection, usePath };
    return { ...place, sessionId, relays: usePath.toReversed(), isReached: true, through };
  }

  session(place: Place, user: SessionUser, maxOctets: number): MsrpSession {
    const { scheme, host, port, transport, sessionId } = place;
    const how = { maxOctets, waitMs: WAIT_MS, chunkOctets: this.#chunkOctets };
    return this.#board.session({ scheme, host, port, transport }, user, how, sessionId);
  }

  /** The other side's path is known: connects, or waits for them. */
  async join(
    session: MsrpSession,
    path: readonly MsrpUri[],
    isActive: boolean,
    through: Place["through"],
  ): Promise<void> {
    //= RFC 4976 §5.1
    //# To form the To-Path header for outgoing requests, the client takes the list of URIs in the
    //# Use-Path header after the outermost authentication and appends the list of URIs provided in
    //# the path attribute in the peer's session description.
    session.toPath = [...(through?.usePath ?? []), ...path];
    const [first] = path;
    if (isActive && through) return session.attach(through.connection);
    if (!isActive || !first) return;
    session.attach(await this.connection(first));
  }

  //= RFC 4975 §5.4
  //# If the sender already has such a connection, that is, one associated with the same host, port,
  //# and URI scheme, then it SHOULD reuse that connection.
  /** A connection to where this URI says. */
  async connection(to: MsrpUri): Promise<MsrpConnection> {
    const key = `${to.scheme} ${to.host} ${to.port} ${to.transport}`;
    for (const [one, open] of this.#opened) {
      if (!(open instanceof Promise) && open.isClosed) this.#opened.delete(one);
    }
    const known = this.#opened.get(key);
    if (known) return known;
    const opening = this.#open(to);
    this.#opened.set(key, opening);
    try {
      const open = await opening;
      this.#opened.set(key, open);
      return open;
    } catch (cause) {
      this.#opened.delete(key);
      throw cause;
    }
  }

  async #open(to: MsrpUri): Promise<MsrpConnection> {
    let made: MsrpConnection | undefined;
    await this.#world.connect(to, (link: MsrpLink) => {
      made = this.#board.connection(link);
      return made;
    });
    if (!made) throw new Error("there is no connection");
    return made;
  }

  close(): void {
    this.#unlisten?.();
    if (!this.#isShared) this.#board.close();
  }
}

function relayAt(uri: string): MsrpUri {
  const relay = parseMsrpUri(uri);
  if (!relay) throw new RangeError(`relay: no MSRP URI: ${uri}`);
  return relay;
}

function hostOf({ agent, now, whileOpen }: PhoneParts): MsrpHost {
  const { endpoint } = agent;
  return {
    now,
    random: (octets) => endpoint.ids.random(octets),
    at: (when, run) => {
      let isWanted = true;
      // Behind the turn in which it is due: what comes of it may begin another one. And behind the
      // one in which it is asked for: nobody here knows whether there is one.
      const timer = newTimer({ due: () => void Promise.resolve().then(() => isWanted && run()) });
      const schedule = (time: number): void => {
        void Promise.resolve().then(() => whileOpen(() => endpoint.schedule(timer, time)));
      };
      schedule(when);
      return () => {
        isWanted = false;
        schedule(NEVER);
      };
    },
  };
}
