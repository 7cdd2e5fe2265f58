/**
 * Lets a call end by itself once one of its sides is gone, and keeps it going as long as both are
 * there. Runs the machine of `usage/session-timer.ts`. RFC 4028.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Reply } from "../endpoint/reply.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { HeaderField } from "../message/compose.ts";
import { parseMinSe } from "../message/header/min-se.ts";
import { formatSessionExpires, parseSessionExpires } from "../message/header/session-expires.ts";
import type { Message, Request, Response } from "../message/message.ts";
import { readHeader } from "../message/read-header.ts";
import {
  answerTimer,
  askTimer,
  raiseMinSe,
  readAgreed,
  type Session,
  type TimerAnswer,
  type TimerAsked,
  type TimerPolicy,
  timerHeaders,
} from "../usage/session-interval.ts";
import * as machine from "../usage/session-timer.ts";
import type { Abilities } from "./abilities.ts";
import { lists } from "./option-tag.ts";
import { partsOf } from "./phone-parts.ts";
import type { LegTimer, Timing, TimingUser } from "./timing.ts";

//= RFC 4028 §4
//# However, 1800 seconds (30 minutes) is RECOMMENDED as the value for the Session-Expires header
//# field.
const TIMER_POLICY: TimerPolicy = {
  wantedSeconds: 1800,
  minSeconds: 90,
  // The caller refreshes, who wanted the call.
  refresher: "Remote",
};

/**
 * Has calls of this phone, those that begin from now on, end by themselves when their other side is
 * gone without a word, by refreshes that both agree on. RFC 4028.
 */
export const sessionTimers = (phone: object): void => timed(partsOf(phone).agent.abilities);

/** The same for whatever agent has these abilities. */
export function timed(abilities: Abilities): void {
  if (abilities.timing === TIMING) return;
  abilities.timing = TIMING;
  abilities.extensions.push("timer");
}

const TIMING: Timing = {
  begin: (endpoint, user) => new SessionTimer(endpoint, user),
  first: () => askTimer(TIMER_POLICY, undefined, undefined),
  raised: ({ minSeSeconds: known }, response) => {
    const minSeSeconds = raiseMinSe(known, minSeIn(response));
    if (minSeSeconds === known) return undefined;
    return askTimer(TIMER_POLICY, minSeSeconds, undefined);
  },
  judge: (request) => answerTimer(askedIn(request), TIMER_POLICY),
  asking: (asked) => timerHeaders(asked).filter(([name]) => name !== "Supported"),
  objection: timerObjection,
  granting: grantingHeaders,
};

class SessionTimer implements LegTimer, Timed {
  readonly #endpoint: Endpoint;
  readonly #user: TimingUser;
  readonly #timer: Timer = newTimer(this);
  #state: machine.State;
  #session: Session | undefined;

  constructor(endpoint: Endpoint, user: TimingUser) {
    this.#endpoint = endpoint;
    this.#user = user;
    [this.#state] = machine.start({ peerAllowsUpdate: false }, endpoint.now);
  }

  /** What an INVITE or UPDATE of ours has to say now. */
  ask(): TimerAsked {
    const state = this.#state;
    const minSeSeconds = state.name === "Terminated" ? undefined : state.minSeSeconds;
    return askTimer(TIMER_POLICY, minSeSeconds, this.#session);
  }

  /** A 2xx to what we asked. */
  answered(asked: TimerAsked, response: Response): void {
    this.#agree(readAgreed(asked, askedIn(response).sessionExpires, false));
  }

  /** Our INVITE or UPDATE failed for good: its final status, 408 for silence. */
  refused(status: number, response: Response | undefined): void {
    this.#step({ kind: "Refused", status, minSeSeconds: response && minSeIn(response) });
  }

  /** What a request of theirs asks for; a refusal, or what goes into its 2xx. */
  judge(request: Request): TimerAnswer {
    const asked = askedIn(request);
    const answer = answerTimer(asked, TIMER_POLICY);
    const { minSeSeconds: seconds } = asked;
    if (seconds !== undefined && answer.kind === "Accept") this.#step({ kind: "MinSe", seconds });
    return answer;
  }

  /** The 2xx that says so goes out. */
  grant(answer: TimerAnswer): void {
    if (answer.kind === "Accept") this.#agree(answer.session);
  }

  stop(): void {
    this.#step({ kind: "Abandon" });
  }

  /** For the wheel only. */
  due(): void {
    this.#step({ kind: "Tick" });
  }

  #agree(session: Session | undefined): void {
    this.#session = session;
    this.#step({ kind: "Agreed", session });
  }

  #step(input: machine.Input): void {
    const endpoint = this.#endpoint;
    const params = { peerAllowsUpdate: this.#user.allowsUpdate };
    const [state, ...outputs] = machine.step(params, this.#state, input, endpoint.now);
    this.#state = state;
    endpoint.schedule(this.#timer, machine.deadline(state));
    for (const output of outputs) {
      if (output.kind === "Refresh") this.#user.refresh(output.method);
      else this.#user.expired();
    }
  }
}

/** What a message says about session timers. What cannot be read counts as absent. */
function askedIn(message: Message): TimerAsked {
  const expires = readHeader(message, "Session-Expires", parseSessionExpires);
  return {
    supported: lists(message, "Supported", "timer"),
    sessionExpires: expires.ok ? expires.value : undefined,
    minSeSeconds: minSeIn(message),
  };
}

function minSeIn(message: Message): number | undefined {
  const minSe = readHeader(message, "Min-SE", parseMinSe);
  return minSe.ok ? minSe.value?.seconds : undefined;
}

/** Why the session interval that a request asks for is refused; undefined if it is not. */
function timerObjection(answer: TimerAnswer): Reply | undefined {
  if (answer.kind === "Accept") return undefined;
  return { status: answer.status, headers: [["Min-SE", `${answer.minSeSeconds}`]] };
}

//= RFC 3261 §8.2.4
//# Any extensions applied to a non-421 response MUST be listed in a Require header field included
//# in the response.
/** The headers of the 2xx that accepts. */
function grantingHeaders(answer: TimerAnswer): readonly HeaderField[] {
  if (answer.kind === "Refuse" || !answer.sessionExpires) return [];
  const value = formatSessionExpires({ ...answer.sessionExpires, params: new Map() });
  const requires: readonly HeaderField[] = answer.requires ? [["Require", "timer"]] : [];
  return [...requires, ["Session-Expires", value]];
}
