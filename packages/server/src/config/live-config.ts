/**
 * The configuration that counts now, as the roles ask for it. Read again on `reload`; a file that
 * is wrong changes nothing, and its words go into the log.
 */
import { isIPv6 } from "node:net";
import { dirname, resolve } from "node:path";
import type { Rate, Retention } from "carillon/messaging";
import { type Answer, Pending, type Policy, type Route } from "carillon/roles";
import type { LineLimits } from "../bridge/lines/house-lines.ts";
import type { LineNumbers } from "../bridge/lines/line-numbers.ts";
import { CannotStart } from "../cannot-start.ts";
import type { BelievedFiles } from "../certificates/live-credentials.ts";
import type { Log } from "../http/log.ts";
import type { Lamps } from "../presence/house-views.ts";
import type { HouseLimits } from "../store/house-limits.ts";
import type { Config, OperatorRoute } from "./config.ts";
import { diallingPolicy } from "./dialling-config.ts";
import { edgePolicy, isRegistrarOf } from "./edge-config.ts";
import { openDomains } from "./open-domains.ts";
import { networksOf, type ProtectionConfig, protectionOf } from "./protection-config.ts";
import { type PushConfig, pushOf } from "./push-config.ts";
import { configFile, readConfig } from "./read-config.ts";
import { redirectTable } from "./redirect-table.ts";
import { type SeeingConfig, seeingOf } from "./seeing-config.ts";
import { serverAt } from "./server-at.ts";

export interface LiveConfig {
  readonly policy: Policy;
  /** Whether requests from this address need no credentials. */
  trusts(host: string): boolean;
  /** Whether only addresses on the public internet will do for this host of another domain. */
  isPublicOnly(host: string): boolean;
  /** Files that say who is believed over TLS. */
  readonly tls: BelievedFiles;
  /** How strangers are kept at bay; its limits are of the start. */
  readonly protection: ProtectionConfig;
  /** Of the start: how many people and phones the house takes. */
  readonly limits: Partial<HouseLimits>;
  /** Of the start: for how long messages are kept. */
  readonly retention: Partial<Retention>;
  /** Of the start: how many messages each sender may send. */
  readonly messageRate: Rate;
  /** For whom else this account may register devices. */
  registersFor(account: string): readonly string[];
  /** Of the start: names do not change while the server runs. */
  readonly aliases: readonly string[];
  /** Of the start: whether and to whom this server tells how people here are. */
  readonly presence: PresenceConfig;
  /** Of the start: what is asked of an authority; its files with their folder. */
  readonly certificates: { readonly acme?: AcmeConfig | undefined };
  /** Of the start: who sees what this server tells of itself. */
  readonly seeing: SeeingConfig;
  /** Of the start: whom a relay may talk to, and where it is. */
  readonly turn: NonNullable<Config["turn"]>;
  /** Of the start: what happens when there is too much to do. */
  readonly overload: NonNullable<Config["overload"]>;
  /** Of the start: how this machine is reached. */
  readonly addresses: NonNullable<Config["addresses"]>;
  /** Of the start: how phones that sleep are woken. */
  readonly push: PushConfig;
  /** Of the start: echo, tone, clock and announcements; undefined where there are to be none. */
  readonly lines: LinesConfig | undefined;
  /** Of the start: whom to ask about other domains; undefined is whom the system asks. */
  readonly dns: readonly string[] | undefined;
  /** Reads the file again. False if it was wrong, and what was before stays. */
  reload(): Promise<boolean>;
  /** Where what a route says later is to be said. */
  answerIn(turn: Turn): void;
}

/** What an operator decides about presence, with what holds where nothing is said. */
export interface PresenceConfig {
  readonly isServed: boolean;
  /** Whether people of this other domain may ask to see somebody here. */
  mayAsk(domain: string): boolean;
  readonly lamps: Lamps;
  /** Undefined: as the RFC of each package has it. */
  readonly minGapMs: number | undefined;
  readonly subscriptionsPerWatcher: number;
  readonly subscriptions: number;
}

/** What an operator wants of an authority. */
export type AcmeConfig = NonNullable<NonNullable<Config["certificates"]>["acme"]>;

/** What an operator decides about lines; what is left out is as usual. */
export interface LinesConfig extends LineLimits {
  /** A folder, in full. */
  readonly announcements?: string | undefined;
  readonly numbers?: LineNumbers | undefined;
}

type Turn = (run: () => void) => void;

/** Reads the file, if there is one. Throws CannotStart in words when it is wrong. */
export async function openConfig(
  where: { readonly folder: string; readonly config: string | undefined },
  log: Log,
): Promise<LiveConfig> {
  const path = configFile(where.folder, where.config);
  const read = path === undefined ? NO_FILE : await readConfig(path);
  if (!read.ok) throw new CannotStart(`The configuration is wrong.\n${read.words}`);
  return new FileConfig(read.config, path, log);
}

