/** A phone in a page: SIP over WebSocket, media by WebRTC. */
import { Phone as CorePhone, type PhoneOptions } from "../ua/phone.ts";
import { webSocketWay } from "../ua/server-way.ts";
import { browserCrypto } from "./browser-crypto.ts";
import { watchNetwork } from "./network-watch.ts";
import { run } from "./runner.ts";
import { WebMedia } from "./web-media.ts";

/** A phone in a page: who it is, and its server. */
export interface WebPhoneOptions extends PhoneOptions {
  /** `wss://example.com/sip`: the preferred first, and others for when it cannot be had. */
  readonly servers: readonly string[];
}

/** A phone in a page: SIP over WebSocket (RFC 7118), media by WebRTC. */
export class Phone extends CorePhone<WebMedia> {
  readonly #unwatch: () => void;

  constructor(options: WebPhoneOptions) {
    const ways = options.servers.map(webSocketWay);
    if (ways.length === 0) throw new RangeError("servers: at least one ws or wss URL");
    super(options, {
      crypto: browserCrypto(),
      media: (wanted) => new WebMedia(wanted),
      servers: () => ways,
      run,
    });
    this.#unwatch = watchNetwork(() => this.networkChanged());
    void this.#tryPings();
  }

  /** Whether a connection answers pings is to be known before anybody has doubts about it. */
  async #tryPings(): Promise<void> {
    for await (const { name } of this.states()) if (name === "Registered") this.checkConnection();
  }

  /** Hangs up, signs off and stops: see `CorePhone.close`. */
  override close(): Promise<void> {
    this.#unwatch();
    return super.close();
  }
}
