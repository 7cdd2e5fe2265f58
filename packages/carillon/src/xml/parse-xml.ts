/**
 * Reads XML, with namespaces and without a DTD: no entities but the five that XML itself has, so
 * that nothing grows by being read. Linear, and nothing is nested deeper than the reader can count.
 * What comes out holds nothing of what went in: trees are kept long after their message.
 */
import { flat, type Octets, toText } from "../grammar/octets.ts";
import { bad, ok, type ParseError, type Result } from "../grammar/result.ts";
import type { XmlElement } from "./element.ts";
import { declare, newScope, resolve, type Scope, undeclare } from "./namespaces.ts";
import { readReference } from "./references.ts";
import { isNameByte, isNameStart, isSpace, isXmlText } from "./xml-chars.ts";

/** What a document may hold; one that holds more is refused with `bad-xml`. */
export interface XmlLimits {
  /** Octets. */
  readonly length: number;
  /** Elements within elements. */
  readonly depth: number;
  /** In the whole document, the root among them. */
  readonly elements: number;
  /** Of one element. */
  readonly attributes: number;
  /** Octets of one name. */
  readonly name: number;
}

/** What `parseXml` allows where nothing is said: enough for the largest SIP message. */
export const XML_LIMITS: XmlLimits = Object.freeze({
  length: 65_535,
  depth: 16,
  elements: 4096,
  attributes: 32,
  name: 128,
});

/**
 * The root element of a document. XML 1.0 §2.1, and Namespaces in XML 1.0.
 *
 * Errors (400): `bad-xml` for what is not well-formed, is in another encoding than UTF-8, or is
 * over a limit; `xml-dtd` for a document type declaration, which is not looked into.
 */
export function parseXml(octets: Octets, limits: XmlLimits = XML_LIMITS): Result<XmlElement> {
  if (octets.length > limits.length) return fail(`over ${limits.length} octets`, 0);
  if (!isXmlText(octets)) return fail("not UTF-8, or a character that XML has not", 0);
  return new Reader(octets, limits).document();
}

const fail = (what: string, offset: number, code = "bad-xml") =>
  bad(code, what, offset, "XML 1.0 §2.1");

/** An element that is still open. */
interface Open {
  readonly namespace: string;
  readonly name: string;
  /** As it stands there: the end tag has to repeat it. */
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (XmlElement | string)[];
  readonly prefixes: readonly string[];
}

class Reader {
  readonly #text: Octets;
  readonly #limits: XmlLimits;
  readonly #scope: Scope = newScope();
  readonly #open: Open[] = [];
  #at = 0;
  #elements = 0;
  #root: XmlElement | undefined;
  #error: { readonly ok: false; readonly error: ParseError } | undefined;

