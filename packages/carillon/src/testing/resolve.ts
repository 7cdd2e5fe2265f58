/** Runs a machine that asks the DNS, alone and on a clock of its own. */
import { type Millis, NEVER } from "../grammar/millis.ts";
import { type Answered, type Query, type Question, question } from "../locate/naming.ts";
import type { LyingDns } from "./network/lying-dns.ts";

interface Machine<P, S, O> {
  readonly start: (params: P, now: Millis) => readonly [S, ...O[]];
  readonly step: (
    params: P,
    state: S,
    input: Answered | { readonly kind: "Tick" },
    now: Millis,
  ) => readonly [S, ...O[]];
  readonly deadline: (state: S) => Millis;
}

export interface Run<O> {
  /** What came out that is not a question; a machine that searches says one thing. */
  readonly said: readonly Exclude<O, Query>[];
  readonly elapsedMs: Millis;
  readonly steps: number;
}

/** Runs a machine that asks until it wants nothing more. Throws if that takes too many steps. */
export function resolve<P, S, O extends Query | { readonly kind: string }>(
  machine: Machine<P, S, O>,
  params: P,
  dns: LyingDns,
): Run<O> {
  const answers: { at: Millis; input: Answered }[] = [];
  const said: Exclude<O, Query>[] = [];
  let now = 0;
  let steps = 0;
  const carryOut = ([state, ...outputs]: readonly [S, ...O[]]): S => {
    for (const output of outputs) {
      if (output.kind !== "Query") said.push(output as Exclude<O, Query>);
      else ask((output as Query).question);
    }
    return state;
  };
  const ask = (asked: Question): void => {
    const told = dns.ask(asked);
    if (told === undefined) return;
    const input: Answered = { kind: "Answered", question: asked, answer: told.answer };
    answers.push({ at: now + told.afterMs, input });
    answers.sort((a, b) => a.at - b.at);
  };
  let state = carryOut(machine.start(params, now));
  while (machine.deadline(state) !== NEVER) {
    if (++steps > 10_000) throw new Error("the machine does not end");
    const first = answers[0];
    const due = machine.deadline(state);
    now = Math.max(now, Math.min(first?.at ?? NEVER, due));
    if (first !== undefined && first.at <= due) answers.shift();
    const input = first !== undefined && first.at <= due ? first.input : TICK;
    state = carryOut(machine.step(params, state, input, now));
  }
  return { said, elapsedMs: now, steps };
}

const TICK = { kind: "Tick" } as const;

/** The same question twice is the same: a shorthand for tests. */
export const asked = (key: string): Question => {
  const [type = "", name = ""] = key.split(" ");
  return question(name, type as Question["type"]);
};
