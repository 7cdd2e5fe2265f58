/** A telephone whose packets are made by hand: it says a tone, and may describe any address. */
import { createSocket, type Socket } from "node:dgram";
import { type Call, DescribedMedia, Phone } from "carillon/node";
import { type Codec, formatRtp, parseRtp, pcmu, tone } from "carillon/rtp";
import type { AgreedSlot, LocalMedia } from "carillon/sdp";
import { opus } from "carillon-media";
import { addressOf, type Seeded } from "../durability/seed.ts";
import { SIP } from "./stage.ts";

const FRAME_MS = 20;

export interface RawPhoneOptions {
  /** Where its packets come from. */
  readonly host: string;
  /** Where it says that they do, if that is elsewhere: it is behind a NAT. */
  readonly describedHost?: string;
  readonly codec: "PCMU" | "opus";
  /** What it says. */
  readonly hz: number;
}

const CODECS: Readonly<Record<RawPhoneOptions["codec"], Codec>> = { PCMU: pcmu, opus: opus() };

export class RawPhone {
  /** All that it heard, at 8 kHz or at 48. */
  readonly heard: number[] = [];
  readonly codec: Codec;
  readonly payloadType: number;
  readonly ssrc = 0x5151_0000 + Math.trunc(Math.random() * 0xffff);
  sequence = 1000;
  hasEnded = false;
  packets = 0;
  #timestamp = 0;
  #slot: AgreedSlot | undefined;
  readonly #socket: Socket;
  readonly #phone: Phone<DescribedMedia>;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: RawPhoneOptions, socket: Socket, phone: Phone<DescribedMedia>) {
    this.codec = CODECS[options.codec];
    this.payloadType = options.codec === "opus" ? 111 : 0;
    this.#socket = socket;
    this.#phone = phone;
    const decoder = this.codec.decoder();
    socket.on("message", (octets) => {
      const parsed = parseRtp(octets);
      if (!parsed.ok || parsed.value.payloadType !== this.payloadType) return;
      this.packets++;
      for (const sample of decoder.decode(parsed.value.payload)) this.heard.push(sample);
    });
    this.#speak(options.hz);
  }

  static async open(one: Seeded, options: RawPhoneOptions): Promise<RawPhone> {
    const socket = createSocket("udp4");
    await new Promise<void>((bound) => socket.bind(0, options.host, bound));
    const own: { raw?: RawPhone } = {};
    const phone = await Phone.open({
      aor: addressOf(one.account),
      token: () => Promise.resolve(one.token),
      ...{ server: SIP, local: { host: SIP.host, port: 0 } },
      media: (wanted: ConstructorParameters<typeof DescribedMedia>[0]) =>
        new DescribedMedia(wanted, {
          local: describedBy(options, socket.address().port),
          onagreed: (slots) => own.raw?.agreed(slots),
        }),
    });
    own.raw = new RawPhone(options, socket, phone);
    await phone.register();
    return own.raw;
  }

  get aor(): string {
    return this.#phone.aor;
  }

  /** The house's port for it; undefined before it is known. */
  get housePort(): number | undefined {
    return this.#slot?.remote?.port;
  }

  agreed(slots: readonly AgreedSlot[]): void {
    this.#slot = slots[0];
  }

  async call(aor: string): Promise<void> {
    const call = this.#phone.call(aor);
    void call.ended.then(() => {
      this.hasEnded = true;
    });
    await call.answered;
  }

  /** Answers whatever comes. */
  async answerAll(): Promise<void> {
    for await (const call of this.#phone.calls()) {
      void (call as Pick<Call, "answer">).answer({ audio: true, video: false }).catch(() => {});
    }
  }

  /** Anything at all, from the very address and port that its sound comes from. */
  send(octets: Uint8Array): void {
    const port = this.housePort;
    if (port !== undefined) this.#socket.send(octets, port, SIP.host);
  }

  /** A packet with this payload, as its next one. */
  next(payload: Uint8Array): Uint8Array {
    this.sequence = (this.sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + this.codec.clockRate / 50) >>> 0;
    const { payloadType, sequence, ssrc } = this;
    return formatRtp({
      ...{ marker: false, payloadType, sequence, timestamp: this.#timestamp, ssrc },
      payload,
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#phone.close();
    this.#socket.close();
  }

  #speak(hz: number): void {
    const { sampleRate } = this.codec;
    const encoder = this.codec.encoder();
    const source = tone({ frequencies: [hz], sampleRate });
    const samples = sampleRate / 50;
    let due = performance.now();
    this.#timer = setInterval(() => {
      for (; due <= performance.now(); due += FRAME_MS) {
        this.send(this.next(encoder.encode(source.read(samples) ?? new Int16Array(samples))));
      }
    }, FRAME_MS);
  }
}

function describedBy({ host, describedHost, codec }: RawPhoneOptions, port: number): LocalMedia {
  const address = { addressType: "IP4", address: describedHost ?? host } as const;
  const origin = { username: "-", sessionId: `${port}`, sessionVersion: "1", netType: "IN" };
  const codecs =
    codec === "opus"
      ? [{ encoding: "opus", clockRateHz: 48_000, channels: 2, payloadType: 111 }]
      : [{ encoding: "PCMU", clockRateHz: 8000, payloadType: 0 }];
  const events = {
    encoding: "telephone-event",
    clockRateHz: 8000,
    payloadType: 101,
    params: "0-15",
  };
  return {
    ...{ origin: { ...origin, ...address }, address },
    streams: [{ media: "audio", protos: ["RTP/AVP"], port, codecs: [...codecs, events] }],
  };
}
