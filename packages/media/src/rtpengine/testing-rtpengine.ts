/** For tests: who answers the ng protocol as rtpengine would, or not at all. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { type Bencoded, entryOf, formatBencode, parseBencode } from "./bencode.ts";

/** One question that came. */
export interface NgQuestion {
  readonly cookie: string;
  readonly command: string;
  readonly entries: Bencoded;
}

export class TestingRtpengine {
  readonly questions: NgQuestion[] = [];
  /** Datagrams that are dropped before one is answered. */
  deaf = 0;
  /** What is said to an offer or an answer instead. */
  error: string | undefined;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (bytes, { address, port }) => {
      const said = this.#take(bytes.toString("latin1"));
      if (said !== undefined) socket.send(Buffer.from(said, "latin1"), port, address);
    });
  }

  static async open(port = 0): Promise<TestingRtpengine> {
    const socket = createSocket("udp4");
    socket.bind(port, "127.0.0.1");
    await once(socket, "listening");
    return new TestingRtpengine(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** What came of one command, the oldest first. */
  asked(command: string): readonly NgQuestion[] {
    return this.questions.filter((one) => one.command === command);
  }

  close(): void {
    this.#socket.close();
  }

  #take(text: string): string | undefined {
    const space = text.indexOf(" ");
    const read = parseBencode(text.slice(space + 1));
    if (!read.ok || this.deaf-- > 0) return undefined;
    const command = `${entryOf(read.value, "command")}`;
    const cookie = text.slice(0, space);
    this.questions.push({ cookie, command, entries: read.value });
    return `${cookie} ${formatBencode(this.#answer(command, read.value))}`;
  }

  #answer(command: string, entries: Bencoded): Bencoded {
    if (command === "ping") return { result: "pong" };
    if (this.error !== undefined) return { result: "error", "error-reason": this.error };
    const sdp = entryOf(entries, "sdp");
    // Another port, so that one sees that it went through here.
    const made = `${sdp}`.replace(/^(m=\w+) \d+/gm, `$1 ${40_000 + this.questions.length}`);
    return command === "offer" || command === "answer"
      ? { result: "ok", sdp: made }
      : { result: "ok" };
  }
}
