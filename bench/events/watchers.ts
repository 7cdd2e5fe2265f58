/** A thousand people who watch one, as cheap as can be: it is not they who are measured. */
import { randomUUID } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { until } from "../../interop/until.ts";
import { DOMAIN } from "../proxy/server.ts";

const HOST = "127.0.0.1";
/** Each with a buffer of its own for what comes at once. */
const PER_SOCKET = 50;
/** SUBSCRIBEs on their way at the same time. */
const WINDOW = 25;
const WAIT_MS = 60_000;
const RESEND_MS = 500;

interface Watcher {
  readonly text: string;
  readonly socket: Socket;
  /** CSeq of the NOTIFYs that came. */
  readonly told: Set<string>;
  status: number | undefined;
}

export class Watchers {
  /** NOTIFYs that were new, and those that came again. */
  told = 0;
  repeated = 0;
  readonly #port: number;
  readonly #sockets: Socket[] = [];
  readonly #byCallId = new Map<string, Watcher>();
  readonly #publisher: Publisher;
  readonly #tokens: readonly string[];
  /** Tells these watchers from those before. */
  readonly #own = randomUUID().slice(0, 8);

  private constructor(port: number, publisher: Publisher, tokens: readonly string[]) {
    this.#port = port;
    this.#tokens = tokens;
    this.#publisher = publisher;
  }

  /** At the server at this port, where `u0` is watched; with everybody's token. */
  static async open(port: number, tokens: readonly string[]): Promise<Watchers> {
    return new Watchers(port, new Publisher(await bound(), port, tokens[0]), tokens);
  }

  /** Each as somebody else: `u1`, `u2`, … Resolves once all of them have been told. */
  async subscribe(count: number, watched: (nth: number) => string): Promise<void> {
    for (let first = 0; first < count; first += WINDOW) {
      const some = Math.min(WINDOW, count - first);
      const own = Array.from({ length: some }, (_, i) => first + i);
      if (first % PER_SOCKET === 0) this.#sockets.push(await this.#listen());
      await this.#settled(own.map((nth) => this.#begin(nth, watched(nth))));
    }
  }

  /** Something else about the presentity; resolves once everybody has been told. */
  async change(note: string): Promise<void> {
    const wanted = this.told + this.#byCallId.size;
    await this.#publisher.publish(note);
    await until("everybody is told", () => this.told >= wanted || undefined, WAIT_MS);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#publisher.close();
  }

  #begin(nth: number, watched: string): Watcher {
    const socket = this.#sockets.at(-1) as Socket;
    const callId = `watcher-${this.#own}-${nth}`;
    const user = `u${nth + 1}`;
    const text = [
      `SUBSCRIBE sip:${watched}@${DOMAIN} SIP/2.0`,
      `Via: SIP/2.0/UDP ${HOST}:${socket.address().port};branch=z9hG4bK${callId};rport`,
      ...["Max-Forwards: 70", `From: <sip:${user}@${DOMAIN}>;tag=w${nth}`],
      ...[`To: <sip:${watched}@${DOMAIN}>`, `Call-ID: ${callId}`, "CSeq: 1 SUBSCRIBE"],
      ...[`Contact: <sip:${user}@${HOST}:${socket.address().port}>`, "Event: presence"],
      `Proxy-Authorization: Bearer ${this.#tokens[nth + 1]}`,
      ...["Accept: application/pidf+xml", "Expires: 3600", "Content-Length: 0", "", ""],
    ].join("\r\n");
    const watcher: Watcher = { text, socket, told: new Set(), status: undefined };
    this.#byCallId.set(callId, watcher);
    socket.send(text, this.#port, HOST);
    return watcher;
  }

