/**
 * A gateway that counts its own legs, by text in and text out: another domain as far as a house is
 * concerned, and obliging to whoever has a dialog with it. What it is asked by REFER it does, and
 * legs that were joined go on when whoever asked for that has hung up.
 */
import type { Octets } from "../../grammar/octets.ts";

interface Leg {
  readonly caller: string;
  readonly invite: Octets;
  readonly answer: Octets;
  seq: number;
  state: "Ringing" | "Unacknowledged" | "Talking" | "Joined";
}

/** How it takes calls, by the user part that they are for. */
export type Manner = "answers" | "rings" | "is busy";

/** What it is like. */
export interface GatewayOptions {
  /** `192.0.2.1:5060`, for its Contact. */
  readonly at: string;
  /** Everybody is answered if left out. */
  readonly manner?: (user: string) => Manner;
  /** Seconds in Session-Expires of its 200s; none if left out. */
  readonly sessionSeconds?: number;
  /** What its 200s to an INVITE describe; nothing if left out. */
  readonly description?: string;
}

/** Legs, by what it says of them itself. */
export class CountingGateway {
  /** The most legs of one caller at a time, ringing ones among them. */
  most = 0;
  /** INVITEs that it answered with 200. */
  answered = 0;
  /** REFERs that came, and were done. */
  referred = 0;
  readonly #options: GatewayOptions;
  readonly #legs = new Map<string, Leg>();
  readonly #said = new Map<string, Octets>();
  #count = 0;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** Legs there are. */
  get legs(): number {
    return this.#legs.size;
  }

  /** Those that have been answered. */
  get talking(): number {
    return [...this.#legs.values()].filter(({ state }) => state !== "Ringing").length;
  }

  /** Those that nobody can end any more but the gateway. */
  get joined(): number {
    return [...this.#legs.values()].filter(({ state }) => state === "Joined").length;
  }

  /** A message: what it says to whoever sent that. */
  hears(text: Octets): readonly Octets[] {
    if (text.startsWith("SIP/2.0 ")) return [];
    const key = `${/branch=([^;,\s]+)/.exec(text)?.[1]} ${field(text, "CSeq")}`;
    const before = this.#said.get(key);
    if (before !== undefined) return [before];
    const said = this.#answer(text);
    if (said === undefined) return [];
    this.#said.set(key, said);
    return [said];
  }

  /** 200s that nobody has acknowledged, to be said again. */
  get unacknowledged(): readonly Octets[] {
    return [...this.#legs.values()].flatMap(({ state, answer }) =>
      state === "Unacknowledged" ? [answer] : [],
    );
  }

  /** It hangs up on one who talks: the BYE, and the INVITE that began it; undefined for nobody. */
  hangUp(nth: number): Octets | undefined {
    const talking = [...this.#legs].filter(([, { state }]) => state === "Talking");
    const [key, leg] = talking[nth % Math.max(1, talking.length)] ?? [];
    if (!key || !leg) return undefined;
    this.#legs.delete(key);
    const { invite, answer } = leg;
    return [
      `BYE ${uriIn(field(invite, "Contact"))} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.#options.at};branch=z9hG4bK-gw${++this.#count}`,
      ...fields(invite, "Record-Route").map((one) => `Route: ${one}`),
      `From: ${field(answer, "To")}`,
      `To: ${field(invite, "From")}`,
      `Call-ID: ${field(invite, "Call-ID")}`,
      ...["CSeq: 1 BYE", "Max-Forwards: 70", "Content-Length: 0", "", ""],
    ].join("\r\n");
  }

  #answer(text: Octets): Octets | undefined {
    const method = text.slice(0, text.indexOf(" "));
    const seq = Number.parseInt(field(text, "CSeq"), 10);
    const leg = this.#legs.get(keyOf(text));
    if (method === "ACK") {
      if (leg?.state === "Unacknowledged") leg.state = "Talking";
      return undefined;
    }
    if (method === "INVITE" && !isTagged(text)) return this.#invited(text, seq);
    if (method === "CANCEL") return this.#cancelled(text);
    if (!leg) return method === "OPTIONS" ? reply(text, "200 OK") : reply(text, "481 Unknown");
    if (seq <= leg.seq) return reply(text, "500 Out of order");
    leg.seq = seq;
    if (method === "BYE") {
      if (leg.state !== "Joined") this.#legs.delete(keyOf(text));
      return reply(text, "200 OK");
    }
    if (method === "REFER") this.#refers(text, leg);
    if (method !== "INVITE") return reply(text, "200 OK");
    return reply(text, "200 OK", this.#own("200 OK"), "", this.#body("200"));
  }

  #invited(text: Octets, seq: number): Octets {
    const user = /^\S+ sips?:([^@]*)@/.exec(text)?.[1] ?? "";
    const manner = this.#options.manner?.(user) ?? "answers";
    const status = STATUS[manner];
    const tag = `gw${++this.#count}`;
    const said = reply(text, status, this.#own(status), tag, this.#body(status));
    if (manner === "is busy") return said;
    const state = manner === "rings" ? "Ringing" : "Unacknowledged";
    if (manner === "answers") this.answered++;
    const caller = uriIn(field(text, "From"));
    this.#legs.set(keyOf(text, tag), { caller, invite: text, answer: said, seq, state });
    this.#counted();
    return said;
  }

  /** Of an INVITE that rings; its 487 is left to whoever waits for it to time out. */
  #cancelled(text: Octets): Octets {
    for (const [key, { state, invite }] of this.#legs) {
      const isIt = field(invite, "Call-ID") === field(text, "Call-ID");
      if (state !== "Ringing" || !isIt || branchOf(invite) !== branchOf(text)) continue;
      this.#legs.delete(key);
      this.#said.set(`${branchOf(invite)} ${field(invite, "CSeq")}`, reply(invite, "487 Ended"));
    }
    return reply(text, "200 OK");
  }

  /** Whoever is named in Replaces talks to this one now; else somebody new is called. */
  #refers(text: Octets, leg: Leg): void {
    this.referred++;
    const referTo = decodeURIComponent(field(text, "Refer-To"));
    const replaced = /Replaces=([^;>]+)/i.exec(referTo)?.[1];
    const other = [...this.#legs.values()].find(
      ({ invite }) => replaced !== undefined && field(invite, "Call-ID") === replaced,
    );
    for (const one of [leg, ...(other ? [other] : [])]) one.state = "Joined";
    if (!other) this.#legs.set(`referred ${++this.#count}`, { ...leg, state: "Joined" });
    this.#counted();
  }

  #counted(): void {
    const each = Map.groupBy(this.#legs.values(), ({ caller }) => caller);
    for (const { length } of each.values()) this.most = Math.max(this.most, length);
  }

  #own(status: string): readonly string[] {
    const { at, sessionSeconds } = this.#options;
    const expires = sessionSeconds === undefined ? [] : [`Session-Expires: ${sessionSeconds}`];
    const isDescribed = this.#options.description !== undefined;
    const typed = isDescribed ? ["Content-Type: application/sdp"] : [];
    return status.startsWith("200") ? [`Contact: <sip:gw@${at}>`, ...expires, ...typed] : [];
  }

