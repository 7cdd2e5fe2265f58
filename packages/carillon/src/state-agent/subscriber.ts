/** What becomes of a SUBSCRIBE at a server. RFC 6665 §4.2.1. */
import { type Dialog, uasDialog } from "../dialog/dialog.ts";
import { isUsable } from "../dialog/usable-dialog.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { explanation } from "../endpoint/refusal.ts";
import { type ServerTransaction, UNCONCERNED } from "../endpoint/server-transaction.ts";
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import { flat } from "../grammar/octets.ts";
import { NO_PARAMS } from "../grammar/params.ts";
import type { HeaderField } from "../message/compose.ts";
import { type MediaRange, parseAccept } from "../message/header/accept.ts";
import { type EventType, formatEvent, parseEvent, sameEvent } from "../message/header/event.ts";
import { parseExpires } from "../message/header/expires.ts";
import { elements } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { readHeader, readJoined } from "../message/read-header.ts";
import { type Answer, StoreBusy, withAnswer } from "../roles/answer.ts";
import type { ServiceHost, ServiceRequest } from "../roles/services.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { judgeSubscribe } from "../usage/notifier.ts";
import { allowEventsHeader, notifyBodyType } from "../usage/notify-body.ts";
import { SilentPlaces } from "./silent-places.ts";
import {
  type Asked,
  isRefusal,
  type ServedPackage,
  type Source,
  type SourceRefusal,
  type Watcher,
} from "./source.ts";
import type { SavedSubscription, SubscriptionStore } from "./stores.ts";
import { policyOf, ServerSubscription } from "./subscription.ts";
import { type Subscriptions, watcherKey } from "./subscriptions.ts";
import { otherPlace, wayTo } from "./watcher-way.ts";

export interface SubscriberParts {
  readonly host: ServiceHost;
  readonly packages: readonly ServedPackage[];
  /** All that are known. */
  readonly events: readonly string[];
  readonly table: Subscriptions;
  readonly store: SubscriptionStore;
}

export class Subscriber {
  readonly #parts: SubscriberParts;
  readonly #host: ServiceHost;
  readonly #silent = new SilentPlaces();
  /** Those of an earlier run that have not been told yet. */
  readonly #untold: ServerSubscription[] = [];
  readonly #telling: Timer = newTimer({ due: () => this.#tellNext() });

  constructor(parts: SubscriberParts) {
    this.#parts = parts;
    this.#host = parts.host;
  }

  // ---- the first one ---------------------------------------------------------------------------

