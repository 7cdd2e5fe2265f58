/** Watchers and those whom they watch: each remembers what it was told. */
import { parsePidf } from "carillon/documents";
import { type HeaderField, header, type Request, type Response } from "carillon/message";
import { parseNameAddr } from "carillon/uri";
import { pause } from "../interop/until.ts";
import { Asking } from "./asking.ts";
import { SERVER } from "./program.ts";
import { addressOf, type Seeded } from "./seed.ts";

const AGAIN_MS = 100;
const ANSWER_MS = 60_000;

/** One subscription that is wanted, over and over. */
interface Watch {
  readonly by: Seeded;
  readonly whom: Person;
  readonly name: string;
  /** Changes with each SUBSCRIBE that begins one. */
  callId: string;
  seq: number;
  state: "None" | "Subscribing" | "Kept" | "Ending";
  /** Of the server, from its 200. */
  target: string;
  to: string;
  /** The notes in the last NOTIFY since the program was started; undefined: none came. */
  told: readonly string[] | undefined;
}

/** Somebody who says how they are: the note is a number that grows. */
interface Person extends Seeded {
  seq: number;
  isAsking: boolean;
  etag: string | undefined;
  /** The note that got a 2xx, and those that may have since. */
  note: number;
  open: number[];
}

export class Watching {
  subscribed = 0;
  published = 0;
  /** NOTIFYs for what had ended before a kill, each answered with 481. */
  back = 0;
  /** Those that came once more all the same. */
  deaf = 0;
  readonly refusals: string[] = [];
  readonly #asking: Asking;
  readonly #people: readonly Person[];
  readonly #watches: readonly Watch[];
  readonly #ended = new Set<string>();
  readonly #told481 = new Set<string>();

