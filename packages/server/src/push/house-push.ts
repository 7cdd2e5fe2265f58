/**
 * Wakes the phones of this house: which push service, what is said, and what comes of it.
 */
import {
  type Binding,
  type HeldRequests,
  isAwake,
  Pending,
  type PushAddress,
  type PushService,
  pushAddress,
  pushKey,
  type Wake,
  type WakeAsked,
  type WakeReason,
  type Woken,
} from "carillon/roles";
import type { Log } from "../http/log.ts";
import type { Note, PushDriver, Sent } from "./push-driver.ts";
import { PushQueue } from "./push-queue.ts";

export interface HousePushParts {
  readonly drivers: readonly PushDriver[];
  readonly log: Log;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly holdMs: number;
  /** How somebody is called by people: an account's name, or undefined for anybody else. */
  readonly nameOf: (uri: string) => string | undefined;
  readonly bindings: (account: string) => readonly Binding[];
  /** Whether this phone's owner wants a message's words shown on it. */
  readonly showsWords: (account: string, push: PushAddress) => boolean;
}

/** A message that has come for somebody, as far as it is told. */
export interface MessageTold {
  /** The sender's address. */
  readonly from: string;
  readonly text: string;
}

/** Of a message no more than this is told. */
const MAX_TOLD = 200;
const MAX_NAME = 80;

export class HousePush implements Wake {
  readonly #parts: HousePushParts;
  readonly #queue: PushQueue;
  readonly #byProvider: ReadonlyMap<string, PushDriver>;
  #held: HeldRequests | undefined;
  #inTurn: (run: () => void) => void = (run) => run();

  constructor(parts: HousePushParts) {
    this.#parts = parts;
    this.#queue = new PushQueue({ now: parts.now });
    this.#byProvider = new Map(parts.drivers.map((driver) => [driver.provider, driver]));
  }

  services(): readonly PushService[] {
    return this.#parts.drivers.map(({ provider, vapid }) => ({
      ...{ provider, ...(vapid !== undefined && { vapid }) },
    }));
  }

  canWake(push: PushAddress): boolean {
    return this.#byProvider.get(push.provider)?.accepts(push) === true;
  }

  holdMs(): number {
    return this.#parts.holdMs;
  }

  attach(held: HeldRequests): void {
    this.#held = held;
  }

  /** From now on it answers in a turn of this. */
  answerIn(inTurn: (run: () => void) => void): void {
    this.#inTurn = inTurn;
  }

  wake(asked: WakeAsked): Pending<Woken> {
    const answer = new Pending<Woken>();
    const note = noteOf(asked.why, this.#parts.nameOf);
    void this.#send(asked, note).then((sent) => {
      this.#inTurn(() => answer.resolve(wokenBy(sent)));
    });
    return answer;
  }

  /** Declines what is held for this account by that name. False: there is none. */
  decline(account: string, id: string): Promise<boolean> {
    return new Promise((resolve) => {
      this.#inTurn(() => resolve(this.#held?.decline(account, id) === true));
    });
  }

  //= RFC 8599 §4.1.1
  //# This specification does not define a mechanism to explicitly request push notifications from
  //# the SIP network for usages other than triggering binding-refresh REGISTER requests
  /** A message has come for this account: phones of theirs that sleep are told. */
  message(account: string, { from, text }: MessageTold): void {
    const { nameOf, showsWords, bindings } = this.#parts;
    const all = bindings(account);
    const awake = new Set(all.filter(isAwake).map(keyOf));
    const told = new Set<string>();
    for (const binding of all) {
      const push = pushAddress(binding.contact);
      const key = keyOf(binding);
      if (!push || key === undefined || awake.has(key) || told.has(key)) continue;
      if (!this.canWake(push)) continue;
      told.add(key);
      const note: Note = {
        ...{ kind: "message", id: `message-${from}`, from, name: shownName(from, "", nameOf) },
        ...(showsWords(account, push) && { text: text.slice(0, MAX_TOLD) }),
      };
      const why: WakeReason = { kind: "Refresh", leftMs: 0 };
      const { credential } = binding;
      void this.#send({ account, credential, push, by: from, why }, note);
    }
  }

  /** For `status` and tests. */
  census() {
    return this.#queue.census();
  }

  close(): void {
    this.#queue.close();
    for (const driver of this.#parts.drivers) driver.close();
  }

  async #send(asked: WakeAsked, note: Note): Promise<Sent> {
    const { account, push } = asked;
    const driver = this.#byProvider.get(push.provider);
    if (!driver) return { kind: "Refused", why: `no push service ${push.provider} here` };
    const sent = await this.#queue.send(driver, { asked, note });
    // Not where to: whoever knows that can write to the phone.
    const line = { account, provider: push.provider, what: note.kind };
    if (sent.kind === "Sent") this.#parts.log.debug(line, "push sent");
    else this.#parts.log.info({ ...line, why: sent.why }, "push not sent");
    return sent;
  }
}

function wokenBy(sent: Sent): Woken {
  if (sent.kind === "Sent") return sent;
  return { kind: "Failed", why: sent.why, isGone: sent.kind === "Gone" };
}

function noteOf(why: WakeReason, nameOf: HousePushParts["nameOf"]): Note {
  if (why.kind === "Refresh") return { kind: "refresh" };
  const { id, from, fromName } = why;
  const who = { id, from, name: shownName(from, fromName, nameOf) };
  if (why.kind === "Over") return { ...who, kind: why.isMissed ? "missed" : "over" };
  if (why.method === "INVITE") return { ...who, kind: "call", video: why.video };
  return why.method === "MESSAGE" ? { ...who, kind: "message" } : { kind: "refresh" };
}

/** Whoever lives here is called as they are called here; others by what they call themselves. */
function shownName(from: string, said: string, nameOf: HousePushParts["nameOf"]): string {
  const name = nameOf(from) ?? (said === "" ? from.replace(/^sips?:/i, "") : said);
  return name.slice(0, MAX_NAME);
}

function keyOf({ contact }: Binding): string | undefined {
  const push = pushAddress(contact);
  return push && pushKey(push);
}
