/** Requests over one UDP socket, each with its answer; and what comes unasked. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import {
  composeRequest,
  composeResponse,
  type HeaderField,
  header,
  parseMessage,
  type Request,
  type Response,
} from "carillon/message";
import { SERVER } from "./program.ts";
import { addressOf, type Seeded } from "./seed.ts";

export interface Question {
  readonly method: string;
  readonly uri: string;
  readonly by: Seeded;
  /** The value of To. */
  readonly to: string;
  readonly callId: string;
  readonly seq: number;
  readonly headers: readonly HeaderField[];
  readonly body?: string;
}

export class Asking {
  /** Hears each request that comes; what it is answered with. */
  heard: (request: Request) => number = () => 481;
  readonly #socket: Socket = createSocket("udp4");
  readonly #waiting = new Map<string, (response: Response) => void>();
  #count = 0;

  static async open(): Promise<Asking> {
    const asking = new Asking();
    asking.#socket.on("message", (message) => asking.#take(message.toString("latin1")));
    // A killed server's port refuses; that is what this is here for.
    asking.#socket.on("error", () => {});
    asking.#socket.bind(0, SERVER.host);
    await once(asking.#socket, "listening");
    return asking;
  }

  close(): void {
    this.#socket.close();
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Asked once; what is lost is never answered. */
  ask({ method, uri, by, to, callId, seq, headers, body = "" }: Question): Promise<Response> {
    const answered = Promise.withResolvers<Response>();
    const branch = `z9hG4bK-${++this.#count}`;
    this.#waiting.set(branch, answered.resolve);
    const text = composeRequest(
      method,
      uri,
      [
        ["Via", `SIP/2.0/UDP ${SERVER.host}:${this.port};branch=${branch}`],
        ["Max-Forwards", "70"],
        ["From", `<${addressOf(by.account)}>;tag=${by.account}`],
        ["To", to],
        ["Call-ID", callId],
        ["CSeq", `${seq} ${method}`],
        ["Proxy-Authorization", `Bearer ${by.token}`],
        ...headers,
      ],
      body,
    ).text;
    this.#send(text);
    return answered.promise;
  }

  /** The program is gone: nothing of it will be answered. */
  forget(): void {
    this.#waiting.clear();
  }

  #take(text: string): void {
    const message = parseMessage(text);
    if (!message.ok) return;
    const { value } = message;
    if (value.kind === "Response") {
      const [, branch = ""] = /branch=([^;,]+)/.exec(header(value, "Via") ?? "") ?? [];
      if (value.status < 200) return;
      this.#waiting.get(branch)?.(value);
      this.#waiting.delete(branch);
      return;
    }
    const copied = ["Via", "From", "To", "Call-ID", "CSeq"] as const;
    const fields = copied.map((name): HeaderField => [name, header(value, name) ?? ""]);
    this.#send(composeResponse(this.heard(value), fields).text);
  }

  #send(text: string): void {
    this.#socket.send(Buffer.from(text, "latin1"), SERVER.port, SERVER.host);
  }
}