  async #settled(some: readonly Watcher[]): Promise<void> {
    let sentMs = performance.now();
    const isSettled = () => {
      const open = some.filter(({ status, told }) => status === undefined || told.size === 0);
      if (performance.now() - sentMs > RESEND_MS) {
        sentMs = performance.now();
        for (const { text, socket, status } of open) {
          if (status === undefined) socket.send(text, this.#port, HOST);
        }
      }
      return open.length === 0 || undefined;
    };
    await until("they are subscribed and told", isSettled, WAIT_MS);
    const [refused] = some.filter(({ status = 0 }) => status >= 300);
    if (refused) throw new Error(`a SUBSCRIBE was refused with ${refused.status}`);
  }

  async #listen(): Promise<Socket> {
    const socket = await bound();
    socket.on("message", (bytes) => this.#heard(bytes.toString("latin1"), socket));
    return socket;
  }

  #heard(text: string, socket: Socket): void {
    const watcher = this.#byCallId.get(fieldOf(text, "Call-ID"));
    if (!watcher) return;
    if (text.startsWith("SIP/2.0 ")) {
      const status = Number(text.slice(8, 11));
      if (status >= 200) watcher.status = status;
      return;
    }
    if (!text.startsWith("NOTIFY ")) return;
    socket.send(answered(text), this.#port, HOST);
    const seq = fieldOf(text, "CSeq");
    if (watcher.told.has(seq)) this.repeated++;
    else this.told++;
    watcher.told.add(seq);
  }
}

/** Whoever is watched, from one socket. */
class Publisher {
  readonly #socket: Socket;
  readonly #port: number;
  readonly #token: string | undefined;
  #seq = 0;
  #etag = "";

  constructor(socket: Socket, port: number, token: string | undefined) {
    this.#socket = socket;
    this.#port = port;
    this.#token = token;
  }

  async publish(note: string): Promise<void> {
    const aor = `sip:u0@${DOMAIN}`;
    const body =
      `<?xml version="1.0" encoding="UTF-8"?>\r\n<presence xmlns="urn:ietf:params:xml:ns:pidf"` +
      ` entity="${aor}"><tuple id="t1"><status><basic>open</basic></status>` +
      `<contact priority="0.8">${aor}</contact></tuple><note>${note}</note></presence>\r\n`;
    const nth = ++this.#seq;
    const { port } = this.#socket.address();
    const text = [
      `PUBLISH ${aor} SIP/2.0`,
      `Via: SIP/2.0/UDP ${HOST}:${port};branch=z9hG4bKpublish-${nth};rport`,
      ...["Max-Forwards: 70", `From: <${aor}>;tag=p`, `To: <${aor}>`],
      ...["Call-ID: publisher", `CSeq: ${nth} PUBLISH`, "Event: presence", "Expires: 3600"],
      `Proxy-Authorization: Bearer ${this.#token}`,
      ...(this.#etag === "" ? [] : [`SIP-If-Match: ${this.#etag}`]),
      ...["Content-Type: application/pidf+xml", `Content-Length: ${body.length}`, "", body],
    ].join("\r\n");
    const heard = once(this.#socket, "message", { signal: AbortSignal.timeout(WAIT_MS) });
    this.#socket.send(text, this.#port, HOST);
    const [bytes] = await heard;
    const answer = String(bytes);
    if (!answer.startsWith("SIP/2.0 200")) throw new Error(`PUBLISH: ${answer.slice(0, 300)}`);
    this.#etag = fieldOf(answer, "SIP-ETag");
  }

  close(): void {
    this.#socket.close();
  }
}

async function bound(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, HOST);
  await once(socket, "listening");
  return socket;
}

function fieldOf(text: string, name: string): string {
  const start = text.indexOf(`\r\n${name}: `) + name.length + 4;
  return text.slice(start, text.indexOf("\r\n", start));
}

function answered(request: string): string {
  const lines = request.split("\r\n").filter((line) => /^(via|from|to|call-id|cseq):/i.test(line));
  return ["SIP/2.0 200 OK", ...lines, "Content-Length: 0", "", ""].join("\r\n");
}
