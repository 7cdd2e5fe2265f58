/** A phone on Node: over UDP, TCP or TLS, with its own voice or media that the caller brings. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Flow } from "../transport/flow.ts";
import { localFor } from "../transport/local-address.ts";
import type { MediaFactory, MediaSession } from "../ua/media.ts";
import { Phone as CorePhone, type PhoneOptions } from "../ua/phone.ts";
import { type Address, isIpAddress } from "../uri/host.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { dialler } from "./dialler.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { type Runner, run } from "./runner.ts";
import type { TlsCredentials } from "./tls.ts";
import { udp } from "./udp.ts";
import { type VoiceMedia, type VoiceOptions, voice } from "./voice.ts";

export interface NodePhoneOptions<M extends MediaSession> extends PhoneOptions {
  /** The server's IP address and port. */
  readonly server: Address;
  /** How it is reached; UDP if left out. */
  readonly transport?: "UDP" | "TCP" | "TLS";
  /** Over TLS: whom to believe, and what to show. The server has to prove the domain of `aor`. */
  readonly tls?: TlsCredentials;
  /** Where to listen for datagrams; port 0 takes any. */
  readonly local: Address;
  readonly media: MediaFactory<M>;
}

/** A phone that speaks G.711 and G.722 itself; `voice` has its source and its sink. */
export interface VoicePhoneOptions extends Omit<NodePhoneOptions<VoiceMedia>, "media"> {
  readonly media?: undefined;
  /** Sound comes to the address of `local` if no other is told. */
  readonly voice?: Partial<VoiceOptions>;
}

export class Phone<M extends MediaSession> extends CorePhone<M> {
  /** Binds the socket. Rejects if it is taken; throws if the server is no IP address. */
  static open(options: VoicePhoneOptions): Promise<Phone<VoiceMedia>>;
  static open<M extends MediaSession>(options: NodePhoneOptions<M>): Promise<Phone<M>>;
  static open(options: VoicePhoneOptions | NodePhoneOptions<MediaSession>) {
    if (options.media) return Phone.#open(options);
    const media = voice({ address: options.local.host, ...options.voice });
    return Phone.#open({ ...options, media });
  }

  static async #open<M extends MediaSession>(options: NodePhoneOptions<M>): Promise<Phone<M>> {
    const { server, local, transport = "UDP", tls = {} } = options;
    if (!isIpAddress(server.host)) throw new RangeError("server.host has to be an IP address");
    let runner: Runner | undefined;
    const start = (endpoint: Endpoint) => {
      runner = run(endpoint, { dialler: dialler({ tls: () => tls }) });
      return runner;
    };
    const phone = new Phone<M>(options, {
      crypto: nodeCrypto(),
      media: options.media,
      run: start,
      servers: (endpoint) => [
        transport === "UDP"
          ? { kind: "Flow", flow: () => datagramsTo(endpoint, server) }
          : { kind: "Open", to: { transport, remote: server, name: domainOf(options.aor) } },
      ],
    });
    if (runner && transport === "UDP") phone.#socket = await udp(runner, local);
    return phone;
  }

  #socket: { close(): Promise<void> } | undefined;

  override async close(): Promise<void> {
    await super.close();
    await this.#socket?.close();
  }
}

function datagramsTo(endpoint: Endpoint, remote: Address): Flow | undefined {
  const local = localFor(endpoint.locals, remote.host);
  return local && { transport: "UDP", local, remote, connection: 0 };
}

/** What is wrong with an `aor` is said by the phone itself. */
function domainOf(aor: string): string {
  const uri = parseSipUri(aor);
  return uri.ok ? uri.value.host : "";
}
