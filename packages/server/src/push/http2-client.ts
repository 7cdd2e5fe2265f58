/** One HTTP/2 connection to a push service, opened when it is needed and again when it is gone. */
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from "node:http2";

export interface Http2Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
}

const TIMEOUT_MS = 10_000;
/** A connection that nothing went over for so long is closed. */
const IDLE_MS = 120_000;
const MAX_ANSWER = 65_536;

export class Http2Client {
  readonly #origin: string;
  readonly #ca: readonly string[] | undefined;
  #session: ClientHttp2Session | undefined;

  /** `origin`: `https://api.push.apple.com`. `ca`: PEM, instead of the usual authorities. */
  constructor(origin: string, ca: readonly string[] | undefined) {
    this.#origin = origin;
    this.#ca = ca;
  }

  /** Rejects when there is no way, or no answer in ten seconds. */
  post(headers: OutgoingHttpHeaders, body: string): Promise<Http2Answer> {
    return new Promise((resolve, reject) => {
      const stream = this.#open().request({ ":method": "POST", ...headers });
      let status = 0;
      let retryAfter: string | undefined;
      const chunks: Buffer[] = [];
      let octets = 0;
      stream.setTimeout(TIMEOUT_MS, () => stream.destroy(new Error("no answer in time")));
      stream.on("response", (said) => {
        status = said[":status"] ?? 0;
        retryAfter = typeof said["retry-after"] === "string" ? said["retry-after"] : undefined;
      });
      stream.on("data", (chunk: Buffer) => {
        octets += chunk.length;
        if (octets <= MAX_ANSWER) chunks.push(chunk);
        else stream.destroy();
      });
      stream.on("error", reject);
      stream.on("close", () => {
        if (status === 0) reject(new Error("the connection ended without an answer"));
        else resolve({ status, body: Buffer.concat(chunks).toString("utf8"), retryAfter });
      });
      stream.end(body);
    });
  }

  close(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  #open(): ClientHttp2Session {
    const old = this.#session;
    if (old && !old.closed && !old.destroyed) return old;
    const session = connect(this.#origin, this.#ca ? { ca: [...this.#ca] } : {});
    this.#session = session;
    session.unref();
    // Its streams hear of it, too.
    session.on("error", () => session.destroy());
    session.on("goaway", () => this.#forget(session));
    session.setTimeout(IDLE_MS, () => {
      this.#forget(session);
      session.close();
    });
    return session;
  }

  #forget(session: ClientHttp2Session): void {
    if (this.#session === session) this.#session = undefined;
  }
}
