/** Whether an answer, or the time that it takes, tells who lives here. */
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { folderIn, Stage } from "./stage.ts";
import { requestText, Stranger } from "./stranger.ts";

const PEOPLE = 50;
const METHODS = ["REGISTER", "INVITE", "OPTIONS", "MESSAGE", "SUBSCRIBE"];
/** How far from a half the area under the curve may be: half is what guessing has. */
const TELLS_NOTHING = 0.03;
/** Or so many times what chance makes of it, where few are asked. */
const BY_CHANCE = 3.3;
const ANSWER_MS = 5000;
/** Phones that one of those who live here has: each is a password to compare with. */
const PHONES = 10;
/** Before it counts. */
const WARM_UP = 50;
/** Each of these is answered at an even time, and waits for it: few are asked in the short form. */
const FEW_GUESSES = 1000;
/** Nobody gets more than a hundred answers a second, so that those who ask take turns. */
const STRANGERS = 250;
/** All guesses are to be looked at, however many come: else there is nothing to measure. */
const NO_BUDGETS = {
  protection: {
    bans: false,
    passwords: { ofSourceForPerson: 10_000, forPerson: 100_000, ofSource: 1_000_000 },
  },
};
/** Questions for which a nonce is used: it lives for five minutes, and one takes 20 ms. */
const NONCE_FOR = 5000;
/** Those whose answers are timed. */
const TIMED = ["INVITE", "REGISTER", "OPTIONS"];

interface Probe {
  readonly isKnown: boolean;
  readonly text: string;
}

interface Probed extends Probe {
  readonly answer: string;
  readonly ms: number;
}

/** Asks one after the other; each answer is awaited before the next question. */
class Prober {
  readonly #strangers: readonly Stranger[];
  /** Of each of them. */
  readonly #nonces = new Map<number, { readonly value: string; readonly until: number }>();
  #nth = 0;

  private constructor(strangers: readonly Stranger[]) {
    this.#strangers = strangers;
  }

  static async open(): Promise<Prober> {
    const hosts = Array.from({ length: STRANGERS }, (_, i) => `127.0.4.${i + 1}`);
    return new Prober(await Promise.all(hosts.map((host) => Stranger.at(host))));
  }

  /** A wrong password, by a nonce of its own that was asked for before and is not timed. */
  async guess(user: string): Promise<Omit<Probed, "isKnown">> {
    const which = this.#turn;
    let nonce = this.#nonces.get(which);
    if (nonce === undefined || this.#nth > nonce.until) {
      const { answer } = await this.ask("REGISTER", user, [], which);
      const value = /nonce="([^"]+)"/.exec(answer)?.[1];
      demand(value !== undefined, `no nonce in ${answer}`);
      nonce = { value, until: this.#nth + NONCE_FOR };
      this.#nonces.set(which, nonce);
    }
    return this.ask("REGISTER", user, wrongPassword(user, nonce.value), which);
  }

  /** Whose turn it is: two questions of one, so that they can be compared. */
  get #turn(): number {
    return (this.#nth >> 1) % STRANGERS;
  }

  close(): void {
    for (const stranger of this.#strangers) stranger.close();
  }

  async ask(
    method: string,
    user: string,
    more: readonly string[] = [],
    which = this.#turn,
  ): Promise<Omit<Probed, "isKnown">> {
    const to = `sip:${user}@${DOMAIN}`;
    const stranger = this.#strangers[which]!;
    const nth = `e${String(this.#nth++).padStart(8, "0")}`;
    const uri = method === "REGISTER" ? `sip:${DOMAIN}` : to;
    const text = requestText({ method, nth, via: stranger.via, from: to, to, uri, more });
    const answered = Promise.withResolvers<string>();
    stranger.onHeard = (heard) => {
      if (heard.includes(`z9hG4bK-${nth}`)) answered.resolve(heard);
    };
    const late = setTimeout(
      () => answered.reject(new Error(`${method} for ${user} was not answered`)),
      ANSWER_MS,
    );
    const startMs = performance.now();
    stranger.say(text);
    const answer = await answered.promise;
    const ms = performance.now() - startMs;
    clearTimeout(late);
    stranger.heard.length = 0;
    return { text, answer, ms };
  }
}

export async function enumeration(folder: string, report: Report, isFull: boolean): Promise<void> {
  const stage = await Stage.open(folderIn(folder, "enumeration"), PEOPLE);
  const prober = await Prober.open();
  const probes = isFull ? 10_000 : 2000;
  await report.check("who lives here is answered as who does not, to the octet", () =>
    looksAlike(prober),
  );
  for (const method of TIMED) {
    await report.check(`${2 * probes} of ${method} from nobody: time does not tell names`, () =>
      takesAsLong(stage, {
        probes,
        ask: (isKnown, nth) => prober.ask(method, isKnown ? known(nth) : unknown(nth)),
      }),
    );
  }
  await stage.close();
  await guesses(folder, report, isFull, prober);
  prober.close();
}

