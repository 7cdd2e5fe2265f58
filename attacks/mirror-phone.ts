/** Whom the mirror asks with: strangers at addresses of their own, and phones that sign in. */
import { createHash, randomBytes } from "node:crypto";
import { type Credentials, DOMAIN } from "../interop/house.ts";
import { pause, until } from "../interop/until.ts";
import { answerTo } from "./recorder.ts";
import { type Asked, requestText, Stranger } from "./stranger.ts";

export interface Subject {
  readonly name: string;
  readonly people: readonly Credentials[];
  pids(): readonly number[];
}

const ANSWER_MS = 4000;
/** An address of one's own for each question: no server has heard of it before. */
let sources = 0;
/** Networks of their own, too: Kamailio's pike counts what comes from one. */
export const nextSource = (): string =>
  `127.${10 + (++sources % 240)}.${(sources * 7) & 255}.${1 + ((sources * 13) % 250)}`;
/** After each question of somebody known: sixteen in two seconds are a flood to the sample. */
const PACE_MS = 400;

let count = 0;
export const named = (what: string): string => `${what}${++count}.`;

/** What somebody at an address of their own is answered; undefined for silence. */
export async function answerOf(
  make: (via: string, nth: string) => string,
): Promise<string | undefined> {
  const host = nextSource();
  const at = await Stranger.at(host);
  const nth = named("m");
  at.say(make(`UDP ${host}:${at.port};rport`, nth));
  const answer = await finalOf(at, nth).catch(() => undefined);
  at.close();
  return answer;
}

export const finalOf = (at: Stranger, nth: string): Promise<string> =>
  until(
    "it is answered",
    () => at.heard.find((text) => /^SIP\/2\.0 [2-6]/.test(text) && text.includes(nth)),
    ANSWER_MS,
  );

export const statusOf = (answer: string | undefined): string => answer?.slice(8, 11) ?? "nothing";
export const aorOf = ({ user }: Credentials): string => `sip:${user}@${DOMAIN}`;

export function person({ people }: Subject, nth: number): Credentials {
  const one = people[nth];
  if (!one) throw new Error(`there is no person ${nth}`);
  return one;
}

/** A phone at an address of its own, that signs in with digest. */
export class Phone {
  readonly at: Stranger;
  readonly host: string;
  readonly who: Credentials;
  /** Requests that came, but ACKs. */
  readonly requests: string[] = [];

  private constructor(at: Stranger, host: string, who: Credentials) {
    this.at = at;
    this.host = host;
    this.who = who;
    at.onHeard = (text) => {
      if (text.startsWith("SIP/2.0 ") || text.startsWith("ACK ")) return;
      this.requests.push(text);
      // Three digits for a call that is to go on, and is looked after by whoever made it.
      const isCall = text.startsWith("INVITE ");
      const answer = answerTo(text, isCall && !text.includes("X-Talk") ? "486 Busy" : "200 OK");
      at.say(isCall ? routed(text, answer, this.contact) : answer);
    };
  }

  static async of(who: Credentials): Promise<Phone> {
    const host = nextSource();
    return new Phone(await Stranger.at(host), host, who);
  }

  get contact(): string {
    return `sip:${this.who.user}@${this.host}:${this.at.port}`;
  }

  get via(): string {
    return `UDP ${this.host}:${this.at.port};rport`;
  }

  async register(lines: readonly string[] = ["Expires: 600"]): Promise<string> {
    const aor = aorOf(this.who);
    return this.ask({ method: "REGISTER", from: aor, to: aor, more: lines });
  }

  /** Asks, is challenged, and asks again; the last answer. */
  async ask(what: Omit<Asked, "nth" | "via">): Promise<string> {
    return (await this.asked(what)).answer;
  }

  async asked(what: Omit<Asked, "nth" | "via">): Promise<{ answer: string; text: string }> {
    const [first, second] = [named("q"), named("q")];
    const usual = { from: aorOf(this.who), contact: this.contact, via: this.via, ...what };
    this.at.say(requestText({ ...usual, nth: first }));
    const challenge = await finalOf(this.at, first);
    if (!/^SIP\/2\.0 40[17]/.test(challenge)) return { answer: challenge, text: "" };
    this.at.say(ackOf(challenge));
    const plain = requestText({ ...usual, nth: second });
    const uri = plain.split(" ")[1] ?? "";
    const credentials = credentialsFor(challenge, what.method, uri, this.who);
    const more = [...(usual.more ?? []), credentials];
    const text = requestText({ ...usual, nth: second, more });
    this.at.say(text);
    const answer = await finalOf(this.at, second);
    this.at.say(ackOf(answer));
    await pause(PACE_MS);
    return { answer, text };
  }

  close(): void {
    this.at.close();
  }
}

/** Of an INVITE's final answer that is none of success; of no use to anybody else. */
function ackOf(answer: string): string {
  const line = (name: string) => new RegExp(`^${name}: *[^\\r]*`, "im").exec(answer)?.[0] ?? "";
  const uri = /<([^>]*)>/.exec(line("To"))?.[1] ?? `sip:${DOMAIN}`;
  return [
    ...[`ACK ${uri} SIP/2.0`, line("Via"), "Max-Forwards: 70", line("From"), line("To")],
    ...[line("Call-ID"), "CSeq: 1 ACK", "Content-Length: 0", "", ""],
  ].join("\r\n");
}

function routed(request: string, answer: string, contact: string): string {
  const routes = request.match(/^Record-Route: *[^\r]*/gim) ?? [];
  const lines = [...routes, `Contact: <${contact}>`].join("\r\n");
  return answer.replace("Content-Length", `${lines}\r\nContent-Length`);
}

export function credentialsFor(
  challenge: string,
  method: string,
  uri: string,
  who: Credentials,
): string {
  const all = challenge.match(/^(?:WWW|Proxy)-Authenticate: *Digest [^\r]*/gim) ?? [];
  // What every phone can do; whoever wants more does not offer it.
  const line = all.find((one) => /algorithm="?MD5"?/i.test(one)) ?? all.at(-1) ?? "";
  const value = (name: string) => new RegExp(`${name}="?([^",]+)`, "i").exec(line)?.[1] ?? "";
  const algorithm = value("algorithm") || "MD5";
  const kind = algorithm.toUpperCase() === "MD5" ? "md5" : "sha256";
  const hash = (text: string) => createHash(kind).update(text).digest("hex");
  const [realm, nonce] = [value("realm"), value("nonce")];
  const secret = hash(`${who.user}:${realm}:${who.password}`);
  const [nc, cnonce] = ["00000001", randomBytes(6).toString("hex")];
  const isWithQop = /qop=/i.test(line);
  const middle = isWithQop ? `${nonce}:${nc}:${cnonce}:auth` : nonce;
  const response = hash(`${secret}:${middle}:${hash(`${method}:${uri}`)}`);
  const name = line.startsWith("WWW") ? "Authorization" : "Proxy-Authorization";
  return [
    ...[`${name}: Digest username="${who.user}"`, `realm="${realm}"`, `nonce="${nonce}"`],
    ...[`uri="${uri}"`, `response="${response}"`, `algorithm=${algorithm}`],
    ...(isWithQop ? ["qop=auth", `nc=${nc}`, `cnonce="${cnonce}"`] : []),
  ].join(", ");
}
