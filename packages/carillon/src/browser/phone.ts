/** A phone in a page: SIP over WebSocket, media by WebRTC. */
import { webSocketAt } from "../transport/destination.ts";
import { Phone as CorePhone, type PhoneOptions } from "../ua/phone.ts";
import { browserCrypto } from "./browser-crypto.ts";
import { run } from "./runner.ts";
import { WebMedia } from "./web-media.ts";

export interface WebPhoneOptions extends PhoneOptions {
  /** `wss://example.com/sip`; the first is used. */
  readonly servers: readonly string[];
}

export class Phone extends CorePhone<WebMedia> {
  constructor(options: WebPhoneOptions) {
    const [url] = options.servers;
    if (!url) throw new RangeError("servers: at least one ws or wss URL");
    super(options, {
      crypto: browserCrypto(),
      media: (wanted) => new WebMedia(wanted),
      trickles: true,
      server: () => ({ kind: "Open", to: webSocketAt(url) }),
      run,
    });
  }
}
