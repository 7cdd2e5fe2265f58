/** A DNS that says what a test wrote into its tables: late, wrong or never, if the test likes. */
import type { Millis } from "../../grammar/millis.ts";
import {
  type Answer,
  type DnsRecord,
  type Failed,
  type None,
  type Question,
  question,
  questionKey,
} from "../../locate/naming.ts";

/** What comes back from the DNS. */
export interface Reply {
  /** How long after the question, in ms. */
  readonly afterMs: Millis;
  /** As a resolver would put it. */
  readonly answer: Answer;
  /** The question that it claims to answer, if that is another than was asked. */
  readonly about?: Question;
}

/** Whom hosts ask. Undefined where no answer ever comes. */
export interface NameServer {
  /** The reply to a question that has just arrived. */
  ask(asked: Question): Reply | undefined;
}

/** What a question gets: an answer at once, late, never, or each time another. */
export type Told = Answer | "never" | Reply | ((asked: Question, nth: number) => Told);

/** A name server for `NetworkOptions.dns`: with `zone` an honest one, with `tell` any other. */
export class LyingDns implements NameServer {
  /** Every question that arrived, in order: what a real server would have had as packets. */
  readonly packets: string[] = [];
  readonly #tables: Map<string, Told> = new Map();
  #otherwise: Told = NXDOMAIN;

  /** Records as a zone file has them: `"SRV _sip._udp.example.com"`, `"0 1 5060 a.example.com"`. */
  zone(lines: string): this {
    const records = new Map<string, DnsRecord[]>();
    for (const line of lines.split("\n").filter((each) => each.trim() !== "")) {
      const [name = "", type = "", ...data] = line.trim().split(/\s+/);
      const key = `${type} ${name}`;
      records.set(key, [...(records.get(key) ?? []), ...readRecord(type, data)]);
      if (type === "CNAME") this.alias(name, data[0] ?? "");
    }
    for (const [key, found] of records) {
      if (found.length > 0) this.tell(key, foundOf(found));
    }
    return this;
  }

  /** This name is an alias of that one (CNAME), whatever is asked for, for 60 s. */
  alias(from: string, to: string): this {
    for (const type of ["NAPTR", "SRV", "A", "AAAA"]) {
      this.tell(`${type} ${from}`, { kind: "Alias", name: to, ttlSeconds: 60 });
    }
    return this;
  }

  /** `key` as `questionKey` writes it. */
  tell(key: string, told: Told): this {
    this.#tables.set(key, told);
    return this;
  }

  /** What a question gets that is in no table. */
  otherwise(told: Told): this {
    this.#otherwise = told;
    return this;
  }

  /** For the network: the reply to a question. */
  ask(asked: Question): Reply | undefined {
    const key = questionKey(asked);
    this.packets.push(key);
    let told = this.#tables.get(key) ?? this.#otherwise;
    if (typeof told === "function") told = told(asked, this.packets.length);
    if (told === "never" || typeof told === "function") return undefined;
    return "afterMs" in told ? told : { afterMs: ROUND_TRIP_MS, answer: told };
  }
}

/** How long an answer takes if nothing else is said. */
export const ROUND_TRIP_MS: Millis = 10;

/** The server cannot say: asking again may help. */
export const SERVFAIL: Failed = Object.freeze({ kind: "Failed", why: "SERVFAIL" });
/** There is no such name, for 60 s; what is in no table gets this. */
export const NXDOMAIN: None = Object.freeze({ kind: "None", why: "NXDOMAIN", ttlSeconds: 60 });

/** The first answer to the first who asks, and so on; the last stays. It changes its mind. */
export function inTurn(...told: readonly Told[]): Told {
  let asked = 0;
  return () => told[Math.min(asked++, told.length - 1)] ?? "never";
}

/** The answer, as if to another question. */
export const aboutOther = (key: string, answer: Answer): Reply => {
  const [type = "", name = ""] = key.split(" ");
  return { afterMs: ROUND_TRIP_MS, answer, about: question(name, type as Question["type"]) };
};

/** As many SRV records as an attacker likes to send. */
export const manySrv = (count: number, domain: string): Answer =>
  foundOf(
    Array.from({ length: count }, (_, i) => {
      return {
        type: "SRV",
        priority: i % 7,
        weight: i % 11,
        port: 5060,
        target: `n${i}.${domain}`,
      };
    }),
  );

/** An answer with these records; their TTL is in seconds. */
export const foundOf = (records: readonly DnsRecord[], ttlSeconds = 300): Answer => ({
  kind: "Found",
  records,
  ttlSeconds,
});

function readRecord(type: string, data: readonly string[]): readonly DnsRecord[] {
  const [a = "", b = "", c = "", d = "", e = "", f = ""] = data;
  switch (type) {
    case "A":
    case "AAAA":
      return [{ type, address: a }];
    case "SRV":
      return [{ type, priority: +a, weight: +b, port: +c, target: d }];
    case "NAPTR": {
      const text = (quoted: string) => quoted.replace(/^"|"$/g, "").replaceAll("\\\\", "\\");
      const strings = { flags: text(c), service: text(d), regexp: text(e), replacement: f };
      return [{ type, order: +a, preference: +b, ...strings }];
    }
    default:
      return [];
  }
}