  /** Each time of another version: RFC 3264 §8 has one that is new for whatever is new. */
  #body(status: string): Octets {
    const { description = "" } = this.#options;
    if (!status.startsWith("200")) return "";
    return description.replace(/^(o=\S+ \S+) \d+/m, `$1 ${++this.#count}`);
  }
}

const STATUS: Readonly<Record<Manner, string>> = {
  ...{ answers: "200 OK", rings: "180 Ringing", "is busy": "486 Busy Here" },
};

const ofHead = (text: Octets): Octets => text.slice(0, text.indexOf("\r\n\r\n") + 2);
const fields = (text: Octets, name: string): readonly string[] =>
  [...ofHead(text).matchAll(new RegExp(`^${name}: *([^\r]*)\r\n`, "gim"))].map(
    ([, value = ""]) => value,
  );
const field = (text: Octets, name: string): string => fields(text, name)[0] ?? "";
const uriIn = (address: string): string => /<([^>]*)>/.exec(address)?.[1] ?? address;
const tagIn = (address: string): string => /;tag=([^;\s]+)/.exec(address)?.[1] ?? "";
const isTagged = (text: Octets): boolean => tagIn(field(text, "To")) !== "";
const branchOf = (text: Octets): string => /branch=([^;,\s]+)/.exec(text)?.[1] ?? "";
const keyOf = (text: Octets, tag = tagIn(field(text, "To"))): string =>
  [field(text, "Call-ID"), tagIn(field(text, "From")), tag].join(" ");

function reply(
  text: Octets,
  status: string,
  more: readonly string[] = [],
  tag = "",
  body = "",
): Octets {
  const to = field(text, "To");
  return [
    `SIP/2.0 ${status}`,
    ...["Via", "Record-Route"].flatMap((name) =>
      fields(text, name).map((one) => `${name}: ${one}`),
    ),
    `From: ${field(text, "From")}`,
    `To: ${tag === "" ? to : `${to};tag=${tag}`}`,
    `Call-ID: ${field(text, "Call-ID")}`,
    `CSeq: ${field(text, "CSeq")}`,
    ...more,
    ...[`Content-Length: ${body.length}`, "", body],
  ].join("\r\n");
}
