/**
 * A phone that knows nothing of journals: it registers, is sent MESSAGEs, and answers them; but for
 * some, whose answers are lost.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import {
  composeRequest,
  composeResponse,
  header,
  parseMessage,
  type Request,
} from "carillon/message";
import { until } from "../interop/until.ts";
import { SERVER } from "./program.ts";
import { addressOf, type Seeded } from "./seed.ts";

const ANSWER_MS = 10_000;

export class PlainReader {
  /** Message-IDs as they came, each copy of its own. What was only sent again is no copy. */
  readonly got: string[] = [];
  /** Those whose answers were all lost the first time. */
  readonly lost: Set<string> = new Set();
  readonly #person: Seeded;
  readonly #loses: (nth: number) => boolean;
  readonly #socket: Socket = createSocket("udp4");
  /** By branch: whether it is answered. */
  readonly #seen = new Map<string, boolean>();
  #cseq = 0;
  #registered = 0;

  private constructor(person: Seeded, loses: (nth: number) => boolean) {
    this.#person = person;
    this.#loses = loses;
    this.#socket.on("message", (message) => this.#heard(message.toString("latin1")));
    this.#socket.on("error", () => {});
  }

  /** `loses`: whether all answers to the message that comes as this one, from 0, are lost. */
  static async at(person: Seeded, loses: (nth: number) => boolean): Promise<PlainReader> {
    const reader = new PlainReader(person, loses);
    reader.#socket.bind(0, SERVER.host);
    await once(reader.#socket, "listening");
    return reader;
  }

  /** Registers for so long, 0 to sign off; asks until it is answered. */
  async register(expiresSeconds: number): Promise<void> {
    const cseq = ++this.#cseq;
    const text = this.#registerText(cseq, expiresSeconds);
    const timer = setInterval(() => this.#send(text), 500);
    this.#send(text);
    const isDone = () => this.#registered >= cseq || undefined;
    await until(`${this.#person.account} is registered`, isDone, ANSWER_MS).finally(() =>
      clearInterval(timer),
    );
  }

  close(): void {
    this.#socket.close();
  }

  #heard(text: string): void {
    const message = parseMessage(text);
    if (!message.ok) return;
    if (message.value.kind === "Request") return this.#asked(message.value);
    const { status } = message.value;
    const cseq = header(message.value, "CSeq") ?? "";
    if (status === 200) this.#registered = Math.max(this.#registered, Number.parseInt(cseq, 10));
  }

  #asked(request: Request): void {
    if (request.method !== "MESSAGE") return;
    const branch = /branch=([^;,\s]+)/.exec(header(request, "Via") ?? "")?.[1] ?? "";
    const known = this.#seen.get(branch);
    const isAnswered = known ?? !this.#loses(this.got.length);
    if (known === undefined) {
      this.#seen.set(branch, isAnswered);
      const id = /Message-ID: (\S+)\r\n/.exec(request.body)?.[1] ?? "none";
      this.got.push(id);
      if (!isAnswered) this.lost.add(id);
    }
    if (isAnswered) this.#send(answerTo(request));
  }

  #send(text: string): void {
    this.#socket.send(Buffer.from(text, "latin1"), SERVER.port, SERVER.host);
  }

  #registerText(cseq: number, expiresSeconds: number): string {
    const { account, token } = this.#person;
    const { port } = this.#socket.address();
    const contact = `<sip:${account}@${SERVER.host}:${port}>;expires=${expiresSeconds}`;
    return composeRequest("REGISTER", `sip:${SERVER.host}`, [
      ["Via", `SIP/2.0/UDP ${SERVER.host}:${port};branch=z9hG4bK-${account}-${cseq}`],
      ["Max-Forwards", "70"],
      ["From", `<${addressOf(account)}>;tag=1`],
      ["To", `<${addressOf(account)}>`],
      ["Call-ID", `${account}-plain`],
      ["CSeq", `${cseq} REGISTER`],
      ["Authorization", `Bearer ${token}`],
      ["Contact", contact],
    ]).text;
  }
}

function answerTo(request: Request): string {
  const own = (name: string): string => header(request, name) ?? "";
  return composeResponse(200, [
    ...(["Via", "From", "Call-ID", "CSeq"] as const).map((name) => [name, own(name)] as const),
    ["To", `${own("To")};tag=plain`],
  ]).text;
}
