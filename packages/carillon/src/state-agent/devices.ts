/** Who is reached by what, followed for those whose state somebody watches. */
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import { NEVER } from "../grammar/millis.ts";
import { withAnswer } from "../roles/answer.ts";
import type { Binding } from "../roles/location.ts";
import type { ServiceHost } from "../roles/services.ts";

/** Why an account's bindings are looked at: the last lost its connection, and may be back soon. */
export type Cause = "Registered" | "Expired" | "Lost";

interface Followed {
  watchers: number;
  bindings: readonly Binding[];
  /** Answers of the store that are on their way: only the last counts. */
  asked: number;
  readonly timer: Timer;
}

export class Devices {
  readonly #host: ServiceHost;
  readonly #changed: (account: string, cause: Cause) => void;
  readonly #followed = new Map<string, Followed>();

  /** `changed` is called when an account's bindings are others, or were refreshed. */
  constructor(host: ServiceHost, changed: (account: string, cause: Cause) => void) {
    this.#host = host;
    this.#changed = changed;
  }

  /** Follows this account until as many `unwatch` have come. */
  watch(account: string): void {
    const known = this.#followed.get(account);
    if (known) return void known.watchers++;
    const timer = newTimer({ due: () => this.look(account, "Expired") });
    this.#followed.set(account, { watchers: 1, bindings: [], asked: 0, timer });
    this.look(account);
  }

  unwatch(account: string): void {
    const known = this.#followed.get(account);
    if (!known || --known.watchers > 0) return;
    this.#host.endpoint.schedule(known.timer, NEVER);
    this.#followed.delete(account);
  }

  /** Those of an account that is followed, as far as the store has answered. */
  of(account: string): readonly Binding[] {
    const { now } = this.#host.endpoint;
    const all = this.#followed.get(account)?.bindings ?? [];
    return all.every(({ expiresAt }) => expiresAt > now)
      ? all
      : all.filter(({ expiresAt }) => expiresAt > now);
  }

  /** Something may have changed: a REGISTER, an end. */
  look(account: string, cause: Cause = "Registered"): void {
    const one = this.#followed.get(account);
    if (!one) return;
    const { endpoint, location } = this.#host;
    const nth = ++one.asked;
    const found = (bindings: readonly Binding[]) => {
      if (this.#followed.get(account) !== one || one.asked !== nth) return;
      one.bindings = bindings;
      const next = Math.min(...bindings.map(({ expiresAt }) => expiresAt), NEVER);
      endpoint.schedule(one.timer, next);
      this.#changed(account, cause);
    };
    withAnswer(location.bindings(account, endpoint.now), found, () => {});
  }

  /** A connection is gone. */
  closed(connection: number): void {
    const isThere = ({ bindings }: Followed) =>
      bindings.some(({ flow }) => flow.connection === connection);
    for (const [account, one] of this.#followed) if (isThere(one)) this.look(account, "Lost");
  }
}
