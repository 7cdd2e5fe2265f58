/**
 * A peer that does what a script says, and nothing else: no timers, no retransmissions of its own.
 * What it has answered it answers again the same way, as every server transaction does.
 */
import type { Input } from "../../endpoint/input-output.ts";
import { type Millis, NEVER } from "../../grammar/millis.ts";
import type { Octets } from "../../grammar/octets.ts";
import { parseCSeq } from "../../message/cseq.ts";
import { type Framing, frame, startFraming } from "../../message/framing.ts";
import { header, headerLines } from "../../message/headers.ts";
import { type Message, parseMessage, type Request } from "../../message/message.ts";
import { type Address, formatAddress } from "../../uri/host.ts";
import type { Machine, MachineOutput } from "./machine.ts";
import { type Parts, parseScript, type Step } from "./script.ts";

/** Where something came from, and goes back to. */
type Path =
  | { readonly kind: "UDP"; readonly remote: Address }
  | { readonly kind: "Connection"; readonly connection: number };

interface Asked {
  readonly request: Request;
  readonly path: Path;
  answer: Octets | undefined;
}

/** What its own requests repeat. */
interface Dialog {
  readonly local: string;
  readonly remote: string;
  readonly callId: string;
  readonly target: string;
  readonly routes: readonly string[];
  readonly path: Path;
}

/** A peer of a few lines of text; how they read stands in `script.ts`, and in docs/testing.md. */
export class ScriptedPeer implements Machine {
  /** Titles of all that came, in order: `INVITE`, `200 BYE`. A request that comes again is not. */
  readonly heard: string[] = [];
  /** Everything that came, as it came. */
  readonly messages: Message[] = [];
  /** Why the script did not go on: the line, what it wanted, and what came instead. */
  failure: string | undefined;
  readonly #steps: readonly Step[];
  readonly #ignored = new Set<string>();
  readonly #asked = new Map<string, Asked>();
  /** Of connections that are streams. */
  readonly #framings = new Map<number, Framing>();
  #at = 0;
  #wakeAt: Millis = NEVER;
  #local: Address = { host: "0.0.0.0", port: 0 };
  #path: Path | undefined;
  #last: Asked | undefined;
  #dialog: Dialog | undefined;
  #seq = 0;
  #branches = 0;
  #isStarted = false;
  #outputs: MachineOutput[] = [];

  /** Throws on what is no script. */
  constructor(script: string) {
    this.#steps = parseScript(script);
    for (const step of this.#steps) if (step.kind === "Ignore") this.#ignored.add(step.what);
  }

  /** Whether it has come to its end. */
  get isDone(): boolean {
    return this.#at >= this.#steps.length;
  }

  /** For hosts: when the next line is due. */
  deadline(): Millis {
    return this.failure === undefined ? this.#wakeAt : NEVER;
  }

  /** For hosts: something happens to it. */
  handle(input: Input, now: Millis): readonly MachineOutput[] {
    if (this.failure === undefined) this.#take(input, now);
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  #take(input: Input, now: Millis): void {
    switch (input.kind) {
      case "Listening":
        if (!this.#isStarted) this.#local = input.local;
        if (!this.#isStarted) this.#go(now);
        this.#isStarted = true;
        return;
      case "Datagram":
        return this.#message(input.octets, { kind: "UDP", remote: input.remote }, now);
      case "Received":
        return this.#received(input.octets, input.connection, now);
      case "Opened":
        this.#path = pathOf(input.connection);
        if (input.transport === "TCP" || input.transport === "TLS") {
          this.#framings.set(input.connection, startFraming);
        }
        return this.#came("opened", now);
      case "NotOpened":
        return this.#came("refused", now);
      case "Closed":
        return this.#came("closed", now);
      case "Tick":
        return this.#woken(now);
    }
  }

  #woken(now: Millis): void {
    if (now < this.#wakeAt) return;
    const step = this.#steps[this.#at];
    if (step?.kind === "Expect") this.#fail(step, "nothing came");
    else this.#next(now);
  }

  /** On a stream messages come in pieces, or several at once. */
  #received(octets: Octets, connection: number, now: Millis): void {
    const framing = this.#framings.get(connection);
    if (!framing) return this.#message(octets, pathOf(connection), now);
    const [next, ...frames] = frame(framing, octets);
    this.#framings.set(connection, next);
    for (const one of frames) {
      if ("text" in one) this.#message(one.text, pathOf(connection), now);
    }
  }

  #message(octets: Octets, path: Path, now: Millis): void {
    const message = parseMessage(octets);
    if (!message.ok) return this.#came(`(${message.error.code})`, now);
    this.messages.push(message.value);
    this.#path = path;
    if (message.value.kind === "Request") {
      const key = keyOf(message.value);
      const known = this.#asked.get(key);
      // Of an ACK nothing is answered: that it came again is news.
      if (known?.answer !== undefined) return this.#put(known.answer, path);
      if (known && message.value.method !== "ACK") return;
      this.#last = { request: message.value, path, answer: undefined };
      this.#asked.set(key, this.#last);
      this.#enter(message.value, path);
    } else if (message.value.status < 300) this.#learn(message.value, path);
    this.#came(titleOf(message.value), now);
  }

  /** Something happened; the script goes on if it is what it waits for. */
  #came(title: string, now: Millis): void {
    const step = this.#steps[this.#at];
    const isMessage = title !== "opened" && title !== "closed" && title !== "refused";
    if (isMessage) this.heard.push(title);
    if (this.#ignored.has(title.split(" ").at(-1) ?? "") || this.#ignored.has(title)) return;
    if (step?.kind === "Connect") return title === "opened" ? this.#next(now) : undefined;
    if (step?.kind === "Expect" && isWhat(step.what, title)) return this.#next(now);
    // Connections come and go; whoever wants to see it expects it.
    if (isMessage && !/^1\d\d /.test(title)) this.#fail(step, `${title} came`);
  }

  #fail(step: Step | undefined, what: string): void {
    const wanted = step?.kind === "Expect" ? `expected ${step.what}` : "expected nothing";
    this.failure = `line ${step?.line ?? "after the last"}: ${wanted}, but ${what}`;
  }

