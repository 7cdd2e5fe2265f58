/** Something that is published, and kept so: a machine at work. RFC 3903. */
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { parseExpires } from "../message/header/expires.ts";
import { parseSipETag } from "../message/header/sip-etag.ts";
import { header } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import type { UriRequest } from "../message/request-of-uri.ts";
import type { Agent } from "../ua/agent.ts";
import type { NoAnswer, RequestUser } from "../ua/outgoing-request.ts";
import { outsideHeaders } from "../ua/outside-request.ts";
import type { PhoneParts } from "../ua/phone-parts.ts";
import { minimumSeconds, retryAfterSeconds } from "../ua/registrar-answer.ts";
import { Changing, type IterationOptions } from "../ua/replay.ts";
import { errorOf, SipError } from "../ua/sip-error.ts";
import type { Task } from "../ua/takers.ts";
import { publishHasBody, publishHeaders } from "../usage/publish-headers.ts";
import * as machine from "../usage/publisher.ts";

/** What a publication is in, by its `name`. `retryAtMs` is in ms since 1970. RFC 3903 §4 */
export type PublicationState =
  | { readonly name: "Publishing" }
  | { readonly name: "Published"; readonly etag: string | undefined }
  /** The last try failed, and the next one comes by itself. */
  | { readonly name: "Waiting"; readonly error: SipError; readonly retryAtMs: number }
  | { readonly name: "Removed"; readonly error?: SipError };

export interface PublicationParts {
  readonly agent: Agent;
  readonly target: UriRequest;
  readonly event: string;
  readonly contentType: string;
  readonly params: machine.Params;
}

type Publish = Extract<machine.Output, { kind: "Publish" }>;

/** Something published, from `publish` until it is removed or refused for good. */
export class Publication<T> implements Task, Timed {
  readonly #parts: PublicationParts;
  readonly #write: (value: T) => Octets;
  readonly #whileOpen: PhoneParts["whileOpen"];
  readonly #timer: Timer = newTimer(this);
  readonly #states = new Changing<PublicationState>({ name: "Publishing" });
  readonly #ids: { readonly callId: string; readonly localTag: string };
  readonly #published = Promise.withResolvers<void>();
  #machine: machine.State = { name: "Terminated" };
  #body: Octets;
  #seq = 0;

