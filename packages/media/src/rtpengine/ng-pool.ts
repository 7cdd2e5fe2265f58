/**
 * Several rtpengines, of which each call has one: by weight and by how many calls each has. One
 * that answers no more is left out until it does again.
 */
import { entryOf } from "./bencode.ts";
import { NgNode, type NgNodeOptions } from "./ng-node.ts";

/** One of them. */
export interface PooledNode extends NgNodeOptions {
  /** Its share of calls beside the others', 1 if left out; 0: none unless it is the last. */
  readonly weight?: number;
}

/** How they are watched. */
export interface NgPoolOptions {
  readonly nodes: readonly PooledNode[];
  /** How often each is asked whether it is well. */
  readonly pingMs: number;
  /** One is gone or back. */
  readonly onchange: (node: Member, isUp: boolean) => void;
}

/** An rtpengine as the pool knows it. */
export interface Member {
  /** What asks it. */
  readonly node: NgNode;
  /** Its share of calls beside the others'. */
  readonly weight: number;
  /** It answers. */
  readonly isUp: boolean;
  /** How many calls it has. */
  readonly calls: number;
}

interface Kept extends Member {
  isUp: boolean;
  calls: number;
  /** Answers in a row, of one that is down. */
  answers: number;
}

/** So often it has to answer before it is trusted again. */
const ANSWERS_TO_RETURN = 2;

export class NgPool {
  readonly #members: readonly Kept[];
  readonly #onchange: NgPoolOptions["onchange"];
  readonly #pinging: NodeJS.Timeout;
  #isClosed = false;

  /** Throws a RangeError without any, and for a host that is no IP address. */
  constructor({ nodes, pingMs, onchange }: NgPoolOptions) {
    if (nodes.length === 0) throw new RangeError("a pool of rtpengines needs one at least");
    this.#onchange = onchange;
    this.#members = nodes.map(({ weight = 1, ...options }) => {
      const retryMs = Math.min(options.retryMs ?? 250, pingMs);
      return { ...{ node: new NgNode({ ...options, retryMs }), weight }, ...FRESH };
    });
    this.#pinging = setInterval(() => this.#pingAll(), pingMs);
    this.#pinging.unref();
    this.#pingAll();
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  /** Whose turn it is; undefined if none is up. It counts the call until `leave`. */
  take(): Member | undefined {
    const up = this.#members.filter(({ isUp }) => isUp);
    const wanted = up.filter(({ weight }) => weight > 0);
    const [best] = (wanted.length > 0 ? wanted : up).toSorted((a, b) => shareOf(a) - shareOf(b));
    if (best) best.calls++;
    return best;
  }

  leave(member: Member): void {
    const kept = this.#members.find(({ node }) => node === member.node);
    if (kept && kept.calls > 0) kept.calls--;
  }

  /** It did not answer. */
  silent(member: Member): void {
    const kept = this.#members.find(({ node }) => node === member.node);
    if (kept) this.#heard(kept, false);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#pinging);
    for (const { node } of this.#members) node.close();
  }

  #pingAll(): void {
    for (const member of this.#members) {
      void member.node.ask("ping").then((reply) => {
        this.#heard(member, entryOf(reply, "result") === "pong");
      });
    }
  }

  #heard(member: Kept, isWell: boolean): void {
    if (this.#isClosed) return;
    member.answers = isWell ? member.answers + 1 : 0;
    const isUp = isWell && (member.isUp || member.answers >= ANSWERS_TO_RETURN);
    if (isUp === member.isUp) return;
    member.isUp = isUp;
    this.#onchange(member, isUp);
  }
}

/** Thought well of until it is found not to be. */
const FRESH = { isUp: true, calls: 0, answers: 0 };

const shareOf = ({ calls, weight }: Member): number => (calls + 1) / Math.max(weight, 1e-6);
