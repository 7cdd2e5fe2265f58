/** The connections and sessions of one end: which request is for which session. RFC 4975 §7.3. */
import { type BodyTaker, type ConnectionUser, MsrpConnection } from "./connection.ts";
import type { MsrpHost, MsrpLink, MsrpLinkUser, OwnPlace } from "./link.ts";
import type { MsrpRequest } from "./message.ts";
import { type MsrpUri, sameMsrpUri } from "./msrp-uri.ts";
import { MsrpSession, refuse, type SessionParts, type SessionUser } from "./session.ts";

/** Sessions at a time. */
const MAX_SESSIONS = 10_000;

/** The connections and sessions of one end. */
export class Switchboard implements ConnectionUser {
  /** Who is asked about what is for no session of ours: a relay. */
  otherwise: ConnectionUser | undefined;
  readonly #host: MsrpHost;
  /** By what nobody can guess of their URIs. */
  readonly #sessions = new Map<string, MsrpSession>();
  readonly #connections = new Set<MsrpConnection>();
  #count = 0;

  /** `host` has the time, and what nobody can guess. */
  constructor(host: MsrpHost) {
    this.#host = host;
  }

  /** Sessions that somebody may find. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /** Takes a connection on. */
  connection(link: MsrpLink): MsrpConnection {
    const connection = new MsrpConnection(++this.#count, link, this.#host, this);
    this.#connections.add(connection);
    return connection;
  }

  /** The same, for drivers. */
  readonly take = (link: MsrpLink): MsrpLinkUser => this.connection(link);

  /** A session at a place of ours, with a name that nobody can guess. RFC 4975 §14.1. */
  session(
    place: OwnPlace,
    user: SessionUser,
    how: Pick<SessionParts, "maxOctets" | "waitMs" | "chunkOctets">,
    sessionId: string = this.#host.random(20),
  ): MsrpSession {
    if (this.#sessions.size >= MAX_SESSIONS) throw new Error("too many sessions");
    const own: MsrpUri = { ...place, userinfo: undefined, sessionId, params: [] };
    const over = (): void => void this.#sessions.delete(sessionId);
    const session = new MsrpSession({ ...how, host: this.#host, own, over }, user);
    this.#sessions.set(sessionId, session);
    return session;
  }

  /** For connections: whose request this is. */
  request(request: MsrpRequest, on: MsrpConnection): BodyTaker | undefined {
    //= RFC 4975 §7.3
    //# When the request is received, the To-Path will have exactly one URI, which MUST map to an
    //# existing session that is associated with the connection on which the request arrived. If
    //# this is not true, then the receiver MUST generate a 481 error and ignore the request.
    const [to, ...others] = request.toPath;
    const session = this.#sessions.get(to?.sessionId ?? "");
    if (to && session && others.length === 0 && sameMsrpUri(session.own, to)) {
      return session.request(request, on);
    }
    return this.otherwise ? this.otherwise.request(request, on) : refuse(on, request, 481);
  }

  /** For connections: one is gone. */
  closed(connection: MsrpConnection, why: string): void {
    this.#connections.delete(connection);
    this.otherwise?.closed(connection, why);
    for (const session of [...this.#sessions.values()]) session.connectionClosed(connection, why);
  }

  /** Closes everything. */
  close(): void {
    for (const session of [...this.#sessions.values()]) session.close();
    for (const connection of [...this.#connections]) connection.close();
  }
}