  #next(now: Millis): void {
    this.#at++;
    this.#wakeAt = NEVER;
    this.#go(now);
  }

  /** Does what can be done without waiting. */
  #go(now: Millis): void {
    for (let step = this.#steps[this.#at]; step; step = this.#steps[++this.#at]) {
      if (step.kind === "Expect") {
        this.#wakeAt = now + step.withinMs;
        return;
      }
      if (step.kind === "Wait") {
        this.#wakeAt = now + step.ms;
        return;
      }
      this.#do(step);
      if (step.kind === "Connect") return;
    }
    this.#wakeAt = NEVER;
  }

  #do(step: Step): void {
    switch (step.kind) {
      case "Answer":
        return this.#answer(step.status, step.phrase, step.to, step);
      case "Request":
        return this.#request(step.method, step.uri, step);
      case "Raw":
        return this.#path && this.#put(step.octets, this.#path);
      case "End":
        if (this.#path?.kind !== "Connection") throw new RangeError("there is no connection");
        this.#outputs.push({ kind: step.how, connection: this.#path.connection });
        return;
      case "Connect": {
        const { transport, where } = step;
        const remote = addressOf(where);
        const to =
          transport === "WS"
            ? ({ transport, url: `ws://${where}/` } as const)
            : ({ transport, remote, name: "" } as const);
        this.#outputs.push({ kind: "Open", dial: 1, to });
      }
    }
  }

  #answer(status: number, phrase: string, to: string | undefined, { headers, body }: Parts): void {
    const asked =
      to === undefined
        ? this.#last
        : [...this.#asked.values()].filter(({ request }) => request.method === to).at(-1);
    if (!asked) throw new RangeError(`there is no request to answer with ${status}`);
    const { request, path } = asked;
    const said = header(request, "To") ?? "";
    const tagged = status === 100 || /;\s*tag=/i.test(said) ? said : `${said};tag=${this.#tag()}`;
    const names = ["Via", "Record-Route", "From", "Call-ID", "CSeq"];
    const copied = names.flatMap((name) => headerLines(request, name).map((v) => `${name}: ${v}`));
    const lines = [...copied, `To: ${tagged}`, ...this.#contact(status, headers), ...headers];
    asked.answer = text(`SIP/2.0 ${status} ${phrase}`, lines, body);
    this.#put(asked.answer, path);
  }

  #request(method: string, uri: string | undefined, { headers, body }: Parts): void {
    const dialog = uri === undefined ? this.#dialog : undefined;
    if (!dialog && uri === undefined) throw new RangeError(`${method} needs a URI or a dialog`);
    const seq = method === "ACK" || method === "CANCEL" ? this.#seq : ++this.#seq;
    const own = `<sip:peer@${formatAddress(this.#local)}>`;
    const target = dialog?.target ?? uri ?? "";
    const path = dialog?.path ?? this.#path ?? { kind: "UDP", remote: addressOf(target) };
    const transport = path.kind === "UDP" ? "UDP" : "TCP";
    const branch = method === "CANCEL" ? this.#branches : ++this.#branches;
    const lines = [
      `Via: SIP/2.0/${transport} ${formatAddress(this.#local)};branch=z9hG4bK-s${branch}`,
      "Max-Forwards: 70",
      ...(dialog?.routes ?? []).map((route) => `Route: ${route}`),
      `From: ${dialog?.local ?? `${own};tag=${this.#tag()}`}`,
      `To: ${dialog?.remote ?? `<${target}>`}`,
      `Call-ID: ${dialog?.callId ?? `script-${formatAddress(this.#local)}`}`,
      `CSeq: ${seq} ${method}`,
      ...this.#contact(0, headers),
      ...headers,
    ];
    this.#put(text(`${method} ${target} SIP/2.0`, lines, body), path);
  }

  /** A request that starts a dialog, as its receiver sees it. */
  #enter(request: Request, path: Path): void {
    if (request.method !== "INVITE" || this.#dialog) return;
    const to = header(request, "To") ?? "";
    this.#dialog = {
      local: /;\s*tag=/i.test(to) ? to : `${to};tag=${this.#tag()}`,
      remote: header(request, "From") ?? "",
      callId: header(request, "Call-ID") ?? "",
      target: uriIn(header(request, "Contact") ?? ""),
      routes: headerLines(request, "Record-Route"),
      path,
    };
  }

  /** A response that starts or settles a dialog, as its receiver sees it. */
  #learn(response: Message, path: Path): void {
    if (!/INVITE$/.test(header(response, "CSeq") ?? "")) return;
    const contact = header(response, "Contact");
    if (contact === undefined) return;
    this.#dialog = {
      local: header(response, "From") ?? "",
      remote: header(response, "To") ?? "",
      callId: header(response, "Call-ID") ?? "",
      target: uriIn(contact),
      routes: headerLines(response, "Record-Route").toReversed(),
      path,
    };
  }

  #contact(status: number, headers: readonly Octets[]): readonly Octets[] {
    if (status === 100 || headers.some((line) => /^contact:/i.test(line))) return [];
    return [`Contact: <sip:peer@${formatAddress(this.#local)}>`];
  }

  #tag(): string {
    return `s${this.#local.host.replaceAll(/[^0-9a-f]/gi, "")}`;
  }

  #put(octets: Octets, path: Path): void {
    if (path.kind === "UDP") {
      this.#outputs.push({ kind: "Datagram", local: this.#local, remote: path.remote, octets });
    } else this.#outputs.push({ kind: "Send", connection: path.connection, octets });
  }
}