/** Somebody with ten phones, and nobody. */
async function guesses(
  folder: string,
  report: Report,
  isFull: boolean,
  prober: Prober,
): Promise<void> {
  const own = folderIn(folder, "enumeration-guesses");
  const stage = await Stage.open(own, PEOPLE, { config: NO_BUDGETS });
  const [zoe] = await stage.house.addDeskPhones(["Zoe"] as const);
  for (let more = 1; more < PHONES; more++) await stage.house.addDeskPhone(zoe.user);
  const probes = isFull ? 10_000 : FEW_GUESSES;
  await report.check(`${2 * probes} wrong passwords: time does not tell who has phones here`, () =>
    takesAsLong(stage, {
      probes,
      async ask(isKnown, nth) {
        const user = isKnown ? zoe.user : `${zoe.user.slice(0, -1)}${nth % 10}`;
        return prober.guess(user);
      },
    }),
  );
  const { wrong } = (await stage.house.status()).protection;
  await report.check("each of them was looked at", async () => {
    demand(wrong >= 2 * probes, `${wrong} of ${2 * probes}`);
    return `${wrong} were`;
  });
  await stage.close();
}

/** A name of the same length of somebody who does not live here, and of somebody who does. */
const known = (nth: number): string => `p${10 + (nth % 40)}`;
const unknown = (nth: number): string => `q${10 + (nth % 40)}`;

async function looksAlike(prober: Prober): Promise<string> {
  let compared = 0;
  for (const method of METHODS) {
    for (let nth = 0; nth < 10; nth++) {
      const [here, elsewhere] = [known(nth), unknown(nth)];
      const one = plain((await prober.ask(method, here)).answer, here);
      const other = plain((await prober.ask(method, elsewhere)).answer, elsewhere);
      demand(one === other, `${method} for ${here} and ${elsewhere}: ${one} and ${other}`);
      compared++;
    }
  }
  return `${compared} pairs over ${METHODS.length} methods`;
}

/** What differs between any two answers is made the same, at its own length. */
const plain = (answer: string, user: string): string =>
  answer
    .replaceAll(`:${user}@`, ":somebody@")
    .replaceAll(/(nonce="|;tag=)([^";\r\n]+)/g, (_, name, value) => `${name}${value.length}`)
    .replaceAll(/e\d{8}/g, "nth");

interface Questions {
  /** So many about each kind of people. */
  readonly probes: number;
  ask(isKnown: boolean, nth: number): Promise<Omit<Probed, "isKnown">>;
}

async function takesAsLong(stage: Stage, { probes, ask }: Questions): Promise<string> {
  const [yes, no]: [number[], number[]] = [[], []];
  const cost = await stage.cost(async () => {
    for (let nth = 0; nth < WARM_UP + probes; nth++) {
      // In turn, and who is first changes by chance: what is slow for a while is so for both.
      for (const isKnown of Math.random() < 0.5 ? [true, false] : [false, true]) {
        const { ms } = await ask(isKnown, nth);
        if (nth >= WARM_UP) (isKnown ? yes : no).push(ms);
      }
    }
  });
  const area = areaUnderCurve(yes, no);
  const median = (all: readonly number[]) =>
    (all.toSorted((a, b) => a - b)[all.length >> 1] ?? 0).toFixed(3);
  const medians = `${median(yes)} and ${median(no)} ms in the middle`;
  const figure = `area under the curve ${area.toFixed(3)}; ${medians}`;
  // Of two samples of n from one distribution: the standard deviation of the area between them.
  const deviation = Math.sqrt((2 * probes + 1) / (12 * probes * probes));
  demand(Math.abs(area - 0.5) <= Math.max(TELLS_NOTHING, BY_CHANCE * deviation), figure);
  return `${figure}; ${cost.figure}`;
}

/** How often one of the first took longer than one of the second; ties count half. */
function areaUnderCurve(first: readonly number[], second: readonly number[]): number {
  const all = [
    ...first.map((ms) => ({ ms, isFirst: true })),
    ...second.map((ms) => ({ ms, isFirst: false })),
  ].sort((a, b) => a.ms - b.ms);
  let sum = 0;
  for (let start = 0, end = 0; start < all.length; start = end) {
    while (all[end]?.ms === all[start]?.ms) end++;
    // The mean rank of those that tie.
    const rank = (start + end + 1) / 2;
    for (const { isFirst } of all.slice(start, end)) if (isFirst) sum += rank;
  }
  return (sum - (first.length * (first.length + 1)) / 2) / (first.length * second.length);
}

/** Credentials with this nonce and a wrong response, for anybody. */
function wrongPassword(user: string, nonce: string): readonly string[] {
  const response = "0".repeat(64);
  return [
    `Authorization: ${[
      ...[`Digest username="${user}"`, `realm="${DOMAIN}"`, `nonce="${nonce}"`],
      ...[`uri="sip:${DOMAIN}"`, "algorithm=SHA-256", "qop=auth", "nc=00000001", 'cnonce="c"'],
      `response="${response}"`,
    ].join(", ")}`,
  ];
}
