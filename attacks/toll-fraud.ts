/**
 * Somebody who lives here and wants more calls to elsewhere than they may have: call, call, have
 * them joined, hang up in every way that only looks like it, and again. The gateway that they go to
 * counts its own legs, and does whatever it is asked.
 */
import { CountingGateway, Swindler, type Trick } from "carillon/testing";
import type { Seeded } from "../durability/seed.ts";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { answerTo, type Recorder, registered } from "./recorder.ts";
import { folderIn, SIP, Stage } from "./stage.ts";
import { requestText, Stranger } from "./stranger.ts";

const [GATEWAY, COLLUDER] = ["127.0.0.20", "127.0.0.66"];
const OPEN = { domains: [GATEWAY] };
/** What one person may have at a time, where nobody has said otherwise. */
const AT_ONCE = 4;
const PEOPLE = 4;
const [ROUNDS, FULL_ROUNDS] = [24, 200];
const ANSWER_MS = 5000;
/** How long an answer is waited for before the next message. */
const MOST_MS = 400;

/** What only looks like the end of a call, or is. */
const ENDS: readonly Trick[] = [
  ...(["BYE with another tag", "BYE to a colluder", "BYE by way of a colluder"] as const),
  ...(["BYE with an old number", "BYE in the name of the gateway", "a number too high"] as const),
  ...(["refresh at a colluder", "CANCEL", "BYE", "REFER in the name of the gateway"] as const),
];

export async function tollFraud(folder: string, report: Report, isFull: boolean): Promise<void> {
  const rounds = isFull ? FULL_ROUNDS : ROUNDS;
  const what = `${rounds} rounds of call, call, REFER-join`;
  await report.check(`${what}: never more than ${AT_ONCE} legs of one person`, () =>
    passedOn(folderIn(folder, "toll"), rounds),
  );
  await report.check(`the same through the bridge, which joins calls itself`, () =>
    bridged(folderIn(folder, "toll-bridged"), rounds),
  );
  await report.check("without the limit the gateway would have seen more", () =>
    unlimited(folderIn(folder, "toll-unlimited")),
  );
  await report.check("numbers that cost are closed, dialled or by REFER", () =>
    closedNumbers(folderIn(folder, "toll-numbers")),
  );
}

async function passedOn(folder: string, rounds: number): Promise<string> {
  const stage = await Stage.open(folder, PEOPLE, { config: OPEN });
  const play = await Play.open(stage);
  const cost = await stage.cost(() => play.rounds(rounds));
  const { gateway, referrals } = play;
  demand(gateway.most <= AT_ONCE, `${gateway.most} legs of one person at a time`);
  demand(gateway.most === AT_ONCE, `only ${gateway.most} legs: nobody has come to the limit`);
  demand(gateway.referred === 0, `${gateway.referred} REFERs came to the gateway`);
  const others = referrals.filter((status) => status !== 403);
  demand(others.length === 0, `${others.length} REFERs were answered with ${others[0]}`);
  demand(referrals.length >= rounds / 2, `only ${referrals.length} REFERs were answered`);
  const left = await play.close();
  await stage.close();
  const legs = `${gateway.answered} calls, at most ${gateway.most} legs of one person at a time`;
  return `${legs}, ${referrals.length} REFERs refused with 403, ${left}; ${cost.figure}`;
}

async function bridged(folder: string, rounds: number): Promise<string> {
  const args = ["--media", "always"];
  const stage = await Stage.open(folder, PEOPLE, { config: OPEN, args });
  const play = await Play.open(stage, DESCRIPTION);
  const cost = await stage.cost(() => play.rounds(rounds));
  const { gateway, referrals } = play;
  demand(gateway.most <= AT_ONCE, `${gateway.most} legs of one person at a time`);
  demand(gateway.most === AT_ONCE, `only ${gateway.most} legs: nobody has come to the limit`);
  demand(gateway.referred === 0, `${gateway.referred} REFERs came to the gateway`);
  const taken = referrals.filter((status) => status < 300).length;
  demand(taken > 0, `no REFER was carried out: ${referrals.join()}`);
  const left = await play.close();
  await stage.close();
  const legs = `${gateway.answered} calls, at most ${gateway.most} legs of one person at a time`;
  return `${legs}, ${taken} REFERs taken by the house, ${left}; ${cost.figure}`;
}

async function unlimited(folder: string): Promise<string> {
  const stage = await Stage.open(folder, PEOPLE, { config: { ...OPEN, dialling: false } });
  const play = await Play.open(stage);
  await play.rounds(ROUNDS);
  const { most, referred } = play.gateway;
  play.stop();
  demand(most > AT_ONCE && referred > 0, `${most} legs, ${referred} REFERs: it shows nothing`);
  await stage.close();
  return `${most} legs of one person, ${referred} REFERs carried out`;
}

interface Person {
  readonly swindler: Swindler;
  say(from: string, text: string): void;
  /** Final answers that came, to whatever. */
  finals(): number;
}

