/**
 * Keeps a certificate from an authority: obtains one, renews it at two thirds of its life, and
 * tries again, ever less often, where that fails. What was shown before is shown until then.
 */
import type { Clock } from "../clock.ts";
import type { Log } from "../http/log.ts";
import { type AuthorityOptions, acme } from "./acme-authority.ts";
import type { AcmeFiles } from "./acme-files.ts";
import { type Answerer, orderCertificate } from "./acme-order.ts";
import { AcmeTrouble, troubleOf } from "./acme-trouble.ts";
import { renewalTime, retryDelayMs } from "./renewal-time.ts";
import { factsOf, type Pem, whyNotShown } from "./shown-certificate.ts";

export interface KeeperOptions extends AuthorityOptions {
  readonly email: string;
  /** What it has to speak for. */
  readonly names: readonly string[];
  readonly files: AcmeFiles;
  readonly answerer: Answerer;
  /** Before the authority asks: where it asks is listened to. Throws AcmeTrouble. */
  prepare(): Promise<void>;
  /** Has what is in the files shown. False if that is of no use. */
  show(): Promise<boolean>;
  readonly clock: Pick<Clock, "wall">;
  readonly log: Log;
  /** From 0 to 1: by how much this house is earlier, or later, than others. */
  chance(): number;
}

export interface KeeperStatus {
  readonly directory: string;
  /** Milliseconds since 1970: when it is asked again; undefined while it is being asked. */
  readonly renewedAt: number | undefined;
  readonly trouble: KeeperTrouble | undefined;
}

export interface KeeperTrouble {
  readonly what: string;
  readonly cure: string;
  /** Failures in a row. */
  readonly times: number;
  /** Milliseconds since 1970. */
  readonly againAt: number;
}

/** A machine that slept wakes to it soon; and timers do not count further than 24 days. */
const LONGEST_MS = 600_000;

export class AcmeKeeper {
  readonly #options: KeeperOptions;
  readonly #given = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #dueAt: number | undefined;
  #trouble: KeeperTrouble | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#dueAt = this.#renewalOf(options.files.newest());
    this.#wait();
  }

  get status(): KeeperStatus {
    const { directory } = this.#options;
    return { directory, renewedAt: this.#dueAt, trouble: this.#trouble };
  }

  close(): void {
    this.#given.abort();
    clearTimeout(this.#timer);
  }

  /** Now, if it is of no use any more. */
  #renewalOf(newest: Pem | undefined): number {
    const { names, clock, chance } = this.#options;
    const now = clock.wall();
    if (newest === undefined || whyNotShown(newest, { now, names }) !== undefined) return now;
    const facts = factsOf(newest.cert);
    return names.every(facts.names) ? renewalTime(facts, chance()) : now;
  }

  #wait(): void {
    if (this.#given.signal.aborted) return;
    const leftMs = Math.max(0, (this.#dueAt ?? 0) - this.#options.clock.wall());
    this.#timer = setTimeout(() => void this.#look(), Math.min(leftMs, LONGEST_MS)).unref();
  }

  async #look(): Promise<void> {
    const { clock } = this.#options;
    if (this.#dueAt !== undefined && clock.wall() >= this.#dueAt) {
      this.#dueAt = undefined;
      this.#dueAt = await this.#renew().catch((error) => this.#failed(error));
    }
    this.#wait();
  }

  /** When it is to be done again. */
  async #renew(): Promise<number> {
    const { files, names, log } = this.#options;
    await this.#options.prepare();
    const pem = await this.#order();
    const now = this.#options.clock.wall();
    const why = whyNotShown(pem, { now, names, present: pem.cert }) ?? lacking(pem, names);
    if (why !== undefined) {
      throw new AcmeTrouble(`the certificate that came is of no use: ${why}`, LOOK_AT_CLOCK);
    }
    files.keep(pem);
    if (!(await this.#options.show())) {
      throw new AcmeTrouble("the certificate that came could not be shown", "The log says why.");
    }
    this.#trouble = undefined;
    const { issuer, validTo } = factsOf(pem.cert);
    const renewedAt = this.#renewalOf(pem);
    const when = { until: iso(validTo), renewedAt: iso(renewedAt) };
    log.info({ names, issuer, ...when, file: files.path }, "a certificate from the authority");
    return renewedAt;
  }

  async #order(): Promise<Pem> {
    const { files } = this.#options;
    let accountKey = files.accountKey();
    if (accountKey === undefined) {
      accountKey = (await (await acme()).crypto.createPrivateEcdsaKey()).toString();
      files.keepAccountKey(accountKey);
    }
    return orderCertificate({ ...this.#options, accountKey, signal: this.#given.signal });
  }

  /** When it is tried again. */
  #failed(error: unknown): number {
    const { clock, directory, log, chance } = this.#options;
    const { message: what, cure } = troubleOf(error, directory);
    const times = (this.#trouble?.times ?? 0) + 1;
    const againAt = clock.wall() + retryDelayMs(times, chance());
    this.#trouble = { what, cure, times, againAt };
    if (!this.#given.signal.aborted) {
      log.warn(
        { why: what, cure, times, againAt: iso(againAt) },
        "no certificate from the authority",
      );
    }
    return againAt;
  }
}

const LOOK_AT_CLOCK = "Look at the clock of this machine, and at certificates.acme.names.";

function lacking({ cert }: Pem, names: readonly string[]): string | undefined {
  const facts = factsOf(cert);
  const lost = names.filter((name) => !facts.names(name));
  return lost.length === 0 ? undefined : `it does not speak for ${lost.join(", ")}`;
}

const iso = (ms: number): string => new Date(ms).toISOString();
