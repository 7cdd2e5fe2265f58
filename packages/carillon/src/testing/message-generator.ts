/**
 * Messages as nobody writes them on purpose: compact names, odd case, spaces and folds wherever the
 * grammar of RFC 3261 §25.1 allows them, several values in a line, unknown headers, UTF-8, any
 * bytes in the body. They come in pieces, so that a test can say what has to become of each.
 */
import type { Octets } from "../grammar/octets.ts";
import { fromText } from "../grammar/octets.ts";

/** One header line, folds and all. */
export interface GeneratedLine {
  /** In its one spelling; unknown ones as they stand. */
  readonly name: string;
  /** The name as spelled, the colon, and the space after it. */
  readonly head: Octets;
  readonly values: readonly Octets[];
  /** What stands between two values: a comma with its space. */
  readonly commas: readonly Octets[];
  /** Space after the last value. */
  readonly tail: Octets;
}

export interface GeneratedMessage {
  readonly start: Octets;
  readonly lines: readonly GeneratedLine[];
  readonly body: Octets;
  /** Octets behind the end that Content-Length tells; only where there is one. */
  readonly behind: Octets;
}

/** A value in pieces: what stands before the parameters, and each of them with its semicolon. */
export interface GeneratedVia {
  readonly front: Octets;
  readonly params: readonly Octets[];
}

export function textOf({ start, lines, body, behind }: GeneratedMessage): Octets {
  return `${[start, ...lines.map(lineText)].join("\r\n")}\r\n\r\n${body}${behind}`;
}

export function lineText({ head, values, commas, tail }: GeneratedLine): Octets {
  const joined = values.map((value, i) => `${i === 0 ? "" : commas[i - 1]}${value}`);
  return `${head}${joined.join("")}${tail}`;
}

const COMPACT: Readonly<Record<string, string>> = {
  Via: "v",
  From: "f",
  To: "t",
  "Call-ID": "i",
  Contact: "m",
  "Content-Length": "l",
  "Content-Type": "c",
  Subject: "s",
  Supported: "k",
};

const UNKNOWN = [
  'X-Odd: "quoted, with \\" and ; in it" ;q = 0.3',
  "__proto__: constructor",
  "Viaduct: SIP/2.0/UDP 10.0.0.1",
  "Subject: I know you're there,\r\n   pick up the phone\r\n\tand answer!",
  "NewFangledHeader:   newfangled value\r\n continued newfangled value",
  "Date: not a date at all",
  "X-Empty:",
  "X-Comma: , ,, ,",
  'Warning: 399 a.example "Via: SIP/2.0/UDP x"',
  `X-Name: ${fromText("Jürgen 漢字 🔔")}`,
  "X-Latin: caf\xe9 \x80\xff",
  "Supported: 100rel, timer",
  "Accept-Language: en;q=0.8",
  "Organization: Boxes by Bob",
  "Alert-Info:<http://www.example.com/sounds/moo.wav>",
];

export class MessageGenerator {
  readonly #random: () => number;

  /** `random` gives numbers from 0 up to 1: a seed makes the same message each time. */
  constructor(random: () => number) {
    this.#random = random;
  }