const NO_FILE = { ok: true, config: {} } as const;

class FileConfig implements LiveConfig {
  readonly limits: Partial<HouseLimits>;
  readonly retention: Partial<Retention>;
  readonly messageRate: Rate;
  readonly aliases: readonly string[];
  readonly dns: readonly string[] | undefined;
  readonly presence: PresenceConfig;
  readonly turn: NonNullable<Config["turn"]>;
  readonly overload: NonNullable<Config["overload"]>;
  readonly addresses: NonNullable<Config["addresses"]>;
  readonly lines: LinesConfig | undefined;
  readonly certificates: { readonly acme?: AcmeConfig | undefined };
  readonly seeing: SeeingConfig;
  readonly push: PushConfig;
  readonly #path: string | undefined;
  readonly #log: Log;
  #now: Compiled;
  #turn: Turn = (run) => run();

  constructor(config: Config, path: string | undefined, log: Log) {
    this.aliases = config.aliases ?? [];
    this.dns = config.dns;
    this.limits = limitsOf(config);
    this.retention = retentionOf(config);
    this.messageRate = { ...MESSAGE_RATE, ...rateOf(config) };
    this.presence = presenceOf(config);
    this.turn = config.turn ?? {};
    this.overload = config.overload ?? {};
    this.addresses = config.addresses ?? {};
    this.lines = linesOf(config, path);
    this.seeing = seeingOf(config);
    this.push = pushOf(config, path);
    this.certificates = { acme: acmeOf(config, path) };
    this.#path = path;
    this.#log = log;
    this.#now = this.#compiled(config);
  }

  get policy(): Policy {
    return this.#now.policy;
  }

  get protection(): ProtectionConfig {
    return this.#now.protection;
  }

  trusts(host: string): boolean {
    return this.#now.trusts(host);
  }

  isPublicOnly(host: string): boolean {
    return this.#now.isPublicOnly(host);
  }

  registersFor(account: string): readonly string[] {
    return this.#now.registersFor(account);
  }

  get tls(): BelievedFiles {
    return this.#now.tls;
  }

  answerIn(turn: Turn): void {
    this.#turn = turn;
  }

  async reload(): Promise<boolean> {
    const path = this.#path;
    if (path === undefined) return true;
    const read = await readConfig(path);
    if (read.ok) {
      this.#now = this.#compiled(read.config);
      this.#log.info({ path }, "the configuration was read again and holds from now on");
    } else {
      this.#log.error({ words: read.words }, "the configuration is wrong; the old one stays");
    }
    return read.ok;
  }

  #compiled(config: Config): Compiled {
    const folder = this.#path === undefined ? "." : dirname(this.#path);
    return compiled(config, folder, (run) => this.#turn(run));
  }
}

interface Compiled {
  readonly protection: ProtectionConfig;
  registersFor(account: string): readonly string[];
  readonly tls: BelievedFiles;
  readonly policy: Policy;
  trusts(host: string): boolean;
  isPublicOnly(host: string): boolean;
}

function compiled(config: Config, folder: string, inTurn: Turn): Compiled {
  const { calls = {}, domains = [], redirects = [], route, tls = {}, trust = [] } = config;
  const partners = new Set(config.partners?.map((name) => name.toLowerCase()));
  const networks = trust.length === 0 ? undefined : networksOf(trust);
  const { forking, follow3xx, recordRoute, ringSeconds } = calls;
  const { others = {} } = config.registrar ?? {};
  const rights = new Map(Object.entries(others));
  const open = openDomains(domains);
  const isRouted = route !== undefined || redirects.length > 0;
  return {
    protection: protectionOf(config),
    trusts: (host) => networks?.check(host, isIPv6(host) ? "ipv6" : "ipv4") === true,
    isPublicOnly: (host) =>
      open.isPublicOnly(host) && !(config.edge && isRegistrarOf(config.edge, host)),
    registersFor: (account) => rights.get(account) ?? [],
    tls: { ca: inFolder(folder, tls.ca), crl: inFolder(folder, tls.crl) },
    policy: {
      // For people only: whoever comes from a trusted place may be anybody, over UDP anyone at all.
      ...(domains.length > 0 && {
        relay: (account, uri) => account !== undefined && open.allows(uri),
      }),
      ...(partners.size > 0 && { partners: (domain) => partners.has(domain) }),
      ...(config.dialling !== false && { outgoing: diallingPolicy(config.dialling) }),
      ...registration(config),
      ...forwarding(config),
      ...(config.edge && { edge: edgePolicy(config.edge) }),
      ...(recordRoute !== undefined && { recordRoute }),
      ...(forking !== undefined && { forking }),
      ...(follow3xx !== undefined && { follow3xx }),
      ...(ringSeconds !== undefined && { ringMs: 1000 * ringSeconds }),
      ...(isRouted && { route: routeOf(route, redirectTable(redirects), inTurn) }),
    },
  };
}

