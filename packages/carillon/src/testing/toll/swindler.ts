/** What somebody with an account does to have more legs than they may: one message at a time. */
import type { Octets } from "../../grammar/octets.ts";
import { answer, request } from "../domain-stage.ts";

/** Who they are, and where all of them are: `192.0.2.1:5060`. */
export interface SwindlerOptions {
  /** Their address in the house: `sip:alice@house.example`. */
  readonly aor: string;
  /** The value of Proxy-Authorization. */
  readonly credentials: string;
  /** Where they are. */
  readonly own: string;
  /** Where they speak in other people's name. */
  readonly forger: string;
  /** Whom they call. */
  readonly gateway: string;
  /** Somebody elsewhere who says that all is well, whatever comes. */
  readonly colluder: string;
  /** What their INVITEs offer; nothing if left out. */
  readonly description?: string;
}

/** What is tried; `their BYE` is the gateway's to say. */
export type Trick =
  | "call"
  | "call again by the same name"
  | "ringing call"
  | "busy call"
  | "BYE"
  | "CANCEL"
  | "BYE with another tag"
  | "BYE to a colluder"
  | "BYE by way of a colluder"
  | "BYE with an old number"
  | "BYE in the name of the gateway"
  | "join"
  | "blind transfer"
  | "refresh"
  | "refresh at a colluder"
  | "a number too high"
  | "REFER in the name of the gateway"
  | "their BYE";

/** All of them; what is tried more often stands there more often. */
export const TRICKS: readonly Trick[] = [
  ...(["call", "call"] as const),
  "call",
  "call again by the same name",
  "ringing call",
  "busy call",
  "BYE",
  "CANCEL",
  "BYE with another tag",
  "BYE to a colluder",
  "BYE by way of a colluder",
  "BYE with an old number",
  "BYE in the name of the gateway",
  "join",
  "blind transfer",
  "refresh",
  "refresh at a colluder",
  "a number too high",
  "REFER in the name of the gateway",
  "their BYE",
];

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

/** Somebody who has an account, and remembers the dialogs that their calls have made. */
export class Swindler {
  readonly #random: () => number;
  readonly #options: SwindlerOptions;
  readonly #dialogs: Dialog[] = [];
  readonly #invites: { readonly text: Octets; readonly branch: string }[] = [];
  readonly #heard = new Set<string>();
  #count = 0;

  /** `random` is what they leave to chance: from 0 up to 1 each time. */
  constructor(random: () => number, options: SwindlerOptions) {
    this.#random = random;
    this.#options = options;
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
    return answer(text, 200, "colluder", [`Contact: <sip:x@${this.#options.colluder}>`]);
  }

