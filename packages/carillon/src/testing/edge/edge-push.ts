/**
 * A push service of the simulated network: like the real ones it takes what it is given, and
 * brings it soon, late, twice or never; it may also refuse it.
 */
import type { Millis } from "../../grammar/millis.ts";
import { Pending } from "../../roles/answer.ts";
import type { PushService, Wake, WakeAsked, Woken } from "../../roles/wake.ts";
import type { PushAddress } from "../../roles/wake-address.ts";

/** What becomes of one push. `TooLate`: after whatever it was for is over. */
export type Fate = "Soon" | "Late" | "TooLate" | "Twice" | "Lost" | "Refused";

/** What it needs of the town. */
export interface PushParts {
  /** In [0, 1). */
  readonly random: () => number;
  /** Runs something so many ms later. */
  readonly after: (ms: Millis, run: () => void) => void;
  /** Runs something in a turn of the server that asked. */
  readonly inTurn: (run: () => void) => void;
  /** A push is at the phone that this names. */
  readonly arrived: (prid: string) => void;
  /** Hears of each push that the server wants sent. */
  readonly asked: (asked: WakeAsked, fate: Fate) => void;
}

/** In what share of pushes, in order; the rest come soon. */
const FATES: readonly (readonly [Fate, number])[] = [
  ["Late", 0.1],
  ["TooLate", 0.06],
  ["Twice", 0.08],
  ["Lost", 0.05],
  ["Refused", 0.03],
];

export class EdgePush implements Wake {
  /** Whether nobody is woken, to see what is lost then. */
  readonly #isOff: boolean;
  readonly #parts: PushParts;

  constructor(parts: PushParts, isOff: boolean) {
    this.#parts = parts;
    this.#isOff = isOff;
  }

  services(): readonly PushService[] {
    return [{ provider: "webpush", vapid: "BKey" }, { provider: "fcm" }];
  }

  canWake(_: PushAddress): boolean {
    return !this.#isOff;
  }

  wake(asked: WakeAsked): Pending<Woken> {
    const { random, after, inTurn } = this.#parts;
    const answer = new Pending<Woken>();
    const fate = this.#fate();
    this.#parts.asked(asked, fate);
    const isRefused = fate === "Refused";
    const woken: Woken = isRefused
      ? { kind: "Failed", why: "it is overloaded", isGone: false }
      : SENT;
    after(20 + random() * 400, () => inTurn(() => answer.resolve(woken)));
    if (asked.why.kind === "Over") return answer;
    for (const ms of this.#delays(fate)) {
      after(ms, () => this.#parts.arrived(asked.push.prid));
    }
    return answer;
  }

  #fate(): Fate {
    let left = this.#parts.random();
    for (const [fate, share] of FATES) {
      if (left < share) return fate;
      left -= share;
    }
    return "Soon";
  }

  /** It may be at the phone before the service has answered. */
  #delays(fate: Fate): readonly Millis[] {
    const { random } = this.#parts;
    switch (fate) {
      case "Soon":
        return [20 + random() * 2000];
      case "Late":
        return [3000 + random() * 9000];
      case "TooLate":
        return [40_000 + random() * 90_000];
      case "Twice":
        return [20 + random() * 2000, 500 + random() * 12_000];
      default:
        return [];
    }
  }
}

const SENT: Woken = { kind: "Sent" };
