/** A name server that lies: thousands of servers of one name, circles, silence, our own network. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import type { Seeded } from "../durability/seed.ts";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { answer, type Question, question, type Resource } from "./dns-wire.ts";
import { answerTo } from "./recorder.ts";
import { folderIn, Stage } from "./stage.ts";
import { requestText, Stranger } from "./stranger.ts";

const DNS = { host: "127.0.0.1", port: 5354 } as const;
const MANY = 10_000;
/** RFC 3263 with the caps of the library: questions of one search, and servers that are tried. */
const [MOST_QUESTIONS, MOST_TARGETS] = [40, 8];
/** Five seconds are searched for. */
const SEARCHED_MS = 8000;
const ANSWER_MS = 60_000;
const OWN_ADDRESS = "127.0.0.98";

export async function names(folder: string, report: Report): Promise<void> {
  const config = { dns: [`${DNS.host}:${DNS.port}`], domains: ["*", "*.lies.example"] };
  const stage = await Stage.open(folderIn(folder, "names"), 1, { config });
  const who = stage.people[0];
  if (!who) throw new Error("somebody lives there");
  const server = await LyingServer.open();
  for (const [domain, { what, bound }] of Object.entries(LIES)) {
    await report.check(what, () => asked(stage, server, who, domain, bound));
  }
  await report.check("a name of anybody's that leads into this network is not gone to", () =>
    inward(stage, server, who),
  );
  server.close();
  await report.check("the program is as it was", () => stage.close());
}

interface Lie {
  readonly what: string;
  /** Milliseconds within which the caller has an answer. */
  readonly bound: number;
}

const LIES: Readonly<Record<string, Lie>> = {
  "many.lies.example": { what: `${MANY} SRV records`, bound: SEARCHED_MS },
  "circle.lies.example": { what: "a CNAME that leads to itself", bound: SEARCHED_MS },
  "chain.lies.example": { what: "CNAMEs without an end", bound: SEARCHED_MS },
  "naptr.lies.example": { what: "NAPTRs that lead to each other", bound: SEARCHED_MS },
  "slow.lies.example": { what: "no answer at all", bound: SEARCHED_MS },
  "nowhere.lies.example": { what: "NXDOMAIN", bound: SEARCHED_MS },
  "garbage.lies.example": { what: "answers that are none", bound: SEARCHED_MS },
};

/** What one call costs in questions and in time, while others are answered. */
async function asked(
  stage: Stage,
  server: LyingServer,
  who: Seeded,
  domain: string,
  bound: number,
): Promise<string> {
  const [at, beside] = [await Stranger.at(), await Stranger.at()];
  const before = server.questions;
  const startMs = performance.now();
  let tookMs = 0;
  let slowestMs = 0;
  const cost = await stage.cost(async () => {
    at.say(call(at, who, domain, `names-${domain}`));
    const isOver = () => at.heard.find((one) => /^SIP\/2\.0 [3-6]/.test(one));
    for (let nth = 0; isOver() === undefined; nth++) {
      demand(performance.now() - startMs < bound, `no answer within ${bound / 1000} s`);
      slowestMs = Math.max(slowestMs, await roundTrip(beside, nth));
      await pause(50);
    }
    tookMs = performance.now() - startMs;
  });
  const answered = at.heard.find((one) => /^SIP\/2\.0 [3-6]/.test(one)) ?? "";
  for (const one of [at, beside]) one.close();
  const questions = server.questions - before;
  const targets = server.takeTargets();
  demand(questions <= MOST_QUESTIONS, `${questions} questions were asked`);
  demand(targets <= MOST_TARGETS, `${targets} servers were tried`);
  const others = `others answered in ${slowestMs.toFixed(0)} ms at most`;
  const said = `${answered.slice(8, 11)} after ${(tookMs / 1000).toFixed(1)} s`;
  return `${said}, ${questions} questions, ${targets} servers tried; ${others}; ${cost.figure}`;
}

async function roundTrip(at: Stranger, nth: number): Promise<number> {
  const startMs = performance.now();
  at.say(requestText({ method: "OPTIONS", nth: `beside${nth}.`, via: at.via }));
  await until(
    "somebody else is answered",
    () => at.heard.find((one) => one.includes(`beside${nth}.`)),
    5000,
  );
  return performance.now() - startMs;
}

const call = (at: Stranger, who: Seeded, domain: string, nth: string): string => {
  const to = `sip:x@${domain}`;
  const from = `sip:${who.account}@${DOMAIN}`;
  const more = [`Proxy-Authorization: Bearer ${who.token}`];
  return requestText({ method: "INVITE", nth, via: at.via, uri: to, to, from, more });
};

