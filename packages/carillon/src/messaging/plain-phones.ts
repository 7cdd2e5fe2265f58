/**
 * Phones that know no journal: each gets as MESSAGEs what stands in its owner's, one after the
 * other. A phone is what has a password of its own; where several share one, all of them get each
 * message, and one that takes it is enough.
 */
import { CPIM_TYPE } from "../documents/cpim.ts";
import type { Entry } from "../documents/journal.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import { type Millis, NEVER } from "../grammar/millis.ts";
import { withAnswer } from "../roles/answer.ts";
import type { Binding } from "../roles/location.ts";
import { isMadeUpId } from "./addresses.ts";
import * as machine from "./delivery.ts";
import type { LiveJournals } from "./live-journals.ts";
import { ownMessage } from "./own-message.ts";
import {
  isForPhones,
  isWanted,
  type PlainMessage,
  plainMessage,
  receiptMessage,
} from "./plain-message.ts";
import type { PostOffice } from "./post-office.ts";
import type { SaidEntry } from "./receipts.ts";

/** How long a device that is new has to ask for the journal. */
export const PLAIN_AFTER_MS = 10_000;
const BACK_OFF = { baseMs: 15_000, maxMs: 1_800_000 };
/** Entries that are looked at in one go. */
const PAGE = 50;
/** Phones of which it is known that they read no message/cpim. */
const MAX_TEXT_ONLY = 10_000;

/** Hears that a phone has a message. */
export type Taken = (account: string, entry: SaidEntry) => void;

export class PlainPhones {
  readonly #office: PostOffice;
  readonly #live: LiveJournals;
  readonly #taken: Taken;
  readonly #phones = new Map<string, PlainPhone>();
  readonly #textOnly = new Set<string>();

  constructor(office: PostOffice, live: LiveJournals, taken: Taken) {
    this.#office = office;
    this.#live = live;
    this.#taken = taken;
  }

  /** Phones that something goes on with. */
  get size(): number {
    return this.#phones.size;
  }

