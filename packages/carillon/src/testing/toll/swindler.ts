/** What somebody with an account does to have more legs than they may: one message at a time. */
import type { Octets } from "../../grammar/octets.ts";
import { answer, request } from "../domain-stage.ts";

export const GATEWAY = "198.51.100.20:5060";
export const ATTACKER = "203.0.113.5:5060";
/** Somebody elsewhere who says that all is well, whatever comes. */
export const COLLUDER = "198.51.100.66:5060";

/** In order of how often each is meant to be tried, by how often it stands there. */
export const TRICKS = [
  ...(["call", "call", "call", "call", "call again by the same name", "ringing call"] as const),
  ...(["busy call", "BYE", "CANCEL", "BYE with another tag", "BYE to a colluder"] as const),
  ...(["BYE by way of a colluder", "BYE with an old number"] as const),
  ...(["BYE in the name of the gateway"] as const),
  ...(["join", "blind transfer", "refresh", "refresh at a colluder", "a number too high"] as const),
  ...(["REFER in the name of the gateway", "their BYE"] as const),
] as const;
export type Trick = (typeof TRICKS)[number];

interface Dialog {
  readonly callId: string;
  readonly tag: string;
  readonly to: string;
  readonly invite: string;
  readonly branch: string;
  readonly routes: readonly string[];
  readonly target: string;
  seq: number;
}

interface Said {
  readonly from: string;
  readonly text: Octets;
}

const AOR = "sip:alice@house.example";

export class Swindler {
  readonly #random: () => number;
  readonly #token: string;
  readonly #dialogs: Dialog[] = [];
  readonly #invites: { readonly text: Octets; readonly branch: string }[] = [];
  readonly #heard = new Set<string>();
  #count = 0;

  constructor(random: () => number, token: string) {
    this.#random = random;
    this.#token = token;
  }

  /** What is said, and from where; undefined where there is nothing to try it with. */
  tries(trick: Trick): Said | undefined {
    if (trick === "call") return this.#invite(`2${this.#count}`);
    if (trick === "ringing call") return this.#invite(`7${this.#count}`);
    if (trick === "busy call") return this.#invite(`8${this.#count}`);
    if (trick === "CANCEL") return this.#cancel();
    const one = this.#pick();
    if (!one) return undefined;
    if (trick === "call again by the same name") {
      const seq = Math.max(...this.#dialogs.map((it) => it.seq)) + 1;
      return this.#invite(`2${this.#count}`, { callId: one.callId, tag: one.tag, seq });
    }
    return this.#inDialog(trick, one);
  }

  /** What is answered to it. A 2xx is acknowledged, each time it comes. */
  hears(text: Octets): readonly Octets[] {
    if (!text.startsWith("SIP/2.0 ")) {
      return text.startsWith("ACK ") ? [] : [answer(text, 200, "alice")];
    }
    if (!/^SIP\/2\.0 2/.test(text) || !/^CSeq: \d+ INVITE/im.test(text)) return [];
    const dialog = dialogOf(text);
    if (!dialog) return [];
    const key = `${dialog.callId} ${dialog.tag} ${dialog.to}`;
    if (!this.#heard.has(key)) this.#dialogs.push(dialog);
    this.#heard.add(key);
    return [this.#request("ACK", dialog, { seq: dialog.seq })];
  }

  /** Says yes to everything that was led there. */
  colludes(text: Octets): Octets | undefined {
    if (text.startsWith("SIP/2.0 ") || text.startsWith("ACK ")) return undefined;
    return answer(text, 200, "colluder", [`Contact: <sip:x@${COLLUDER}>`]);
  }

  #pick(): Dialog | undefined {
    return this.#dialogs[Math.floor(this.#random() * this.#dialogs.length)];
  }

  #invite(number: string, name?: { callId: string; tag: string; seq: number }): Said {
    const nth = `${++this.#count}`;
    const { callId = `call${nth}`, tag = `a${nth}`, seq = 1 } = name ?? {};
    const branch = `z9hG4bK-i${nth}`;
    const text = request("INVITE", {
      uri: `sip:${number}@${GATEWAY}`,
      via: `SIP/2.0/UDP ${ATTACKER};branch=${branch}`,
      from: `<${AOR}>;tag=${tag}`,
      to: `<sip:${number}@${GATEWAY}>`,
      ...{ callId, seq },
      lines: [`Contact: <sip:alice@${ATTACKER}>`, `Proxy-Authorization: ${this.#token}`],
    });
    this.#invites.push({ text, branch });
    return { from: ATTACKER, text };
  }

  #cancel(): Said | undefined {
    const one = this.#invites[Math.floor(this.#random() * this.#invites.length)];
    if (!one) return undefined;
    const text = one.text
      .replace(/^INVITE/, "CANCEL")
      .replace(/^(CSeq: \d+) INVITE/im, "$1 CANCEL")
      .replace(/^(?:Contact|Proxy-Authorization): .*\r\n/gim, "");
    return { from: ATTACKER, text };
  }

