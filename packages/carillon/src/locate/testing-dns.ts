/**
 * A DNS that tells what a test wrote into its tables, late or wrong if the test says so, and the
 * loop that runs a machine against it on a clock of its own. For tests only.
 */
import { type Millis, NEVER } from "../grammar/millis.ts";
import {
  type Answer,
  type Answered,
  type DnsRecord,
  type Query,
  type Question,
  question,
  questionKey,
} from "./naming.ts";

/** What a question gets: an answer at once, late, never, or each time another. */
export type Told =
  | Answer
  | "never"
  | { readonly afterMs: Millis; readonly answer: Answer }
  | ((asked: Question, nth: number) => Told);

export class LyingDns {
  /** Every question that arrived, in order: what a real server would have had as packets. */
  readonly packets: string[] = [];
  readonly #tables: Map<string, Told> = new Map();
  #otherwise: Told = { kind: "None", why: "NXDOMAIN", ttlSeconds: 60 };

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

  ask(asked: Question): { readonly afterMs: Millis; readonly answer: Answer } | undefined {
    this.packets.push(questionKey(asked));
    let told = this.#tables.get(questionKey(asked)) ?? this.#otherwise;
    if (typeof told === "function") told = told(asked, this.packets.length);
    if (told === "never" || typeof told === "function") return undefined;
    return "afterMs" in told ? told : { afterMs: ROUND_TRIP_MS, answer: told };
  }
}

export const ROUND_TRIP_MS: Millis = 10;

export const foundOf = (records: readonly DnsRecord[], ttlSeconds = 300): Answer => ({
  kind: "Found",
  records,
  ttlSeconds,
});

interface Machine<P, S, O> {
  readonly start: (params: P, now: Millis) => readonly [S, ...O[]];
  readonly step: (
    params: P,
    state: S,
    input: Answered | { readonly kind: "Tick" },
    now: Millis,
  ) => readonly [S, ...O[]];
  readonly deadline: (state: S) => Millis;
}

export interface Run<O> {
  /** What came out that is not a question; a machine that searches says one thing. */
  readonly said: readonly Exclude<O, Query>[];
  readonly elapsedMs: Millis;
  readonly steps: number;
}

/** Runs a machine that asks until it wants nothing more. Throws if that takes too many steps. */
export function resolve<P, S, O extends Query | { readonly kind: string }>(
  machine: Machine<P, S, O>,
  params: P,
  dns: LyingDns,
): Run<O> {
  const answers: { at: Millis; input: Answered }[] = [];
  const said: Exclude<O, Query>[] = [];
  let now = 0;
  let steps = 0;
  const carryOut = ([state, ...outputs]: readonly [S, ...O[]]): S => {
    for (const output of outputs) {
      if (output.kind !== "Query") said.push(output as Exclude<O, Query>);
      else ask((output as Query).question);
    }
    return state;
  };
  const ask = (asked: Question): void => {
    const told = dns.ask(asked);
    if (told === undefined) return;
    const input: Answered = { kind: "Answered", question: asked, answer: told.answer };
    answers.push({ at: now + told.afterMs, input });
    answers.sort((a, b) => a.at - b.at);
  };
  let state = carryOut(machine.start(params, now));
  while (machine.deadline(state) !== NEVER) {
    if (++steps > 10_000) throw new Error("the machine does not end");
    const first = answers[0];
    const due = machine.deadline(state);
    now = Math.max(now, Math.min(first?.at ?? NEVER, due));
    if (first !== undefined && first.at <= due) answers.shift();
    const input = first !== undefined && first.at <= due ? first.input : TICK;
    state = carryOut(machine.step(params, state, input, now));
  }
  return { said, elapsedMs: now, steps };
}

const TICK = { kind: "Tick" } as const;

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

/** The same question twice is the same: a shorthand for tests. */
export const asked = (key: string): Question => {
  const [type = "", name = ""] = key.split(" ");
  return question(name, type as Question["type"]);
};