async function inward(stage: Stage, server: LyingServer, who: Seeded): Promise<string> {
  const [at, own] = [await Stranger.at(), await Stranger.at(OWN_ADDRESS, 5060)];
  const before = server.questions;
  const cost = await stage.cost(async () => {
    at.say(call(at, who, "inward.example", "inward"));
    await until(
      "it is answered",
      () => at.heard.find((one) => /^SIP\/2\.0 [3-6]/.test(one)),
      ANSWER_MS,
    );
    await pause(500);
  });
  for (const one of [at, own]) one.close();
  demand(server.questions > before, "nobody was asked for the name");
  demand(own.heard.length === 0, `${own.heard.length} datagrams came there`);
  const answered = at.heard.find((one) => /^SIP\/2\.0 [3-6]/.test(one)) ?? "";
  return `${answered.slice(8, 11)}, ${own.heard.length} datagrams there; ${cost.figure}`;
}

/** Over UDP and TCP; the servers that it names are out of service. */
class LyingServer {
  questions = 0;
  readonly #udp: Socket;
  readonly #tcp: Server;
  readonly #heard = new Set<string>();
  readonly #target: Socket;

  private constructor(udp: Socket, tcp: Server, target: Socket) {
    this.#udp = udp;
    this.#tcp = tcp;
    this.#target = target;
    udp.on("message", (octets, { address, port }) => {
      const reply = this.#reply(octets, 1232);
      if (reply) udp.send(reply, port, address);
    });
    tcp.on("connection", (socket) => {
      socket.on("error", () => {});
      socket.on("data", (octets: Buffer) => {
        const reply = this.#reply(octets.subarray(2), 65_535);
        if (!reply) return;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length);
        socket.end(Buffer.concat([length, reply]));
      });
    });
    target.on("message", (octets, { address, port }) => {
      // Out of service, all of them: the next one is tried at once.
      const text = octets.toString("latin1");
      target.send(answerTo(text, "503 Service Unavailable"), port, address);
      if (!text.startsWith("ACK ")) this.#heard.add(/branch=[^;\r]*/.exec(text)?.[0] ?? "");
    });
  }

  static async open(): Promise<LyingServer> {
    const [udp, target] = [createSocket("udp4"), createSocket("udp4")];
    udp.bind(DNS.port, DNS.host);
    target.bind(6060, "0.0.0.0");
    const tcp = createServer().listen(DNS.port, DNS.host);
    await Promise.all([once(udp, "listening"), once(target, "listening"), once(tcp, "listening")]);
    return new LyingServer(udp, tcp, target);
  }

  /** How many different requests came to servers that it named, since this was last asked. */
  takeTargets(): number {
    const { size } = this.#heard;
    this.#heard.clear();
    return size;
  }

  close(): void {
    this.#udp.close();
    this.#target.close();
    this.#tcp.close();
  }

  #reply(octets: Buffer, room: number): Buffer | undefined {
    const asked = question(octets);
    if (!asked) return undefined;
    this.questions++;
    if (asked.name.startsWith("slow.") || asked.name.includes(".slow.")) return undefined;
    if (asked.name.includes("garbage."))
      return Buffer.concat([octets.subarray(0, 12), Buffer.alloc(40, 0xff)]);
    return answer(octets, asked, lies(asked), room);
  }
}

/** Undefined: there is no such name. */
function lies({ name, type }: Question): readonly Resource[] | undefined {
  if (name.includes("circle.")) return [{ name, type: "CNAME", target: name }];
  if (name.includes("chain.")) {
    const next = Number(/^n(\d+)\./.exec(name)?.[1] ?? 0) + 1;
    return [{ name, type: "CNAME", target: `n${next}.chain.lies.example` }];
  }
  if (name.includes("naptr.")) {
    return type === "NAPTR" ? [{ name, type, target: `_sip._udp.${name.slice(-18)}` }] : [];
  }
  if (name.includes("many.")) {
    if (type === "SRV" && name.startsWith("_sip._udp.")) {
      return Array.from({ length: MANY }, (_, nth) => ({
        ...({ name, type: "SRV", target: `h${nth}.many.lies.example`, port: 6060 } as const),
      }));
    }
    const nth = Number(/^h(\d+)/.exec(name)?.[1] ?? 0);
    return type === "A" ? [{ name, type, address: `127.0.${nth >> 8}.${nth & 255}` }] : [];
  }
  if (name === "inward.example") return type === "A" ? [{ name, type, address: OWN_ADDRESS }] : [];
  return undefined;
}
