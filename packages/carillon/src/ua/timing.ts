/** What a dialog of a call has to do with session timers, and what it is without them. RFC 4028. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Message, Request, Response } from "../message/message.ts";
import type { TimerAnswer, TimerAsked } from "../usage/session-interval.ts";

export interface TimingUser {
  /** Whether an Allow of theirs listed UPDATE. */
  readonly allowsUpdate: boolean;
  /** Time to show that this side is still there. */
  refresh(method: "UPDATE" | "INVITE"): void;
  /** The other side did not. */
  expired(): void;
}

/** The timer of one dialog. */
export interface LegTimer {
  /** What an INVITE or UPDATE of ours has to say now. */
  ask(): TimerAsked;
  /** A 2xx to what we asked. */
  answered(asked: TimerAsked, response: Response): void;
  /** Our INVITE or UPDATE failed for good: its final status, 408 for silence. */
  refused(status: number, response: Response | undefined): void;
  /** What a request of theirs asks for; a refusal, or what goes into its 2xx. */
  judge(request: Request): TimerAnswer;
  /** The 2xx that says so goes out. */
  grant(answer: TimerAnswer): void;
  stop(): void;
}

/** The same for all dialogs of a phone, and before there is one. */
export interface Timing {
  begin(endpoint: Endpoint, user: TimingUser): LegTimer;
  /** What a first INVITE asks for. */
  first(): TimerAsked;
  /** What it asks for after this 422; undefined: that would be no use. */
  raised(asked: TimerAsked, response: Message): TimerAsked | undefined;
  judge(request: Request): TimerAnswer;
  /** The headers of an INVITE or UPDATE that asks so. */
  asking(asked: TimerAsked): readonly HeaderField[];
  /** Why the session interval that a request asks for is refused; undefined if it is not. */
  objection(answer: TimerAnswer): Reply | undefined;
  /** The headers of the 2xx that accepts. */
  granting(answer: TimerAnswer): readonly HeaderField[];
}

const ASKED: TimerAsked = {
  ...{ supported: false, sessionExpires: undefined, minSeSeconds: undefined },
};
const ANSWER: TimerAnswer = {
  ...{ kind: "Accept", sessionExpires: undefined, requires: false, session: undefined },
};
const ask = (): TimerAsked => ASKED;
const judge = (): TimerAnswer => ANSWER;
const none = (): readonly HeaderField[] => [];
const nothing = (): undefined => undefined;

/** Sessions do not expire, and whoever wants that refreshes by themselves. */
export const UNTIMED: Timing = {
  begin: () => ({ ask, judge, answered() {}, refused() {}, grant() {}, stop() {} }),
  ...{ first: ask, judge, raised: nothing, objection: nothing, asking: none, granting: none },
};