/** The gateway, a host that says yes to everything, and people who try. */
class Play {
  readonly gateway: CountingGateway;
  /** Answers to REFERs. */
  readonly referrals: number[] = [];
  readonly #stage: Stage;
  readonly #sockets: Stranger[] = [];
  readonly #people: Person[] = [];
  #gatewaySocket: Stranger | undefined;

  private constructor(stage: Stage, description: string | undefined) {
    this.#stage = stage;
    const described = description === undefined ? {} : { description };
    this.gateway = new CountingGateway({ at: `${GATEWAY}:5060`, ...described });
  }

  static async open(stage: Stage, description?: string): Promise<Play> {
    const play = new Play(stage, description);
    const gateway = await Stranger.at(GATEWAY, 5060);
    const colluder = await Stranger.at(COLLUDER, 5060);
    gateway.onHeard = (text) => {
      for (const said of play.gateway.hears(text)) gateway.say(said);
    };
    colluder.onHeard = (text) => {
      if (!/^(?:SIP|ACK)/.test(text)) colluder.say(answerTo(text, "200 OK"));
    };
    play.#gatewaySocket = gateway;
    play.#sockets.push(gateway, colluder);
    for (const one of stage.people) await play.#join(one, description);
    return play;
  }

  async #join({ account, token }: Seeded, description: string | undefined): Promise<void> {
    const [own, forger] = [await Stranger.at(), await Stranger.at()];
    this.#sockets.push(own, forger);
    const at = (one: Stranger): string => `127.0.0.1:${one.port}`;
    const swindler = new Swindler(Math.random, {
      ...{ aor: `sip:${account}@${DOMAIN}`, credentials: `Bearer ${token}` },
      ...{ own: at(own), forger: at(forger), gateway: `${GATEWAY}:5060` },
      colluder: `${COLLUDER}:5060`,
      ...(description !== undefined && { description }),
    });
    const say = (from: string, text: string) => (from === at(own) ? own : forger).say(text);
    let finals = 0;
    for (const one of [own, forger]) {
      one.onHeard = (text) => {
        if (/^SIP\/2\.0 [2-6]/.test(text)) finals++;
        if (/^SIP\/2\.0 [2-6]/.test(text) && /^CSeq: \d+ REFER/im.test(text)) {
          this.referrals.push(Number(text.slice(8, 11)));
        }
        for (const said of swindler.hears(text)) one.say(said);
      };
    }
    this.#people.push({ swindler, say, finals: () => finals });
  }

  /** Each by the next person: nobody calls too often in a day. */
  async rounds(count: number): Promise<void> {
    for (let round = 0; round < count; round++) {
      const person = this.#people[round % this.#people.length];
      if (!person) return;
      const tries = async (trick: Trick): Promise<void> => {
        const before = person.finals();
        const said = person.swindler.tries(trick);
        if (said) person.say(said.from, said.text);
        // Some are not answered at all.
        for (let ms = 0; said && person.finals() === before && ms < MOST_MS; ms += 5)
          await pause(5);
        await pause(10);
      };
      await tries("call");
      await tries("call");
      await tries("join");
      await tries(ENDS[(2 * round) % ENDS.length] ?? "BYE");
      await tries(ENDS[(2 * round + 1) % ENDS.length] ?? "BYE");
      // So that there are calls to be made: the other side hangs up, too.
      if (round % 5 === 4) this.#hangUp();
      await pause(15);
    }
    await pause(500);
  }

  #hangUp(): void {
    const bye = this.gateway.hangUp(0);
    if (bye !== undefined) this.#gatewaySocket?.say(bye);
  }

  /** The gateway ends all of it; the house has to know. */
  async close(): Promise<string> {
    while (this.gateway.legs > 0) {
      const before = this.gateway.legs;
      this.#hangUp();
      await pause(10);
      if (this.gateway.legs === before) break;
    }
    let counted = -1;
    const isFree = async (): Promise<true | undefined> => {
      const { outgoing } = await this.#stage.house.status();
      counted = outgoing.outside;
      return counted === 0 || undefined;
    };
    for (let i = 0; i < 20 && !(await isFree()); i++) await pause(500);
    demand(counted === 0, `${counted} legs count when all have ended`);
    this.stop();
    return "0 counted when all had ended";
  }

  stop(): void {
    for (const one of this.#sockets) one.close();
  }
}

// ---- numbers ----------------------------------------------------------------------------------

const CLOSED = [
  ...["0044201234", "+44201234", "011442012", "%30%3044", "00-44-20", "0900123", "+979123"],
  ...["+8811234", "*21*0044%23", "%2B44;phone-context=x", "1900555", "(00)44"],
];
const OPEN_NUMBER = "089123";