/** What of the policy is about registrations and names. */
function registration({ names, registrar = {} }: Config): Policy {
  const aliases = names && new Map(Object.entries(names));
  const { refuse, contactsPerDevice, contactsPerPerson, others, serviceRoute } = registrar;
  const rights = others && new Map(Object.entries(others));
  return {
    ...(aliases && { alias: (user) => aliases.get(user) }),
    ...(rights && { registersFor: (who, whose) => rights.get(who)?.includes(whose) === true }),
    ...(refuse && { refusedContacts: refuse }),
    ...(serviceRoute && { serviceRoute }),
    ...(contactsPerDevice !== undefined && { contactsPerDevice }),
    ...(contactsPerPerson !== undefined && { contactsPerAccount: contactsPerPerson }),
  };
}

/** Whose requests are passed on without state, and where to. */
function forwarding({ forward }: Config): Policy {
  if (!forward) return {};
  const table = new Map(
    forward.map(({ domain, to }) => {
      const name = domain.toLowerCase();
      return [name, to.flatMap((text) => serverAt(text, name) ?? [])];
    }),
  );
  return { stateless: (domain) => table.get(domain) ?? [] };
}

function presenceOf({ presence = {} }: Config): PresenceConfig {
  const { outside, served: isServed = true, lamps = "state", minGapSeconds } = presence;
  const { subscriptionsPerWatcher = 50, subscriptions = 100_000 } = presence;
  const open = outside && openDomains(outside);
  return {
    ...{ isServed, lamps },
    minGapMs: minGapSeconds === undefined ? undefined : 1000 * minGapSeconds,
    ...{ subscriptionsPerWatcher, subscriptions },
    mayAsk: (domain) => open === undefined || open.names(domain),
  };
}

function linesOf({ lines = {} }: Config, path: string | undefined): LinesConfig | undefined {
  if (lines === false) return undefined;
  const { announcements, ...rest } = lines;
  const folder = path === undefined ? "." : dirname(path);
  return { ...rest, ...(announcements && { announcements: resolve(folder, announcements) }) };
}

function acmeOf({ certificates }: Config, path: string | undefined): AcmeConfig | undefined {
  const acme = certificates?.acme;
  if (acme?.ca === undefined) return acme;
  return { ...acme, ca: resolve(path === undefined ? "." : dirname(path), acme.ca) };
}

function limitsOf({ people: { most, phonesEach } = {} }: Config): Partial<HouseLimits> {
  return {
    ...(most !== undefined && { people: most }),
    ...(phonesEach !== undefined && { phonesEach }),
  };
}

/** As `carillon/messaging` has it by itself. */
const MESSAGE_RATE: Rate = { burst: 30, perSecond: 10 };

function rateOf({ messages: { burst, perSecond } = {} }: Config): Partial<Rate> {
  return {
    ...(burst !== undefined && { burst }),
    ...(perSecond !== undefined && { perSecond }),
  };
}

function retentionOf({ messages: { keptDays, keptEntries } = {} }: Config): Partial<Retention> {
  return {
    ...(keptDays !== undefined && { days: keptDays }),
    ...(keptEntries !== undefined && { entries: keptEntries }),
  };
}

const inFolder = (folder: string, paths: readonly string[] = []): readonly string[] =>
  paths.map((path) => resolve(folder, path));

function routeOf(
  own: OperatorRoute | undefined,
  table: ReturnType<typeof redirectTable>,
  inTurn: Turn,
): Route {
  return (asked) => {
    if (!own) return table(asked);
    return then(
      settled(() => own(asked), inTurn),
      (decision) => decision ?? table(asked),
    );
  };
}

/** What an operator's function says: a value, a promise or an exception, as the roles take it. */
function settled<T>(ask: () => Answer<T> | Promise<T>, inTurn: Turn): Answer<T> {
  const pending = new Pending<T>();
  try {
    const said = ask();
    if (!(said instanceof Promise)) return said;
    said.then(
      (value) => inTurn(() => pending.resolve(value)),
      (cause) => inTurn(() => pending.reject(cause)),
    );
  } catch (cause) {
    pending.reject(cause);
  }
  return pending;
}

function then<T, U>(answer: Answer<T>, next: (value: T) => U): Answer<U> {
  if (!(answer instanceof Pending)) return next(answer);
  const pending = new Pending<U>();
  answer.whenSettled(
    (value) => pending.resolve(next(value)),
    (cause) => pending.reject(cause),
  );
  return pending;
}
