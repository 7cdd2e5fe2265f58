/** What a device tells of itself to whoever subscribes there. RFC 6665 §4.2. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import { type MediaRange, parseAccept } from "../message/header/accept.ts";
import type { EventType } from "../message/header/event.ts";
import { readJoined } from "../message/read-header.ts";
import type { Agent } from "../ua/agent.ts";
import type { Peer } from "../ua/call-state.ts";
import { DialogSide } from "../ua/dialog-side.ts";
import { Direct } from "../ua/direct-way.ts";
import { peerOf } from "../ua/message-inbox.ts";
import type { PhoneParts } from "../ua/phone-parts.ts";
import { dialogOf } from "../ua/usable-dialog.ts";
import { ThroughServer } from "../ua/way.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { judgeSubscribe, type NotifierPolicy } from "../usage/notifier.ts";
import { notifyBodyType } from "../usage/notify-body.ts";
import type { EventPackage } from "./event-package.ts";
import { expiresOf, Watcher } from "./watcher.ts";

/** Where a notifier has its state from. */
export interface Provider<T> {
  /** The state as it is now. */
  readonly value: () => T;
  /** Calls `changed` when it is another; the result ends that. */
  readonly watch?: (changed: () => void) => () => void;
}

/** Who is told. */
export interface NotifyOptions {
  /** Who may know: yes, no, or in a while. */
  readonly allow: (peer: Peer) => boolean | Promise<boolean>;
}

/** Who may watch one thing at a time. */
const MAX_WATCHERS = 50;

/** Tells one package of a phone to whoever subscribes there: 50 at a time, others get a 503. */
export class Notifier<T> {
  readonly #agent: Agent;
  readonly #pack: EventPackage<T>;
  readonly #provider: Provider<T>;
  readonly #allow: NotifyOptions["allow"];
  readonly #whileOpen: PhoneParts["whileOpen"];
  readonly #removed: () => void;
  readonly #watchers = new Set<Watcher>();
  readonly #unwatch: (() => void) | undefined;
  readonly #policy: NotifierPolicy;
  #isClosed = false;

  /** `removed` takes it out of where it is found. */
  constructor(
    agent: Agent,
    pack: EventPackage<T>,
    provider: Provider<T>,
    { allow }: NotifyOptions,
    { whileOpen }: Pick<PhoneParts, "whileOpen">,
    removed: () => void,
  ) {
    const { expiresSeconds, minGapMs } = pack;
    this.#agent = agent;
    this.#pack = pack;
    this.#provider = provider;
    this.#allow = allow;
    this.#whileOpen = whileOpen;
    this.#removed = removed;
    this.#policy = {
      ...{ defaultSeconds: expiresSeconds, minSeconds: 60, maxSeconds: expiresSeconds, minGapMs },
    };
    this.#unwatch = provider.watch?.(() => this.changed());
  }

  /** Who watches, and who waits to be let. */
  get watchers(): readonly { readonly peer: Peer; readonly isPending: boolean }[] {
    return [...this.#watchers]
      .filter(({ state }) => state !== "Terminated")
      .map(({ peer, state }) => ({ peer, isPending: state === "Pending" }));
  }

  /** Tells everybody the state as it is now. */
  changed(): void {
    if (this.#isClosed) return;
    this.#whileOpen(() => {
      for (const watcher of [...this.#watchers]) watcher.changed();
    });
  }

  /** Tells everybody that there is nothing more to tell. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unwatch?.();
    this.#removed();
    this.#whileOpen(() => {
      for (const watcher of [...this.#watchers]) watcher.end("noresource");
    });
  }

  /** As `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** For the phone: a SUBSCRIBE for this package has come. */
  subscribed(from: Incoming, event: EventType): void {
    const agent = this.#agent;
    const { takers, endpoint } = agent;
    const peer = peerOf(from);
    const answer = this.#allow(peer);
    const allowed = typeof answer === "boolean" ? answer : undefined;
    const side = this.#side(from);
    const contentType = this.#contentType(from);
    const refusal = side ? this.#refusal(from, allowed, contentType) : { status: 400 };
    if (!side || contentType === undefined || refusal) {
      return void takers.answer(endpoint, from, refusal ?? { status: 406 });
    }
    const watcher = new Watcher({
      ...{ side, peer, event, contentType },
      params: {
        askedSeconds: expiresOf(from.request),
        granted: allowed === true,
        policy: this.#policy,
      },
      body: (version) => this.#pack.write?.(this.#provider.value(), version) ?? "",
      gone: (one) => {
        this.#watchers.delete(one);
        takers.removeDialog(one);
      },
    });
    if (!takers.addDialog(watcher)) return void takers.answer(endpoint, from, BUSY);
    this.#watchers.add(watcher);
    watcher.begin(from);
    if (typeof answer !== "boolean") this.#whenDecided(answer, watcher);
  }

  #whenDecided(answer: Promise<boolean>, watcher: Watcher): void {
    const decided = (allowed: boolean) => {
      if (!this.#isClosed) this.#whileOpen(() => watcher.decided(allowed));
    };
    answer.then(decided, () => decided(false));
  }

  #refusal(
    { request }: Incoming,
    allowed: boolean | undefined,
    contentType: string | undefined,
  ): Reply | undefined {
    const asked = { known: true, expiresSeconds: expiresOf(request), allowed };
    const judged = judgeSubscribe(asked, this.#policy);
    if (judged) {
      const { status, minExpiresSeconds } = judged;
      if (minExpiresSeconds === undefined) return { status };
      return { status, headers: [["Min-Expires", String(minExpiresSeconds)]] };
    }
    if (contentType === undefined) {
      return { status: 406, headers: [["Accept", this.#pack.accept.join(", ")]] };
    }
    return this.#watchers.size >= MAX_WATCHERS ? BUSY : undefined;
  }

  #contentType({ request }: Incoming): string | undefined {
    const accept = readJoined<readonly MediaRange[]>(request, "Accept", parseAccept);
    return accept.ok ? notifyBodyType(this.#pack.accept.slice(0, 1), accept.value) : undefined;
  }

  /** Our side of the dialog; undefined if nothing could be said in it, or not to who asks. */
  #side(from: Incoming): DialogSide | undefined {
    const agent = this.#agent;
    const dialog = dialogOf(from, agent.endpoint.ids.unique());
    if (!dialog) return undefined;
    const flow = agent.serverFlow(from);
    if (flow) return new DialogSide(agent, dialog, new ThroughServer(agent, flow));
    // Without a server in between nobody is told what they did not ask for from where they are.
    const target = parseSipUri(dialog.remoteTarget);
    if (!target.ok || target.value.host !== from.flow.remote.host) return undefined;
    if (dialog.routeSet.length > 0) return undefined;
    return new DialogSide(agent, dialog, new Direct(agent, from.flow));
  }
}

const BUSY: Reply = { status: 503, headers: [["Retry-After", "60"]] };
