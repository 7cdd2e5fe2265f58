/** Somebody on the network whom nobody knows: requests as text, over UDP. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { DOMAIN } from "../interop/house.ts";
import { SIP } from "./stage.ts";

/** Every method that an RFC gives to SIP. */
export const METHODS: readonly string[] = [
  ...["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "PRACK", "UPDATE"],
  ...["INFO", "MESSAGE", "REFER", "SUBSCRIBE", "NOTIFY", "PUBLISH"],
];

export interface Asked {
  readonly method: string;
  /** Tells one request from the others. */
  readonly nth: number | string;
  readonly uri?: string;
  readonly from?: string;
  readonly to?: string;
  /** What stands in Via between the slash and the branch: `UDP 127.0.0.1:5070;rport`. */
  readonly via: string;
  /** Where they say that they are; a port that nobody has if left out. */
  readonly contact?: string;
  /** Whole lines. */
  readonly more?: readonly string[];
  readonly body?: string;
}

export function requestText(asked: Asked): string {
  const { method, nth, via, more = [], body = "" } = asked;
  const { from = `sip:stranger@${DOMAIN}`, to = `sip:p0@${DOMAIN}` } = asked;
  const uri = asked.uri ?? (method === "REGISTER" ? `sip:${DOMAIN}` : to);
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/${via};branch=z9hG4bK-${nth}`,
    ...["Max-Forwards: 70", `From: <${from}>;tag=${nth}`, `To: <${to}>`],
    ...[`Call-ID: ${nth}@stranger`, `CSeq: 1 ${method}`],
    `Contact: <${asked.contact ?? "sip:stranger@127.0.0.1:9"}>`,
    ...more,
    ...[`Content-Length: ${body.length}`, "", body],
  ].join("\r\n");
}

/** A socket that counts what comes. */
export class Stranger {
  readonly heard: string[] = [];
  onHeard: (text: string) => void = () => {};
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (bytes) => {
      const text = bytes.toString("latin1");
      this.heard.push(text);
      this.onHeard(text);
    });
    socket.on("error", () => {});
  }

  static async at(host = "127.0.0.1", port = 0): Promise<Stranger> {
    const socket = createSocket("udp4");
    socket.bind(port, host);
    await once(socket, "listening");
    return new Stranger(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** For a Via. */
  get via(): string {
    return `UDP 127.0.0.1:${this.port};rport`;
  }

  say(text: string): void {
    this.#socket.send(Buffer.from(text, "latin1"), SIP.port, SIP.host);
  }

  close(): void {
    this.#socket.close();
  }
}