  constructor(text: Octets, limits: XmlLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  document(): Result<XmlElement> {
    if (this.#text.startsWith("\u00ef\u00bb\u00bf")) this.#at = 3;
    this.#declaration();
    while (!this.#error && this.#at < this.#text.length) this.#next();
    if (this.#error) return this.#error;
    const [open] = this.#open;
    if (open) return fail(`<${open.tag}> is not closed`, this.#at);
    return this.#root ? ok(this.#root) : fail("there is no element", this.#at);
  }

  /** `<?xml version="1.0" encoding="UTF-8"?>`, which need not be there. */
  #declaration(): void {
    if (!this.#text.startsWith("<?xml", this.#at) || !isSpace(this.#code(this.#at + 5))) return;
    const end = this.#text.indexOf("?>", this.#at);
    if (end < 0) return this.#fail("the XML declaration has no end");
    const encoding = /\bencoding\s?=\s?["']([^"']*)/.exec(this.#text.slice(this.#at, end))?.[1];
    if (encoding && !/^(utf-8|us-ascii)$/i.test(encoding)) this.#fail(`encoding ${encoding}`);
    this.#at = end + 2;
  }

  #next(): void {
    if (this.#code(this.#at) !== LESS) return this.#characters();
    switch (this.#code(this.#at + 1)) {
      case SLASH:
        return this.#endTag();
      case QUESTION:
        return this.#instruction();
      case BANG:
        return this.#markup();
      default:
        return this.#startTag();
    }
  }

  // ---- text ------------------------------------------------------------------------------------

  /** `CharData`, with references in it. */
  #characters(): void {
    const end = this.#find("<", this.#at);
    const raw = this.#text.slice(this.#at, end);
    if (raw.includes("]]>")) return this.#fail("]]> in text");
    const text = this.#plain(raw, this.#at);
    this.#at = end;
    if (text !== undefined) this.#add(text);
  }

  /** Text outside of the root is white space. */
  #add(text: string): void {
    const parent = this.#open.at(-1);
    if (!parent)
      return /[^ \t\r\n]/.test(text) ? this.#fail("text outside of the root") : undefined;
    const last = parent.children.length - 1;
    const before = parent.children[last];
    if (typeof before === "string") parent.children[last] = before + text;
    else if (text !== "") parent.children.push(text);
  }

  /** With line ends made `\n` and references made what they stand for. */
  #plain(raw: Octets, offset: number): string | undefined {
    const text = raw.includes("\r") ? raw.replaceAll("\r\n", "\n").replaceAll("\r", "\n") : raw;
    if (!text.includes("&")) return flat(toText(text));
    let plain = "";
    for (let at = 0; at < text.length; ) {
      const reference = text.indexOf("&", at);
      if (reference < 0) return plain + toText(text.slice(at));
      const read = readReference(text, reference);
      if (!read) return this.#fail("an entity that XML does not define", offset + reference);
      plain += toText(text.slice(at, reference)) + read.text;
      at = read.end;
    }
    return plain;
  }

  // ---- comments, instructions, sections --------------------------------------------------------

  #instruction(): void {
    const end = this.#text.indexOf("?>", this.#at + 2);
    if (end < 0) return this.#fail("an instruction has no end");
    const target = this.#text.slice(this.#at + 2, this.#at + 6).toLowerCase();
    if (/^xml[ \t\r\n?]/.test(target)) return this.#fail("an XML declaration that is not first");
    this.#at = end + 2;
  }

  #markup(): void {
    if (this.#text.startsWith("<!--", this.#at)) return this.#comment();
    if (this.#text.startsWith("<![CDATA[", this.#at)) return this.#section();
    const isDtd = this.#text.startsWith("<!DOCTYPE", this.#at);
    this.#fail("declarations are not read", this.#at, isDtd ? "xml-dtd" : "bad-xml");
  }

  #comment(): void {
    const end = this.#text.indexOf("--", this.#at + 4);
    if (end < 0 || this.#code(end + 2) !== GREATER) return this.#fail("a comment has no end");
    this.#at = end + 3;
  }

  #section(): void {
    const start = this.#at + 9;
    const end = this.#text.indexOf("]]>", start);
    if (end < 0) return this.#fail("a CDATA section has no end");
    if (this.#open.length === 0) return this.#fail("a CDATA section outside of the root");
    const raw = this.#text.slice(start, end);
    this.#at = end + 3;
    this.#add(flat(toText(raw.replaceAll("\r\n", "\n").replaceAll("\r", "\n"))));
  }

  // ---- tags ------------------------------------------------------------------------------------

  #startTag(): void {
    if (this.#root) return this.#fail("a second root");
    if (this.#open.length >= this.#limits.depth) {
      return this.#fail(`over ${this.#limits.depth} elements within each other`);
    }
    if (++this.#elements > this.#limits.elements) {
      return this.#fail(`over ${this.#limits.elements} elements`);
    }
    this.#at++;
    const tag = this.#qName();
    const raw = tag && this.#attributes();
    if (!tag || !raw) return;
    const isEmpty = this.#code(this.#at) === SLASH;
    if (this.#code(this.#at + (isEmpty ? 1 : 0)) !== GREATER) return this.#fail("no end of a tag");
    this.#at += isEmpty ? 2 : 1;
    this.#begin(tag, raw);
    if (isEmpty) this.#end();
  }

  #begin(tag: string, raw: ReadonlyMap<string, string>): void {
    const prefixes = declare(this.#scope, raw);
    const name = prefixes && resolve(this.#scope, tag, true);
    if (!prefixes || !name) return this.#fail("a namespace that is not declared or cannot be");
    const attributes = new Map<string, string>();
    for (const [key, value] of raw) {
      if (key === "xmlns" || key.startsWith("xmlns:")) continue;
      const own = resolve(this.#scope, key, false);
      if (!own) return this.#fail("a namespace that is not declared");
      const full = own.namespace === "" ? own.name : `{${own.namespace}}${own.name}`;
      if (attributes.has(full)) return this.#fail("an attribute twice");
      attributes.set(full, value);
    }
    this.#open.push({ ...name, tag, attributes, children: [], prefixes });
  }

  #endTag(): void {
    this.#at += 2;
    const tag = this.#qName();
    if (!tag) return;
    this.#skipSpace();
    if (this.#code(this.#at) !== GREATER) return this.#fail("no end of a tag");
    if (this.#open.at(-1)?.tag !== tag) return this.#fail(`</${tag}> closes nothing`);
    this.#at++;
    this.#end();
  }

  #end(): void {
    const open = this.#open.pop();
    if (!open) return;
    const { namespace, name, attributes, children, prefixes } = open;
    undeclare(this.#scope, prefixes);
    const element: XmlElement = { namespace, name, attributes, children };
    const parent = this.#open.at(-1);
    if (parent) parent.children.push(element);
    else this.#root = element;
  }

  /** As they stand there, declarations of namespaces among them. */
  #attributes(): ReadonlyMap<string, string> | undefined {
    const raw = new Map<string, string>();
    for (;;) {
      const hadSpace = this.#skipSpace();
      const code = this.#code(this.#at);
      if (code === GREATER || code === SLASH) return raw;
      if (!hadSpace) return this.#fail("no space before an attribute");
      const name = this.#qName();
      const value = name && this.#value();
      if (!name || value === undefined) return undefined;
      if (raw.has(name)) return this.#fail("an attribute twice");
      if (raw.size >= this.#limits.attributes) {
        return this.#fail(`over ${this.#limits.attributes} attributes`);
      }
      raw.set(name, value);
    }
  }

  /** `Eq AttValue` */
  #value(): string | undefined {
    this.#skipSpace();
    if (this.#code(this.#at) !== EQUALS) return this.#fail("an attribute without a value");
    this.#at++;
    this.#skipSpace();
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") return this.#fail("a value without quotes");
    const start = this.#at + 1;
    const end = this.#text.indexOf(quote, start);
    if (end < 0) return this.#fail("a quote is not closed");
    const raw = this.#text.slice(start, end);
    if (raw.includes("<")) return this.#fail("< in a value");
    this.#at = end + 1;
    // XML 1.0 §3.3.3: white space is spaces, unless it is written as a reference.
    return this.#plain(raw.replaceAll("\r\n", " ").replaceAll(/[\t\r\n]/g, " "), start);
  }

  /** `QName`, as it stands there. */
  #qName(): string | undefined {
    const start = this.#at;
    let colons = 0;
    for (let isFirst = true; ; this.#at++) {
      const code = this.#code(this.#at);
      const isColon: boolean = code === COLON && !isFirst && colons === 0;
      if (isColon) colons++;
      else if (!(isFirst ? isNameStart(code) : isNameByte(code))) break;
      isFirst = isColon;
    }
    const name = this.#text.slice(start, this.#at);
    if (name === "" || name.endsWith(":")) return this.#fail("expected a name");
    if (name.length > this.#limits.name) return this.#fail(`a name over ${this.#limits.name}`);
    return flat(toText(name));
  }

  #skipSpace(): boolean {
    const start = this.#at;
    while (isSpace(this.#code(this.#at))) this.#at++;
    return this.#at > start;
  }

  #find(what: string, from: number): number {
    const at = this.#text.indexOf(what, from);
    return at < 0 ? this.#text.length : at;
  }

  #code(at: number): number {
    return at < this.#text.length ? this.#text.charCodeAt(at) : -1;
  }

  /** The first thing that is wrong counts. */
  #fail(what: string, offset: number = this.#at, code?: string): undefined {
    this.#error ??= fail(what, offset, code);
  }
}

const [LESS, GREATER, SLASH, QUESTION, BANG, EQUALS, COLON] = [
  ...[0x3c, 0x3e, 0x2f, 0x3f],
  ...[0x21, 0x3d, 0x3a],
];
