/**
 * People who call through a busy server, as many as one likes, with the repetitions that SIP has
 * over UDP; and who answers them. RFC 3261 §17, as much of it as load needs.
 */
import type { Octets } from "../grammar/octets.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Address } from "../uri/host.ts";

/** What carries their datagrams, and the time they live by: of a test, or the real one. */
export interface CallersWorld {
  /** Its time, in ms. */
  readonly now: Millis;
  /** Runs something at this time, or soon if that has passed. */
  at(time: Millis, run: () => void): void;
  /** A datagram to the server. */
  send(from: Address, octets: Octets): void;
  /** Somebody is there, and hears what the server sends. */
  join(at: Address, hear: (octets: Octets) => void): void;
}

/** Where those who call are, and whoever answers. */
export interface CallersPlaces {
  /** All of those who call: one address. */
  readonly callers: Address;
  /** Who answers. */
  readonly callee: Address;
}

/** Where they are on a network that is made up. */
export const PLACES: CallersPlaces = {
  callers: { host: "192.0.2.9", port: 5060 },
  callee: { host: "192.0.2.7", port: 5060 },
};
/** The Contact that is to be registered for whoever is called. */
export const contactOf = ({ host, port }: Address): Octets => `sip:callee@${host}:${port}`;

const [T1, T2, TIMER_B]: readonly [Millis, Millis, Millis] = [500, 4000, 32_000];

/** One call, from where it is made. */
export interface PlacedCall {
  /** When the first INVITE was sent, by the clock of its world. */
  readonly startedAt: Millis;
  /** Milliseconds from the first INVITE to the 200, once there is one. */
  setUpMs: number | undefined;
  /** The 503, a silence of 32 s, or a BYE that was answered. */
  end: "refused" | "timeout" | "over" | "lost" | undefined;
  /** When that was, by the same clock; 0 before. */
  endedAt: Millis;
  /** What the Retry-After of a 503 said. */
  retryAfter: number;
}

/** How they call. */
export interface CallersOptions {
  /** How long a call lasts, in ms. */
  readonly holdMs: Millis;
  /** What is called: a Request-URI. */
  readonly uri: Octets;
  /** Lines that each INVITE has beside the usual ones. */
  readonly lines?: (nth: number) => readonly Octets[];
  /** PLACES if left out. */
  readonly places?: CallersPlaces;
  /** Called whenever a call has ended. */
  readonly ended?: () => void;
}

/** Everybody who calls, and the calls that they made. */
export class ManyCallers {
  /** All of them, in the order in which they were begun. */
  readonly calls: PlacedCall[] = [];
  readonly #server: CallersWorld;
  readonly #options: CallersOptions;
  readonly #waiting = new Map<string, (response: Octets, status: number) => void>();
  readonly #callee: Callee;
  readonly #from: Address;

  /** Nobody calls until `call` or `one`. */
  constructor(server: CallersWorld, options: CallersOptions) {
    this.#server = server;
    this.#options = options;
    const { callers, callee } = options.places ?? PLACES;
    this.#from = callers;
    this.#callee = new Callee(server, callee);
    server.join(callers, (octets) => {
      const status = Number(octets.slice(8, 11));
      this.#waiting.get(`${field(octets, "CSeq")} ${field(octets, "Call-ID")}`)?.(octets, status);
    });
    server.join(callee, (octets) => this.#callee.hear(octets));
  }

  /** So many a second, evenly, from now until then. */
  call(perSecond: number, untilMs: Millis): void {
    const { now } = this.#server;
    const everyMs = 1000 / perSecond;
    for (let nth = 0; now + nth * everyMs < untilMs; nth++) {
      this.#server.at(now + nth * everyMs, () => this.one());
    }
  }

  /** One more, now. */
  one(): void {
    const server = this.#server;
    const nth = this.calls.length;
    const call: PlacedCall = {
      startedAt: server.now,
      ...{ setUpMs: undefined, end: undefined, endedAt: 0, retryAfter: 0 },
    };
    this.calls.push(call);
    const id = `call-${nth}-${this.#from.host}`;
    const lines = this.#options.lines?.(nth) ?? [];
    const ended = (end: NonNullable<PlacedCall["end"]>) => {
      call.end = end;
      call.endedAt = server.now;
      this.#waiting.delete(`1 INVITE ${id}`);
      this.#waiting.delete(`2 BYE ${id}`);
      this.#options.ended?.();
    };
    const invite = request("INVITE", { from: this.#from, id, uri: this.#options.uri, lines });
    let [isHeard, isAnswered] = [false, false];
    this.#again(invite, Number.POSITIVE_INFINITY, () => isHeard || call.end !== undefined);
    server.at(server.now + TIMER_B, () => isHeard || ended("timeout"));
    this.#waiting.set(`1 INVITE ${id}`, (response, status) => {
      isHeard = true;
      if (status >= 300) {
        const to = field(response, "To");
        server.send(
          this.#from,
          request("ACK", { from: this.#from, id, uri: this.#options.uri, to, isOf: "INVITE" }),
        );
        call.retryAfter = Number(field(response, "Retry-After"));
        if (!isAnswered) ended("refused");
      } else if (status >= 200) {
        if (!isAnswered) call.setUpMs = server.now - call.startedAt;
        this.#answered(id, response, isAnswered, ended);
        isAnswered = true;
      }
    });
  }

  /** ACK now, as often as the 200 comes; BYE once. */
  #answered(id: string, response: Octets, again: boolean, ended: (how: "over" | "lost") => void) {
    const server = this.#server;
    const to = field(response, "To");
    const lines = fields(response, "Record-Route").map((value) => `Route: ${value}`);
    const uri = field(response, "Contact").slice(1, -1);
    server.send(this.#from, request("ACK", { from: this.#from, id, uri, to, lines }));
    if (again) return;
    server.at(server.now + this.#options.holdMs, () => {
      let isOver = false;
      const bye = request("BYE", { from: this.#from, id, uri, to, lines, seq: 2 });
      this.#again(bye, T2, () => isOver);
      server.at(server.now + TIMER_B, () => {
        if (!isOver) ended("lost");
        isOver = true;
      });
      this.#waiting.set(`2 BYE ${id}`, (_, status) => {
        if (!isOver) ended(status === 200 ? "over" : "lost");
        isOver = true;
      });
    });
  }

  #again(text: Octets, mostMs: Millis, isEnough: () => boolean): void {
    repeat(this.#server, mostMs, () => {
      if (isEnough()) return false;
      this.#server.send(this.#from, text);
      return true;
    });
  }
}

