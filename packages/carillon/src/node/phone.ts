/** A phone on Node: over UDP, TCP, TLS or WebSocket, with its own voice or the caller's media. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { Servers } from "../endpoint/servers.ts";
import type { Flow } from "../transport/flow.ts";
import { localFor } from "../transport/local-address.ts";
import { isOnLink } from "../transport/on-link.ts";
import { serverWay } from "../ua/located-way.ts";
import type { MediaFactory, MediaSession } from "../ua/media.ts";
import { Phone as CorePhone, type PhoneOptions } from "../ua/phone.ts";
import type { IterationOptions } from "../ua/replay.ts";
import type { ServerWay } from "../ua/server-way.ts";
import { type WholePhoneOptions, wholePhone } from "../ua/whole-phone.ts";
import { type Address, isIpAddress } from "../uri/host.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { dialler } from "./dialler.ts";
import { dns, type Resolve } from "./dns.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { bindableAddresses, ownNetworks, soundAddress, watchAddresses } from "./own-networks.ts";
import { PhoneSockets, type PhoneSocketsOptions } from "./phone-sockets.ts";
import { type Runner, run } from "./runner.ts";
import type { TlsCredentials } from "./tls.ts";
import { type VoiceMedia, type VoiceOptions, voice } from "./voice.ts";

/** A phone on Node: who it is, its servers, and its media. */
export interface NodePhoneOptions<M extends MediaSession> extends PhoneOptions, WholePhoneOptions {
  /**
   * Servers, the preferred first: `sip:example.com` and `sips:example.com`, found by the DNS;
   * `sip:192.0.2.1:5070;transport=tcp`; `wss://example.com/sip`. Without this and `server`, the
   * phone has none: it takes calls at its own address, and calls others at theirs.
   */
  readonly servers?: readonly string[];
  /** One server by its IP address and port… */
  readonly server?: Address;
  /** …and how that one is reached; UDP if left out. */
  readonly transport?: "UDP" | "TCP" | "TLS";
  /**
   * Over TLS: whom to believe, and what to show. A server has to prove the domain of `aor`, or the
   * one in `servers` if that is no address. With a certificate, a phone without a server also
   * listens for TLS.
   */
  readonly tls?: TlsCredentials;
  /**
   * Where to listen. Without a host at every address of this machine, as they come and go; port 0
   * takes any. A phone without a server takes 5060 if that is free and no port is given.
   */
  readonly local?: { readonly host?: string; readonly port?: number };
  /** The system's own if left out. */
  readonly dns?: Resolve;
  /** Makes the media of each call: `nodeMedia` of `carillon-media`, or one's own. */
  readonly media: MediaFactory<M>;
}

/** A phone that speaks G.711 and G.722 itself; `voice` has its source and its sink. */
export interface VoicePhoneOptions extends Omit<NodePhoneOptions<VoiceMedia>, "media"> {
  /** Left out: the voice is the phone's own. */
  readonly media?: undefined;
  /** Sound comes to the host of `local` if no other is told; else to one of this machine's. */
  readonly voice?: Partial<VoiceOptions>;
}

/** Where SIP is looked for when nobody says anything else. */
const SIP_PORT = 5060;

/**
 * A phone with sockets of its own, until `close`; with `await using` it closes by itself. What it
 * does is what every phone does: see `CorePhone`. `new Phone` gives one at once, whose sockets are
 * bound once `register` has resolved; `Phone.open` one that is bound already, which is what a phone
 * without a server begins with. Without `media` it speaks G.711 and G.722 itself.
 */
export class Phone<M extends MediaSession = VoiceMedia> extends CorePhone<M> {
  /**
   * Binds the sockets. Rejects if none can be had, and with a RangeError if `server` is no IP
   * address, or one of `servers` neither a WebSocket's URL nor a SIP URI.
   */
  static open(options: VoicePhoneOptions): Promise<Phone<VoiceMedia>>;
  static open<M extends MediaSession>(options: NodePhoneOptions<M>): Promise<Phone<M>>;
  static async open(options: VoicePhoneOptions | NodePhoneOptions<MediaSession>) {
    const phone = new Phone<MediaSession>(options);
    try {
      await phone.#listening;
      return phone;
    } catch (cause) {
      await phone.close();
      throw cause;
    }
  }

  readonly #listening: Promise<void>;
  #unwatch = (): void => {};

  /** Throws a RangeError if `server` is no IP address, or one of `servers` no server's address. */
  constructor(options: VoicePhoneOptions | NodePhoneOptions<M>) {
    const { local = {}, tls = {}, dns: resolve = dns() } = options;
    const { ways, transports, hasServer } = serversOf(options);
    let runner!: Runner;
    super(options, {
      crypto: nodeCrypto(),
      media: mediaOf(options),
      isLocal: (host) => isOnLink(host, ownNetworks()),
      run: (endpoint) => {
        endpoint.find(() => new Servers(endpoint, endpoint.serversOptions));
        runner = run(endpoint, { dialler: dialler({ tls: () => tls }), dns: resolve });
        return runner;
      },
      servers: ways,
    });
    wholePhone(this, options);
    const port = local.port ?? (hasServer ? 0 : SIP_PORT);
    this.#listening = this.#listen(runner, { transports, port, tls }, local);
    // Whoever registers hears of it.
    this.#listening.catch(() => {});
  }

