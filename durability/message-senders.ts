/**
 * People who write to others over UDP, and send each message again, as the same, until the server
 * has taken it. In a conversation the next is written when the last was taken.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { formatCpim } from "carillon/documents";
import { composeRequest, header, parseMessage, type Response } from "carillon/message";
import { SERVER } from "./program.ts";
import { addressOf, type Seeded } from "./seed.ts";

/** How often they look at what is not acknowledged, and when they send it again. */
const LOOK_MS = 20;
const AGAIN_MS = 500;
const IMDN = "urn:ietf:params:imdn";

/** Everything that one person writes to another. */
export interface Letters {
  readonly from: Seeded;
  /** An account. */
  readonly to: string;
  readonly count: number;
}

/** One conversation, and how far it has come. */
interface Stream extends Letters {
  readonly callId: string;
  /** Messages that were taken: the number of the one that is to be taken next. */
  taken: number;
  cseq: number;
  /** The CSeq of the first request with that one. */
  firstCseq: number;
  /** When it is sent the next time. */
  dueAtMs: number;
}

export class MessageSenders {
  /** Message-IDs, in the order in which they were acknowledged. */
  readonly acknowledged: string[] = [];
  /** Requests that went out, and such that were to come again later. */
  sent = 0;
  turnedAway = 0;
  /** Answers that were neither. */
  readonly refused: string[] = [];
  /** Message-IDs by the requests that brought them, `Call-ID CSeq`. */
  readonly asked: Map<string, string> = new Map();
  readonly total: number;
  readonly #streams: ReadonlyMap<string, Stream>;
  readonly #socket: Socket = createSocket("udp4");
  readonly #done = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;

  private constructor(letters: readonly Letters[]) {
    const fresh = { taken: 0, cseq: 0, firstCseq: 1, dueAtMs: 0 };
    const streams = letters.map(
      (one, nth): Stream => ({ ...one, ...fresh, callId: `letters-${nth}` }),
    );
    this.#streams = new Map(streams.map((stream) => [stream.callId, stream]));
    this.total = letters.reduce((sum, { count }) => sum + count, 0);
    this.#socket.on("message", (message) => this.#heard(message.toString("latin1")));
    // A killed server's port refuses; that is what these are here for.
    this.#socket.on("error", () => {});
  }

  static async at(letters: readonly Letters[]): Promise<MessageSenders> {
    const senders = new MessageSenders(letters);
    senders.#socket.bind(0, SERVER.host);
    await once(senders.#socket, "listening");
    return senders;
  }

  /** Begins; `done` resolves when all of it has been acknowledged. */
  start(): { readonly done: Promise<void> } {
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    return { done: this.#done.promise };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  #look(): void {
    const now = performance.now();
    for (const stream of this.#streams.values()) {
      if (stream.taken < stream.count && now >= stream.dueAtMs) this.#send(stream);
    }
  }

  #send(stream: Stream): void {
    stream.cseq++;
    stream.dueAtMs = performance.now() + AGAIN_MS;
    this.sent++;
    this.asked.set(`${stream.callId} ${stream.cseq}`, idOf(stream));
    const text = messageText(stream, this.#socket.address().port);
    this.#socket.send(Buffer.from(text, "latin1"), SERVER.port, SERVER.host);
  }

  #heard(text: string): void {
    const message = parseMessage(text);
    if (!message.ok || message.value.kind !== "Response") return;
    const response = message.value;
    const stream = this.#streams.get(header(response, "Call-ID") ?? "");
    const cseq = Number.parseInt(header(response, "CSeq") ?? "", 10);
    // A second answer, to what was sent twice, is no news.
    if (!stream || stream.taken === stream.count || cseq < stream.firstCseq) return;
    if (response.status === 202) this.#taken(stream);
    else if (response.status === 503) this.#later(stream, response);
    else if (response.status >= 200) {
      this.refused.push(`${response.status} ${header(response, "Warning") ?? ""}`);
    }
  }

  #taken(stream: Stream): void {
    this.acknowledged.push(idOf(stream));
    stream.taken++;
    stream.firstCseq = stream.cseq + 1;
    if (this.acknowledged.length === this.total) this.#done.resolve();
    else if (stream.taken < stream.count) this.#send(stream);
  }

  #later(stream: Stream, response: Response): void {
    this.turnedAway++;
    const seconds = Number.parseInt(header(response, "Retry-After") ?? "1", 10);
    stream.dueAtMs = performance.now() + 1000 * seconds;
  }
}

/** Says which one it is, so that whoever reads it can tell. */
export const messageId = (from: string, to: string, nth: number): string => `${from}-${to}-${nth}`;

const idOf = ({ from, to, taken }: Stream): string => messageId(from.account, to, taken);

function messageText(stream: Stream, port: number): string {
  const { from, to, callId, cseq } = stream;
  const [own, theirs] = [addressOf(from.account), addressOf(to)];
  const body = formatCpim({
    ...{ from: { name: "", uri: own }, to: { name: "", uri: theirs } },
    ...{ dateTime: new Date(), prefixes: { [IMDN]: "imdn" }, content: `It is ${idOf(stream)}.` },
    extensions: [{ namespace: IMDN, name: "Message-ID", value: idOf(stream) }],
    contentHeaders: [["Content-Type", "text/plain;charset=UTF-8"]],
  });
  return composeRequest(
    "MESSAGE",
    theirs,
    [
      ["Via", `SIP/2.0/UDP ${SERVER.host}:${port};branch=z9hG4bK-${callId}-${cseq}`],
      ["Max-Forwards", "70"],
      ["From", `<${own}>;tag=1`],
      ["To", `<${theirs}>`],
      ["Call-ID", callId],
      ["CSeq", `${cseq} MESSAGE`],
      ["Proxy-Authorization", `Bearer ${from.token}`],
      ["Content-Type", "message/cpim"],
    ],
    body,
  ).text;
}
