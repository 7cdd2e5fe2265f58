/** One call of a line: its session on one side, the engine on the other. */
import {
  type Described,
  type InsideCall,
  type MediaEngine,
  type MediaRefusal,
  type MediaResult,
  type SessionUser,
  type Side,
  UNHEARD,
} from "carillon/b2bua";
import { formatWarning } from "carillon/message";
import { type Answer, withAnswer } from "carillon/roles";
import type { LineAct, Voice } from "./line-acts.ts";

/** What it needs. */
export interface LineCallParts {
  readonly call: InsideCall;
  readonly engine: MediaEngine;
  /** What the engine calls it. */
  readonly name: string;
  /** The caller, as the engine has to treat it. */
  readonly side: Side;
  readonly act: LineAct;
  /** Whose house it is, for what is said of a refusal. */
  readonly domain: string;
  /** It is over, once. */
  readonly gone: () => void;
}

/** What an early announcement ends with: whoever called hears no more here. */
const AFTER_EARLY = 480;

export class LineCall {
  readonly #parts: LineCallParts;
  readonly #voice: Voice;
  #isOver = false;
  #isHeard = false;

  constructor(parts: LineCallParts) {
    this.#parts = parts;
    const { engine, name, side } = parts;
    this.#voice = {
      play: (what) => engine.play(name, side.tag, what),
      stop: () => engine.stop(name, side.tag),
      echo: (delayMs) => engine.echo(name, side.tag, delayMs),
      hangUp: () => this.hangUp(),
    };
    parts.call.user = this.#user;
  }

  /** Answers it; without an offer, with one of ours. */
  begin(): void {
    const { call, engine, name, side, act } = this.#parts;
    const described =
      call.offer === "" ? engine.originate(name, side) : engine.terminate(name, side, call.offer);
    this.#once(described, ({ sdp }) => {
      if (act.isEarly) return this.#early(sdp);
      call.accept(sdp);
    });
  }

  /** What was played is over. */
  played(): void {
    if (!this.#isOver) this.#parts.act.played?.(this.#voice);
  }

  key(tone: string): void {
    if (!this.#isOver) this.#parts.act.key?.(tone, this.#voice);
  }

  /** Its media are lost: new ones are offered, and it goes on from the beginning. */
  lost(): void {
    if (!this.#isOver && this.#isHeard) this.#offerAnew("reoffer");
    else this.hangUp();
  }

  hangUp(): void {
    if (this.#isOver) return;
    const { call } = this.#parts;
    // Of what was answered these say nothing.
    call.reject(this.#parts.act.isEarly ? AFTER_EARLY : 503);
    call.hangUp();
    this.#end();
  }

  //= RFC 4240 §3
  //# The differentiating characteristic between the two types is whether the network fully sets up
  //# the SIP dialog before playing the announcement.
  #early(sdp: string): void {
    if (!this.#parts.call.early(sdp)) return this.hangUp();
    this.#begin();
  }

  #begin(): void {
    this.#isHeard = true;
    this.#parts.act.begin(this.#voice);
  }

  /** What our next offer is: as before, or over new media. */
  #offer: "originate" | "reoffer" = "originate";

  #offerAnew(how: "originate" | "reoffer"): void {
    this.#offer = how;
    this.#parts.call.modify(() => {});
  }

  readonly #user: SessionUser = {
    ...UNHEARD,
    established: () => {
      if (!this.#isOver && !this.#isHeard) this.#begin();
    },
    agreed: (answer) => {
      const { engine, name, side } = this.#parts;
      const isAnew = this.#offer === "reoffer";
      this.#offer = "originate";
      this.#once(engine.accept(name, side, answer), () => {
        if (isAnew) this.#begin();
      });
    },
    withdrawn: () => this.#parts.engine.withdraw(this.#parts.name, this.#parts.side.tag),
    offered: (offer, reply) => {
      const { engine, name, side } = this.#parts;
      this.#answer(engine.terminate(name, side, offer), reply);
    },
    describe: (reply) => {
      const { engine, name, side } = this.#parts;
      const isAnew = this.#offer === "reoffer";
      this.#answer(isAnew ? engine.reoffer(name, side) : engine.originate(name, side), reply);
    },
    ended: () => this.#end(),
  };

  /** A change that cannot be made leaves what there was. */
  #answer(
    described: Answer<MediaResult<Described>>,
    reply: (sdp: string | undefined) => void,
  ): void {
    withAnswer(
      described,
      (result) => reply(result.ok && !this.#isOver ? result.value.sdp : undefined),
      () => reply(undefined),
    );
  }

  /** Without this there is no call. */
  #once(described: Answer<MediaResult<Described>>, goOn: (value: Described) => void): void {
    const refused = ({ status, why, warning, retryAfterSeconds }: MediaRefusal): void => {
      if (this.#isOver) return;
      const warnings = [{ code: warning ?? 399, agent: this.#parts.domain, text: why }];
      this.#parts.call.reject(status, {
        headers: [
          ["Warning", formatWarning(warnings)],
          ...(retryAfterSeconds === undefined
            ? []
            : [["Retry-After", `${retryAfterSeconds}`] as const]),
        ],
      });
      this.#parts.call.hangUp();
      this.#end();
    };
    withAnswer(
      described,
      (result) => {
        if (this.#isOver) return;
        if (result.ok) goOn(result.value);
        else refused(result.error);
      },
      () => refused({ status: 503, why: "the media engine does not answer" }),
    );
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { engine, name, gone } = this.#parts;
    engine.end(name);
    gone();
  }
}
