/** What devices publish: PUBLISH, answered and kept. RFC 3903 §6. */
import type { Incoming } from "../endpoint/incoming.ts";
import { explanation } from "../endpoint/refusal.ts";
import type { Reply } from "../endpoint/reply.ts";
import { type ServerTransaction, UNCONCERNED } from "../endpoint/server-transaction.ts";
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import { type Millis, NEVER } from "../grammar/millis.ts";
import { flat, type Octets } from "../grammar/octets.ts";
import type { Result } from "../grammar/result.ts";
import type { HeaderField } from "../message/compose.ts";
import { isMediaType, type MediaType, parseContentType } from "../message/header/content-type.ts";
import { parseEvent } from "../message/header/event.ts";
import { parseExpires } from "../message/header/expires.ts";
import { parseSipIfMatch } from "../message/header/sip-if-match.ts";
import { header, headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { readHeader } from "../message/read-header.ts";
import { type Answer, Pending, StoreBusy, withAnswer } from "../roles/answer.ts";
import type { ServiceHost, ServiceRequest } from "../roles/services.ts";
import { unsupported } from "../roles/validation.ts";
import type { Flow } from "../transport/flow.ts";
import { allowEventsHeader } from "../usage/notify-body.ts";
import * as machine from "../usage/publication-state.ts";
import type { PublicationStore, SavedPublication } from "./stores.ts";

/** A package that can be published. */
export interface PublishedPackage {
  /** `presence`: the value of Event. */
  readonly event: string;
  /** Types of bodies that are understood. */
  readonly accept: readonly string[];
  /** What is granted where nothing is asked, and the most that is. */
  readonly expiresSeconds: number;
  /** Whether this body says something that is understood; what it says, `changed` reads. */
  readonly check: (body: Octets, type: MediaType) => Result<unknown>;
  /** What is published for a person is this now. */
  readonly changed: (resource: string, all: readonly Published[]) => void;
}

/** One publication that is valid. */
export interface Published {
  /** Stays the same as long as it lives, whatever its entity-tag. */
  readonly id: string;
  /** As Content-Type has it. */
  readonly contentType: Octets;
  /** As it came. */
  readonly body: Octets;
  /** The way it came. */
  readonly flow: Flow;
}

interface Kept {
  readonly pack: PublishedPackage;
  readonly resource: string;
  state: machine.State;
  /** By entity-tag. */
  readonly saved: Map<string, SavedPublication>;
  /** PUBLISHes that wait for the one before them. */
  readonly waiting: (() => void)[];
  isBusy: boolean;
  readonly timer: Timer;
}

export class Publications {
  readonly #host: ServiceHost;
  readonly #packages: readonly PublishedPackage[];
  readonly #store: PublicationStore;
  readonly #kept = new Map<string, Kept>();

  constructor(parts: {
    readonly host: ServiceHost;
    readonly packages: readonly PublishedPackage[];
    readonly store: PublicationStore;
  }) {
    this.#host = parts.host;
    this.#packages = parts.packages;
    this.#store = parts.store;
  }

  get size(): number {
    let size = 0;
    for (const { saved } of this.#kept.values()) size += saved.size;
    return size;
  }

  /** Those of an earlier run. */
  restore(all: readonly SavedPublication[]): void {
    const { now } = this.#host.endpoint;
    for (const one of all) {
      const pack = this.#packages.find(({ event }) => event === one.event);
      if (!pack || one.expiresAt <= now) {
        this.#store.remove(one.id);
        continue;
      }
      const kept = this.#keptOf(pack, one.resource);
      const publication = { etag: one.etag, timerExpires: one.expiresAt };
      const { state } = kept;
      const others = state.name === "Holding" ? state.publications : [];
      kept.state = { name: "Holding", publications: [...others, publication] };
      kept.saved.set(one.etag, one);
    }
    for (const kept of this.#kept.values()) this.#settled(kept);
  }

  /** False: nothing can be published here. */
  take(request: ServiceRequest, resource: string): boolean {
    if (this.#packages.length === 0) return false;
    const { from, account, isPerson } = request;
    const event = readHeader(from.request, "Event", parseEvent);
    const type = event.ok ? event.value?.type : undefined;
    const pack = this.#packages.find((one) => one.event === type);
    const asked = { resourceKnown: isPerson, packageKnown: pack !== undefined };
    const judged = machine.judgePublish(asked);
    // The proxy has the words for nobody.
    if (judged === 404) return false;
    const required = unsupported(from, "Require");
    if (required) return this.#refuse(from, required.status, required.why, required.headers);
    if (!pack) {
      const known = allowEventsHeader(this.#packages.map(({ event }) => event));
      return this.#refuse(from, 489, "nothing of this event can be published", known);
    }
    //= RFC 3903 §14.1
    //# The state agent SHOULD authenticate the EPA, and SHOULD apply its authorization policies
    //# (e.g., based on access control lists) to all requests.
    // A trusted place speaks for people here, and another domain's server for nobody of them.
    const sender = account ?? this.#host.names.userIn(from.essentials.from.uri);
    if (sender !== resource) {
      return this.#refuse(from, 403, "for others nothing can be published");
    }
    const server = this.#host.endpoint.accept(from, UNCONCERNED);
    if (server)
      this.#inTurn(this.#keptOf(pack, resource), (kept) => this.#publish(kept, server, from));
    return true;
  }

  //= RFC 3903 §6
  //# PUBLISH requests with the same Request-URI MUST be processed in the order that they are
  //# received.
  #inTurn(kept: Kept, run: (kept: Kept) => void): void {
    if (kept.isBusy) return void kept.waiting.push(() => run(kept));
    kept.isBusy = true;
    run(kept);
  }

  #publish(kept: Kept, server: ServerTransaction, { request, flow }: Incoming): void {
    const { endpoint } = this.#host;
    const type = parseContentType(header(request, "Content-Type") ?? "");
    const publish = publishOf(kept.pack, request, type, endpoint.ids.unique());
    const input = { kind: "Publish", ...publish } as const;
    const [state, ...outputs] = machine.step(PARAMS(kept.pack), kept.state, input, endpoint.now);
    const before = new Map(kept.saved);
    const answers: Answer<void>[] = [];
    let reply: Reply = { status: 500 };
    for (const output of outputs) {
      if (output.kind === "Accept") reply = accepted(output);
      else if (output.kind === "Refuse") reply = this.#refusal(output, kept.pack);
      else answers.push(...this.#carryOut(kept, state, output, { request, flow }));
    }
    const done = () => {
      kept.state = state;
      server.reply(reply);
      this.#finished(kept);
    };
    const failed = (cause: unknown) => {
      kept.saved.clear();
      for (const [etag, one] of before) kept.saved.set(etag, one);
      server.reply(this.#failure(cause));
      this.#finished(kept);
    };
    all(answers, done, failed);
  }

  /** Puts it into memory and onto the disk. */
  #carryOut(
    kept: Kept,
    state: machine.State,
    output: machine.Output,
    { request, flow }: Pick<Incoming, "request" | "flow">,
  ): readonly Answer<void>[] {
    if (output.kind === "Drop") {
      const gone = kept.saved.get(output.etag);
      kept.saved.delete(output.etag);
      return gone ? [this.#store.remove(gone.id)] : [];
    }
    if (output.kind !== "Store" && output.kind !== "Rename") return [];
    const { etag, replaces } = output;
    const before = replaces === undefined ? undefined : kept.saved.get(replaces);
    if (replaces !== undefined) kept.saved.delete(replaces);
    const said = output.kind === "Rename" && before ? before : contentOf(request);
    const one: SavedPublication = {
      ...{ id: before?.id ?? etag, etag, event: kept.pack.event, resource: kept.resource },
      ...{ contentType: said.contentType, body: said.body, flow },
      expiresAt: expiryOf(state, etag),
    };
    kept.saved.set(etag, one);
    return [this.#store.save(one)];
  }

  #due(kept: Kept): void {
    if (kept.isBusy) return void kept.waiting.push(() => this.#sweep(kept));
    kept.isBusy = true;
    this.#sweep(kept);
  }

  #sweep(kept: Kept): void {
    const { now } = this.#host.endpoint;
    const [state, ...outputs] = machine.step(PARAMS(kept.pack), kept.state, { kind: "Tick" }, now);
    kept.state = state;
    for (const output of outputs) {
      const gone = output.kind === "Drop" ? kept.saved.get(output.etag) : undefined;
      if (!gone) continue;
      kept.saved.delete(gone.etag);
      this.#store.remove(gone.id);
    }
    this.#finished(kept);
  }

  #finished(kept: Kept): void {
    this.#settled(kept);
    kept.isBusy = false;
    const next = kept.waiting.shift();
    if (next) {
      kept.isBusy = true;
      next();
    } else if (kept.state.name === "Empty") {
      this.#kept.delete(keyOf(kept.pack, kept.resource));
    }
  }

  /** Tells the package what is published now. */
  #settled(kept: Kept): void {
    this.#host.endpoint.schedule(kept.timer, machine.deadline(kept.state));
    const published = [...kept.saved.values()].map(
      ({ id, contentType, body, flow }): Published => ({ id, contentType, body, flow }),
    );
    kept.pack.changed(kept.resource, published);
  }

  #keptOf(pack: PublishedPackage, resource: string): Kept {
    const key = keyOf(pack, resource);
    const known = this.#kept.get(key);
    if (known) return known;
    const made: Kept = {
      ...{ pack, resource, saved: new Map(), waiting: [], isBusy: false },
      state: { name: "Empty" },
      timer: newTimer({ due: () => this.#due(made) }),
    };
    this.#kept.set(key, made);
    return made;
  }

  #refuse(from: Incoming, status: number, why: string, headers: Reply["headers"] = []): true {
    this.#host.words.explain(from, status, why, headers);
    return true;
  }

  #refusal(
    { status, minExpiresSeconds }: Extract<machine.Output, { kind: "Refuse" }>,
    { accept }: PublishedPackage,
  ): Reply {
    const headers: HeaderField[] = [];
    if (minExpiresSeconds !== undefined) headers.push(["Min-Expires", String(minExpiresSeconds)]);
    if (status === 415) headers.push(["Accept", accept.join(", ")]);
    if (status === 503) headers.push(["Retry-After", "60"]);
    return { status, headers };
  }

  #failure(cause: unknown): Reply {
    const isBusy = cause instanceof StoreBusy;
    const why = isBusy ? cause.message : `the store failed: ${cause}`;
    const headers: HeaderField[] = [
      ["Retry-After", String(isBusy ? cause.retryAfterSeconds : 10)],
      explanation(this.#host.endpoint.product, why),
    ];
    return { status: isBusy ? 503 : 500, headers };
  }
}

const keyOf = ({ event }: PublishedPackage, resource: string): string => `${event} ${resource}`;

const PARAMS = ({ expiresSeconds }: PublishedPackage): machine.Params => ({
  // Not a minute: some publish the end of a call for a few seconds, and nothing at all after a 423.
  ...{ defaultSeconds: expiresSeconds, minSeconds: 10, maxSeconds: expiresSeconds },
  maxPublications: MAX_PUBLICATIONS,
});

/** Devices of one person. */
const MAX_PUBLICATIONS = 20;
/** All of them together have to fit into one NOTIFY. */
const MAX_BODY = 8192;

function publishOf(
  pack: PublishedPackage,
  request: Request,
  type: Result<MediaType>,
  newEtag: string,
): machine.Publish {
  const expires = readHeader(request, "Expires", parseExpires);
  const tags = headerLines(request, "SIP-If-Match");
  const ifMatch = tags.map((line) => {
    const tag = parseSipIfMatch(line);
    return tag.ok ? tag.value : " none";
  });
  const expiresSeconds = expires.ok ? expires.value : undefined;
  return { ifMatch, expiresSeconds, newEtag, body: bodyOf(pack, request, type) };
}

function bodyOf(
  { accept, check }: PublishedPackage,
  { body }: Request,
  type: Result<MediaType>,
): machine.Publish["body"] {
  if (body === "") return "None";
  if (!type.ok || body.length > MAX_BODY) return "Strange";
  const isKnown = accept.some((one) => isMediaType(type.value, one));
  return isKnown && check(body, type.value).ok ? "Understood" : "Strange";
}

const contentOf = (request: Request): { contentType: Octets; body: Octets } => ({
  contentType: flat(header(request, "Content-Type") ?? ""),
  body: flat(request.body),
});

const accepted = (output: Extract<machine.Output, { kind: "Accept" }>): Reply => ({
  status: 200,
  //= RFC 3903 §6
  //# The response MUST contain an Expires header field indicating the expiration interval chosen by
  //# the ESC. The response MUST also contain a SIP-ETag header field that contains a single
  //# entity-tag identifying the publication.
  headers: [
    ["SIP-ETag", output.etag],
    ["Expires", String(output.expiresSeconds)],
  ],
});

function expiryOf(state: machine.State, etag: string): Millis {
  const all = state.name === "Holding" ? state.publications : [];
  return all.find((one) => one.etag === etag)?.timerExpires ?? NEVER;
}

/** Goes on once all of them have settled; with the first failure, if there is one. */
function all(
  answers: readonly Answer<void>[],
  done: () => void,
  failed: (cause: unknown) => void,
): void {
  const pending = answers.filter((one) => one instanceof Pending);
  let left = pending.length;
  let failure: { readonly cause: unknown } | undefined;
  const settled = () => {
    if (left > 0) return;
    if (failure) failed(failure.cause);
    else done();
  };
  if (left === 0) return settled();
  for (const one of pending) {
    withAnswer(
      one,
      () => {
        left--;
        settled();
      },
      (cause) => {
        left--;
        failure ??= { cause };
        settled();
      },
    );
  }
}