  constructor(
    parts: PublicationParts,
    write: (value: T) => Octets,
    value: T,
    { inTurn, whileOpen }: Pick<PhoneParts, "inTurn" | "whileOpen">,
  ) {
    this.#parts = parts;
    this.#write = write;
    this.#whileOpen = whileOpen;
    this.#body = write(value);
    const { ids } = parts.agent.endpoint;
    this.#ids = { callId: ids.unique(), localTag: ids.unique() };
    this.#published.promise.catch(() => {});
    inTurn(() => this.#begin());
  }

  /** What it is in now. */
  get state(): PublicationState {
    return this.#states.current;
  }

  /** The current state and every later one; ends once it is removed. */
  states(options?: IterationOptions): AsyncIterableIterator<PublicationState> {
    return this.#states.values(options);
  }

  /** Resolves once the server has it; rejects with a SipError if it refuses. */
  get published(): Promise<void> {
    return this.#published.promise;
  }

  /** Publishes something else in its place; nothing once it is taken back or the phone closed. */
  update(value: T): void {
    const body = this.#write(value);
    this.#whileOpen(() => {
      this.#body = body;
      this.#step({ kind: "Modify" });
    });
  }

  /** Takes it back. Resolves once that has been answered. */
  async remove(): Promise<void> {
    this.#whileOpen(() => this.leave());
    for await (const { name } of this.states()) if (name === "Removed") return;
  }

  /** As `remove`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove();
  }

  // ---- for the phone ---------------------------------------------------------------------------

  /** For the phone: nothing, since what is published stays so until it expires. */
  cutOff(): void {}

  /** What was to be tried later, is tried now. */
  back(): void {
    const { name } = this.#machine;
    if (name === "Waiting")
      this.#become(machine.step(this.#parts.params, this.#machine, TICK, SOON));
  }

  /** For the phone, which is being closed: takes it back. */
  leave(): void {
    this.#step({ kind: "Remove" });
  }

  /** For the phone, which is closed: ends it, and sends nothing more. */
  abandon(): void {
    this.#step({ kind: "Abandon" });
    this.#over(undefined);
  }

  /** For the endpoint: the timer that was set has come. */
  due(): void {
    this.#step(TICK);
  }

  // ---- the machine -----------------------------------------------------------------------------

  #begin(): void {
    const { agent, params } = this.#parts;
    if (agent.takers.addTask(this)) this.#become(machine.start(params, agent.endpoint.now));
    else this.#over(errorOf(503, "Too much goes on already."));
  }

  #step(input: machine.Input): void {
    const { params, agent } = this.#parts;
    this.#become(machine.step(params, this.#machine, input, agent.endpoint.now));
  }

  #become([state, ...outputs]: machine.Step): void {
    this.#machine = state;
    this.#parts.agent.endpoint.schedule(this.#timer, machine.deadline(state));
    for (const output of outputs) this.#carryOut(output, state);
  }

  #carryOut(output: machine.Output, state: machine.State): void {
    switch (output.kind) {
      case "Publish":
        if (this.state.name !== "Publishing" && output.operation !== "Refresh") {
          this.#states.set({ name: "Publishing" });
        }
        return this.#send(output);
      case "Published":
        this.#published.resolve();
        if (state.name === "Published") {
          this.#states.set({ name: "Published", etag: state.etag });
        }
        return;
      case "Lost":
        if (state.name === "Waiting") {
          const { timerRetry: retryAtMs } = state;
          this.#states.set({ name: "Waiting", error: errorOf(output.status), retryAtMs });
        }
        return;
      case "Refused":
        return this.#over(errorOf(output.status));
      case "Removed":
        return this.#over(undefined);
    }
  }

  #over(error: SipError | undefined): void {
    if (this.state.name === "Removed") return;
    this.#states.set({ name: "Removed", ...(error && { error }) });
    this.#states.end();
    this.#published.reject(error ?? new SipError("SIP_CANCELLED", "It was taken back."));
    this.#parts.agent.takers.removeTask(this);
  }

  // ---- PUBLISH ---------------------------------------------------------------------------------

  #send({ operation, etag, expiresSeconds }: Publish): void {
    const { agent, target, event, contentType } = this.#parts;
    const body = publishHasBody(operation) ? this.#body : "";
    const headers: HeaderField[] = [
      ...outsideHeaders(agent, target, this.#ids),
      ...publishHeaders(event, etag, expiresSeconds),
      ...(body === "" ? [] : ([["Content-Type", contentType]] as const)),
    ];
    const user: RequestUser = {
      response: (response) => void (response.status >= 200 && this.#answered(response)),
      failed: (reason: NoAnswer) => this.#unanswered(reason === "timeout" ? 408 : 503),
    };
    const what = { method: "PUBLISH", uri: target.uri, headers, body };
    const sent = agent.send(what, user, () => ++this.#seq);
    if (!sent) agent.endpoint.later(() => this.#unanswered(503));
  }

  #answered(response: Response): void {
    const etag = parseSipETag(header(response, "SIP-ETag") ?? "");
    const expires = parseExpires(header(response, "Expires") ?? "");
    this.#step({
      ...{ kind: "Response", status: response.status, random: this.#random() },
      etag: etag.ok ? etag.value : undefined,
      expiresSeconds: expires.ok ? expires.value : undefined,
      minExpiresSeconds: minimumSeconds(response),
      retryAfterSeconds: retryAfterSeconds(response),
    });
  }

  #unanswered(status: number): void {
    this.#step({
      ...{ kind: "Response", status, random: this.#random(), etag: undefined },
      ...{ expiresSeconds: undefined, minExpiresSeconds: undefined, retryAfterSeconds: undefined },
    });
  }

  #random(): number {
    return this.#parts.agent.endpoint.ids.fraction();
  }
}

const TICK = { kind: "Tick" } as const;
/** A time at which everything is due. */
const SOON = Number.MAX_SAFE_INTEGER;
