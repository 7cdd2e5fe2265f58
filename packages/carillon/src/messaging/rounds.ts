/** What is done now and then: what is over its time goes, and phones of an earlier run go on. */
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import { type Millis, NEVER } from "../grammar/millis.ts";
import { withAnswer } from "../roles/answer.ts";
import type { PlainPhones } from "./plain-phones.ts";
import type { PostOffice } from "./post-office.ts";

/** What is over its time is taken out this often, and so many entries each time. */
const EXPIRY_ROUND_MS = 60_000;
const EXPIRED_AT_ONCE = 1000;
/** Accounts whose phones are looked after in one go when the server starts. */
const STARTED_AT_ONCE = 100;
/** Between two rounds where there is more to do. */
const ROUND_GAP_MS = 100;
/** What is gone is gone: nothing is too old before the calendar has been the same for so long. */
const SURE_MS = 3_600_000;
/** Clocks that drift are set by less in an hour. */
const SET_MS = 60_000;

export class Rounds {
  readonly #office: PostOffice;
  readonly #phones: PlainPhones;
  readonly #expiry: Timer = newTimer({ due: () => this.#expire() });
  readonly #starting: Timer = newTimer({ due: () => this.#startPhones() });
  #startedTo = "";
  /** How far the calendar is ahead of the clock that never jumps, and since when it has been. */
  #aheadMs: Millis = Number.NaN;
  #sureSince: Millis = 0;

  constructor(office: PostOffice, phones: PlainPhones) {
    this.#office = office;
    this.#phones = phones;
  }

  /** Called with every request: the first one begins it. */
  begin(): void {
    if (this.#expiry.at !== NEVER) return;
    this.#expire();
    this.#startPhones();
  }

  #expire(): void {
    const { host, journals } = this.#office;
    const again = (gone: number) => {
      const inMs = gone < EXPIRED_AT_ONCE ? EXPIRY_ROUND_MS : ROUND_GAP_MS;
      host.endpoint.schedule(this.#expiry, host.endpoint.now + inMs);
    };
    again(0);
    withAnswer(journals.store.expire(this.#calendar(), EXPIRED_AT_ONCE), again, () => {});
  }

  /**
   * What is too old by a calendar that has just been set (by NTP after a start without it, by a
   * slip of the hand, by what woke the machine up) may be of yesterday: until it has stood for an
   * hour, nothing is too old.
   */
  #calendar(): Millis {
    const { host, journals } = this.#office;
    const { now } = host.endpoint;
    const aheadMs = journals.now - now;
    if (!(Math.abs(aheadMs - this.#aheadMs) < SET_MS)) {
      this.#aheadMs = aheadMs;
      this.#sureSince = now;
    }
    return now - this.#sureSince < SURE_MS ? NOTHING_IS_OLD : journals.now;
  }

  /** Phones that had not everything when the server stopped, and are registered still. */
  #startPhones(): void {
    const { host, journals } = this.#office;
    const found = (accounts: readonly string[]) => {
      for (const account of accounts) {
        if (host.location.online(account, host.endpoint.now)) this.#phones.resume(account);
      }
      this.#startedTo = accounts.at(-1) ?? this.#startedTo;
      if (accounts.length < STARTED_AT_ONCE) return;
      host.endpoint.schedule(this.#starting, host.endpoint.now + ROUND_GAP_MS);
    };
    withAnswer(journals.store.behind(this.#startedTo, STARTED_AT_ONCE), found, () => {});
  }
}

/** The calendar's beginning, before which there is nothing. */
const NOTHING_IS_OLD: Millis = 0;
