/** A stream to the program as an attacker has it: TCP, TLS or a WebSocket made by hand. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { until } from "../interop/until.ts";

export type WireKind = "TCP" | "TLS" | "WS";
export const WIRES: readonly WireKind[] = ["TCP", "TLS", "WS"];

const PORTS: Readonly<Record<WireKind, number>> = { TCP: 5060, TLS: 5061, WS: 8080 };
const OPEN_MS = 5000;

export class Wire {
  readonly kind: WireKind;
  /** All that came, as octets; of a WebSocket with the frames around it. */
  heard = "";
  isClosed = false;
  readonly #socket: Socket;

  private constructor(kind: WireKind, socket: Socket) {
    this.kind = kind;
    this.#socket = socket;
    socket.on("data", (bytes) => {
      this.heard += bytes.toString("latin1");
    });
    socket.on("error", () => {});
    for (const over of ["close", "end"]) socket.on(over, () => this.#over());
  }

  static async open(kind: WireKind, host = "127.0.0.1"): Promise<Wire> {
    const port = PORTS[kind];
    const to = { host, port, rejectUnauthorized: false };
    const socket = kind === "TLS" ? connectTls(to) : connect(to);
    await once(socket, kind === "TLS" ? "secureConnect" : "connect");
    const wire = new Wire(kind, socket);
    if (kind === "WS") {
      wire.raw(upgrade());
      const isOpen = () => wire.heard.includes("\r\n\r\n") || undefined;
      await until("the WebSocket opens", isOpen, OPEN_MS);
      if (!wire.heard.startsWith("HTTP/1.1 101")) throw new Error(wire.heard.slice(0, 60));
      wire.heard = "";
    }
    return wire;
  }

  /** For a Via. */
  get via(): string {
    return `${this.kind} 127.0.0.1:${this.#socket.localPort}`;
  }

  /** Of a WebSocket one message in one frame. */
  say(text: string): void {
    this.raw(this.kind === "WS" ? wsFrame(Buffer.from(text, "latin1")) : text);
  }

  raw(octets: string | Buffer): void {
    this.#socket.write(typeof octets === "string" ? Buffer.from(octets, "latin1") : octets);
  }

  close(): void {
    this.#socket.destroy();
  }

  #over(): void {
    this.isClosed = true;
    this.#socket.destroy();
  }
}

/** The handshake of a page that is ours; each of `changes` takes the place of the line it names. */
export function upgrade(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const lines: Record<string, string | undefined> = {
    start: "GET /sip HTTP/1.1",
    Host: "127.0.0.1:8080",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "sip",
    ...changes,
  };
  const { start, ...headers } = lines;
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return [start, ...fields, "", ""].join("\r\n");
}

export interface FrameShape {
  /** Text if left out. */
  readonly opcode?: number;
  /** True if left out, as a client's has to be. */
  readonly isMasked?: boolean;
  /** True if left out. */
  readonly isLast?: boolean;
  /** RSV1 to RSV3 in the places of the first octet. */
  readonly reserved?: number;
  /** A length other than the payload's, in eight octets. */
  readonly length?: bigint;
}

/** One frame. RFC 6455 §5.2 */
export function wsFrame(payload: Buffer, shape: FrameShape = {}): Buffer {
  const { opcode = 1, isMasked = true, isLast = true, reserved = 0, length } = shape;
  const first = (isLast ? 0x80 : 0) | reserved | opcode;
  const mask = isMasked ? 0x80 : 0;
  const size = payload.length;
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(length ?? BigInt(size));
  const head =
    length !== undefined || size > 0xffff
      ? Buffer.concat([Buffer.from([first, mask | 127]), long])
      : size > 125
        ? Buffer.from([first, mask | 126, size >> 8, size & 255])
        : Buffer.from([first, mask | size]);
  if (!isMasked) return Buffer.concat([head, payload]);
  const key = randomBytes(4);
  const masked = payload.map((octet, at) => octet ^ (key[at & 3] ?? 0));
  return Buffer.concat([head, key, masked]);
}
