/** Runs an endpoint in a browser: its clock, one timer, WebSockets. RFC 7118. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Input, Output } from "../endpoint/input-output.ts";
import { fromBytes, fromText, toText } from "../grammar/octets.ts";
import type { Destination } from "../transport/destination.ts";
import type { PhoneHost } from "../ua/phone.ts";
import type { Address } from "../uri/host.ts";

export function run(endpoint: Endpoint): PhoneHost {
  return new BrowserRunner(endpoint);
}

class BrowserRunner implements PhoneHost {
  readonly #endpoint: Endpoint;
  readonly #sockets = new Map<number, WebSocket>();
  readonly #waiting: Input[] = [];
  #busy = false;
  #closed = false;
  #connections = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  now(): number {
    return performance.timeOrigin + performance.now();
  }

  call(run: () => void): void {
    this.#input({ kind: "Call", run });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const socket of this.#sockets.values()) socket.close();
  }

  #input(input: Input): void {
    if (this.#closed) return;
    if (this.#busy) {
      this.#waiting.push(input);
      return;
    }
    this.#busy = true;
    try {
      for (let next: Input | undefined = input; next; next = this.#waiting.shift()) {
        for (const output of this.#endpoint.handle(next, this.now())) this.#carryOut(output);
      }
    } finally {
      this.#busy = false;
      // Even if something threw: one bad turn must not stop the clock.
      this.#setTimer();
    }
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const wait = this.#endpoint.deadline() - this.now();
    if (wait === Number.POSITIVE_INFINITY || this.#closed) return;
    this.#timer = setTimeout(() => this.#input({ kind: "Tick" }), Math.max(0, Math.ceil(wait)));
  }

  #carryOut(output: Output): void {
    if (output.kind === "Open") this.#open(output.dial, output.to);
    else if (output.kind === "Send") {
      const socket = this.#sockets.get(output.connection);
      //= RFC 7118 §4.2
      //# SIP WebSocket Clients and SIP WebSocket Servers MUST accept both text and binary frames.
      if (socket?.readyState === WebSocket.OPEN) socket.send(toText(output.octets));
    } else if (output.kind === "Close") this.#sockets.get(output.connection)?.close();
    else if (output.kind === "Query") {
      // A page asks no DNS: its server does that for it.
      const answer = { kind: "Failed", why: "SERVFAIL" } as const;
      this.#input({ kind: "Answered", question: output.question, answer });
    }
  }

  #open(dial: number, to: Destination): void {
    if (!("url" in to)) {
      return this.#input({ kind: "NotOpened", dial, cause: "a page opens WebSockets only" });
    }
    const { url, transport } = to;
    const connection = ++this.#connections;
    const socket = new WebSocket(url, "sip");
    socket.binaryType = "arraybuffer";
    const remote = addressOf(url);
    socket.addEventListener("open", () => {
      this.#sockets.set(connection, socket);
      const local: Address = { host: "browser.invalid", port: 0 };
      this.#input({ kind: "Opened", connection, transport, local, remote, dial });
    });
    socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
      const octets = typeof data === "string" ? fromText(data) : fromBytes(new Uint8Array(data));
      this.#input({ kind: "Received", connection, octets });
    });
    socket.addEventListener("close", ({ code, reason }) => {
      const cause = `${code} ${reason}`;
      if (this.#sockets.delete(connection)) this.#input({ kind: "Closed", connection, cause });
      else this.#input({ kind: "NotOpened", dial, cause });
    });
  }
}

function addressOf(url: string): Address {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname, port: Number(port) || (protocol === "wss:" ? 443 : 80) };
}
