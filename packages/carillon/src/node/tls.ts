/**
 * SIP over TLS: listening and dialling. RFC 3261 §26.2, RFC 5922.
 *
 * Whom we call has to show a certificate that is valid and names whom we wanted. Who calls us may
 * show one; it counts only if it is valid.
 */
import { isIP } from "node:net";
import {
  connect,
  createSecureContext,
  createServer,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
  type TlsOptions,
} from "node:tls";
import type { Standing } from "../endpoint/input-output.ts";
import { isIdentifiedAs } from "../locate/tls-identity.ts";
import type { Address } from "../uri/host.ts";
import { identitiesOf } from "./peer-identity.ts";
import { SERVER_TLS } from "./server-tls.ts";
import { STREAM_LIMITS, type StreamLimits } from "./stream-limits.ts";
import { endsOf, joinStream } from "./stream-link.ts";
import { guestsOf, listen, type StreamHost, type StreamServer } from "./stream-server.ts";

/** What we show, and whom we believe. PEM text. */
export interface TlsCredentials {
  /** Ours, with those between it and the authority behind it; none if left out. */
  readonly cert?: string | Buffer;
  /** The private key of `cert`. */
  readonly key?: string | Buffer;
  /** The authorities that vouch for peers; those of Node if left out. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  /**
   * Lists of revoked certificates. With any, each authority that is believed needs its own: no
   * certificate is taken whose authority has no list, or one that is out of date.
   */
  readonly crl?: string | Buffer | readonly (string | Buffer)[];
}

/** Somebody who listens for TLS, whose certificate can be renewed. */
export interface TlsServer extends StreamServer {
  /** From the next handshake on; connections that are open stay. Throws if the files do not fit. */
  reload(credentials: TlsCredentials): void;
}

/**
 * Listens at an address of this machine; port 0 takes any. Rejects if certificate and key do not
 * fit, with a RangeError on a wildcard, and with what the system says: a `code` such as
 * `EADDRINUSE`.
 */
export async function tls(
  runner: StreamHost,
  address: Address,
  credentials: TlsCredentials,
  limits: Partial<StreamLimits> = {},
): Promise<TlsServer> {
  const bounds = { ...STREAM_LIMITS, ...limits };
  const options: TlsOptions = {
    ...shownBy(credentials),
    requestCert: true,
    // A certificate that is not valid counts as none: phones show their makers' own.
    rejectUnauthorized: false,
    handshakeTimeout: bounds.handshakeMs,
  };
  const server = createServer(options);
  const guests = guestsOf(server, bounds);
  // A handshake that failed is its peer's business.
  server.on("tlsClientError", (_, socket) => socket.destroy());
  server.on("secureConnection", (socket: TLSSocket) => {
    //= RFC 5922 §7.4
    //# If the client does not present a certificate, the client MUST NOT be considered
    //# authenticated.
    //= RFC 5922 §7.4
    //# When authenticating the client, the server MUST obtain the set of SIP domain identities from
    //# the client certificate as described in Section 7.1.
    const identities = identitiesOf(socket);
    const ends = endsOf(socket);
    const { budget } = guests;
    const regard = (as: Standing) => guests.regard(ends.remote, as);
    joinStream(runner, socket, { transport: "TLS", ...ends, identities }, bounds, {
      regard,
      budget,
    });
  });
  const listening = await listen(runner, server, "TLS", address, guests);
  return {
    address: listening.address,
    get count() {
      return listening.count;
    },
    close: () => listening.close(),
    reload: (renewed) => server.setSecureContext(shownBy(renewed)),
  };
}

export interface TlsDial {
  readonly remote: Address;
  /** Whom the certificate has to name. */
  readonly name: string;
}

/** Opens a connection; `dial` is the number of the `Open` output that asks for it. */
export function dialTls(
  runner: StreamHost,
  dial: number,
  { remote, name }: TlsDial,
  credentials: TlsCredentials = {},
  limits: Partial<StreamLimits> = {},
): void {
  const bounds = { ...STREAM_LIMITS, ...limits };
  const socket = connect({
    secureContext: sharedContext(credentials),
    host: remote.host,
    port: remote.port,
    ...(isIP(name) === 0 && name !== "" ? { servername: name } : {}),
    rejectUnauthorized: true,
    // The names are looked at below, by the rules of RFC 5922 and not by those of the web.
    checkServerIdentity: () => undefined,
  });
  const refuse = (cause: unknown) => runner.input({ kind: "NotOpened", dial, cause });
  const limitMs = bounds.connectMs + bounds.handshakeMs;
  const late = setTimeout(() => socket.destroy(new Error("nobody answered in time")), limitMs);
  socket.once("error", refuse);
  socket.once("secureConnect", () => {
    const identities = identitiesOf(socket);
    //= RFC 5922 §7.3
    //# If the server is not authenticated, the client MUST close the connection immediately.
    if (!isIdentifiedAs(name, identities)) {
      socket.destroy(new Error(`the certificate does not speak for ${name}`));
      return;
    }
    clearTimeout(late);
    socket.off("error", refuse);
    joinStream(runner, socket, { transport: "TLS", ...endsOf(socket), dial, identities }, bounds);
  });
  socket.once("close", () => clearTimeout(late));
}

/** Certificates are read once and not for each connection: there may be a hundred authorities. */
const contexts = new WeakMap<TlsCredentials, SecureContext>();

function sharedContext(credentials: TlsCredentials): SecureContext {
  const known = contexts.get(credentials);
  if (known) return known;
  const made = createSecureContext(contextOf(credentials));
  contexts.set(credentials, made);
  return made;
}

const contextOf = ({ cert, key, ca, crl }: TlsCredentials): SecureContextOptions => ({
  //= RFC 3261 §26.3.1
  //# Proxy servers, redirect servers, and registrars MUST implement TLS, and MUST support both
  //# mutual and one-way authentication.
  minVersion: "TLSv1.2",
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key }),
  ...(ca === undefined ? {} : { ca: asGiven(ca) }),
  ...(crl === undefined ? {} : { crl: asGiven(crl) }),
});

/** Whom we call may have older ciphers; whoever calls us has to have better ones. */
const shownBy = (credentials: TlsCredentials): SecureContextOptions => ({
  ...contextOf(credentials),
  ...SERVER_TLS,
});

type Pem = NonNullable<TlsCredentials["ca"]>;

const asGiven = (pem: Pem): string | Buffer | (string | Buffer)[] =>
  typeof pem === "string" || Buffer.isBuffer(pem) ? pem : [...pem];