/** `INVITE`, or `200 BYE`. */
function titleOf(message: Message): string {
  if (message.kind === "Request") return message.method;
  const cseq = parseCSeq(header(message, "CSeq") ?? "");
  return `${message.status} ${cseq.ok ? cseq.value.method : "?"}`;
}

/** `200` is any method's, `200 BYE` is that one's. */
const isWhat = (what: string, title: string): boolean =>
  title === what || title.split(" ")[0] === what;

/** The same request again has the same topmost Via and method. */
const keyOf = (request: Request): string => `${request.method} ${header(request, "Via")}`;

const pathOf = (connection: number): Path => ({ kind: "Connection", connection });

const uriIn = (value: string): string => /<([^>]*)>/.exec(value)?.[1] ?? value;

function addressOf(uri: string): Address {
  const [, host = "", port] = /(?:@|^|:)(\[[^\]]*\]|[^@:;]+)(?::(\d+))?(?:;.*)?$/.exec(uri) ?? [];
  return { host: host.replace(/^\[|\]$/g, ""), port: port === undefined ? 5060 : Number(port) };
}

const text = (first: string, lines: readonly Octets[], body: Octets): Octets =>
  `${[first, ...lines, `Content-Length: ${body.length}`].join("\r\n")}\r\n\r\n${body}`;
