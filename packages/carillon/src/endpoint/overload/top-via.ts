/**
 * The topmost Via of a request that is turned away: what an answer needs of it and nothing else,
 * over UDP and in its frequent spelling without making anything of it. RFC 3261 §18.2, RFC 3581 §4.
 */
import { bytesOf } from "../../grammar/byte-view.ts";
import { isHostCode, skipSpace, trimEnd } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { findOutside } from "../../grammar/quoted.ts";
import { foundParams, plainParamsEnd } from "../../message/plain-params.ts";
import { readPlainVia } from "../../message/plain-via.ts";
import { MAGIC_COOKIE, readVia, type Via } from "../../message/via.ts";
import { FIRST_USER_PORT, type Flow, responseFlow, viaEdit } from "../../transport/flow.ts";
import { isHost } from "../../uri/host.ts";
import type { ViaName } from "./admission.ts";
import type { Peeked } from "./peek.ts";

/** What of it is asked for. */
export interface TopVia extends ViaName {
  /** Its branch tells it from others. RFC 3261 §8.1.1.7. */
  readonly hasCookie: boolean;
  /** The values of its line as an answer has them. */
  readonly answered: Octets;
  /** Where an answer goes. */
  readonly back: Flow;
  /** It may ask to be told about load. RFC 7339. */
  readonly mayAsk: boolean;
}

/**
 * Undefined where it cannot be read. What comes back may be the same object each time, and is good
 * until the next call.
 */
export function topVia(text: Octets, { via: line }: Peeked, flow: Flow): TopVia | undefined {
  const start = skipSpace(text, line.start, line.end);
  if (flow.connection === 0 && usual.take(text, start, line, flow)) return usual;
  const via = readTop(text, start, line.end);
  if (!via) return undefined;
  const edit = viaEdit(text, via, flow);
  const head = edit && `${text.slice(line.start, edit.start)}${edit.text}`;
  return {
    branch: via.branch,
    hasCookie: via.branch.startsWith(MAGIC_COOKIE),
    sentBy: `${via.host}:${via.port ?? ""}`,
    answered: edit ? head + text.slice(edit.end, line.end) : text.slice(line.start, line.end),
    back: responseFlow(flow, via),
    mayAsk: true,
  };
}

function readTop(text: Octets, start: number, end: number): Via | undefined {
  const plain = readPlainVia(text, bytesOf(text), start, end);
  if (plain) return plain;
  const comma = findOutside(text, start, end, 0x2c);
  if (comma < 0) return undefined;
  const read = readVia(text, start, trimEnd(text, start, comma));
  return read.ok ? read.value : undefined;
}

/** One over UDP, whose host and port stand there as everybody writes them. */
class UsualVia implements TopVia {
  hasCookie = false;
  answered: Octets = "";
  back: Flow = NOWHERE;
  mayAsk = true;
  #text: Octets = "";
  #host = "";
  /** As it is where none is named. */
  #port = 0;
  #isPortNamed = false;
  #branchStart = 0;
  #branchEnd = 0;

  get branch(): Octets {
    return this.#text.slice(this.#branchStart, this.#branchEnd);
  }

  get sentBy(): string {
    return `${this.#host}:${this.#isPortNamed ? this.#port : ""}`;
  }

  /** False for whoever takes a closer look. */
  take(text: Octets, start: number, line: Peeked["via"], flow: Flow): boolean {
    const bytes = bytesOf(text);
    const at = this.#sentBy(text, bytes, start, flow.remote.host);
    if (at < 0) return false;
    const end = plainParamsEnd(bytes, at, line.end);
    const { branchStart, branchEnd, rportEnd, rportValueEnd, received } = foundParams;
    if (end < 0 || received > 0 || rportValueEnd > rportEnd) return false;
    this.#text = text;
    this.#branchStart = branchStart;
    this.#branchEnd = branchEnd;
    this.hasCookie = text.startsWith(MAGIC_COOKIE, branchStart);
    this.mayAsk = text.slice(at, end).includes(";oc");
    this.answered = this.#answered(text, line, end, rportEnd, flow);
    const isBack = rportEnd > 0 || this.#port === flow.remote.port || this.#port < FIRST_USER_PORT;
    this.back = isBack ? flow : { ...flow, remote: { ...flow.remote, port: this.#port } };
    return true;
  }

  /** Behind it; -1 where it is written otherwise. */
  #sentBy(text: Octets, bytes: Uint8Array, start: number, remote: string): number {
    for (let i = 0; i < PROTOCOL.length; i++) if (bytes[start + i] !== PROTOCOL[i]) return -1;
    const hostStart = start + PROTOCOL.length;
    let at = hostStart;
    while (isHostCode(bytes[at]!)) at++;
    const isRemote = at - hostStart === remote.length && text.startsWith(remote, hostStart);
    this.#host = isRemote ? remote : text.slice(hostStart, at);
    if (!isRemote && (!isHost(this.#host) || this.#host !== this.#host.toLowerCase())) return -1;
    this.#port = 5060;
    this.#isPortNamed = bytes[at] === COLON;
    if (!this.#isPortNamed) return at;
    const portStart = ++at;
    this.#port = 0;
    for (let digit = bytes[at]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at]! - ZERO)
      this.#port = this.#port * 10 + digit;
    return at > portStart && at - portStart < 6 && this.#port < 65_536 ? at : -1;
  }

  /** As `viaEdit` has it. */
  #answered(text: Octets, line: Peeked["via"], end: number, rportEnd: number, flow: Flow): Octets {
    const { host, port } = flow.remote;
    const isWritten = rportEnd === 0 && this.#host === host;
    if (isWritten) return text.slice(line.start, line.end);
    const rest = end === line.end ? "" : text.slice(end, line.end);
    if (rportEnd === 0) return `${text.slice(line.start, end)};received=${host}${rest}`;
    const front = `${text.slice(line.start, rportEnd)}=${port}`;
    const params = rportEnd === end ? "" : text.slice(rportEnd, end);
    return `${front}${params};received=${host}${rest}`;
  }
}

const PROTOCOL: Uint8Array = Uint8Array.from("SIP/2.0/UDP ", (letter) => letter.charCodeAt(0));
const [COLON, ZERO] = [0x3a, 0x30];
const NOWHERE: Flow = {
  ...{ transport: "UDP", connection: 0 },
  ...{ local: { host: "", port: 0 }, remote: { host: "", port: 0 } },
};
const usual = new UsualVia();
