/** Phones that register over UDP, each of which remembers what it was told. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { composeRequest, elements, header, parseMessage, type Response } from "carillon/message";
import { pause } from "../interop/until.ts";
import { SERVER } from "./program.ts";
import { addressOf, type Seeded } from "./seed.ts";

/** How often an unanswered question is asked again, and for how long. */
const AGAIN_MS = 100;
const ANSWER_MS = 60_000;

interface Phone extends Seeded {
  readonly callId: string;
  cseq: number;
  /** Whether it is registered, as it was told last. */
  isHere: boolean;
  /** What it asked for and has not been told about: whether it would be registered then. */
  open: boolean | undefined;
  /** Whether each of its requests was to register, by CSeq; undefined for a question. */
  readonly asked: Map<number, boolean | undefined>;
}

export interface Differences {
  /** Told that they are registered, and are not. */
  readonly missing: readonly string[];
  /** Told that they are not registered, and are. */
  readonly back: readonly string[];
  readonly open: number;
}

export class Phones {
  readonly all: readonly Phone[];
  acknowledged = 0;
  refused = 0;
  readonly #socket: Socket = createSocket("udp4");
  readonly #byCallId: ReadonlyMap<string, Phone>;
  readonly #waiting = new Map<string, (response: Response) => void>();

  private constructor(people: readonly Seeded[]) {
    this.all = people.map((one) => ({
      ...one,
      callId: `${one.account}-phone`,
      cseq: 0,
      isHere: false,
      open: undefined,
      asked: new Map(),
    }));
    this.#byCallId = new Map(this.all.map((phone) => [phone.callId, phone]));
    this.#socket.on("message", (message) => this.#heard(message.toString("latin1")));
    // A killed server's port refuses; that is what these phones are here for.
    this.#socket.on("error", () => {});
  }

  static async at(people: readonly Seeded[]): Promise<Phones> {
    const phones = new Phones(people);
    phones.#socket.bind(0, SERVER.host);
    await once(phones.#socket, "listening");
    return phones;
  }

  close(): void {
    this.#socket.close();
  }

  /** Registers and signs off, at so many requests a second, until `until` says so. */
  async load(perSecond: number, isOver: () => boolean, random: () => number): Promise<void> {
    const startMs = performance.now();
    for (let sent = 0; !isOver(); ) {
      const due = ((performance.now() - startMs) / 1000) * perSecond;
      for (; sent < due; sent++) this.#askSomething(random);
      await pause(4);
    }
  }

  /** Asks the server what it holds of each phone, and takes that for true from then on. */
  async compare(): Promise<Differences> {
    const [missing, back]: [string[], string[]] = [[], []];
    let open = 0;
    await Promise.all(
      this.all.map(async (phone) => {
        const isHere = (await this.contactsOf(phone)) > 0;
        if (phone.open !== undefined) open++;
        if (isHere !== phone.isHere && isHere !== phone.open) {
          (isHere ? back : missing).push(phone.account);
        }
        phone.isHere = isHere;
        phone.open = undefined;
      }),
    );
    return { missing, back, open };
  }

  /** Resolves to how many contacts the server lists; asks until it is answered. */
  async contactsOf(phone: Phone, againMs = AGAIN_MS): Promise<number> {
    const startMs = performance.now();
    const answered = Promise.withResolvers<Response>();
    const cseq = ++phone.cseq;
    phone.asked.set(cseq, undefined);
    this.#waiting.set(`${phone.callId} ${cseq}`, answered.resolve);
    const text = registerText(phone, this.#socket.address().port, undefined);
    const send = () => {
      if (performance.now() - startMs > ANSWER_MS) {
        answered.reject(new Error(`no answer within ${ANSWER_MS / 1000} s`));
      }
      this.#send(text);
    };
    const timer = setInterval(send, againMs);
    send();
    try {
      const response = await answered.promise;
      if (response.status !== 200) throw new Error(`${response.status} to a question`);
      const contacts = elements(response, "Contact");
      return contacts.ok ? contacts.value.length : 0;
    } finally {
      clearInterval(timer);
    }
  }

  #askSomething(random: () => number): void {
    const phone = this.all[Math.floor(random() * this.all.length)];
    // A phone waits for one answer before it asks again.
    if (phone === undefined || phone.open !== undefined) return;
    const registers = !phone.isHere || random() < 0.6;
    phone.cseq++;
    phone.open = registers;
    phone.asked.set(phone.cseq, registers);
    this.#send(registerText(phone, this.#socket.address().port, registers));
  }

  #send(text: string): void {
    this.#socket.send(Buffer.from(text, "latin1"), SERVER.port, SERVER.host);
  }

  #heard(text: string): void {
    const message = parseMessage(text);
    if (!message.ok || message.value.kind !== "Response") return;
    const response = message.value;
    const callId = header(response, "Call-ID") ?? "";
    const cseq = Number.parseInt(header(response, "CSeq") ?? "", 10);
    const phone = this.#byCallId.get(callId);
    const registered = phone?.asked.get(cseq);
    this.#waiting.get(`${callId} ${cseq}`)?.(response);
    this.#waiting.delete(`${callId} ${cseq}`);
    if (phone === undefined || registered === undefined || cseq !== phone.cseq) return;
    if (response.status === 200) {
      this.acknowledged++;
      phone.isHere = registered;
      phone.open = undefined;
    } else {
      this.refused++;
      // 503: nothing of it was written. After anything else it may have been.
      if (response.status === 503) phone.open = undefined;
    }
  }
}

function registerText(phone: Phone, port: number, registers: boolean | undefined): string {
  const { account, token, callId, cseq } = phone;
  const contact = `<sip:${account}@${SERVER.host}:${port}>;expires=${registers ? 3600 : 0}`;
  return composeRequest("REGISTER", `sip:${SERVER.host}`, [
    ["Via", `SIP/2.0/UDP ${SERVER.host}:${port};branch=z9hG4bK-${callId}-${cseq}`],
    ["Max-Forwards", "70"],
    ["From", `<${addressOf(account)}>;tag=1`],
    ["To", `<${addressOf(account)}>`],
    ["Call-ID", callId],
    ["CSeq", `${cseq} REGISTER`],
    ["Authorization", `Bearer ${token}`],
    ...(registers === undefined ? [] : ([["Contact", contact]] as const)),
  ]).text;
}