  #pick(): Dialog | undefined {
    return this.#dialogs[Math.floor(this.#random() * this.#dialogs.length)];
  }

  #invite(number: string, name?: { callId: string; tag: string; seq: number }): Said {
    const nth = `${++this.#count}`;
    const { callId = `call${nth}`, tag = `a${nth}`, seq = 1 } = name ?? {};
    const branch = `z9hG4bK-i${nth}`;
    const { aor, credentials, own, gateway, description: body = "" } = this.#options;
    const text = request("INVITE", {
      uri: `sip:${number}@${gateway}`,
      via: `SIP/2.0/UDP ${own};branch=${branch}`,
      from: `<${aor}>;tag=${tag}`,
      to: `<sip:${number}@${gateway}>`,
      ...{ callId, seq, body },
      lines: [
        ...[`Contact: <sip:x@${own}>`, `Proxy-Authorization: ${credentials}`],
        ...(body === "" ? [] : ["Content-Type: application/sdp"]),
      ],
    });
    this.#invites.push({ text, branch });
    return { from: own, text };
  }

  #cancel(): Said | undefined {
    const one = this.#invites[Math.floor(this.#random() * this.#invites.length)];
    if (!one) return undefined;
    const text = one.text
      .replace(/^INVITE/, "CANCEL")
      .replace(/^(CSeq: \d+) INVITE/im, "$1 CANCEL")
      .replace(/^(?:Contact|Proxy-Authorization|Content-Type): .*\r\n/gim, "")
      .replace(/^Content-Length: .*\r\n\r\n[\s\S]*$/im, "Content-Length: 0\r\n\r\n");
    return { from: this.#options.own, text };
  }

  #inDialog(trick: Trick, one: Dialog): Said | undefined {
    const { own, gateway, colluder } = this.#options;
    const x = `sip:x@${colluder}`;
    const say = (text: Octets): Said => ({ from: own, text });
    const dear = `Refer-To: <sip:29@${gateway}>`;
    switch (trick) {
      case "BYE":
        return say(this.#request("BYE", one));
      case "BYE with another tag":
        return say(this.#request("BYE", { ...one, to: `<sip:2@${gateway}>;tag=nobody` }));
      case "BYE to a colluder":
        return say(this.#request("BYE", { ...one, target: x }));
      case "BYE by way of a colluder":
        return say(this.#request("BYE", { ...one, routes: [...one.routes, `<${x};lr>`] }));
      case "BYE with an old number":
        return say(this.#request("BYE", one, { seq: 0 }));
      case "BYE in the name of the gateway":
        return this.#asGateway("BYE", one, []);
      case "REFER in the name of the gateway":
        return this.#asGateway("REFER", one, [dear]);
      case "join": {
        const other = this.#pick();
        const tags = `%3Bto-tag%3D${tagIn(other?.to ?? "")}%3Bfrom-tag%3D${other?.tag}`;
        const referTo = `Refer-To: <sip:gw@${gateway}?Replaces=${other?.callId}${tags}>`;
        return say(this.#request("REFER", one, { lines: [referTo] }));
      }
      case "blind transfer":
        return say(this.#request("REFER", one, { lines: [dear] }));
      case "refresh":
        return say(this.#request("INVITE", one, { lines: [`Contact: <sip:x@${own}>`] }));
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
    const { own: at, aor } = this.#options;
    const own = this.#dialogs.find(({ invite }) => invite === one.invite);
    if (seq === undefined && own) own.seq++;
    return request(method, {
      uri: one.target,
      via: `SIP/2.0/UDP ${at};branch=z9hG4bK-d${nth}`,
      from: `<${aor}>;tag=${one.tag}`,
      to: one.to,
      ...{ callId: one.callId, seq: seq ?? own?.seq ?? one.seq + 1 },
      lines: [...one.routes.map((route) => `Route: ${route}`), ...lines],
    });
  }

  /** From another port of theirs, by the route and the tags that they know. */
  #asGateway(method: string, one: Dialog, lines: readonly string[]): Said {
    const nth = ++this.#count;
    const { forger: from, own, aor } = this.#options;
    const text = request(method, {
      uri: `sip:x@${own}`,
      via: `SIP/2.0/UDP ${from};branch=z9hG4bK-g${nth}`,
      from: one.to,
      to: `<${aor}>;tag=${one.tag}`,
      ...{ callId: one.callId, seq: 5000 + nth },
      lines: [...one.routes.map((route) => `Route: ${route}`), ...lines],
    });
    return { from, text };
  }
}

const tagIn = (address: string): string => /;tag=([^;\s]+)/.exec(address)?.[1] ?? "";

const fieldsOf = (text: Octets, name: string): readonly string[] =>
  [...text.matchAll(new RegExp(`^${name}: *([^\r]*)\r\n`, "gim"))].map(([, value = ""]) => value);

function dialogOf(text: Octets): Dialog | undefined {
  const field = (name: string): string => fieldsOf(text, name)[0] ?? "";
  const target = /<([^>]*)>/.exec(field("Contact"))?.[1];
  if (target === undefined) return undefined;
  const [callId, to] = [field("Call-ID"), field("To")];
  return {
    ...{ callId, to, target },
    tag: tagIn(field("From")),
    invite: `${callId} ${to}`,
    branch: /branch=([^;,\s]+)/.exec(field("Via"))?.[1] ?? "",
    routes: fieldsOf(text, "Record-Route").toReversed(),
    seq: Number.parseInt(field("CSeq"), 10),
  };
}
