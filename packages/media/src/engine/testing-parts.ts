/** For tests: transports without sockets and ends of paths without packets, which tell all. */
import type { SideParts } from "./media-side.ts";
import type {
  Agreement,
  LocalPart,
  LocalWish,
  PathEnd,
  PathEndOptions,
  PathStatistics,
  Provided,
  StreamAgreement,
  StreamPart,
  Transport,
  TransportOptions,
  TransportStatistics,
} from "./transport.ts";

/** What a call was made of. */
export class TestingParts implements SideParts {
  readonly ports = { from: 30_000, to: 30_099 };
  readonly transports: TestingTransport[] = [];
  readonly ends: TestingEnd[] = [];
  /** What the next `prepare` fails with. */
  failing: string | undefined;
  #port = 30_000;

  readonly rtp = (options: TransportOptions): Transport => this.#made("rtp", options);
  readonly webrtc = (options: TransportOptions): Transport => this.#made("webrtc", options);
  readonly pathEnd = (options: PathEndOptions): PathEnd => {
    const end = new TestingEnd(options);
    this.ends.push(end);
    return end;
  };

  nextPort(): number {
    this.#port += 2;
    return this.#port - 2;
  }

  #made(kind: Transport["kind"], options: TransportOptions): Transport {
    const transport = new TestingTransport(kind, options, this);
    this.transports.push(transport);
    return transport;
  }
}

export class TestingTransport implements Transport {
  readonly kind: Transport["kind"];
  readonly isOpen = true;
  onpacket: Transport["onpacket"];
  oncontrol: Transport["oncontrol"];
  onopen: Transport["onopen"];
  onlost: Transport["onlost"];
  readonly options: TransportOptions;
  readonly wishes: LocalWish[] = [];
  readonly agreements: Agreement[] = [];
  withdrawn = 0;
  isClosed = false;
  readonly #parts: TestingParts;
  readonly #ports = new Map<number, number>();
  #ufrag = "aaaa";

  constructor(kind: Transport["kind"], options: TransportOptions, parts: TestingParts) {
    this.kind = kind;
    this.options = options;
    this.#parts = parts;
  }

  get isEncrypted(): boolean {
    return this.kind === "webrtc" || this.options.sdes;
  }

  async prepare(wish: LocalWish): Promise<Provided<LocalPart>> {
    const { failing } = this.#parts;
    this.#parts.failing = undefined;
    if (failing !== undefined) return { ok: false, why: failing };
    this.wishes.push(wish);
    if (wish.restart) {
      this.#ports.clear();
      this.#ufrag += "x";
    }
    const { address } = this.options;
    const streams = wish.streams.map((_, n): StreamPart => this.#part(n));
    const bundle = this.kind === "webrtc";
    const addressType = address.includes(":") ? ("IP6" as const) : ("IP4" as const);
    return { ok: true, value: { address: { addressType, address }, streams, bundle } };
  }

  agree(agreement: Agreement): Provided<void> {
    this.agreements.push(agreement);
    return { ok: true, value: undefined };
  }

  withdraw(): void {
    this.withdrawn++;
  }

  send(): boolean {
    return true;
  }

  sendControl(): boolean {
    return true;
  }

  statistics(): TransportStatistics {
    return { path: "direct", packetsRefused: 0 };
  }

  close(): void {
    this.isClosed = true;
  }

  #part(n: number): StreamPart {
    const port = this.#ports.get(n) ?? this.#parts.nextPort();
    this.#ports.set(n, port);
    if (this.kind === "rtp") return { protos: ["RTP/AVP", "RTP/AVPF"], port };
    const ice = { ufrag: this.#ufrag, pwd: "a".repeat(24), candidates: [], isComplete: true };
    const value = Array.from({ length: 32 }, () => "AB").join(":");
    return {
      ...{ protos: ["UDP/TLS/RTP/SAVPF"], port: this.#ports.get(0) ?? port, rtcpMux: true },
      ...{ ice, dtls: { fingerprints: [{ hash: "sha-256", value }] } },
    };
  }
}

export class TestingEnd implements PathEnd {
  readonly media: "audio" | "video";
  onkey: PathEnd["onkey"];
  readonly agreed: StreamAgreement[] = [];
  hears: PathEnd | undefined;
  silentForMs = 0;
  isClosed = false;

  constructor({ media }: PathEndOptions) {
    this.media = media;
  }

  /** What is sent there, and which way the stream goes. */
  get speaks(): string | undefined {
    const slot = this.agreed.at(-1)?.slot;
    return slot && `${slot.codecs[0]?.encoding} ${slot.direction}`;
  }

  agree(agreement: StreamAgreement): void {
    this.agreed.push(agreement);
  }

  take(): void {}
  takeControl(): void {}

  hear(other: PathEnd | undefined): void {
    this.hears = other;
  }

  play(): void {}
  tap(): void {}
  press(): void {}
  refresh(): void {}

  statistics(): PathStatistics {
    return {
      ...{ codec: undefined, isTranscoded: false, packetsReceived: 0, packetsSent: 0 },
      ...{ octetsReceived: 0, octetsSent: 0, packetsLost: 0, jitterMs: 0 },
      ...{
        roundTripMs: undefined,
        packetsRefused: 0,
        mos: undefined,
        silentForMs: this.silentForMs,
      },
    };
  }

  close(): void {
    this.isClosed = true;
  }
}