  /** False: it is for a device of theirs, if for anybody. */
  begin(request: ServiceRequest, resource: string): boolean {
    const { from, isPerson } = request;
    const event = readHeader(from.request, "Event", parseEvent);
    if (!event.ok) return this.#refuse(from, { status: 400, why: event.error.message });
    const named = this.#parts.packages.filter((one) => servesName(one, resource, isPerson));
    if (named.length === 0) return false;
    const pack = named.find((one) => one.event === event.value?.type);
    if (event.value && pack) return this.#judge(request, pack, event.value, resource);
    // A device may know what the server does not.
    if (event.value && isPerson && !this.#parts.events.includes(event.value.type)) return false;
    //= RFC 6665 §4.2.1.1
    //# The notifier SHOULD check that the event package specified in the "Event" header field is
    //# understood. If not, the notifier SHOULD return a 489 (Bad Event) response to indicate that
    //# the specified event/event class is not understood.
    const headers = allowEventsHeader(this.#parts.events);
    return this.#refuse(from, { status: 489, why: "there is no such event here", headers });
  }

  #judge(
    request: ServiceRequest,
    pack: ServedPackage,
    event: EventType,
    resource: string,
  ): boolean {
    const { from } = request;
    const expiresSeconds = expiresOf(from.request);
    const policy = policyOf(pack);
    const judged = judgeSubscribe({ known: true, expiresSeconds, allowed: true }, policy);
    if (judged) return this.#refuse(from, tooBrief(policy.minSeconds));
    const contentType = contentTypeOf(from.request, pack);
    if (typeof contentType !== "string") return this.#refuse(from, contentType);
    const asked: Asked = {
      ...{ watcher: watcherOf(this.#host, request), resource, contentType },
      ...{ event: keptEvent(event, pack), flow: from.flow },
      supported: optionTags(from.request, "Supported").map(flat),
      ...{ isOnce: expiresSeconds === 0, isRestored: false },
    };
    if (!this.#parts.table.hasRoomFor(watcherKey({ asked }))) return this.#refuse(from, BUSY);
    const dialog = this.#dialogOf(from);
    const subscription = dialog && this.#subscriptionOf(pack, asked, dialog, from);
    if (!subscription || !wayTo(this.#host, subscription)) return this.#refuse(from, NO_DIALOG);
    return this.#open(from, pack, subscription, expiresSeconds);
  }

  #open(
    from: Incoming,
    pack: ServedPackage,
    subscription: ServerSubscription,
    expiresSeconds: number | undefined,
  ): boolean {
    const { asked } = subscription;
    const source = pack.open(asked, changesOf(subscription));
    if (isRefusal(source)) return this.#refuse(from, source);
    const missing = missingFor(from.request, source);
    const place = missing ? undefined : otherPlace(this.#host, subscription);
    const isSilent = place !== undefined && this.#silent.refuses(place, this.#host.endpoint.now);
    const server = missing || isSilent ? undefined : this.#accept(from);
    if (!server) {
      source.closed?.("rejected");
      if (missing) return this.#refuse(from, missing);
      return isSilent ? this.#refuse(from, BUSY) : true;
    }
    this.#parts.table.add(subscription);
    const seconds = Math.min(expiresSeconds ?? pack.expiresSeconds, pack.expiresSeconds);
    const begin = () =>
      subscription.begin(source, server, from, { expiresSeconds, event: asked.event });
    const failed = (cause: unknown) => {
      source.closed?.("rejected");
      this.#parts.table.remove(subscription);
      this.#failed(server, cause);
    };
    this.#saved(subscription, seconds, begin, failed);
    return true;
  }

  #subscriptionOf(
    pack: ServedPackage,
    asked: Asked,
    dialog: Dialog,
    { flow }: Pick<Incoming, "flow">,
  ): ServerSubscription {
    return new ServerSubscription({
      ...{ host: this.#host, pack, asked, dialog, flow },
      gone: (one) => {
        this.#parts.table.remove(one);
        if (isKept(one)) this.#parts.store.remove(one.id);
      },
      proven: (one, status) => {
        const place = otherPlace(this.#host, one);
        if (place !== undefined) this.#silent.heard(place, status, this.#host.endpoint.now);
      },
    });
  }

  /** Undefined if nothing could be said in it. */
  #dialogOf({ request, essentials }: Incoming): Dialog | undefined {
    // A quoted-pair may hold a NUL, and a name with one cannot be written again.
    const names = `${essentials.from.displayName}${essentials.to.displayName}`;
    if (names.includes("\0")) return undefined;
    const tag = this.#host.endpoint.ids.unique();
    const dialog = uasDialog(request, essentials, tag, 200);
    return dialog && isUsable(dialog) ? dialog : undefined;
  }

  // ---- those in its dialog ---------------------------------------------------------------------

  /** False: it is no dialog of ours. */
  inDialog(request: ServiceRequest): boolean {
    const { from } = request;
    const { account } = watcherOf(this.#host, request);
    const { callId, fromTag, toTag } = from.essentials;
    const one = this.#parts.table.find(callId, toTag);
    if (!one || one.remoteTag !== fromTag || one.state === "Terminated") return false;
    if (from.request.method !== "SUBSCRIBE") {
      const headers: HeaderField[] = [["Allow", "SUBSCRIBE"]];
      return this.#refuse(from, { status: 405, why: "it is a subscription", headers });
    }
    if (account !== one.asked.watcher.account) {
      return this.#refuse(from, { status: 403, why: "somebody else has subscribed" });
    }
    const event = readHeader(from.request, "Event", parseEvent);
    if (!event.ok || !event.value || !sameEvent(event.value, one.asked.event)) {
      return this.#refuse(from, { status: 481, why: "another event has been subscribed to" });
    }
    const dialog = one.received(from);
    if (!dialog) return this.#refuse(from, { status: 500, why: "it comes out of order" });
    this.#refresh(from, one, dialog, event.value);
    return true;
  }

  #refresh(from: Incoming, one: ServerSubscription, dialog: Dialog, event: EventType): void {
    const expiresSeconds = expiresOf(from.request);
    const { flow } = from;
    const moved = { dialog, flow, asked: one.asked };
    const place = otherPlace(this.#host, moved);
    const isNew = place !== undefined && place !== otherPlace(this.#host, one);
    const refused =
      (isUsable(dialog) && wayTo(this.#host, moved) ? undefined : NO_DIALOG) ??
      (isNew && this.#silent.refuses(place, this.#host.endpoint.now) ? BUSY : undefined);
    if (refused) return void this.#refuse(from, refused);
    const server = this.#accept(from);
    if (!server) return;
    const seconds = Math.min(expiresSeconds ?? one.pack.expiresSeconds, one.pack.expiresSeconds);
    const wasKept = isKept(one);
    const goOn = () =>
      this.#parts.table.moving(one, () => {
        one.refresh(server, from, { expiresSeconds, event, dialog });
        if (wasKept && !isKept(one)) this.#parts.store.remove(one.id);
      });
    this.#saved({ ...view(one), dialog, flow }, seconds, goOn, (cause) =>
      this.#failed(server, cause),
    );
  }

  // ---- what outlives the program ---------------------------------------------------------------

  /** Those of an earlier run. They are told a few at a time, once there is a way to send. */
  restore(all: readonly SavedSubscription[]): void {
    for (const saved of all) {
      const event = parseEvent(saved.event);
      const { resource, contentType, supported, displayName, account, watcher: uri } = saved;
      const isPerson = this.#host.accounts.has(resource);
      const pack = this.#parts.packages.find(
        (one) => event.ok && one.event === event.value.type && servesName(one, resource, isPerson),
      );
      const isOver = saved.expiresAt <= this.#host.endpoint.now;
      if (!event.ok || !pack || isOver) {
        this.#parts.store.remove(saved.id);
        continue;
      }
      const watcher = { account, uri, displayName };
      const asked: Asked = {
        ...{ watcher, resource, event: event.value, contentType, supported },
        ...{ isOnce: false, isRestored: true, flow: saved.flow },
      };
      this.#restoreOne(saved, pack, asked);
    }
    this.#host.endpoint.schedule(this.#telling, this.#host.endpoint.now + TELLING_MS);
  }

  #restoreOne(saved: SavedSubscription, pack: ServedPackage, asked: Asked): void {
    const { dialog, flow, expiresAt, version } = saved;
    // What was sent since it was saved is not known.
    const ahead = { ...dialog, localSeq: dialog.localSeq + AHEAD };
    const one = this.#subscriptionOf(pack, asked, ahead, { flow });
    const source = pack.open(asked, changesOf(one));
    if (isRefusal(source)) return this.#parts.store.remove(saved.id);
    this.#parts.table.add(one);
    one.restore(source, expiresAt, version + AHEAD);
    this.#untold.push(one);
  }

  #tellNext(): void {
    for (const one of this.#untold.splice(0, TOLD_AT_ONCE)) {
      if (this.#parts.table.find(one.callId, one.id) !== one) continue;
      const seconds = (one.expiresAt - this.#host.endpoint.now) / 1000;
      // The next restart has to be ahead of this one.
      this.#saved(
        one,
        seconds,
        () => one.changed(),
        () => one.changed(),
      );
    }
    if (this.#untold.length === 0) return;
    this.#host.endpoint.schedule(this.#telling, this.#host.endpoint.now + TELLING_MS);
  }

  /** Saves it where it is over UDP; at once where it needs not be. */
  #saved(
    one: SavedParts,
    seconds: number,
    done: () => void,
    failed: (cause: unknown) => void,
  ): void {
    const isKeptNow = isKept(one) && seconds > 0;
    const { asked, dialog, flow, id, version } = one;
    const { account, uri, displayName } = asked.watcher;
    const { resource, contentType, supported } = asked;
    const saved: Answer<void> = isKeptNow
      ? this.#parts.store.save({
          ...{ id, resource, account, watcher: uri, displayName, contentType, supported },
          ...{ dialog, flow, version, event: formatEvent(asked.event) },
          expiresAt: this.#host.endpoint.now + 1000 * seconds,
        })
      : undefined;
    withAnswer(saved, done, failed);
  }

  // ---- answers ---------------------------------------------------------------------------------

  #accept(from: Incoming): ServerTransaction | undefined {
    return this.#host.endpoint.accept(from, UNCONCERNED);
  }

  #refuse(from: Incoming, { status, why, headers = [] }: SourceRefusal): true {
    this.#host.words.explain(from, status, why, headers);
    return true;
  }

  #failed(server: ServerTransaction, cause: unknown): void {
    const isBusy = cause instanceof StoreBusy;
    const why = isBusy ? cause.message : `the store failed: ${cause}`;
    const headers: HeaderField[] = [
      ["Retry-After", String(isBusy ? cause.retryAfterSeconds : 10)],
      explanation(this.#host.endpoint.product, why),
    ];
    server.reply({ status: isBusy ? 503 : 500, headers });
  }
}

/** Made by itself: beside others it would keep the request alive that they know of. */
const changesOf = (one: ServerSubscription) => (): void => one.changed();

type SavedParts = Pick<ServerSubscription, "asked" | "dialog" | "flow" | "id" | "version">;

const view = ({ asked, dialog, flow, id, version }: SavedParts): SavedParts => ({
  ...{ asked, dialog, flow, id, version },
});

/** One that can go on after a restart. */
const isKept = ({ flow }: Pick<SavedParts, "flow">): boolean => flow.connection === 0;

const servesName = (one: ServedPackage, resource: string, isPerson: boolean): boolean =>
  one.serves ? one.serves(resource) : isPerson;

/** The type of its bodies, or why there is none. */
function contentTypeOf(request: Request, { accept: types }: ServedPackage): string | SourceRefusal {
  const accept = readJoined<readonly MediaRange[]>(request, "Accept", parseAccept);
  if (!accept.ok) return { status: 400, why: accept.error.message };
  const type = notifyBodyType(types, accept.value);
  if (type !== undefined) return type;
  const headers: HeaderField[] = [["Accept", types.join(", ")]];
  return { status: 406, why: "none of the bodies it takes can be had", headers };
}

//= RFC 3261 §8.2.2.3
//# If a UAS does not understand an option-tag listed in a Require header field, it MUST respond by
//# generating a response with status code 420 (Bad Extension).
/** Extensions that one side wants and the other has not. */
function missingFor(request: Request, { requires = [] }: Source): SourceRefusal | undefined {
  const unknown = optionTags(request, "Require").filter((one) => !requires.includes(one));
  if (unknown.length > 0) {
    const headers: HeaderField[] = [["Unsupported", unknown.join(", ")]];
    return { status: 420, why: `Require: ${unknown.join(", ")} is not supported`, headers };
  }
  const supported = [...optionTags(request, "Supported"), ...optionTags(request, "Require")];
  const missing = requires.filter((one) => !supported.includes(one));
  if (missing.length === 0) return undefined;
  const headers: HeaderField[] = [["Require", missing.join(", ")]];
  return { status: 421, why: `this needs ${missing.join(", ")}`, headers };
}

/** In lower case; none where they cannot be read. */
function optionTags(request: Request, name: "Require" | "Supported"): readonly string[] {
  const tags = elements(request, name);
  return tags.ok ? tags.value.map((one) => one.toLowerCase()) : [];
}

/** Their address as it compares: no port, no parameters. What is kept is no part of a message. */
function watcherOf({ names, accounts }: ServiceHost, { from, account }: ServiceRequest): Watcher {
  const { uri, displayName } = from.essentials.from;
  const parsed = parseSipUri(uri);
  const plain = parsed.ok ? `sip:${parsed.value.user ?? ""}@${parsed.value.host}` : uri;
  // A trusted place speaks for people here; nobody else comes in their names without being them.
  const named = account ?? names.userIn(uri);
  return {
    account: named !== undefined && accounts.has(named) ? named : undefined,
    uri: plain.length > MAX_ADDRESS ? "sip:unknown@invalid" : flat(plain),
    displayName: flat(displayName.slice(0, MAX_NAME)),
  };
}

/** As long as it lives, and no part of the request that brought it. */
const keptEvent = ({ id, params }: EventType, { event: type }: ServedPackage): EventType => ({
  ...{ type, id: id === undefined ? undefined : flat(id) },
  params:
    params.size === 0
      ? NO_PARAMS
      : new Map([...params].map(([name, value]) => [flat(name), flat(value)])),
});

/** What a SUBSCRIBE asks for; undefined where it does not say. */
function expiresOf(request: Request): number | undefined {
  const expires = readHeader(request, "Expires", parseExpires);
  return expires.ok ? expires.value : undefined;
}

const tooBrief = (minSeconds: number): SourceRefusal => ({
  ...{ status: 423, why: `it has to last ${minSeconds} seconds at least` },
  headers: [["Min-Expires", String(minSeconds)]],
});

const BUSY: SourceRefusal = {
  ...{ status: 503, why: "there are too many subscriptions already" },
  headers: [["Retry-After", "60"]],
};
const NO_DIALOG: SourceRefusal = {
  ...{ status: 400, why: "nothing can be sent to its Contact" },
};

const MAX_ADDRESS = 512;
const MAX_NAME = 256;
/** More NOTIFYs than anybody has in the longest subscription. */
const AHEAD = 1_000_000;
/** So many of an earlier run are told, and then so many ms nobody. */
const TOLD_AT_ONCE = 100;
const TELLING_MS = 200;