  number(below: number): number {
    return Math.floor(this.#random() * below);
  }

  one<T>(of: readonly T[]): T {
    return of[this.number(of.length)] as T;
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  /** White space where none is needed: mostly none, sometimes a fold. */
  space(): Octets {
    return this.one(["", "", "", "", " ", "\t", "  ", "\r\n ", " \r\n\t "]);
  }

  /** White space where some is needed. */
  gap(): Octets {
    return this.one([" ", " ", " ", "\t", "  ", "\r\n ", "\r\n\t"]);
  }

  token(): string {
    const letters = "abcXYZ019-.!%*_+`'~";
    return Array.from({ length: 1 + this.number(12) }, () => this.one([...letters])).join("");
  }

  spelled(name: string): string {
    const compact = COMPACT[name];
    const chosen = compact !== undefined && this.chance(0.3) ? compact : name;
    const how = this.number(4);
    if (how === 0) return chosen.toLowerCase();
    if (how === 1) return chosen.toUpperCase();
    return how === 2
      ? [...chosen].map((c) => (this.chance(0.5) ? c.toUpperCase() : c)).join("")
      : chosen;
  }

  /** A line with these values; before a colon only blanks may stand, and no fold. */
  line(name: string, values: readonly Octets[]): GeneratedLine {
    const before = this.one(["", "", " ", "\t", "  "]);
    const after = this.one(["", " ", " ", "\t", "\r\n "]);
    return {
      name,
      head: `${this.spelled(name)}${before}:${after}`,
      values,
      commas: values.slice(1).map(() => `${this.space()},${this.space()}`),
      tail: this.one(["", "", "", " ", "\t ", " \r\n  "]),
    };
  }

  /** These values over one line or several. */
  lines(name: string, values: readonly Octets[]): GeneratedLine[] {
    const all: GeneratedLine[] = [];
    for (let at = 0; at < values.length; ) {
      const count = 1 + this.number(values.length - at);
      all.push(this.line(name, values.slice(at, at + count)));
      at += count;
    }
    return all;
  }

  via(
    sentBy: string = this.one(["10.1.2.3", "a.example.com:5070", "[2001:db8::9]:5060"]),
  ): GeneratedVia {
    const sip = this.chance(0.8) ? "SIP/2.0/UDP" : `SIP${this.space()}/${this.space()}2.0 / UDP`;
    return {
      front: `${sip}${this.gap()}${sentBy}`,
      params: this.shuffled([
        this.param("branch", `z9hG4bK${this.token()}`),
        ...(this.chance(0.3) ? [this.param("x", `"a;rport;received=1,${this.token()}"`)] : []),
        ...(this.chance(0.2) ? [this.param(this.one(["lr", "Ttl-X", "alias"]), "")] : []),
      ]),
    };
  }

  param(name: string, value: string): Octets {
    const equals = value === "" ? "" : `${this.space()}=${this.space()}${value}`;
    return `${this.space()};${this.space()}${name}${equals}`;
  }

  address(uri: string, tag: string): Octets {
    const name = this.one([
      "",
      "Bob ",
      '"A. G. Bell, inventor" ',
      '"\\"<sip:x@y>" ',
      '"\xc3\xa4"\r\n ',
    ]);
    const param = tag === "" ? "" : this.param("tag", tag);
    return `${name}<${uri}>${param}${this.chance(0.3) ? this.param("x-y", this.token()) : ""}`;
  }

  /** Lines in any order, those of one name among each other as they were. */
  shuffled<T>(all: readonly T[]): T[] {
    const left = [...all];
    const out: T[] = [];
    while (left.length > 0) out.push(...left.splice(this.number(left.length), 1));
    return out;
  }

  /** Mixes groups of lines, each group in its own order. */
  mixed(groups: readonly (readonly GeneratedLine[])[]): GeneratedLine[] {
    const left = groups.map((group) => [...group]).filter((group) => group.length > 0);
    const out: GeneratedLine[] = [];
    while (left.length > 0) {
      const at = this.number(left.length);
      const next = left[at]?.shift();
      if (next) out.push(next);
      if (left[at]?.length === 0) left.splice(at, 1);
    }
    return out;
  }

  /** Headers that no proxy has any business with, each a group of its own. */
  strangers(): GeneratedLine[][] {
    return Array.from({ length: this.number(6) }, () => {
      const text = this.chance(0.7)
        ? this.one(UNKNOWN)
        : `X-${this.one(["a", "Bee", "SEE"])}: ${this.octets(30).replaceAll(/[\r\n\0]/g, "?")}`;
      const colon = text.indexOf(":");
      const [head, value] = [text.slice(0, colon + 1), text.slice(colon + 1)];
      return [{ name: head.slice(0, -1), head, values: [value], commas: [], tail: "" }];
    });
  }

  octets(most: number): Octets {
    return Array.from({ length: this.number(most + 1) }, () =>
      String.fromCharCode(this.number(256)),
    ).join("");
  }

  /** The headers around, a body of any bytes, and often a Content-Length. */
  message(start: Octets, groups: readonly (readonly GeneratedLine[])[]): GeneratedMessage {
    const body = this.chance(0.5) ? this.octets(200) : "";
    const counted = this.chance(0.6);
    const length = counted ? [this.line("Content-Length", [String(body.length)])] : [];
    return {
      start,
      lines: this.mixed([...groups, length, ...this.strangers()]),
      body,
      behind: counted && this.chance(0.2) ? this.octets(20) : "",
    };
  }
}