  #inDialog(trick: Trick, one: Dialog): Said | undefined {
    const x = `sip:x@${COLLUDER}`;
    const say = (text: Octets): Said => ({ from: ATTACKER, text });
    switch (trick) {
      case "BYE":
        return say(this.#request("BYE", one));
      case "BYE with another tag":
        return say(this.#request("BYE", { ...one, to: `<sip:2@${GATEWAY}>;tag=nobody` }));
      case "BYE to a colluder":
        return say(this.#request("BYE", { ...one, target: x }));
      case "BYE by way of a colluder":
        return say(this.#request("BYE", { ...one, routes: [...one.routes, `<${x};lr>`] }));
      case "BYE with an old number":
        return say(this.#request("BYE", one, { seq: 0 }));
      case "BYE in the name of the gateway":
        return this.#asGateway("BYE", one, []);
      case "REFER in the name of the gateway":
        return this.#asGateway("REFER", one, [`Refer-To: <sip:29@${GATEWAY}>`]);
      case "join": {
        const other = this.#pick();
        const replaces = `Replaces=${other?.callId}%3Bto-tag%3Dx%3Bfrom-tag%3Dy`;
        const referTo = `Refer-To: <sip:gw@${GATEWAY}?${replaces}>`;
        return say(this.#request("REFER", one, { lines: [referTo] }));
      }
      case "blind transfer":
        return say(this.#request("REFER", one, { lines: [`Refer-To: <sip:29@${GATEWAY}>`] }));
      case "refresh":
        return say(this.#request("INVITE", one, { lines: [`Contact: <sip:alice@${ATTACKER}>`] }));
      case "refresh at a colluder":
        return say(this.#request("UPDATE", { ...one, target: x }));
      case "a number too high":
        return say(this.#request("INFO", one, { seq: 2 ** 31 - 1 }));
      default:
        return undefined;
    }
  }

  #request(
    method: string,
    one: Dialog,
    { seq, lines = [] }: { readonly seq?: number; readonly lines?: readonly string[] } = {},
  ): Octets {
    const nth = ++this.#count;
    const own = this.#dialogs.find(({ invite }) => invite === one.invite);
    if (seq === undefined && own) own.seq++;
    return request(method, {
      uri: one.target,
      via: `SIP/2.0/UDP ${ATTACKER};branch=z9hG4bK-d${nth}`,
      from: `<${AOR}>;tag=${one.tag}`,
      to: one.to,
      ...{ callId: one.callId, seq: seq ?? own?.seq ?? one.seq + 1 },
      lines: [...one.routes.map((route) => `Route: ${route}`), ...lines],
    });
  }

  /** From another port of theirs, by the route and the tags that they know. */
  #asGateway(method: string, one: Dialog, lines: readonly string[]): Said {
    const nth = ++this.#count;
    const from = ATTACKER.replace(":5060", ":5070");
    const text = request(method, {
      uri: `sip:alice@${ATTACKER}`,
      via: `SIP/2.0/UDP ${from};branch=z9hG4bK-g${nth}`,
      from: one.to,
      to: `<${AOR}>;tag=${one.tag}`,
      ...{ callId: one.callId, seq: 5000 + nth },
      lines: [...one.routes.map((route) => `Route: ${route}`), ...lines],
    });
    return { from, text };
  }
}

const fieldsOf = (text: Octets, name: string): readonly string[] =>
  [...text.matchAll(new RegExp(`^${name}: *([^\r]*)\r\n`, "gim"))].map(([, value = ""]) => value);

function dialogOf(text: Octets): Dialog | undefined {
  const field = (name: string): string => fieldsOf(text, name)[0] ?? "";
  const target = /<([^>]*)>/.exec(field("Contact"))?.[1];
  if (target === undefined) return undefined;
  const [callId, to] = [field("Call-ID"), field("To")];
  return {
    ...{ callId, to, target },
    tag: /;tag=(\S+)/.exec(field("From"))?.[1] ?? "",
    invite: `${callId} ${to}`,
    branch: /branch=([^;,\s]+)/.exec(field("Via"))?.[1] ?? "",
    routes: fieldsOf(text, "Record-Route").toReversed(),
    seq: Number.parseInt(field("CSeq"), 10),
  };
}