  async #listen(runner: Runner, how: PhoneSocketsOptions, local: Local): Promise<void> {
    const hosts = () => (local.host === undefined ? bindableAddresses() : [local.host]);
    this.#sockets = await bound(runner, how, hosts(), local.port === undefined);
    if (this.#isClosed) return;
    this.#unwatch = watchAddresses((addresses) => {
      const listened = local.host === undefined ? this.#sockets?.listenAt(hosts()) : undefined;
      // Every address from 127.0.0.1 on is this machine's, whether it is listed or not.
      const loopback = local.host?.startsWith("127.") ? [local.host] : [];
      const moved = () => this.networkChanged([...addresses, ...loopback]);
      void Promise.resolve(listened).then(moved, moved);
    });
  }

  /** As every phone's; once its sockets are bound. Rejects if none could be had. */
  override async register(options?: IterationOptions): Promise<void> {
    await this.#listening;
    return super.register(options);
  }

  #sockets: PhoneSockets | undefined;
  #isClosed = false;

  /** Where it listens. */
  get addresses(): readonly Address[] {
    return this.#sockets?.addresses ?? [];
  }

  /** Ends its calls and its registration, then closes its sockets. Resolves when all is over. */
  override async close(): Promise<void> {
    this.#isClosed = true;
    this.#unwatch();
    await super.close();
    await this.#listening.catch(() => {});
    await this.#sockets?.close();
  }
}

type Local = NonNullable<NodePhoneOptions<MediaSession>["local"]>;

/** What makes the media of its calls. One without any is one for voice: its type says so. */
function mediaOf<M extends MediaSession>(
  options: VoicePhoneOptions | NodePhoneOptions<M>,
): MediaFactory<M> {
  if (options.media) return options.media;
  const address = () => options.local?.host ?? soundAddress();
  const spoken: MediaFactory<MediaSession> = (wanted) =>
    voice({ address, ...options.voice })(wanted);
  return spoken as MediaFactory<M>;
}

/** At the port that was wanted; where nobody asked for that one, at any. */
async function bound(
  runner: Runner,
  how: PhoneSocketsOptions,
  hosts: readonly string[],
  mayBeAny: boolean,
): Promise<PhoneSockets> {
  const sockets = new PhoneSockets(runner, how);
  try {
    await sockets.listenAt(how.transports.length === 0 ? [] : hosts);
    return sockets;
  } catch (cause) {
    if (!mayBeAny || how.port === 0) throw cause;
    return bound(runner, { ...how, port: 0 }, hosts, false);
  }
}

interface PhoneServers {
  readonly ways: (endpoint: Endpoint) => readonly ServerWay[];
  /** What has to be listened with: over connections, the server is dialled. */
  readonly transports: PhoneSocketsOptions["transports"];
  readonly hasServer: boolean;
}

//= RFC 3261 §18.2.1
//# For any port and interface that a server listens on for UDP, it MUST listen on that same port
//# and interface for TCP. This is because a message may need to be sent using TCP, rather than
//# UDP, if it is too large.
const DATAGRAMS = ["UDP", "TCP"] as const;

function serversOf(options: Omit<NodePhoneOptions<MediaSession>, "media">): PhoneServers {
  const { servers = [], server, transport = "UDP", aor, tls = {} } = options;
  if (server && !isIpAddress(server.host)) {
    throw new RangeError("server.host has to be an IP address");
  }
  if (server) {
    const overDatagrams = (endpoint: Endpoint): ServerWay => ({
      ...{ kind: "Flow", flow: () => datagramsTo(endpoint, server) },
    });
    if (transport === "UDP") {
      const ways = (endpoint: Endpoint) => [overDatagrams(endpoint)];
      return { ways, transports: DATAGRAMS, hasServer: true };
    }
    const to = { transport, remote: server, name: domainOf(aor) };
    return { ways: () => [{ kind: "Open", to }], transports: [], hasServer: true };
  }
  const ways = servers.map((uri) => serverWay(uri, domainOf(aor)));
  if (ways.length > 0) {
    const transports = ways.some(mayTakeDatagrams) ? DATAGRAMS : [];
    return { ways: () => ways, transports, hasServer: true };
  }
  const secure = tls.cert === undefined ? [] : (["TLS"] as const);
  return { ways: () => [], transports: [...DATAGRAMS, ...secure], hasServer: false };
}

/** Over a connection it is asked for, its server comes back by that one, and need not call. */
const mayTakeDatagrams = (way: ServerWay): boolean =>
  way.kind === "Locate" && !way.wanted.secure && (way.wanted.transport ?? "UDP") === "UDP";

function datagramsTo(endpoint: Endpoint, remote: Address): Flow | undefined {
  const local = localFor(endpoint.locals, remote.host);
  return local && { transport: "UDP", local, remote, connection: 0 };
}

/** What is wrong with an `aor` is said by the phone itself. */
function domainOf(aor: string): string {
  const uri = parseSipUri(aor);
  return uri.ok ? uri.value.host : "";
}