/** Rings, and answers at once. */
class Callee {
  readonly #server: CallersWorld;
  readonly #acknowledged = new Map<string, boolean>();
  readonly #at: Address;

  constructor(server: CallersWorld, at: Address) {
    this.#server = server;
    this.#at = at;
  }

  hear(octets: Octets): void {
    const id = field(octets, "Call-ID");
    if (octets.startsWith("ACK ")) this.#acknowledged.set(id, true);
    else if (octets.startsWith("BYE ")) this.#say(octets, "200 OK");
    else if (octets.startsWith("INVITE ") && !this.#acknowledged.has(id)) {
      this.#acknowledged.set(id, false);
      this.#say(octets, "180 Ringing");
      repeat(this.#server, T2, () => {
        if (this.#acknowledged.get(id)) return false;
        this.#say(octets, "200 OK");
        return true;
      });
    }
  }

  #say(to: Octets, status: string): void {
    const same = ["Via", "Record-Route", "From", "Call-ID", "CSeq"].flatMap((name) =>
      fields(to, name).map((value) => `${name}: ${value}`),
    );
    const tag = field(to, "To").includes("tag=") ? "" : ";tag=callee";
    const own = [`To: ${field(to, "To")}${tag}`, `Contact: <${contactOf(this.#at)}>`];
    const lines = [`SIP/2.0 ${status}`, ...same, ...own, "Content-Length: 0"];
    this.#server.send(this.#at, `${lines.join("\r\n")}\r\n\r\n`);
  }
}

/** Now, after T1, twice that and so on, for 32 s or until `say` has enough. */
function repeat(server: CallersWorld, mostMs: Millis, say: () => boolean): void {
  const endAt = server.now + TIMER_B;
  const once = (afterMs: Millis) => {
    if (server.now < endAt && say()) {
      server.at(server.now + afterMs, () => once(Math.min(2 * afterMs, mostMs)));
    }
  };
  once(T1);
}

interface Parts {
  readonly from: Address;
  readonly id: string;
  readonly uri: Octets;
  readonly to?: Octets;
  readonly lines?: readonly Octets[];
  readonly seq?: number;
  /** The method whose transaction this belongs to. */
  readonly isOf?: string;
}

function request(method: string, parts: Parts): Octets {
  const { id, uri, seq = 1, isOf = method, to = `<${uri}>`, lines = [] } = parts;
  const { host, port } = parts.from;
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host}:${port};branch=z9hG4bK-${isOf}-${id}`,
    ...["Max-Forwards: 70", `From: <sip:caller@house.example>;tag=caller`, `To: ${to}`],
    ...[`Call-ID: ${id}`, `CSeq: ${seq} ${method}`, `Contact: <sip:caller@${host}:${port}>`],
    ...lines,
    "Content-Length: 0\r\n\r\n",
  ].join("\r\n");
}

function fields(text: Octets, name: string): readonly Octets[] {
  const start = `\r\n${name}: `;
  const found: Octets[] = [];
  for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 2)) {
    found.push(text.slice(at + start.length, text.indexOf("\r\n", at + 2)));
  }
  return found;
}

const field = (text: Octets, name: string): Octets => fields(text, name)[0] ?? "";
