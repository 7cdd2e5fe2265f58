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

export type AddressType = "A" | "AAAA";
export type RecordType = AddressType | "NAPTR" | "SRV";

export interface Question {
  /** Lower case, without the dot at the end. */
  readonly name: string;
  readonly type: RecordType;
}

export interface NaptrRecord {
  readonly type: "NAPTR";
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly regexp: string;
  /** Empty where the zone file has a lone dot. */
  readonly replacement: string;
}

export interface SrvRecord {
  readonly type: "SRV";
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** Empty where the zone file has a lone dot: decidedly not available. */
  readonly target: string;
}

export interface AddressRecord {
  readonly type: AddressType;
  readonly address: string;
}

export type DnsRecord = NaptrRecord | SrvRecord | AddressRecord;

export interface Found {
  readonly kind: "Found";
  readonly records: readonly DnsRecord[];
  readonly ttlSeconds: number;
}
/** There is no such name, or nothing of this type at it. */
export interface None {
  readonly kind: "None";
  readonly why: "NXDOMAIN" | "NODATA";
  readonly ttlSeconds: number;
}
/** Nobody knows: the world's fault, and it may be over in a moment. */
export interface Failed {
  readonly kind: "Failed";
  readonly why: "SERVFAIL" | "timeout" | "loop" | "busy";
}
/** The name is another's alias. A resolver that follows CNAMEs by itself never says so. */
export interface Alias {
  readonly kind: "Alias";
  readonly name: string;
  readonly ttlSeconds: number;
}
export type Answer = Found | None | Failed | Alias;

/** What every machine here asks of the world, and is told by it. */
export interface Query {
  readonly kind: "Query";
  readonly question: Question;
}
export interface Answered {
  readonly kind: "Answered";
  readonly question: Question;
  readonly answer: Answer;
}

/** A question as it is asked, cached and compared. The name is a copy that pins no message. */
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
