/** Where one request goes: the branches of a proxy. RFC 3261 §16.6. */
import type { Errand, Pursuit } from "../endpoint/servers.ts";
import type { OwnVia } from "../endpoint/transaction-key.ts";
import type { Millis } from "../grammar/millis.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Request, Response } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import type { Answer } from "./answer.ts";

interface Redirectable {
  /** Makes branches of its 3xx. None, or left out: it is a response like any other. */
  readonly redirected?: (response: Response) => Answer<readonly Branch[]>;
  /**
   * The same of its 488 or 606: the two do not understand each other, and perhaps they do with
   * somebody between them.
   */
  readonly misunderstood?: (response: Response) => readonly Branch[];
  /**
   * Makes the branch that takes its place where its flow is of no use: 430, and 408 or 503 where
   * nothing came back at all. None: that is its response.
   */
  readonly flowFailed?: () => readonly Branch[];
  /**
   * What is tried beside it where it says nothing for so long, not even that it is being looked at.
   * Once it says something, that is cancelled.
   */
  readonly silent?: {
    readonly afterMs: Millis;
    readonly beside: () => readonly Branch[];
    /** It is given up once that leads to its device: a dialog takes each request once. */
    readonly isLeft?: boolean;
  };
  /** What its client hears where its flow is lost; 503, if left out. */
  readonly lostStatus?: number;
  /** Whole lines that its response gets more on its way to the client. */
  readonly adds?: (response: Response) => readonly Octets[];
  /** Hears of each response, whatever becomes of it. */
  readonly heard?: (response: Response) => void;
}

/** A request ready to go, our Via on top, and where to. */
export interface Ready extends Redirectable {
  readonly request: Request;
  /** What its topmost Via says. */
  readonly via: OwnVia;
  readonly flow: Flow;
}

/** One whose server has still to be found, and may turn out to be several. */
export interface Sought extends Redirectable {
  pursue(user: SoughtUser): Pursuit;
}

export type SoughtUser = Required<Omit<Errand, "compose">>;

/** One that ends at this server: whoever takes it answers as the callee. */
export interface Ended extends Redirectable {
  /** Begins it: `user` hears of what comes, and never before this returns. */
  take(user: EndedUser): Pursuit;
}

/** Hears of a branch that ends here: of all that it says to the caller. */
export interface EndedUser {
  /** A response whose Vias are those of the request, which needs nothing more to be sent. */
  response(response: Response, essentials: Essentials): void;
  /** No final response came, or will: 408 for silence, 503 for no way, and why, for people. */
  failed(status: number, why: string): void;
}

/** One whose device sleeps: once it is awake, other branches take this one's place. */
export interface Held extends Redirectable {
  /** Begins it: `user` hears of what comes, and perhaps before this returns. */
  hold(user: HeldUser): Pursuit;
}

/** Hears what becomes of a branch that is held: once. */
export interface HeldUser {
  /** Its device is awake: these go there. None: it is not to be reached after all. */
  goOn(branches: readonly Branch[]): void;
  /** It is over, with this status, and why, for people. */
  failed(status: number, why: string): void;
}

export type Branch = Ready | Sought | Ended | Held;

/** Makes the branches of a group when its turn comes. */
export type Group = () => readonly Branch[];