  /** Something was added to this journal, from `seq` on. */
  added(account: string, seq: number): void {
    this.#each(account, (device) => {
      const phone = this.#phones.get(keyOf(account, device));
      if (phone) return phone.step({ kind: "Added" });
      // One that was never heard of has missed nothing before this.
      this.#from(account, device, () => this.#beginNew(account, device, seq - 1));
    });
  }

  /**
   * Devices of this account have registered, or gone. One that is not known has everything up to
   * `told`, or to the journal's end.
   */
  registered(account: string, told?: number): void {
    this.#each(account, (device) => {
      const phone = this.#phones.get(keyOf(account, device));
      if (phone) return phone.step({ kind: "Registered" });
      this.#from(
        account,
        device,
        () => {
          const at = told ?? this.#office.journals.store.last(account);
          withAnswer(
            at,
            (cursor) => this.#beginNew(account, device, cursor),
            () => {},
          );
        },
        told,
      );
    });
  }

  /** Goes on with the known devices of this account, after the server was started anew. */
  resume(account: string): void {
    this.#each(account, (device) => this.#from(account, device, () => {}));
  }

  /** A device of theirs reads the journal itself from now on. */
  reads(account: string): void {
    const { host } = this.#office;
    const look = (bindings: readonly Binding[]) => {
      const plain = new Set(this.#plainOf(account, bindings).keys());
      for (const device of new Set(bindings.map(deviceOf))) {
        if (plain.has(device)) continue;
        this.#phones.get(keyOf(account, device))?.step({ kind: "Abandon" });
        this.#forget(account, device);
      }
    };
    withAnswer(host.location.bindings(account, host.endpoint.now), look, () => {});
  }

  #forget(account: string, device: string): void {
    const { store } = this.#office.journals;
    const known = (cursor: number | undefined) => {
      const dropped = cursor === undefined ? undefined : store.dropCursor(account, device);
      withAnswer(
        dropped,
        () => {},
        () => {},
      );
    };
    withAnswer(store.cursor(account, device), known, () => {});
  }

  /**
   * Goes on where a known device had got to, `told` at least; `unknown` for one that is not.
   */
  #from(account: string, device: string, unknown: () => void, told = 0): void {
    const at = this.#office.journals.store.cursor(account, device);
    const found = (cursor: number | undefined) => {
      if (cursor === undefined) unknown();
      else this.#begin(account, device, { cursor: Math.max(cursor, told), waitMs: 0 });
    };
    withAnswer(at, found, () => {});
  }

  /** It becomes known once it has let the time go by in which it could have read the journal. */
  #beginNew(account: string, device: string, cursor: number): void {
    const settle = () =>
      withAnswer(
        this.#office.journals.store.beginCursor(account, device),
        () => {},
        () => {},
      );
    this.#begin(account, device, { cursor, waitMs: PLAIN_AFTER_MS, settle });
  }

  #begin(account: string, device: string, { cursor, waitMs, settle = () => {} }: Begun): void {
    const key = keyOf(account, device);
    if (this.#phones.has(key)) return;
    const textOnly = {
      has: () => this.#textOnly.has(key),
      set: () => {
        this.#textOnly.add(key);
        for (const oldest of this.#textOnly) {
          if (this.#textOnly.size <= MAX_TEXT_ONLY) break;
          this.#textOnly.delete(oldest);
        }
      },
    };
    const parts = { office: this.#office, account, device, taken: this.#taken, textOnly };
    const phone = new PlainPhone({
      ...parts,
      bindings: (told) => this.#targets(account, device, told),
      over: () => this.#phones.delete(key),
      settle,
    });
    this.#phones.set(key, phone);
    phone.start({ cursor, waitMs, backOff: BACK_OFF });
  }

  #each(account: string, run: (device: string) => void): void {
    const { host } = this.#office;
    const look = (bindings: readonly Binding[]) => {
      for (const device of this.#plainOf(account, bindings).keys()) run(device);
    };
    withAnswer(host.location.bindings(account, host.endpoint.now), look, () => {});
  }

  #targets(account: string, device: string, told: (found: readonly Binding[]) => void): void {
    const { host } = this.#office;
    const look = (bindings: readonly Binding[]) =>
      told(this.#plainOf(account, bindings).get(device) ?? []);
    withAnswer(host.location.bindings(account, host.endpoint.now), look, () => told([]));
  }

  /** Bindings that read no journal, by device. */
  #plainOf(account: string, bindings: readonly Binding[]): ReadonlyMap<string, readonly Binding[]> {
    const plain = new Map<string, Binding[]>();
    for (const binding of bindings) {
      if (this.#live.has(account, binding.flow)) continue;
      const device = deviceOf(binding);
      const all = plain.get(device) ?? [];
      all.push(binding);
      plain.set(device, all);
    }
    return plain;
  }
}

const keyOf = (account: string, device: string): string => JSON.stringify([account, device]);

/** What has no password, since it registered from a trusted place, is known by its contact. */
const deviceOf = ({ credential, contact }: Binding): string => credential ?? `at ${contact}`;

/** Where a device begins. */
interface Begun {
  readonly cursor: number;
  readonly waitMs: Millis;
  /** It is a plain phone: called once that is known. */
  readonly settle?: () => void;
}

interface PlainPhoneParts {
  readonly office: PostOffice;
  readonly account: string;
  readonly device: string;
  readonly taken: Taken;
  readonly bindings: (told: (found: readonly Binding[]) => void) => void;
  readonly textOnly: { has(): boolean; set(): void };
  /** It is known to be a plain phone. */
  readonly settle: () => void;
  /** Nothing goes on with it any more. */
  readonly over: () => void;
}

/** The machine of one device at work. */
class PlainPhone implements Timed {
  readonly #parts: PlainPhoneParts;
  readonly #timer: Timer = newTimer(this);
  #params: machine.Params | undefined;
  #state: machine.State = { name: "Terminated" };
  /** Entries that have been looked at and not been brought yet. */
  #page: Entry[] = [];
  #entry: Entry | undefined;

  constructor(parts: PlainPhoneParts) {
    this.#parts = parts;
  }

  start(params: machine.Params): void {
    this.#params = params;
    this.#become(machine.start(params, this.#now));
  }

  step(input: machine.Input): void {
    if (!this.#params) return;
    if (input.kind === "Added" || input.kind === "Registered") this.#page = [];
    this.#become(machine.step(this.#params, this.#state, input, this.#now));
  }

  due(): void {
    this.step({ kind: "Tick" });
  }

  get #now(): Millis {
    return this.#parts.office.host.endpoint.now;
  }

  #become([state, ...outputs]: machine.Step): void {
    if (this.#state.name === "Waiting" && state.name === "Reading") this.#parts.settle();
    this.#state = state;
    const { endpoint } = this.#parts.office.host;
    endpoint.schedule(this.#timer, machine.deadline(state));
    for (const output of outputs) this.#carryOut(output);
    if (this.#state !== state) return;
    // Who has everything is looked up again when there is more.
    if (state.name === "Idle" || state.name === "Terminated") {
      endpoint.schedule(this.#timer, NEVER);
      this.#parts.over();
    }
  }

  #carryOut(output: machine.Output): void {
    const { account, device, office, taken } = this.#parts;
    switch (output.kind) {
      case "Read":
        return this.#read(output.after);
      case "Send":
        return this.#send(output.form);
      case "Delivered":
        if (this.#entry && isSaid(this.#entry)) taken(account, this.#entry);
        return;
      case "Advance":
        return withAnswer(
          office.journals.store.advance(account, device, output.seq),
          () => {},
          () => {},
        );
      case "Refused":
        // The phone has said so itself: it is in nobody's power to make it take this.
        return;
    }
  }

  // ---- the journal -----------------------------------------------------------------------------

  #read(after: number): void {
    const { account, office } = this.#parts;
    this.#page = this.#page.filter(({ seq }) => seq > after);
    if (this.#page.length > 0) return this.#next(after, false, after);
    const page = office.journals.store.page(account, { kind: "After", after, limit: PAGE });
    withAnswer(
      page,
      ({ entries, isWhole, last }) => {
        this.#page = [...entries];
        this.#next(after, isWhole, last);
      },
      () => this.step({ kind: "Unread", random: this.#random }),
    );
  }

  /** Later, so that a long journal is no deep stack. */
  #next(after: number, isWhole: boolean, last: number): void {
    const { account, office } = this.#parts;
    const owner = office.addressOf(account);
    const found = this.#page.findIndex((one) => isForPhones(one, owner));
    const entry = this.#page[found];
    const later = (run: () => void) => office.host.endpoint.later(run);
    if (entry) {
      this.#page = this.#page.slice(found + 1);
      this.#entry = entry;
      const hasText = entry.what.kind !== "Receipt";
      return later(() => this.step({ kind: "Entry", seq: entry.seq, hasText }));
    }
    const seen = this.#page.at(-1)?.seq ?? after;
    this.#page = [];
    if (isWhole) return later(() => this.step({ kind: "Nothing", upTo: Math.max(seen, last) }));
    later(() => this.#read(seen));
  }

  // ---- the phone -------------------------------------------------------------------------------

  #send(form: machine.Form): void {
    const entry = this.#entry;
    if (!entry) return;
    const { textOnly } = this.#parts;
    if (form === "Text" && !(isSaid(entry) && isMadeUpId(entry.what.id))) textOnly.set();
    this.#messageOf(entry, form, (message) => {
      // Nobody asked to hear this: that is as good as having it.
      if (!message) return this.#answer(200);
      if (message.contentType === CPIM_TYPE && textOnly.has()) return this.#answer(415);
      this.#parts.bindings((found) => this.#sendTo(found, message));
    });
  }

  #messageOf(
    entry: Entry,
    form: machine.Form,
    told: (message: PlainMessage | undefined) => void,
  ): void {
    const { account, office } = this.#parts;
    const { what } = entry;
    const owner = office.addressOf(account);
    if (what.kind === "Message" || what.kind === "Edited") {
      return told(plainMessage({ ...entry, what }, owner, form));
    }
    if (what.kind !== "Receipt") return told(undefined);
    const { endpoint } = office.host;
    const found = (entries: readonly Entry[]) => {
      const about = entries.find((one) => isSaid(one) && one.what.from === owner);
      if (!about || !isSaid(about) || !isWanted(about.what.wants, what.status)) {
        return told(undefined);
      }
      const messageId = `${endpoint.ids.macOf([owner, what.by, what.status, what.id])}.receipt`;
      told(
        receiptMessage({
          ...{ to: owner, receipt: what, sentAt: about.at, messageId, now: entry.at },
        }),
      );
    };
    withAnswer(office.journals.store.said(account, what.id), found, () => told(undefined));
  }

  #sendTo(bindings: readonly Binding[], message: PlainMessage): void {
    const { office, account } = this.#parts;
    const { host } = office;
    // Nobody is there: its next REGISTER begins anew where it had got to.
    if (bindings.length === 0) return host.endpoint.later(() => this.step({ kind: "Abandon" }));
    const statuses: number[] = [];
    for (const binding of bindings) {
      const what = ownMessage(host, binding.contact, office.addressOf(account), message);
      host.toBinding(binding, what, ({ status }) => {
        statuses.push(status);
        if (statuses.length === bindings.length) this.#answer(bestOf(statuses));
      });
    }
  }

  #answer(status: number): void {
    const { endpoint } = this.#parts.office.host;
    endpoint.later(() => this.step({ kind: "Answered", status, random: this.#random }));
  }

  get #random(): number {
    return this.#parts.office.host.endpoint.ids.fraction();
  }
}

const isSaid = (entry: Entry): entry is SaidEntry => entry.what.kind === "Message";

/** That one has it; that one may have it yet; that none wants it. */
function bestOf(statuses: readonly number[]): number {
  const taken = statuses.find((status) => status < 300);
  const later = statuses.find((status) => status >= 500 || status === 408 || status === 480);
  return taken ?? later ?? statuses[0] ?? 480;
}
