/**
 * One rtpengine, asked over its ng protocol: a cookie and a bencoded dictionary in a datagram, and
 * the same cookie with what became of it back. What is not answered is said again with the same
 * cookie, for which rtpengine has the answer ready.
 */
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { isIP, isIPv6 } from "node:net";
import { sameHost } from "carillon/uri";
import { type Bencoded, entryOf, formatBencode, isDictionary, parseBencode } from "./bencode.ts";

/** What rtpengine says; `undefined` where it says nothing. */
export type NgReply = { readonly [key: string]: Bencoded } | undefined;

/** How one is asked. */
export interface NgNodeOptions {
  /** An IP address. */
  readonly host: string;
  /** Of its ng protocol, over UDP. */
  readonly port: number;
  /** After which it is asked again, twice as long each time; 250 if left out. */
  readonly retryMs?: number;
  /** After which it is given up; 1000 if left out. */
  readonly timeoutMs?: number;
}

interface Asked {
  readonly take: (reply: NgReply) => void;
  readonly datagram: Uint8Array;
  pauseMs: number;
  retry: NodeJS.Timeout;
  readonly late: NodeJS.Timeout;
}

/** Questions at one time; more are answered as if it were silent. */
const MAX_ASKED = 1000;

/** One rtpengine, asked one thing at a time or many. */
export class NgNode {
  /** `192.0.2.1:2223`, for people. */
  readonly name: string;
  readonly #options: NgNodeOptions;
  readonly #asked = new Map<string, Asked>();
  readonly #prefix = randomBytes(6).toString("hex");
  #socket: Socket | undefined;
  #count = 0;
  #isClosed = false;

  /** Throws a RangeError where the host is no IP address. */
  constructor(options: NgNodeOptions) {
    const { host, port } = options;
    if (isIP(host) === 0) throw new RangeError(`${host}: an rtpengine is named by its IP address`);
    this.#options = options;
    this.name = isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
  }

  /** Asks it one thing; undefined if it does not answer in time. */
  ask(command: string, entries: { readonly [key: string]: Bencoded } = {}): Promise<NgReply> {
    if (this.#isClosed || this.#asked.size >= MAX_ASKED) return Promise.resolve(undefined);
    const cookie = `${this.#prefix}${this.#count++}`;
    const text = `${cookie} ${formatBencode({ ...entries, command })}`;
    const { retryMs = RETRY_MS, timeoutMs = TIMEOUT_MS } = this.#options;
    return new Promise((take) => {
      const asked: Asked = {
        ...{ take, datagram: Buffer.from(text, "latin1"), pauseMs: retryMs },
        retry: setTimeout(() => this.#again(asked), retryMs),
        late: setTimeout(() => this.#settle(cookie, undefined), timeoutMs),
      };
      this.#asked.set(cookie, asked);
      this.#send(asked.datagram);
    });
  }

  /** What is still asked is not answered any more. */
  close(): void {
    this.#isClosed = true;
    for (const cookie of [...this.#asked.keys()]) this.#settle(cookie, undefined);
    this.#socket?.close();
    this.#socket = undefined;
  }

  #again(asked: Asked): void {
    this.#send(asked.datagram);
    asked.pauseMs *= 2;
    asked.retry = setTimeout(() => this.#again(asked), asked.pauseMs);
  }

  #send(datagram: Uint8Array): void {
    const { host, port } = this.#options;
    this.#socket ??= this.#open();
    this.#socket.send(datagram, port, host, () => {
      // What could not be sent is said again, or given up, as what was lost.
    });
  }

  #open(): Socket {
    const { host, port } = this.#options;
    const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
    socket.on("error", () => {});
    socket.on("message", (bytes, from) => {
      // The system has its own spelling of an IPv6 address.
      if (sameHost(from.address, host) && from.port === port) this.#take(bytes);
    });
    socket.unref();
    return socket;
  }

  #take(bytes: Buffer): void {
    const space = bytes.indexOf(0x20);
    if (space < 0 || space > MAX_COOKIE) return;
    const cookie = bytes.toString("latin1", 0, space);
    if (!this.#asked.has(cookie)) return;
    const read = parseBencode(bytes.toString("latin1", space + 1));
    if (read.ok && isDictionary(read.value)) this.#settle(cookie, read.value);
  }

  #settle(cookie: string, reply: NgReply): void {
    const asked = this.#asked.get(cookie);
    if (!asked) return;
    this.#asked.delete(cookie);
    clearTimeout(asked.retry);
    clearTimeout(asked.late);
    asked.take(reply);
  }
}

/** What went wrong there, in its words; undefined if nothing did. */
export function ngError(reply: NgReply): string | undefined {
  if (!reply) return "rtpengine does not answer";
  if (entryOf(reply, "result") !== "error") return undefined;
  const reason = entryOf(reply, "error-reason");
  return `rtpengine: ${typeof reason === "string" ? reason : "it says no more than that"}`;
}

const RETRY_MS = 250;
const TIMEOUT_MS = 1000;
const MAX_COOKIE = 64;
