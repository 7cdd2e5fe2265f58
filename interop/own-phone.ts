/** A phone of the library with a socket for its media: it sends every packet back. */
import { createSocket, type Socket } from "node:dgram";
import { readFileSync } from "node:fs";
import { type Call, DescribedMedia, Phone } from "carillon/node";
import { pause, until } from "./until.ts";

const LOCALHOST = "127.0.0.1";
/** In which a talk has 50 packets and more, and silence none. */
const LISTENED_MS = 1200;
const CALLED_MS = 5000;

export interface OwnPhoneOptions {
  readonly aor: string;
  readonly password: string;
  readonly server: { readonly host: string; readonly port: number };
  readonly rtpPort: number;
  /** What it does when the other side wants it to call elsewhere. */
  readonly transfers?: "refuse" | "follow";
  /** The certificate that it believes, PEM, where it goes over TLS; over UDP if left out. */
  readonly believes?: string;
  /** Its descriptions are longer by so many octets. */
  readonly moreBytes?: number;
  /** Which address it signals from, 127.0.0.1 if left out; its sound is on IPv4. */
  readonly host?: string;
  /** A device with this name, which is given GRUUs: `urn:uuid:…`. */
  readonly instance?: string;
  /** What begins before it registers: whoever listens from then on misses nothing. */
  readonly before?: (phone: Phone<DescribedMedia>) => void;
}

export class OwnPhone {
  readonly phone: Phone<DescribedMedia>;
  /** Every message that came. */
  readonly #came: readonly string[];
  readonly #instance: string | undefined;
  readonly #socket: Socket;
  #packets = 0;

  private constructor(
    phone: Phone<DescribedMedia>,
    socket: Socket,
    came: readonly string[],
    instance: string | undefined,
  ) {
    this.phone = phone;
    this.#came = came;
    this.#instance = instance;
    this.#socket = socket;
    socket.on("message", (packet, { port, address }) => {
      this.#packets++;
      socket.send(packet, port, address);
    });
  }

  /** Resolves once it is registered. */
  static async open(options: OwnPhoneOptions): Promise<OwnPhone> {
    const { aor, password, server, rtpPort, believes, transfers, host = LOCALHOST } = options;
    const local = describe(rtpPort, options.moreBytes ?? 0);
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => {
      socket.bind(rtpPort, LOCALHOST, resolve);
    });
    const came: string[] = [];
    const { instance } = options;
    const phone = await Phone.open({
      ...{ aor, password, server },
      ...(instance !== undefined && { instance }),
      trace: ({ direction, octets }) => void (direction === "in" && came.push(octets)),
      local: { host, port: 0 },
      ...(transfers !== undefined && { transfers }),
      ...(believes !== undefined && { transport: "TLS", tls: { ca: believes } }),
      media: (wanted) => new DescribedMedia(wanted, { local, onagreed() {} }),
    });
    options.before?.(phone);
    await phone.register();
    return new OwnPhone(phone, socket, came, instance);
  }

  /** As its registrar has given them last, beside those of the person's other devices. */
  get gruus(): { readonly pub: string; readonly temp: string } {
    const answer = this.#came.findLast((text) => /^CSeq: \d+ REGISTER/im.test(text)) ?? "";
    const contacts = answer.split(/^Contact: |, </im);
    const own = contacts.find((one) => one.includes(`"<${this.#instance}>"`)) ?? "";
    const of = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(own)?.[1] ?? "";
    return { pub: of("pub-gruu"), temp: of("temp-gruu") };
  }

  /** INVITEs that have come. */
  get invites(): number {
    return this.#came.filter((text) => text.startsWith("INVITE ")).length;
  }

  /** Connections that others have opened to it over TCP. */
  get connections(): number {
    const [{ port } = { port: 0 }] = this.phone.addresses;
    const own = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
    const rows = readFileSync("/proc/net/tcp", "latin1").split("\n").slice(1);
    const open = rows.map((row) => row.trim().split(/\s+/));
    return open.filter(([, local = "", , state]) => local.endsWith(own) && state === "01").length;
  }

  /** How many packets come in a little while. */
  async hears(): Promise<number> {
    const before = this.#packets;
    await pause(LISTENED_MS);
    return this.#packets - before;
  }

  /** The next call that comes, answered. `begin` is what makes somebody call. */
  async answered(begin: () => unknown): Promise<Call<DescribedMedia>> {
    const calls = this.phone.calls();
    let call: Call<DescribedMedia> | undefined;
    const came = calls.next().then(({ value, done }) => {
      if (!done) call = value;
    });
    try {
      await begin();
      const found = await until(`${this.phone.aor} is called`, () => call, CALLED_MS);
      await found.answer({ audio: true, video: false });
      return found;
    } finally {
      // Else the next call would be this one's.
      void calls.return?.();
      await Promise.race([came, pause(0)]);
    }
  }

  async close(): Promise<void> {
    await this.phone.close();
    this.#socket.close();
  }
}

type Local = ConstructorParameters<typeof DescribedMedia>[1]["local"];

const describe = (port: number, moreBytes: number): Local => ({
  origin: {
    ...{ username: "-", sessionId: "1", sessionVersion: "1" },
    ...{ netType: "IN", addressType: "IP4", address: LOCALHOST },
  },
  address: { addressType: "IP4", address: LOCALHOST },
  ...(moreBytes > 0 && {
    attributes: [{ kind: "a", name: "x", value: "x".repeat(moreBytes) }],
  }),
  streams: [
    {
      ...{ media: "audio", protos: ["RTP/AVP"], port },
      codecs: [{ encoding: "PCMU", clockRateHz: 8000, payloadType: 0 }],
    },
  ],
});
