/**
 * The questions and answers of the DNS as data. RFC 2782 (SRV), RFC 3263 §4.1 (NAPTR), A, AAAA.
 *
 * A machine puts out a `Query` and later takes in an `Answered`; who asks, and how, is a world's
 * business. What an answer says is a stranger's word: `believable` leaves of it what fits the
 * question and the grammar, and nothing else is looked at. Additional sections are not used:
 * asking again costs a packet, believing them opens a door.
 */
import { flat } from "../grammar/octets.ts";
import { isIpv4, isIpv6 } from "../uri/host.ts";

/** IPv4 or IPv6. RFC 1035 §3.4.1, RFC 3596. */
export type AddressType = "A" | "AAAA";
/** The record types that finding servers asks for. */
export type RecordType = AddressType | "NAPTR" | "SRV";

/** One question to the DNS; `question` makes it. */
export interface Question {
  /** Lower case, without the dot at the end. */
  readonly name: string;
  /** The QTYPE of RFC 1035 §3.2.3. */
  readonly type: RecordType;
}

/** A rule. RFC 3403 §4.1; for SIP RFC 3263 §4.1, for numbers RFC 6116 §3.4. */
export interface NaptrRecord {
  /** Tells this record from the others. */
  readonly type: "NAPTR";
  /** 0 to 65,535; the lowest is taken, and no other. */
  readonly order: number;
  /** 0 to 65,535; the lowest first, among those of one order. */
  readonly preference: number;
  /** `s`, `u` or nothing as a rule, in either case. */
  readonly flags: string;
  /** `SIP+D2U`, `E2U+sip`, …, in either case. */
  readonly service: string;
  /** `!pattern!replacement!`, a POSIX ERE of a stranger: never give it to RegExp. */
  readonly regexp: string;
  /** Empty where the zone file has a lone dot. */
  readonly replacement: string;
}

/** A host that offers a service. RFC 2782. */
export interface SrvRecord {
  /** Tells this record from the others. */
  readonly type: "SRV";
  /** 0 to 65,535; the lowest first. */
  readonly priority: number;
  /** 0 to 65,535: its share of the requests, among those of one priority. */
  readonly weight: number;
  /** 1 to 65,535. */
  readonly port: number;
  /** Empty where the zone file has a lone dot: decidedly not available. */
  readonly target: string;
}

/** Where a host is. */
export interface AddressRecord {
  /** Tells this record from the others. */
  readonly type: AddressType;
  /** As text, IPv6 without brackets. */
  readonly address: string;
}

/** One record of an answer, told apart by `type`. */
export type DnsRecord = NaptrRecord | SrvRecord | AddressRecord;

/** There are records; those that do not fit the question are not looked at. */
export interface Found {
  /** Tells this answer from the others. */
  readonly kind: "Found";
  /** In the order in which they came, of a type that need not be the question's. */
  readonly records: readonly DnsRecord[];
  /** The smallest TTL among them. */
  readonly ttlSeconds: number;
}
/** There is no such name, or nothing of this type at it. */
export interface None {
  /** Tells this answer from the others. */
  readonly kind: "None";
  /** No such name, or a name without such records. RFC 2308 §2. */
  readonly why: "NXDOMAIN" | "NODATA";
  /** How long that may be believed: RFC 2308 §5, or a guess where a resolver does not tell. */
  readonly ttlSeconds: number;
}
/** Nobody knows: the world's fault, and it may be over in a moment. */
export interface Failed {
  /** Tells this answer from the others. */
  readonly kind: "Failed";
  /**
   * `SERVFAIL` and whatever else a resolver reports; the others are found here: nobody answered,
   * aliases in a circle, too many questions at a time.
   */
  readonly why: "SERVFAIL" | "timeout" | "loop" | "busy";
}
/** The name is another's alias. A resolver that follows CNAMEs by itself never says so. */
export interface Alias {
  /** Tells this answer from the others. */
  readonly kind: "Alias";
  /** What it is an alias of: the target of the CNAME. */
  readonly name: string;
  /** The TTL of the CNAME. */
  readonly ttlSeconds: number;
}
/** What the world says to a question, told apart by `kind`. */
export type Answer = Found | None | Failed | Alias;