async function closedNumbers(folder: string): Promise<string> {
  const stage = await Stage.open(folder, 2, { config: OPEN });
  const [alice, bob] = stage.people;
  if (!alice || !bob) throw new Error("two people live there");
  const [at, gateway] = [await Stranger.at(), await Stranger.at(GATEWAY, 5060)];
  gateway.onHeard = (text) => {
    if (!/^(?:SIP|ACK)/.test(text)) gateway.say(answerTo(text, "486 Busy Here"));
  };
  const phone = await registered(bob, { answer: () => "200 OK" });
  const cost = await stage.cost(async () => {
    for (const [nth, number] of CLOSED.entries()) {
      await refused(at, `dialled${nth}`, invite(at, alice, `dialled${nth}`, number));
      await refused(at, `referred${nth}`, refer(at, alice, `referred${nth}`, number));
    }
    await referredInside(at, alice, phone);
  });
  const heard = gateway.heard.filter((text) => !text.startsWith("SIP/")).length;
  demand(heard === 0, `${heard} requests came to the gateway`);
  const came = phone.requests.filter((text) => text.startsWith("REFER ")).length;
  demand(came === 0, `${came} REFERs came to the phone`);
  // What is open arrives by the same ways.
  at.say(invite(at, alice, "open", OPEN_NUMBER));
  at.say(refer(at, alice, "openrefer", OPEN_NUMBER));
  const arrives = (texts: () => readonly string[], id: string) => () =>
    texts().some((text) => text.includes(id)) || undefined;
  await until(
    "an open number is called",
    arrives(() => gateway.heard, "open@"),
    ANSWER_MS,
  );
  await until(
    "a REFER there arrives",
    arrives(() => phone.requests, "openrefer@"),
    ANSWER_MS,
  );
  for (const one of [at, gateway, phone]) one.close();
  await stage.close();
  const tried = `${CLOSED.length} numbers dialled and by REFER, in a dialog and outside`;
  return `${tried}: 403 each, 0 at the gateway, 0 at the phone; ${cost.figure}`;
}

async function refused(at: Stranger, nth: string, text: string): Promise<void> {
  at.say(text);
  const said = await until(nth, () => finalOf(at, `z9hG4bK-${nth}`), ANSWER_MS);
  demand(said.startsWith("SIP/2.0 403 "), `${nth}: ${said.split("\r\n")[0]}`);
  demand(/^Warning: 399 .*(?:no right|right)/im.test(said), `${nth}: not in words`);
}

const finalOf = ({ heard }: Stranger, branch: string): string | undefined =>
  heard.find((text) => /^SIP\/2\.0 [2-6]/.test(text) && text.includes(`${branch};`));

const ofAlice = (at: Stranger, { account, token }: Seeded) => ({
  ...{ via: at.via, from: `sip:${account}@${DOMAIN}`, contact: `sip:p@127.0.0.1:${at.port}` },
  credentials: `Proxy-Authorization: Bearer ${token}`,
});

function invite(at: Stranger, who: Seeded, nth: string, number: string): string {
  const { credentials, ...own } = ofAlice(at, who);
  const uri = `sip:${number}@${GATEWAY}:5060`;
  return requestText({ ...own, method: "INVITE", nth, uri, to: uri, more: [credentials] });
}

function refer(at: Stranger, who: Seeded, nth: string, number: string): string {
  const { credentials, ...own } = ofAlice(at, who);
  const more = [`Refer-To: <sip:${number}@${GATEWAY}:5060>`, credentials];
  return requestText({ ...own, method: "REFER", nth, to: `sip:p1@${DOMAIN}`, more });
}

/** In a call with somebody of the house, whose phone would do it, by its own rights. */
async function referredInside(at: Stranger, who: Seeded, phone: Recorder): Promise<void> {
  const { credentials, ...own } = ofAlice(at, who);
  const to = `sip:p1@${DOMAIN}`;
  at.say(requestText({ ...own, method: "INVITE", nth: "inside", to, more: [credentials] }));
  await until("bob answers", () => finalOf(at, "z9hG4bK-inside"), ANSWER_MS);
  const came = phone.requests.find((text) => text.startsWith("INVITE ")) ?? "";
  const routes = [...came.matchAll(/^Record-Route: *([^\r]*)/gim)].map(
    ([, one]) => `Route: ${one}`,
  );
  demand(routes.length > 0, "there is no route in the dialog");
  for (const [nth, number] of CLOSED.entries()) {
    const id = `within${nth}`;
    const more = [...routes.toReversed(), `Refer-To: <sip:${number}@${GATEWAY}:5060>`];
    const text = requestText({
      ...{ ...own, method: "REFER", nth: id, to, more },
      uri: `sip:p1@127.0.0.1:${phone.port}`,
    })
      .replace(/^From: .*$/m, `From: <${own.from}>;tag=inside`)
      .replace(/^To: .*$/m, `To: <${to}>;tag=recorder`)
      .replace(/^Call-ID: .*$/m, "Call-ID: inside@stranger")
      .replace(/^CSeq: 1 /m, `CSeq: ${100 + nth} `);
    await refused(at, id, text);
  }
}

const DESCRIPTION = [
  ...["v=0", `o=- 1 1 IN IP4 ${SIP.host}`, "s=-", `c=IN IP4 ${SIP.host}`, "t=0 0"],
  ...["m=audio 40000 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", ""],
].join("\r\n");
