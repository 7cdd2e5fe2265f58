/**
 * Who is on the link: asks for phones, puts together what they say, and forgets who is silent.
 * RFC 6762 §5.2, §10, RFC 6763 §4.
 */

import { fromText } from "../grammar/octets.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import { escapeUser } from "../uri/escape.ts";
import { formatAddress } from "../uri/host.ts";
import { type DnsSdRecord, type Neighbour, SIP_SERVICE } from "./dns-sd.ts";

/** What is known of one phone, of which something may be missing yet. */
export interface Sighting {
  /** As people see it: `Bob`. */
  readonly name: string;
  /** The target of its SRV record; undefined before there is one. */
  readonly host: string | undefined;
  /** Of its SRV record; 0 before there is one. */
  readonly port: number;
  /** Of its TXT record; empty where it says nothing. */
  readonly user: string;
  /** Of its TXT record, at most 40 characters; empty where it says nothing. */
  readonly status: string;
  /** When it is forgotten: its TTL after it was heard last, 75 minutes at most. */
  readonly timerExpires: Millis;
  /** As it was told last. */
  readonly told: Neighbour | undefined;
}

/** Looking around. */
export interface Browsing {
  /** RFC 6763 §4 calls it so. */
  readonly name: "Browsing";
  /** Questions so far, which makes the gaps between them grow. */
  readonly asked: number;
  /**
   * When the next question goes out: a second after the first, then twice as long each time, an
   * hour at most.
   */
  readonly timerAsk: Millis;
  /** By the name of their instance, in lower case. */
  readonly sightings: ReadonlyMap<string, Sighting>;
  /** Addresses by host, in lower case. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
}
/** The end, which no input leaves. */
export interface Terminated {
  /** Our word: RFC 6763 has none. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Browsing | Terminated;

/** What happens on the link. `Tick`: `deadline` is reached, or may be. */
export type Input =
  /** The answers and additional records of one packet. */
  | { readonly kind: "Heard"; readonly records: readonly DnsSdRecord[] }
  | { readonly kind: "Tick" }
  | { readonly kind: "Abandon" };

/**
 * `Ask`: send a question for the PTR records of `SIP_SERVICE`. The others tell of one phone that
 * came, became another, or went.
 */
export type Output =
  | { readonly kind: "Ask" }
  | { readonly kind: "Found" | "Changed" | "Gone"; readonly neighbour: Neighbour };

/** The state after an input, and what is to be done, in this order. */
export type Step = readonly [State, ...Output[]];

/** Who it is that looks. */
export interface Params {
  /** Records of this very phone, which hears itself. In lower case. */
  readonly own: () => string;
}

/** Neighbours that are kept; a link with more phones is no neighbourhood. */
const MAX_SIGHTINGS = 200;
const MAX_ADDRESSES = 8;
const MAX_STATUS = 40;
/** RFC 6762 §5.2: each time longer after the last, an hour at most. */
const ASK_MS = 1000;
const MAX_ASK_MS = 3_600_000;
/** What a record may be believed for, whatever it says. */
const MAX_TTL_SECONDS = 4500;

/** Begins: the first question is the output. `now` is in ms, as in every step. */
export const start = (_: Params, now: Millis): Step => [
  {
    ...{ name: "Browsing", asked: 1, timerAsk: now + ASK_MS },
    ...{ sightings: new Map(), addresses: new Map() },
  },
  { kind: "Ask" },
];

/**
 * One input, handled at once. Records of strangers are taken with bounds: 200 phones, 8 addresses
 * each.
 */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Terminated") return [s];
  switch (input.kind) {
    case "Abandon":
      return [TERMINATED];
    case "Heard":
      return heard(p, s, input.records, now);
    case "Tick":
      return ticked(s, now);
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  if (s.name === "Terminated") return NEVER;
  const expiries = [...s.sightings.values()].map(({ timerExpires }) => timerExpires);
  return Math.min(s.timerAsk, ...expiries);
}

/** All that are there, by name. */
export function neighbours(s: State): readonly Neighbour[] {
  if (s.name === "Terminated") return [];
  const all = [...s.sightings.values()].flatMap(({ told }) => (told ? [told] : []));
  return all.sort((one, other) => one.name.localeCompare(other.name));
}

/** The one that a word means: its user part, its name, or how that begins if no other does. */
export function neighbourCalled(s: State, word: string): Neighbour | undefined {
  const all = neighbours(s);
  const wanted = word.toLowerCase();
  const named = all.find(({ user, name }) =>
    [user, name].some((one) => one.toLowerCase() === wanted),
  );
  const begun = all.filter(({ name }) => name.toLowerCase().startsWith(wanted));
  return named ?? (begun.length === 1 ? begun[0] : undefined);
}

function ticked(s: Browsing, now: Millis): Step {
  const gone = [...s.sightings].filter(([, { timerExpires }]) => timerExpires <= now);
  const sightings = new Map([...s.sightings].filter(([key]) => !gone.some(([one]) => one === key)));
  const outputs = gone.flatMap(([, { told }]): Output[] =>
    told ? [{ kind: "Gone", neighbour: told }] : [],
  );
  const kept = gone.length === 0 ? s : { ...s, sightings };
  if (now < s.timerAsk) return [kept, ...outputs];
  const timerAsk = now + Math.min(MAX_ASK_MS, ASK_MS * 2 ** Math.min(s.asked, 20));
  return [{ ...kept, asked: s.asked + 1, timerAsk }, ...outputs, { kind: "Ask" }];
}

function heard(p: Params, s: Browsing, records: readonly DnsSdRecord[], now: Millis): Step {
  const own = p.own();
  const addresses = addressesWith(s, records);
  const sightings = new Map(s.sightings);
  for (const record of records) {
    const key = (record.type === "PTR" ? record.target : record.name).toLowerCase();
    if (record.type === "A" || record.type === "AAAA" || key === own) continue;
    const isService = record.type !== "PTR" || record.name.toLowerCase() === SIP_SERVICE;
    if (!isService || !key.endsWith(`.${SIP_SERVICE}`)) continue;
    const before = sightings.get(key);
    if (!before && sightings.size >= MAX_SIGHTINGS) continue;
    sightings.set(key, seen(before ?? unknown(record), record, now));
  }
  return told({ ...s, sightings, addresses });
}

/** What changed for whoever looks on. */
function told(s: Browsing): Step {
  const outputs: Output[] = [];
  const sightings = new Map<string, Sighting>();
  for (const [key, one] of s.sightings) {
    const neighbour = neighbourOf(one, s.addresses);
    const { told: before } = one;
    if (neighbour && !before) outputs.push({ kind: "Found", neighbour });
    else if (neighbour && before && !isSame(neighbour, before)) {
      outputs.push({ kind: "Changed", neighbour });
    }
    sightings.set(key, { ...one, told: neighbour ?? before });
  }
  return [{ ...s, sightings }, ...outputs];
}

const isSame = (one: Neighbour, other: Neighbour): boolean =>
  one.uri === other.uri && one.status === other.status && one.name === other.name;

function unknown(record: DnsSdRecord): Sighting {
  const whole = record.type === "PTR" ? record.target : record.name;
  const name = whole.slice(0, -SIP_SERVICE.length - 1);
  return {
    ...{ name, host: undefined, port: 0, user: "", status: "" },
    ...{ timerExpires: NEVER, told: undefined },
  };
}

function seen(before: Sighting, record: DnsSdRecord, now: Millis): Sighting {
  const ttl = Math.min(MAX_TTL_SECONDS, record.ttl);
  // RFC 6762 §10.1: the last word is believed a second later, in case somebody else contradicts.
  const timerExpires = now + 1000 * (ttl === 0 ? 1 : ttl);
  if (record.type === "SRV" && ttl > 0) {
    return { ...before, host: record.target, port: record.port, timerExpires };
  }
  if (record.type === "TXT" && ttl > 0)
    return { ...before, ...textsIn(record.texts), timerExpires };
  return { ...before, timerExpires };
}

function textsIn(texts: readonly string[]): Pick<Sighting, "user" | "status"> {
  const textOf = (key: string): string => {
    const found = texts.find((text) => text.toLowerCase().startsWith(`${key}=`));
    return (found ?? "").slice(key.length + 1);
  };
  return { user: textOf("user"), status: textOf("status").slice(0, MAX_STATUS) };
}

function addressesWith(
  s: Browsing,
  records: readonly DnsSdRecord[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const record of records) {
    if ((record.type !== "A" && record.type !== "AAAA") || record.ttl === 0) continue;
    const key = record.name.toLowerCase();
    const all = found.get(key) ?? [];
    if (all.length < MAX_ADDRESSES) found.set(key, [...all, record.address]);
  }
  if (found.size === 0) return s.addresses;
  // One packet has all of a host's: what was known before is older.
  const merged = new Map([...s.addresses, ...found]);
  for (const key of merged.keys()) {
    if (merged.size <= MAX_SIGHTINGS) break;
    merged.delete(key);
  }
  return merged;
}

/** Whom it can be called at; undefined as long as something is missing. IPv4 before IPv6. */
function neighbourOf(
  { name, host, port, user, status }: Sighting,
  addresses: ReadonlyMap<string, readonly string[]>,
): Neighbour | undefined {
  const all = addresses.get(host?.toLowerCase() ?? "") ?? [];
  const usable = all.filter((address) => !/^fe[89ab]/i.test(address));
  const address = usable.find((one) => !one.includes(":")) ?? usable[0];
  if (address === undefined || port === 0) return undefined;
  const called = user === "" ? name.toLowerCase() : user;
  const uri = `sip:${escapeUser(fromText(called))}@${formatAddress({ host: address, port })}`;
  return { name, user: called, status: status === "" ? "online" : status, uri };
}

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