/** What every machine here asks of the world, and is told by it. */
export interface Query {
  /** Tells this output from the others. */
  readonly kind: "Query";
  /** What to ask, or to look up in a cache. */
  readonly question: Question;
}
/** The answer to a `Query`, at any later time, or never: who asks has a deadline. */
export interface Answered {
  /** Tells this input from the others. */
  readonly kind: "Answered";
  /** The question as it was asked: by it the answer finds its way. */
  readonly question: Question;
  /** Whatever the world has to say; it is checked here. */
  readonly answer: Answer;
}

/**
 * A question as it is asked, cached and compared: its name in lower case, without the dot at the
 * end, and a copy that pins no message. RFC 1035 §4.1.2.
 */
export const question = (name: string, type: RecordType): Question => ({
  name: flat(canonicalName(name)),
  type,
});

/** `SRV _sip._udp.example.com`: the same text, the same question. */
export const questionKey = ({ type, name }: Question): string => `${type} ${name}`;

export const sameQuestion = (a: Question, b: Question): boolean =>
  a.type === b.type && a.name === b.name;

/** Lower case, and without the dot that closes a fully qualified name; the root is empty. */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}

/**
 * True for what can be asked for: at most 253 characters of labels of at most 63, letters,
 * digits, hyphens and underscores. RFC 2782 puts the underscores in.
 */
export function isDnsName(name: string): boolean {
  if (name.length === 0 || name.length > 253) return false;
  return name.split(".").every((label) => label.length <= 63 && /^[a-z0-9_-]+$/i.test(label));
}

/** True for a name that is worth a packet: nothing is ever at one that ends in `.invalid`. */
export const isAskable = (name: string): boolean =>
  isDnsName(name) && name !== "invalid" && !name.endsWith(".invalid");

/** The answer with only those records left that the question asked for and the grammar allows. */
export function believable({ type }: Question, answer: Answer): Answer {
  if (answer.kind !== "Found") return answer;
  const records = answer.records.flatMap((record) => {
    const sound = record.type === type ? soundRecord(record) : undefined;
    return sound === undefined ? [] : [sound];
  });
  if (records.length > 0) return { ...answer, records };
  return { kind: "None", why: "NODATA", ttlSeconds: answer.ttlSeconds };
}

function soundRecord(record: DnsRecord): DnsRecord | undefined {
  switch (record.type) {
    case "A":
      return isIpv4(record.address) ? record : undefined;
    case "AAAA":
      return isIpv6(record.address) ? record : undefined;
    case "SRV":
      return soundSrv(record);
    case "NAPTR":
      return soundNaptr(record);
  }
}

function soundSrv(record: SrvRecord): SrvRecord | undefined {
  const target = canonicalName(record.target);
  const { priority, weight, port } = record;
  if (!is16Bits(priority) || !is16Bits(weight)) return undefined;
  if (target === "") return { ...record, target };
  // Nothing can be sent to port 0.
  return isDnsName(target) && is16Bits(port) && port > 0 ? { ...record, target } : undefined;
}

function soundNaptr(record: NaptrRecord): NaptrRecord | undefined {
  const replacement = canonicalName(record.replacement);
  if (!is16Bits(record.order) || !is16Bits(record.preference)) return undefined;
  // Each of these is a character-string of the DNS: one length octet.
  if ([record.flags, record.service, record.regexp].some((text) => text.length > 255)) {
    return undefined;
  }
  return replacement === "" || isDnsName(replacement) ? { ...record, replacement } : undefined;
}

const is16Bits = (value: number) => Number.isInteger(value) && value >= 0 && value <= 65_535;