  private constructor(asking: Asking, people: readonly Seeded[], each: number) {
    this.#asking = asking;
    const silent = { seq: 0, isAsking: false, etag: undefined, note: 0 };
    this.#people = people.map((one) => ({ ...one, ...silent, open: [] }));
    this.#watches = this.#people.flatMap((by, i) =>
      Array.from({ length: each }, (_, nth): Watch => {
        const whom = this.#people[(i + nth + 1) % this.#people.length] ?? by;
        const unknown = { callId: "", seq: 0, target: "", to: "", told: undefined };
        return { by, whom, name: `w${i}-${nth}`, state: "None", ...unknown };
      }),
    );
    asking.heard = (request) => this.#notified(request);
  }

  /** `each`: how many others everybody watches. */
  static async at(people: readonly Seeded[], each: number): Promise<Watching> {
    return new Watching(await Asking.open(), people, each);
  }

  close(): void {
    this.#asking.close();
  }

  /** Subscriptions that got a 2xx and have not been ended. */
  get kept(): number {
    return this.#watches.filter(({ state }) => state === "Kept").length;
  }

  /** Those who should have been told since the start, and were not, in words. */
  untold(): readonly string[] {
    return this.#watches.flatMap(({ by, whom, state, told }) => {
      if (state !== "Kept") return [];
      const right = [whom.note, ...whom.open].map(String);
      const isRight = whom.note === 0 || told?.some((note) => right.includes(note));
      if (told !== undefined && isRight) return [];
      const found = told === undefined ? "is told nothing" : `is told “${told.join()}”`;
      return [`${by.account} ${found} of ${whom.account}, who is ${right.join(" or ")}`];
    });
  }

  /** Until the program answers anything. */
  async answered(): Promise<void> {
    for (const watch of this.#watches) watch.told = undefined;
    const startMs = performance.now();
    const [by] = this.#people;
    if (!by) throw new Error("there are no people");
    const uri = `sip:${SERVER.host}`;
    for (let seq = 1; performance.now() - startMs < ANSWER_MS; seq++) {
      const question = { method: "OPTIONS", uri, by, to: `<${uri}>`, callId: `options-${seq}` };
      const answer = this.#asking.ask({ ...question, seq, headers: [] });
      if (await Promise.race([answer, pause(AGAIN_MS)])) return;
    }
    throw new Error(`no answer within ${ANSWER_MS / 1000} s`);
  }

  /** Subscribes, unsubscribes and publishes, at so many requests a second. */
  async load(perSecond: number, isOver: () => boolean, random: () => number): Promise<void> {
    const startMs = performance.now();
    for (let sent = 0; !isOver(); ) {
      const due = ((performance.now() - startMs) / 1000) * perSecond;
      for (; sent < due; sent++) this.#askSomething(random);
      await pause(4);
    }
  }

  /** The program is gone: how many answers will not come. What became of it nobody knows. */
  cutOff(): number {
    this.#asking.forget();
    let open = 0;
    for (const watch of this.#watches) {
      if (watch.state !== "Subscribing" && watch.state !== "Ending") continue;
      open++;
      watch.state = "None";
    }
    for (const person of this.#people) {
      if (person.isAsking) open++;
      person.isAsking = false;
    }
    return open;
  }

  #askSomething(random: () => number): void {
    const pick = <T>(some: readonly T[]): T | undefined => some[Math.floor(random() * some.length)];
    const [watch, person] = [pick(this.#watches), pick(this.#people)];
    if (random() < 0.3 && person && !person.isAsking) void this.#publish(person);
    else if (watch?.state === "None") void this.#subscribe(watch);
    else if (watch?.state === "Kept" && random() < 0.1) void this.#unsubscribe(watch);
  }

  async #subscribe(watch: Watch): Promise<void> {
    const { by, whom, name } = watch;
    const seq = watch.seq + 1;
    const callId = `${name}-${seq}`;
    Object.assign(watch, { state: "Subscribing", seq, callId, told: undefined });
    const uri = addressOf(whom.account);
    const question = { method: "SUBSCRIBE", uri, by, to: `<${uri}>`, callId, seq };
    const response = await this.#asking.ask({ ...question, headers: this.#wish(by, 3600) });
    if (!this.#isAccepted(response, "SUBSCRIBE")) return;
    this.subscribed++;
    const contact = parseNameAddr(header(response, "Contact") ?? "");
    watch.target = contact.ok ? contact.value.uri : "";
    watch.to = header(response, "To") ?? "";
    watch.state = "Kept";
  }

  async #unsubscribe(watch: Watch): Promise<void> {
    const { by, target: uri, to, callId } = watch;
    const seq = ++watch.seq;
    watch.state = "Ending";
    const question = { method: "SUBSCRIBE", uri, by, to, callId, seq };
    const response = await this.#asking.ask({ ...question, headers: this.#wish(by, 0) });
    if (!this.#isAccepted(response, "unsubscribing")) return;
    watch.state = "None";
    // Its last NOTIFY may be on its way.
    await pause(AGAIN_MS);
    this.#ended.add(callId);
  }

  #wish(by: Seeded, expiresSeconds: number): readonly HeaderField[] {
    return [
      ["Event", "presence"],
      ["Accept", "application/pidf+xml"],
      ["Expires", String(expiresSeconds)],
      ["Contact", `<sip:${by.account}@${SERVER.host}:${this.#asking.port}>`],
    ];
  }

  async #publish(person: Person): Promise<void> {
    const note = Math.max(person.note, ...person.open) + 1;
    person.open.push(note);
    person.isAsking = true;
    const { account, etag } = person;
    const uri = addressOf(account);
    const seq = ++person.seq;
    const callId = `${account}-${seq}`;
    const response = await this.#asking.ask({
      ...{ method: "PUBLISH", uri, by: person, to: `<${uri}>`, callId, seq, body: pidf(uri, note) },
      headers: [
        ["Event", "presence"],
        ["Expires", "3600"],
        ["Content-Type", "application/pidf+xml"],
        ...(etag === undefined ? [] : ([["SIP-If-Match", etag]] as const)),
      ],
    });
    person.isAsking = false;
    // It was changed by a PUBLISH that was cut off: nobody can name it any more.
    if (response.status === 412) person.etag = undefined;
    else if (this.#isAccepted(response, "PUBLISH")) {
      this.published++;
      Object.assign(person, { note, open: [], etag: header(response, "SIP-ETag") });
    }
  }

  #notified(request: Request): number {
    const callId = header(request, "Call-ID") ?? "";
    if (this.#told481.has(callId)) this.deaf++;
    if (this.#ended.has(callId)) {
      this.back++;
      this.#told481.add(callId);
      return 481;
    }
    const watch = this.#watches.find((one) => one.callId === callId);
    const presence = parsePidf(request.body);
    if (!watch || !presence.ok) return 200;
    const { notes, tuples } = presence.value;
    watch.told = [...notes, ...tuples.flatMap((tuple) => tuple.notes)];
    return 200;
  }

  #isAccepted({ status }: Response, what: string): boolean {
    if (status === 200) return true;
    this.refusals.push(`${what} with ${status}`);
    return false;
  }
}

const pidf = (entity: string, note: number): string =>
  `<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" ` +
  `entity="${entity}"><tuple id="t1"><status><basic>open</basic></status>` +
  `<note>${note}</note></tuple></presence>`;
